"""Finds the passages that share the rarest pairs of letters with a text, by the index."""

from __future__ import annotations

from kb.domain import Passage
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.language.folding import bigrams

RAREST = 24  # pairs that are asked for


class Lookup:
    """Looks texts up in one generation; safe for use from several threads."""

    def __init__(self, store: Store, lexical: LexicalIndex) -> None:
        self._store = store
        self._lexical = lexical

    def passages(
        self, text: str, *, limit: int, document_row: int | None = None
    ) -> list[tuple[Passage, str]]:
        """The passages most like a text, best first, in one document if its row is given."""
        frequency = {
            pair: self._lexical.document_frequency("bigrams", pair)
            for pair in dict.fromkeys(bigrams(text))
        }
        known = sorted((pair for pair, n in frequency.items() if n), key=frequency.__getitem__)
        rows = self._lexical.search(
            {"bigrams": known[:RAREST]}, {"bigrams": 1.0}, limit=limit,
            documents=None if document_row is None else [document_row],
        )  # fmt: skip
        found = self._store.passages([row for row, _ in rows])
        return [found[row] for row, _ in rows]

    def documents(self, text: str, *, limit: int) -> list[str]:
        """The ids of the documents of those passages, best first, each once."""
        found = self.passages(text, limit=limit)
        return list(dict.fromkeys(passage.document_id for passage, _ in found))
