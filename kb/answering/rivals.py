"""Things of one kind that are told apart: what is said of one is not said of another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from kb.answering.candidates import Span
from kb.language.dates import dates_in
from kb.language.questions import BY_NAME, Question

# A name of the glossary in a text: its span, its concept and the category of that.
Naming = tuple[int, int, str, str]

# Categories whose things can stand in each other's place, and what they then are.
_GROUPS: Mapping[str, str] = {
    "country": "country",
    "region": "country",
    "company": "company",
    "element": "element",
    "law": "law",
    "standard": "standard",
    "case": "case",
}
_LINKED = re.compile(r"[、・,，\s]{0,2}(と|や|および|及び|ならびに|or|and)?\s?")
_END = re.compile(r"[。\n]")


class Rivals:
    """What a question names, by group, and the years that it names."""

    def __init__(self, question: Question, categories: Mapping[str, str]) -> None:
        self._asked: dict[str, set[str]] = {}
        for part in question.parts:
            for concept, credit in part.concepts:
                group = _GROUPS.get(categories.get(concept, ""))
                if group and credit >= BY_NAME:
                    self._asked.setdefault(group, set()).add(concept)
        self._years = {m.year for m in dates_in(question.text) if m.year is not None}

    def of_another(self, span: Span, text: str, namings: Sequence[Naming], above: Set[str]) -> bool:
        """Whether a value at a span of a text is said of another thing than is asked of.

        A value is said of what its sentence names before it, else of what the headings name (the
        concepts `above`), of the last that the sentences before name, or of the next that its own
        does: of any of those that are named there together. Likewise of the last year before it
        in its sentence.
        """
        first = max((m.end() for m in _END.finditer(text, 0, span[0])), default=0)
        stop = _END.search(text, span[1])
        last = stop.start() if stop else len(text)
        for group, asked in self._asked.items():
            of_group = [n for n in namings if _GROUPS.get(n[3]) == group]
            here = [n for n in of_group if first <= n[0] and n[1] <= span[0]]
            after = [n for n in of_group if span[1] <= n[0] < last]
            earlier = [n for n in of_group if n[1] <= first]
            if not here and not asked.isdisjoint(above):
                continue
            said_of = here or _last_of(earlier, text) or _first_of(after, text)
            if said_of and asked.isdisjoint(concept for _, _, concept, _ in said_of):
                return True
        if self._years:
            years = [m.year for m in dates_in(text[first : span[0]]) if m.year is not None]
            return bool(years) and years[-1] not in self._years
        return False


def _first_of(namings: Sequence[Naming], text: str) -> list[Naming]:
    """The first name with those that are linked to it (サマリウムと鉄)."""
    chain = list(namings[:1])
    for naming in namings[1:]:
        if not _LINKED.fullmatch(text[chain[-1][1] : naming[0]]):
            break
        chain.append(naming)
    return chain


def _last_of(namings: Sequence[Naming], text: str) -> list[Naming]:
    """The last name with those that are linked to it."""
    chain = list(namings[-1:])
    for naming in reversed(namings[:-1]):
        if not _LINKED.fullmatch(text[naming[1] : chain[-1][0]]):
            break
        chain.append(naming)
    return chain
