"""Values around a quotation: what was cited, of which source, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.domain import Citation

CONTEXT = 64  # characters of the text on each side that are kept with a quotation


@dataclass(frozen=True, slots=True)
class Source:
    """The document that was cited, in the version that was: all that a bibliography needs.

    `metadata` is its CSL-JSON item, `sha256` the digest of its file.
    """

    id: str
    path: str
    sha256: str
    format: str
    metadata: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The title of the metadata, or the file's path when there is none."""
        return str(self.metadata.get("title") or self.path)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A citation that stands by itself: with its source and the text on both sides of it.

    `prefix` and `suffix` are up to `CONTEXT` characters; `header` is the first row of the
    table that the quotation is a row of.
    """

    citation: Citation
    source: Source
    prefix: str
    suffix: str
    header: str | None = None


class Status(StrEnum):
    """What became of a quotation: its text stands where it was, elsewhere, changed, or nowhere."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"


class DiffKind(StrEnum):
    """Whether words stand in both texts, or in the first or second only."""

    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A run of words; the parts that are not inserted make the first text, and so on."""

    kind: DiffKind
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What was cited, and where and how it stands now.

    `now` is the same as `was` where nothing changed, and None where it is gone; `diff` leads
    from the words that were cited to those that stand there now, where they changed.
    """

    status: Status
    was: Quoted
    now: Quoted | None
    diff: tuple[DiffPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """Citations in a format of other programs, with its media type and a name to save it by."""

    text: str
    media_type: str
    file_name: str


class Verdict(StrEnum):
    """Whether a quotation stands in the collection: letter for letter, apart from how it is
    written, in part, or not at all.
    """

    EXACT = "exact"
    NORMALIZED = "normalized"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"


class Difference(StrEnum):
    """In what a quotation and its source are written differently."""

    WIDTH = "width"
    CASE = "case"
    SPACES = "spaces"
    DASHES = "dashes"
    ELLIPSES = "ellipses"
    PUNCTUATION = "punctuation"
    QUOTATION_MARKS = "quotation_marks"
    OLD_FORMS = "old_forms"
    ITERATION_MARKS = "iteration_marks"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Differing:
    """A sign of a quotation and what stands for it in the source."""

    kind: Difference
    quote: str
    text: str


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """A place where a quotation stands, or nearly does, and in what they differ.

    `diff` leads from the words of the quotation to those of a place that has only a part of
    them; `similarity` is the share of letters that they have in common.
    """

    quoted: Quoted
    differences: tuple[Differing, ...] = ()
    diff: tuple[DiffPart, ...] = ()
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a quotation.

    `closest` is the most similar place of a quotation that is found in part only; `complete`
    says that every document was looked into.
    """

    generation: str
    verdict: Verdict
    matches: tuple[QuoteMatch, ...] = ()
    closest: QuoteMatch | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of a manuscript, `[start:end]` of it without its marks, with its footnote.

    `depth` is 1 for one that stands in no other.
    """

    start: int
    end: int
    depth: int
    quote: str
    found: Verification
    footnote: str | None
