"""The words in which two texts differ."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache

from kb.language.tokens import analyse
from kb.quotation import DiffKind, DiffPart


def word_diff(before: str, after: str) -> tuple[DiffPart, ...]:
    """How to come from one text to another, by words as Sudachi cuts them.

    The parts that are not inserted make `before`, those that are not deleted make `after`.
    """
    a, b = _words(before), _words(after)
    parts: list[DiffPart] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(DiffPart(DiffKind.EQUAL, "".join(a[a0:a1])))
            continue
        if a1 > a0:
            parts.append(DiffPart(DiffKind.DELETE, "".join(a[a0:a1])))
        if b1 > b0:
            parts.append(DiffPart(DiffKind.INSERT, "".join(b[b0:b1])))
    return tuple(parts)


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, ...]:
    """The words of a text and what stands between them; together they are the text."""
    words: list[str] = []
    at = 0
    for token in analyse(text).words:
        if token.start > at:
            words.extend(text[at : token.start])
        if token.end > max(at, token.start):
            words.append(text[max(at, token.start) : token.end])
        at = max(at, token.end)
    words.extend(text[at:])
    return tuple(words)
