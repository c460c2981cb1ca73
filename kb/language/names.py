"""Names in Japanese text: persons, bodies and places, as runs of nouns that hold a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.language.tokens import Token, WordKind, kinds_of

_BODY = re.compile(
    r"(社|集団|省|庁|局|院|部|委員会|機構|機関|協会|連合|工業会|商工会議所|銀行|基金|大学|研究所|独立軍|党|政府|公団|本部|会議|同盟|組合|財団|グループ|総署|当局)$"
)
_PLACE = re.compile(
    r"(州|省|市|県|郡|区|町|村|島|港|湾|沖|工場|鉱山|鉱区|鉱床|地区|地方|自治区|半島|海)$"
)
_NO_NAMES = (WordKind.OTHER, WordKind.AFFIX)
_JOINS = frozenset("・･=＝.&-")
_LATIN = re.compile(r"[A-Z][A-Za-z0-9.&-]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A span of a text that names something; what it may be."""

    start: int
    end: int
    person: bool
    body: bool
    place: bool


def names_in(text: str) -> list[Name]:
    """The names of a text in their order."""
    return [name for run in _runs(text) if (name := _name(text, run)) is not None]


def _runs(text: str) -> Iterator[list[tuple[Token, WordKind]]]:
    """Nouns that stand next to each other, also with 中黒 between them."""
    run: list[tuple[Token, WordKind]] = []
    for token, kind in kinds_of(text):
        if kind in (*_NO_NAMES, WordKind.NUMBER) and not text[token.start : token.end].isalpha():
            if run:
                yield run
            run = []
            continue
        if kind in _NO_NAMES:
            if run:
                yield run
            run = []
            continue
        if run and not _joined(text[run[-1][0].end : token.start]):
            yield run
            run = []
        run.append((token, kind))
    if run:
        yield run


def _joined(between: str) -> bool:
    return all(c in _JOINS for c in between)


def _name(text: str, run: list[tuple[Token, WordKind]]) -> Name | None:
    start, end = run[0][0].start, run[-1][0].end
    said = text[start:end]
    kinds = {kind for _, kind in run}
    body = bool(_BODY.search(said)) or bool(_LATIN.fullmatch(said))
    named = bool(kinds & {WordKind.NAME, WordKind.PERSON, WordKind.PLACE, WordKind.KATAKANA})
    if not named and not (body and len(said) > 2):
        return None
    place = WordKind.PLACE in kinds or bool(_PLACE.search(said))
    return Name(start, end, WordKind.PERSON in kinds, body, place)
