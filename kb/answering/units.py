"""What can be quoted of the hits: their sentences, with the words that the index stored."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.domain import BlockKind, Passage
from kb.language.folding import bigrams
from kb.language.sentences import sentence_spans
from kb.language.tokens import analyse
from kb.ranking.reranking import PassageTokens

BULLET = re.compile(
    r"\s*([•・･‣▪◦\-–—*]|[0-9０-９]{1,2}[.．]|[(（][0-9０-９]{1,2}[)）]|[①-⑳])[\s　]*"
)
_MIN_LENGTH = 8
_TITLE = re.compile(r"(図表|図|表|Figure|Table)\s*[0-9０-９]+[^。]{0,60}$")
_MAX_TABLE = 300
_ADDRESS = "http"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as an answer reads it: its passage, text, score in 0..1 and nearness of meaning to
    the question, its tokens, and its place among the hits from 0.
    """

    passage: Passage
    text: str
    score: float
    dense: float
    tokens: PassageTokens
    rank: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence or row of a passage, which can be quoted: its span in the document and its text.

    `words` are its normalized words of meaning and `concepts` the concepts that it names, each
    with the offset in the text at which it stands; `grams` are its pairs of characters, and
    `position` counts the cuts of the passage from 0.
    """

    position: int
    start: int
    end: int
    text: str
    words: tuple[tuple[str, int], ...]
    concepts: tuple[tuple[str, int], ...]
    grams: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unit:
    """A cut of a hit (see `Cut`)."""

    found: Found
    position: int
    start: int
    end: int
    text: str
    words: tuple[tuple[str, int], ...]
    concepts: tuple[tuple[str, int], ...]
    grams: frozenset[str]

    @classmethod
    def of(cls, found: Found, cut: Cut) -> Unit:
        """A cut as it was found."""
        return cls(
            found, cut.position, cut.start, cut.end, cut.text, cut.words, cut.concepts, cut.grams
        )


def cuts_of(passage: Passage, text: str, tokens: PassageTokens) -> tuple[Cut, ...]:
    """What can be quoted of a passage, without bullets, in the order of its text."""
    forms, starts = _placed(text, tokens)
    first = tokens.context
    named = [
        (concept, starts[at - first])
        for concept, at in tokens.concepts
        if first <= at < first + len(starts)
    ]
    cuts: list[Cut] = []
    for start, end in _spans(text, passage.kind):
        if bullet := BULLET.match(text, start, end):
            start = bullet.end() if bullet.end() < end else start
        if end - start < _MIN_LENGTH and "\t" not in text[start:end]:
            continue
        low, high = bisect_left(starts, start), bisect_left(starts, end)
        cuts.append(
            Cut(
                len(cuts), passage.start + start, passage.start + end, text[start:end],
                tuple((forms[i], starts[i] - start) for i in range(low, high)),
                tuple((concept, at - start) for concept, at in named if start <= at < end),
                frozenset(bigrams(text[start:end])),
            )
        )  # fmt: skip
    return tuple(cuts)


def above(found: Found) -> tuple[frozenset[str], frozenset[str]]:
    """The words and the concepts of the title and headings over a hit."""
    first = found.tokens.context
    return (
        frozenset(found.tokens.tokens[:first]),
        frozenset(concept for concept, at in found.tokens.concepts if at < first),
    )


def _placed(text: str, tokens: PassageTokens) -> tuple[Sequence[str], list[int]]:
    """The passage's own words of meaning, and where each begins in its text."""
    own = tokens.tokens[tokens.context :]
    starts = [start for start, _ in tokens.spans]
    if own and not starts:  # too far apart to have been stored
        placed = [token for token in analyse(text).words if token.content]
        return [token.form for token in placed], [token.start for token in placed]
    return own[: len(starts)], starts[: len(own)]


def _spans(text: str, kind: BlockKind) -> Iterator[tuple[int, int]]:
    """What can be quoted of a passage.

    A row of a table whose cells are not told apart says nothing alone, so such a table is
    one unit; the title of a table or figure, an entry of a list of sources, and a note that
    names a source and its address, are no statements.
    """
    if kind is BlockKind.REFERENCE:
        return
    spans = sentence_spans(text)
    if kind is BlockKind.TABLE and "\t" not in text and len(text) <= _MAX_TABLE:
        if spans:
            yield spans[0][0], spans[-1][1]
        return
    for start, end in spans:
        if kind in (BlockKind.TABLE, BlockKind.CAPTION) and _TITLE.match(text[start:end]):
            continue
        if kind is BlockKind.NOTE and _ADDRESS in _line(text, start):
            continue
        yield start, end


def _line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]
