"""Whether a quotation stands in a text: letter for letter, or apart from width and spacing."""

from __future__ import annotations

from collections.abc import Iterable

from kb.answering.citations import page_range
from kb.domain import Document, QuoteMatch, Verdict
from kb.language.folding import fold

MAX_MATCHES = 20


def exact_spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where `quote` stands in `text` letter for letter, at most `MAX_MATCHES` times."""
    spans: list[tuple[int, int]] = []
    at = text.find(quote)
    while at >= 0 and len(spans) < MAX_MATCHES:
        spans.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return spans


def normalized_spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where `quote` stands when width, case, spacing and forms of dashes do not count."""
    wanted = fold(quote).text
    if not wanted:
        return []
    folded = fold(text)
    return [folded.span(start, end) for start, end in exact_spans(folded.text, wanted)]


def find_quote(documents: Iterable[Document], quote: str) -> tuple[Verdict, list[QuoteMatch]]:
    """The places of a quotation in some documents, exact ones if there are any.

    `quote` is compared without the white space around it.
    """
    quote = quote.strip()
    exact: list[QuoteMatch] = []
    normalized: list[QuoteMatch] = []
    for document in documents:
        if spans := exact_spans(document.text, quote):
            exact.extend(_match(document, *span) for span in spans)
        elif not exact:
            normalized.extend(
                _match(document, *span) for span in normalized_spans(document.text, quote)
            )
    if exact:
        return Verdict.EXACT, exact[:MAX_MATCHES]
    if normalized:
        return Verdict.NORMALIZED, normalized[:MAX_MATCHES]
    return Verdict.NOT_FOUND, []


def _match(document: Document, start: int, end: int) -> QuoteMatch:
    first, last = document.page_at(start), document.page_at(end - 1)
    path = next((s.heading_path for s in document.sections if s.start <= start < s.end), ())
    return QuoteMatch(
        document.id, start, end, document.text[start:end], first, last,
        page_range(document, first, last), path,
    )  # fmt: skip
