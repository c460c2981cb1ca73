"""All that is drawn from one document, and its form in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from kb.domain import Document
from kb.language.glossary.matching import Glossary, Mention
from kb.tracker.disputes import Disputes, adoption_in_note
from kb.tracker.measures import measures_in
from kb.tracker.model import Drawn, DrawnCell
from kb.tracker.responses import responses_in
from kb.tracker.statements import notes_of, told_by


def facts_of(document: Document, glossary: Glossary, mentions: Sequence[Mention]) -> list[Drawn]:
    """What a document says of measures, disputes and responses, in the order of its text.

    `mentions` are the concepts that its text names, by place.
    """
    countries = _countries_of(glossary)
    drawn: list[Drawn] = []
    named = _names_of(glossary)
    disputes = Disputes(glossary.concepts, {m.concept for m in mentions}, named(document.title))
    for told in told_by(document, mentions, named):
        if not told.dated and not disputes.may_be_in(told):
            continue  # most blocks: only what is said of disputes needs no date
        for statement in told.statements():
            drawn.extend(measures_in(statement, glossary.concepts, countries))
            drawn.extend(disputes.drawn(statement))
            drawn.extend(responses_in(statement, glossary.concepts, countries))
    drawn.extend(d for note in notes_of(document) if (d := adoption_in_note(*note)))
    return drawn


def mentions_of(document: Document, glossary: Glossary) -> list[Mention]:
    """The concepts that a document names, block by block."""
    found = []
    for block in document.blocks:
        text = document.text[block.start : block.end]
        found += [
            Mention(m.concept, m.start + block.start, m.end + block.start, m.nested)
            for m in glossary.mentions(text)
        ]
    return found


@lru_cache(maxsize=2)
def _countries_of(glossary: Glossary) -> frozenset[str]:
    return frozenset(c.id for c in glossary.concepts.values() if c.category == "country")


@lru_cache(maxsize=2)
def _names_of(glossary: Glossary) -> Callable[[str], tuple[str, ...]]:
    @lru_cache(maxsize=4096)
    def named(heading: str) -> tuple[str, ...]:
        return tuple(m.concept for m in glossary.mentions(heading))

    return named


def to_json(drawn: Iterable[Drawn]) -> str:
    """Facts as compact JSON: [table, [[cell, value, start, end], …]] each."""
    values = [[d.table, [[c.name, c.value, c.start, c.end] for c in d.cells]] for d in drawn]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> list[Drawn]:
    """The facts that `to_json` wrote."""
    return [
        Drawn(table, tuple(DrawnCell(*cell) for cell in cells)) for table, cells in json.loads(text)
    ]
