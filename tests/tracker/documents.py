"""Small written documents, and what is drawn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, TypeVar

from kb.domain import Document
from kb.language.glossary.matching import load_glossary
from kb.reading.files import FileBytes, read_document
from kb.tracker.drawing import facts_of, mentions_of
from kb.tracker.merging import tables_of
from kb.tracker.model import Drawn, Row, Tables

R = TypeVar("R", bound=Row)


def written(text: str, name: str = "報告.md", **metadata: Any) -> Document:
    """A Markdown document of this text."""
    raw = text.encode()
    return read_document(name, FileBytes(raw, hashlib.sha256(raw).hexdigest()), metadata)


def drawn(text: str, table: str | None = None, **metadata: Any) -> list[Drawn]:
    """What is drawn from a text for one table, or for all."""
    document = written(text, **metadata)
    glossary = load_glossary()
    facts = facts_of(document, glossary, mentions_of(document, glossary))
    return [fact for fact in facts if table in (None, fact.table)]


def tables(*texts: str) -> Tables:
    """The tables of several documents."""
    glossary = load_glossary()
    facts = []
    for number, text in enumerate(texts, 1):
        document = written(text, f"報告{number}.md")
        mentions = mentions_of(document, glossary)
        facts.append((document.id, facts_of(document, glossary, mentions)))
    return tables_of(facts)


def cells(fact: Drawn) -> dict[str, list[str]]:
    """The cells of something drawn, with their values."""
    return {name: list(fact.values(name)) for name in dict.fromkeys(c.name for c in fact.cells)}


def filled(row: Row) -> dict[str, list[str]]:
    """The cells of a row that are not empty."""
    return {name: list(cell) for name, cell in row.cells().items() if cell}


def having(rows: Sequence[R], **wanted: str) -> list[R]:
    """The rows that have these values among others."""
    return [
        row for row in rows
        if all(value in set(row.cells()[name]) for name, value in wanted.items())
    ]  # fmt: skip
