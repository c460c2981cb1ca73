"""Signs that nobody sees: such as hide words, part them, or turn the direction of writing.

What a script needs is left alone: joiners inside of scripts that join and of emoji, one variation
selector after its sign (also those of ideographs, 葛󠄀), marks of direction, single places at which
a line may break, soft hyphens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

Span = tuple[int, int]

_TURNING = "\u202a-\u202e\u2066-\u2069"
_TAGS = "\U000e0000-\U000e007f"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f"
_JOINERS = "\u200c\u200d"
_BREAKS = "\u200b\u2060\ufeff"
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180e\u2061-\u2065\u206a-\u206f\u3164\uffa0\ufff0-\ufff8"
_UNSEEN = re.compile(f"[{_TURNING}{_TAGS}{_SELECTORS}{_JOINERS}{_BREAKS}{_BLANK}]+")
# England, Scotland, Wales: a black flag, letters as tags, and the end of tags.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f")
_JOINING = re.compile(
    "ARABIC|SYRIAC|MONGOLIAN|NKO|DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL|TELUGU|KANNADA"
    "|MALAYALAM|SINHALA|KHMER|MYANMAR|TIBETAN|THAI|LAO|BALINESE|JAVANESE|HEBREW"
)


def invisible_spans(text: str) -> list[Span]:
    """Where signs stand that nobody sees and no script needs there, in the order of the text."""
    return list(_spans(text)) if not text.isascii() else []


def _spans(text: str) -> Iterator[Span]:
    flags = [m.span() for m in _FLAG.finditer(text)] if "\U0001f3f4" in text else []
    for match in _UNSEEN.finditer(text):
        start, end = match.span()
        if any(first <= start and end <= last for first, last in flags):
            continue
        start += _needed(text, start, end)
        if start < end:
            yield start, end


def _needed(text: str, start: int, end: int) -> int:
    """How many signs at the beginning of a run are as they should be."""
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    at = start
    if re.match(f"[{_SELECTORS}]", text[at]) and _takes_selector(before, text[at]):
        at += 1  # one, and what joins emoji may follow it
    if at < end and text[at] in _JOINERS and end - at == 1 and _joins(before, after, text[at]):
        at += 1
    if end - start == 1 and text[start] in _BREAKS:
        at = end
    return at - start


def _takes_selector(before: str, selector: str) -> bool:
    if not before or before.isspace():
        return False
    if selector >= "\U000e0100":  # variants of ideographs only
        return unicodedata.name(before, "").startswith("CJK ")
    return unicodedata.category(before)[0] in "SPNL"


def _joins(before: str, after: str, joiner: str) -> bool:
    """Whether the signs around are of a script that joins, or both emoji."""
    if _JOINING.match(unicodedata.name(before, "") if before else ""):
        return True
    return joiner == "\u200d" and all(c and unicodedata.category(c) in ("So", "Sk") for c in
                                      (before, after))  # fmt: skip


def names(signs: str) -> str:
    """What signs nobody sees are, as code points, each once: U+202E, U+2066."""
    return ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(signs))
