"""What is done with quotations of one generation: citations found by their ids, and exported."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from contextlib import suppress

from kb.answering.citations import parse_citation_id, quoted, resolve
from kb.answering.formats.export import format_citations
from kb.domain import Document, Passage
from kb.errors import NotFound
from kb.indexing.store import Store
from kb.quotation import Export, Quoted


class Quotations:
    """The quotations of one generation; safe for use from several threads."""

    def __init__(self, store: Store, document_of: Callable[[str], Document]) -> None:
        self._store = store
        self._document_of = document_of

    def quoted(self, citation_id: str) -> Quoted:
        """What a citation id stands for, from an earlier version of its document if need be.

        Raises NotFound when no version that is kept says what was cited.
        """
        document_id, start, _, _ = parse_citation_id(citation_id)
        try:
            document = self._document_of(document_id)
            citation = resolve(citation_id, document, self._passage_at(document, start))
            return quoted(document, citation)
        except NotFound:
            for version in self._store.versions_of(document_id):
                with suppress(NotFound):
                    earlier = self._store.version(document_id, version.sha256)
                    return quoted(earlier, resolve(citation_id, earlier, None, superseded=True))
            raise

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

    def _passage_at(self, document: Document, offset: int) -> Passage | None:
        return next(
            (p for p in self._store.passages_of(document.id) if p.start <= offset < p.end), None
        )
