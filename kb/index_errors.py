"""Everything that is wrong with an index: its checksums, what refers to what, and its spans."""

from __future__ import annotations

from pathlib import Path

from kb.answering.citations import is_citation
from kb.errors import IndexDamaged
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import Generation, checksum_errors, lease, open_leased, open_previous
from kb.indexing.ledger import Ledger
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.settings import Settings


def index_errors(settings: Settings) -> list[str]:
    """What is wrong with the current generation and the ledger: checksums, cross-references.

    Raises IndexUnavailable when there is none, or one of another format.
    """
    try:
        generation, held = open_leased(settings.index)
    except IndexDamaged as error:
        return [str(error)]
    with held:
        errors = checksum_errors(generation) or _content_errors(generation)
        errors += _previous_errors(settings.index)
    return errors + Ledger(settings.index, limit=0).errors(is_citation)


def _previous_errors(index: Path) -> list[str]:
    """What is wrong with the files of the generation before, which a run may remove meanwhile."""
    previous = open_previous(index, verify=False)
    if previous is None:
        return []
    try:
        with lease(previous):
            return checksum_errors(previous)
    except IndexDamaged as error:
        now = open_previous(index, verify=False)
        return [str(error)] if now is not None and now.name == previous.name else []


def _content_errors(generation: Generation) -> list[str]:
    """What is wrong inside of files that have their checksums."""
    store = Store(generation.store)
    errors = store.integrity_errors()
    documents, passages = store.counts()
    for what, found, expected in (
        ("documents in the store", documents, generation.manifest.documents),
        ("passages in the store", passages, generation.manifest.passages),
        ("passages in the postings", len(LexicalIndex(generation.postings)), passages),
        ("vectors", len(DenseIndex(generation.vectors)), passages),
    ):
        if found != expected:
            errors.append(f"{found} {what}, but {expected} are expected")
    errors.extend(_span_errors(store))
    return errors


def _span_errors(store: Store) -> list[str]:
    """Blocks that do not tile their text, and passages that are not spans of it."""
    errors = []
    for summary in store.summaries():
        document = store.document(summary.id)
        at = 0
        for block in document.blocks:
            if block.start != at or block.end < block.start:
                errors.append(f"{document.path}: the blocks do not tile the text at {at}")
                break
            at = block.end
        for passage in store.passages_of(document.id):
            if not document.text[passage.start : passage.end].strip():
                errors.append(f"{document.path}: passage {passage.id} is empty")
    return errors
