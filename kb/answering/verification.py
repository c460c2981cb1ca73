"""Whether a quotation stands in a text: letter for letter, apart from how it is written, or not."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from kb.answering.citations import cite, quoted
from kb.answering.word_diff import word_diff
from kb.domain import Document
from kb.language.folding import Folded
from kb.language.variants import (
    OLD_FORMS,
    REPEATED,
    REPEATED_VOICED,
    fold_variants,
)
from kb.latest import Latest
from kb.quotation import Difference, Differing, QuoteMatch, Verdict

MAX_MATCHES = 20
_FOLDED = 4_000_000  # characters of documents, of nine to twelve bytes each
MAX_DIFFERENCES = 20
SIMILAR = 0.65  # of the letters, for the closest place to be named
_BRACKETS = "「」『』“”\"‘’'〝〟"
_DASHES = "-‐‑‒–—―−ー"
_STOPS = "、。，．,.・･·"


def exact_spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where `quote` stands in `text` letter for letter, at most `MAX_MATCHES` times."""
    spans: list[tuple[int, int]] = []
    at = text.find(quote)
    while at >= 0 and len(spans) < MAX_MATCHES:
        spans.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return spans


def normalized_spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where `quote` stands when it does not count how it is written (`fold_variants`)."""
    wanted = fold_variants(quote).text
    if not wanted:
        return []
    folded = _folded.of([text])[text]
    return [folded.span(start, end) for start, end in exact_spans(folded.text, wanted)]


def _compact(texts: Sequence[str]) -> dict[str, Folded]:
    """Whole documents folded, with four bytes for each place."""
    folded = ((text, fold_variants(text)) for text in texts)
    return {text: Folded(f.text, array("I", f.starts), array("I", f.ends)) for text, f in folded}


def _characters(folded: Folded) -> int:
    return len(folded.text)


# Kept while others of a document's quotations are sought.
_folded = Latest(_compact, _FOLDED, _characters)


def find_quote(documents: Iterable[Document], quote: str) -> tuple[Verdict, list[QuoteMatch]]:
    """The places of a quotation in some documents, exact ones if there are any.

    `quote` is compared without the white space around it.
    """
    quote = quote.strip()
    exact: list[QuoteMatch] = []
    normalized: list[QuoteMatch] = []
    for document in documents:
        if spans := exact_spans(document.text, quote):
            exact.extend(_match(document, span) for span in spans)
        elif not exact:
            for span in normalized_spans(document.text, quote):
                found = differences(quote, document.text[slice(*span)])
                normalized.append(_match(document, span, differences=found))
        if len(exact) >= MAX_MATCHES:
            break
    if exact:
        return Verdict.EXACT, exact[:MAX_MATCHES]
    if normalized:
        return Verdict.NORMALIZED, normalized[:MAX_MATCHES]
    return Verdict.NOT_FOUND, []


def closest_place(
    quote: str, places: Iterable[tuple[Document, int, int]]
) -> QuoteMatch | None:  # fmt: skip
    """The part of some places that has most of a quotation; None when none has enough of it.

    Places are spans of documents; the part may be shorter than the span.
    """
    wanted = fold_variants(quote).text
    best: tuple[float, Document, int, int] | None = None
    for document, start, end in places:
        folded = fold_variants(document.text[start:end])
        if not wanted or not folded.text:
            continue
        found = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=100 * SIMILAR)
        if found is None or found.dest_end <= found.dest_start:
            continue
        a, b = folded.span(found.dest_start, found.dest_end)
        # A place that holds little of the quotation is like all of that little.
        score = found.score * min(1.0, len(folded.text) / len(wanted))
        if score >= 100 * SIMILAR and (best is None or score > best[0]):
            best = (score, document, start + a, start + b)
    if best is None:
        return None
    score, document, start, end = best
    diff = word_diff(quote, document.text[start:end])
    citation = cite(document, start, end, number=1, passage=None)
    return QuoteMatch(quoted(document, citation), (), diff, round(score / 100, 4))


def _match(
    document: Document, span: tuple[int, int], *, differences: tuple[Differing, ...] = ()
) -> QuoteMatch:
    citation = cite(document, *span, number=1, passage=None)
    return QuoteMatch(quoted(document, citation), differences)


def differences(quote: str, text: str) -> tuple[Differing, ...]:
    """In what two texts differ that fold to the same, each difference once."""
    a, b = fold_variants(quote), fold_variants(text)
    found: dict[Differing, None] = {}
    for i in range(min(len(a.text), len(b.text))):
        one, other = quote[a.starts[i] : a.ends[i]], text[b.starts[i] : b.ends[i]]
        if one != other:
            found[Differing(_kind(one, other), one, other)] = None
        left, right = _gap(quote, a, i), _gap(text, b, i)
        if left != right:
            found[Differing(Difference.SPACES, left, right)] = None
    return tuple(found)[:MAX_DIFFERENCES]


def _gap(text: str, folded: Folded, i: int) -> str:
    """What stands between a folded character and the next and was left out."""
    if i + 1 >= len(folded.starts):
        return ""
    return text[folded.ends[i] : max(folded.ends[i], folded.starts[i + 1])]


def _kind(a: str, b: str) -> Difference:
    both = a + b
    if any(c in REPEATED + REPEATED_VOICED for c in both):
        return Difference.ITERATION_MARKS
    if any(c in OLD_FORMS for c in both):
        return Difference.OLD_FORMS
    if len(both) > 2 and all(c in "….・･·‥" for c in both):
        return Difference.ELLIPSES
    if all(c in _DASHES or c in "〜～~" for c in both):
        return Difference.DASHES
    if all(c in _BRACKETS for c in both):
        return Difference.QUOTATION_MARKS
    if all(c in "…‥" or c in _STOPS for c in both):
        return Difference.ELLIPSES if any(c in "…‥" for c in both) else Difference.PUNCTUATION
    x, y = unicodedata.normalize("NFKC", a), unicodedata.normalize("NFKC", b)
    if x == y:
        return Difference.WIDTH
    return Difference.CASE if x.lower() == y.lower() else Difference.OTHER
