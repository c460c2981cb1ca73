"""Characters that PDFs give in place of those that a reader sees, by table, and their share."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Radicals that Unicode gives no decomposition, by the characters that they stand for.
_RADICALS = {
    0x2E9F: "母", 0x2EA0: "民", 0x2EBD: "臼", 0x2EC4: "西", 0x2ECA: "足", 0x2ED1: "長",
    0x2ED8: "青", 0x2EE9: "黄", 0x2EEB: "斉", 0x2EED: "歯", 0x2EEF: "竜", 0x2EF2: "亀",
}  # fmt: skip
_VERTICAL = "︐︑︒︓︔︕︖︗︘︙︰︱︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈"
_UPRIGHT = "，、。：；！？〖〗…：―（）｛｝〔〕【】《》〈〉「」『』［］"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"


def repair_table() -> dict[int, str]:
    """What stands for what: radicals, compatibility ideographs, vertical punctuation."""
    table: dict[int, str] = {}
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)):
        folded = unicodedata.normalize("NFKC", chr(code))
        if folded != chr(code) and len(folded) == 1:
            table[code] = folded
    table.update(zip(map(ord, _VERTICAL), _UPRIGHT, strict=True))
    table.update(_RADICALS)
    table.update(dict.fromkeys(map(ord, _INVISIBLE), ""))
    return table


REPAIR = repair_table()


@lru_cache(maxsize=16384)
def repaired(text: str) -> str:
    """A character as a reader sees it."""
    return text.translate(REPAIR)


def odd_share(text: Iterable[str]) -> float:
    """The share of signs that a sound reading does not have, 0..1.

    Private use, controls, replacement signs, unassigned code points and radicals count; a
    page with 1 % or more of them is damaged. No signs at all give 0.
    """
    signs = [c for c in text if not c.isspace()]
    return sum(map(is_odd, signs)) / len(signs) if signs else 0.0


@lru_cache(maxsize=16384)
def is_odd(character: str) -> bool:
    """Whether a sign has no place in a sound text."""
    code = ord(character)
    return (
        code == 0xFFFD
        or 0x2E80 <= code < 0x2FE0
        or unicodedata.category(character) in ("Co", "Cn", "Cs", "Cc")
    )
