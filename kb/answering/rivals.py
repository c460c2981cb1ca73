"""Things of one kind that are told apart: what is said of one is not said of another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from kb.answering.candidates import Span
from kb.language.dates import dates_in
from kb.language.questions import BY_NAME, Question

# A name of the glossary in a text: its span, its concept and the category of that.
Naming = tuple[int, int, str, str]

# Categories whose things can stand in each other's place; regions do so with countries.
_KINDS = frozenset({"country", "company", "element", "law", "standard", "case"})
_LINKED = re.compile(r"[、・,，\s]{0,2}(と|や|および|及び|ならびに|or|and)?\s?")
_END = re.compile(r"[。\n]")


def said_of_another(
    question: Question,
    categories: Mapping[str, str],
    span: Span,
    text: str,
    namings: Sequence[Naming],
    above: Set[str],
) -> bool:
    """Whether a value at a span of a text is said of another thing than a question asks of.

    A value is said of what its sentence names before it, else of what the headings name (the
    concepts `above`), of the last that the sentences before name, or of the next that its own
    does: of any of those that are named there together. Likewise of the last year before it
    in its sentence. `categories` are those of the concepts of the glossary, `namings` what of
    it the text names, in its order.
    """
    first = max((m.end() for m in _END.finditer(text, 0, span[0])), default=0)
    stop = _END.search(text, span[1])
    last = stop.start() if stop else len(text)
    for kind, asked in _asked_of(question, categories).items():
        of_kind = [n for n in namings if _kind(n[3]) == kind]
        here = [n for n in of_kind if first <= n[0] and n[1] <= span[0]]
        if not here and not asked.isdisjoint(above):
            continue
        earlier = [n for n in of_kind if n[1] <= first]
        after = [n for n in of_kind if span[1] <= n[0] < last]
        said_of = here or _linked(earlier[::-1], text) or _linked(after, text)
        if said_of and asked.isdisjoint(concept for _, _, concept, _ in said_of):
            return True
    asked_years = {m.year for m in dates_in(question.text) if m.year is not None}
    years = [m.year for m in dates_in(text[first : span[0]]) if m.year is not None]
    return bool(asked_years and years) and years[-1] not in asked_years


def _asked_of(question: Question, categories: Mapping[str, str]) -> dict[str, set[str]]:
    """The concepts that a question names, by kind."""
    found: dict[str, set[str]] = {}
    for part in question.parts:
        for concept, credit in part.concepts:
            kind = _kind(categories.get(concept, ""))
            if kind in _KINDS and credit >= BY_NAME:
                found.setdefault(kind, set()).add(concept)
    return found


def _kind(category: str) -> str:
    return "country" if category == "region" else category


def _linked(namings: Sequence[Naming], text: str) -> list[Naming]:
    """The first name with those after it that are linked to it in the text (サマリウムと鉄)."""
    chain = list(namings[:1])
    for naming in namings[1:]:
        between = sorted((chain[-1][:2], naming[:2]))
        if not _LINKED.fullmatch(text[between[0][1] : between[1][0]]):
            break
        chain.append(naming)
    return chain
