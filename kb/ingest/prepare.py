"""From a document to the rows of the index: passages, tokens and what is encoded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from kb.chunking import passages_of
from kb.domain import Document, Passage
from kb.indexing.rows import PassageRow
from kb.language.folding import bigrams
from kb.language.tokens import Token, analyse


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the store: its passage rows and the text encoded for each."""

    document: Document
    rows: tuple[PassageRow, ...]
    encoded: tuple[str, ...]


def prepare(document: Document, *, encoder_name: str) -> Prepared:
    """Passages of a document with the tokens of text, headings, title and furigana.

    Title and headings are indexed with each passage, since a passage seldom repeats what
    its section is about; they are not part of its text. Nor are furigana, by which words
    are found whose reading was typed.
    """
    rows: list[PassageRow] = []
    encoded: list[str] = []
    title = _plain(document.title)
    for passage in passages_of(document):
        context = _context(title, passage)
        text = document.text[passage.start : passage.end]
        indexed = f"{context}\n{text}" if context else text
        read_aloud = [f.kana for f in document.furigana if passage.start <= f.start < passage.end]
        searched = "\n".join([indexed, *read_aloud])
        analysis = analyse(searched)
        rows.append(
            PassageRow(
                passage=passage,
                words=_joined(analysis.words),
                compounds=_joined(analysis.compounds),
                bigrams=" ".join(bigrams(searched)),
                vector_key=_vector_key(encoder_name, indexed),
            )
        )
        encoded.append(indexed)
    return Prepared(document, tuple(rows), tuple(encoded))


def _context(title: str, passage: Passage) -> str:
    """Title and headings, each once: the title is often the first heading too."""
    return "\n".join(dict.fromkeys([title, *map(_plain, passage.heading_path)]))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _joined(tokens: tuple[Token, ...]) -> str:
    """The normalized forms parted by spaces; a form with a space inside is joined up."""
    return " ".join("".join(t.form.split()) for t in tokens if t.content)


def _vector_key(encoder_name: str, text: str) -> bytes:
    return hashlib.sha256(f"{encoder_name}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]
