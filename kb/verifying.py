"""Quotations checked against one generation: one, or all of a manuscript."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence

from kb.answering.formats.export import footnote
from kb.answering.lookup import Lookup
from kb.answering.manuscript import quotations_in
from kb.answering.verification import closest_place, find_quote
from kb.domain import Citation, Document
from kb.errors import InvalidQuestion, NotFound
from kb.indexing.rows import DocumentSummary
from kb.language.variants import folded_text
from kb.latest import Latest
from kb.quotation import CheckedQuotation, QuoteMatch, Verdict, Verification
from kb.search import checked_query
from kb.settings import Settings

_CANDIDATES = 40  # passages whose documents are looked into first
_CLOSE = 12  # passages that are aligned with a quotation that stands nowhere
_FOLDED = 32_000_000  # characters of folded texts that are kept, of two bytes each


class Verifier:
    """Checks quotations; safe for use from several threads.

    `issue` keeps the citations of places in the ledger before they are given out.
    """

    def __init__(
        self,
        generation: str,
        document_of: Callable[[str], Document],
        summaries: Mapping[str, DocumentSummary],
        lookup: Lookup,
        settings: Settings,
        issue: Callable[[Sequence[Citation]], bool],
    ) -> None:
        self._generation = generation
        self._document_of = document_of
        self._summaries = summaries
        self._lookup = lookup
        self._settings = settings
        self._issue = issue
        self._folded = Latest(self._fold, _FOLDED, len)

    def verify(self, quote: str, document_id: str | None = None) -> Verification:
        """Whether a quotation stands in the collection, or in one document of it.

        Raises InvalidQuestion (empty or too long), NotFound (no such document).
        """
        checked_query(quote, limit=self._settings.max_question_characters)
        if document_id is not None and document_id not in self._summaries:
            raise NotFound(f"there is no document {document_id!r} in the index")
        found = self._verified(quote, document_id, thorough=True)
        self._issue([m.quoted.citation for m in _given_out(found)])
        return found

    def manuscript(
        self, text: str, *, style: str = "sist02", accessed: datetime.date | None = None
    ) -> list[CheckedQuotation]:
        """Every quotation of a manuscript with where it stands and its footnote.

        Of each, the places that the index leads to are named, not all there may be.
        Raises InvalidQuestion when it, or all of its quotations together, are too long, or there
        are too many of them.
        """
        settings = self._settings
        if len(text) > settings.max_manuscript_characters:
            raise InvalidQuestion(
                f"the manuscript has {len(text):,} characters; at most "
                f"{settings.max_manuscript_characters:,} are accepted: check it chapter by chapter"
            )
        marked = quotations_in(text)
        if len(marked) > settings.max_manuscript_quotations:
            raise InvalidQuestion(
                f"the manuscript has {len(marked):,} quotations; at most "
                f"{settings.max_manuscript_quotations:,} are accepted: check it chapter by chapter"
            )
        quoted = sum(one.end - one.start for one in marked)
        if quoted > settings.max_manuscript_characters:
            raise InvalidQuestion(
                f"the quotations have {quoted:,} characters, those inside of others counted again; "
                f"at most {settings.max_manuscript_characters:,} are accepted: close each quotation"
            )
        known: dict[str, Verification] = {}
        checked = []
        for one in marked:
            quote = text[one.start : one.end]
            if quote not in known:
                known[quote] = self._verified(quote, None, thorough=False)
            found = known[quote]
            note = footnote(found.matches[0].quoted, style, accessed) if found.matches else None
            checked.append(CheckedQuotation(one.start, one.end, one.depth, quote, found, note))
        self._issue(
            [m.quoted.citation for found in known.values() for m in _given_out(found)]
        )  # fmt: skip
        return checked

    def _verified(self, quote: str, document_id: str | None, *, thorough: bool) -> Verification:
        wanted = folded_text(quote)
        verdict, complete = Verdict.NOT_FOUND, True
        matches: list[QuoteMatch] = []
        if document_id is not None:
            verdict, matches = find_quote(self._holding(wanted, [document_id]), quote)
        else:
            first = self._lookup.documents(quote, limit=_CANDIDATES)
            whole = self._characters <= self._settings.max_scan_characters
            if not (thorough and whole):
                verdict, matches = find_quote(self._holding(wanted, first), quote)
                complete = False
            if not matches:
                ids, complete = self._scanned(first)
                verdict, matches = find_quote(self._holding(wanted, ids), quote)
        closest = None
        if not matches:
            row = self._summaries[document_id].row if document_id is not None else None
            near = self._lookup.passages(quote, limit=_CLOSE, document_row=row)
            closest = closest_place(
                quote.strip(), ((self._document_of(p.document_id), p.start, p.end) for p, _ in near)
            )
            verdict = Verdict.PARTIAL if closest else Verdict.NOT_FOUND
        return Verification(self._generation, verdict, tuple(matches), closest, complete)

    def _holding(self, wanted: str, ids: Sequence[str]) -> Iterator[Document]:
        """The documents whose folded text has the folded quotation."""
        return (
            self._document_of(one)
            for one in ids
            if wanted and wanted in self._folded.of([one])[one]
        )

    def _fold(self, ids: Sequence[str]) -> dict[str, str]:
        return {one: folded_text(self._document_of(one).text) for one in ids}

    def _scanned(self, first: Sequence[str]) -> tuple[list[str], bool]:
        """The documents that are looked through, and whether these are all there are."""
        if self._characters <= self._settings.max_scan_characters:
            return list(self._summaries), True
        left, ids = self._settings.max_scan_characters, list(first)
        for document_id, summary in self._summaries.items():
            left -= summary.characters
            if left < 0:
                break
            ids.append(document_id)
        return list(dict.fromkeys(ids)), False

    @property
    def _characters(self) -> int:
        return sum(summary.characters for summary in self._summaries.values())


def _given_out(found: Verification) -> list[QuoteMatch]:
    return [*found.matches, *([found.closest] if found.closest else [])]
