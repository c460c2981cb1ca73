"""What is done with quotations of one generation: found by their ids, traced, and exported."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from kb.answering.citations import cite, parse_citation_id, quoted, resolve
from kb.answering.formats.export import format_citations
from kb.answering.lookup import Lookup
from kb.answering.tracing import Found, Old, exact_place, follow, place_of_digest
from kb.answering.word_diff import word_diff
from kb.domain import Citation, Document, Passage
from kb.errors import NotFound
from kb.indexing.ledger import Ledger
from kb.indexing.rows import DocumentSummary
from kb.indexing.store import Store
from kb.quotation import Export, Quoted, Status, Trace

_LOOKED_INTO = 20  # passages whose documents may have taken in a removed one
_NEIGHBOURS = 12  # characters around it that must have come along to another document


class Quotations:
    """The quotations of one generation; safe for use from several threads."""

    def __init__(
        self,
        store: Store,
        document_of: Callable[[str], Document],
        summaries: Mapping[str, DocumentSummary],
        lookup: Lookup,
        ledger: Ledger,
    ) -> None:
        self._store = store
        self._document_of = document_of
        self._summaries = summaries
        self._lookup = lookup
        self._ledger = ledger

    def issue(self, citations: Iterable[Citation]) -> bool:
        """Keep citations of this generation in the ledger, before they are given out.

        Says whether all are kept.
        """
        found = [(self._document_of(c.document_id), c) for c in citations]
        return self._ledger.record((quoted(document, c), document.text) for document, c in found)

    def cite(self, document_id: str, start: int, end: int) -> Citation:
        """The citation of a span that a reader chose, kept in the ledger like any other.

        Raises NotFound (no such document), ValueError (outside of its text).
        """
        document = self._document_of(document_id)
        citation = self._cited(document, (start, end)).citation
        self.issue([citation])
        return citation

    def quoted(self, citation_id: str) -> Quoted:
        """What is to be cited under an id: where it stands now, or as it was. Raises NotFound."""
        trace = self.trace(citation_id)
        return trace.now if trace.now and trace.status is Status.MOVED else trace.was

    def trace(self, citation_id: str) -> Trace:
        """What was cited under an id, and whether and where it stands now.

        Raises NotFound for what is no citation id, and for one that was never given out.
        """
        document_id, start, end, digest = parse_citation_id(citation_id)
        if start == end:
            raise NotFound(f"{citation_id} quotes nothing, so it is not a citation id")
        document = self._document(document_id)
        if document is not None:
            with suppress(NotFound):
                passage = self._passage_at(document, start)
                found = quoted(document, resolve(citation_id, document, passage))
                return Trace(Status.SAME, found, found)
        if (known := self._was(citation_id, document_id)) is not None:
            return self._traced(*known, document)
        # Nobody kept its words; they may still stand elsewhere in its document.
        place = document and place_of_digest(document.text, end - start, digest)
        if document is None or not place:
            raise NotFound(f"nothing is known of a citation {citation_id}")
        now = self._cited(document, place)
        old = replace(now.citation, id=citation_id, start=start, end=end)
        return Trace(Status.MOVED, replace(now, citation=old), now)

    def export(
        self,
        ids: Sequence[str],
        format: str,
        *,
        style: str = "sist02",
        accessed: datetime.date | None = None,
        base_url: str = "",
    ) -> Export:
        """Citations as another program wants them, see `format_citations`. Raises NotFound."""
        found = [self.quoted(one) for one in dict.fromkeys(ids)]
        return format_citations(found, format, style=style, accessed=accessed, base_url=base_url)

    def _document(self, document_id: str) -> Document | None:
        return self._document_of(document_id) if document_id in self._summaries else None

    def _was(self, citation_id: str, document_id: str) -> tuple[Quoted, str] | None:
        """What an id stood for, and the text in which it stood."""
        for version in self._store.versions_of(document_id):
            with suppress(NotFound):
                earlier = self._store.version(document_id, version.sha256)
                found = resolve(citation_id, earlier, None, superseded=True)
                return quoted(earlier, found), earlier.text
        return self._ledger.find(citation_id)

    def _traced(self, was: Quoted, text: str, document: Document | None) -> Trace:
        c = was.citation
        old = Old(c.quote, c.start, was.prefix, was.suffix, text)
        found: Found | None = None
        if document is not None:
            found = follow(old, document.text)
        else:
            document, found = self._elsewhere(was, old)
        if found is None or document is None:
            return Trace(Status.GONE, was, None)
        now = self._cited(document, (found.start, found.end))
        if found.status is Status.MOVED:
            return Trace(found.status, replace(was, citation=replace(c, superseded=False)), now)
        return Trace(found.status, was, now, word_diff(c.quote, now.citation.quote))

    def _elsewhere(self, was: Quoted, old: Old) -> tuple[Document | None, Found | None]:
        """Another document that took in a removed one: the same file, or the same passage."""
        same = [s.id for s in self._summaries.values() if s.sha256 == was.source.sha256]
        others = self._lookup.documents(was.prefix + old.quote + was.suffix, limit=_LOOKED_INTO)
        for document_id in dict.fromkeys([*same, *others]):
            document = self._document_of(document_id)
            wanted = 0 if document_id in same else min(
                _NEIGHBOURS, len(was.prefix) + len(was.suffix)
            )  # fmt: skip
            if place := exact_place(old, document.text, neighbours=wanted):
                return document, Found(Status.MOVED, *place)
        return None, None

    def _cited(self, document: Document, span: tuple[int, int]) -> Quoted:
        passage = self._passage_at(document, span[0])
        return quoted(document, cite(document, *span, number=1, passage=passage))

    def _passage_at(self, document: Document, offset: int) -> Passage | None:
        return next(
            (p for p in self._store.passages_of(document.id) if p.start <= offset < p.end), None
        )
