"""How well a document was read: damaged signs, unknown words, broken sentences, empty pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kb.domain import BlockKind, Document
from kb.language.invisible import invisible_spans, names
from kb.language.tokens import known_share
from kb.reading.patterns import looks_broken

# A document on the wrong side of one of these is indexed with a warning.
MOST_ODD = 0.01  # share of signs; a page past it is damaged in nine of ten cases
LEAST_KNOWN = 0.85  # share of words; sound reports have more than nine tenths
MOST_BROKEN = 0.15  # share of paragraphs
_FEWEST_PARAGRAPHS = 5  # fewer paragraphs say nothing of a rate
_FEWEST_CHARACTERS = 200
_SAMPLE = 20_000  # characters looked up in the dictionary, from the beginning of the body


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares in 0..1, and the numbers of the pages that gave no text.

    `odd` is the share of signs that a sound reading does not have, `known` the share of
    Japanese words that the dictionary has, `broken` that of paragraphs that stop in the
    middle of a sentence.
    """

    odd: float
    known: float
    broken: float
    empty_pages: tuple[int, ...]

    def warnings(self) -> tuple[str, ...]:
        """What a reader of the document should be told; nothing when it was read well."""
        found = []
        if self.odd > MOST_ODD:
            found.append(f"{self.odd:.1%} of its characters are damaged")
        if self.known < LEAST_KNOWN:
            found.append(f"only {self.known:.0%} of its words are in the dictionary")
        if self.broken > MOST_BROKEN:
            found.append(f"{self.broken:.0%} of its paragraphs stop in the middle of a sentence")
        return tuple(found)


def quality_of(document: Document, *, known: float | None = None) -> Quality:
    """The quality of a document's reading, by its blocks and pages.

    `known` is the share of its words that the dictionary has, where all were looked up already;
    otherwise the first of them are.
    """
    body = [
        document.text[b.start : b.end]
        for b in document.blocks
        if b.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    ]
    paragraphs = [
        document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.PARAGRAPH
    ]
    broken = sum(map(looks_broken, paragraphs)) if len(paragraphs) >= _FEWEST_PARAGRAPHS else 0
    text = "\n".join(body)[:_SAMPLE]
    characters = sum(page.characters for page in document.pages)
    odd = (
        sum(page.odd_share * page.characters for page in document.pages) / characters
        if characters
        else 1.0 - document.quality
    )
    return Quality(
        odd=odd,
        known=_known(text, known),
        broken=broken / max(1, len(paragraphs)),
        empty_pages=tuple(page.page for page in document.pages if not page.characters),
    )


def _known(text: str, known: float | None) -> float:
    if len(text) < _FEWEST_CHARACTERS:
        return 1.0
    return known_share(text) if known is None else known


def with_quality_warnings(document: Document, *, known: float | None = None) -> Document:
    """The document with the warnings of its quality after those of its reader.

    `known` as in `quality_of`.
    """
    found = (*quality_of(document, known=known).warnings(), *_invisible(document))
    return replace(document, warnings=(*document.warnings, *found)) if found else document


def _invisible(document: Document) -> list[str]:
    """What a reader should be told of signs that nobody sees; pages mark them."""
    said = [document.text, *_strings(document.metadata)]
    signs = "".join(text[start:end] for text in said for start, end in invisible_spans(text))
    kinds = names(signs[:_SAMPLE])
    return [f"it has {len(signs)} signs that nobody sees ({kinds[:200]})"] if signs else []


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, Mapping) else value
    if not isinstance(parts, Iterable):
        return []
    return [text for part in parts for text in _strings(part)]
