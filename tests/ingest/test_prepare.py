"""What is indexed of a passage beside its text."""

from __future__ import annotations

from dataclasses import replace

from kb.domain import Document, Furigana
from kb.ingest.prepare import prepare
from kb.language.glossary.matching import load_glossary
from tests.reading.documents import read

TEXT = "試掘は南鳥島の沖で行われ、泥に希土類が多く含まれると報告された。"


def with_furigana() -> Document:
    document = read(TEXT, "深海.txt")
    start = document.text.index("南鳥島")
    return replace(document, furigana=(Furigana(start, start + 3, "みなみとりしま"),))


def test_furigana_are_searched_but_neither_text_nor_encoded() -> None:
    (row,) = prepare(with_furigana(), encoder_name="any", glossary=load_glossary()).rows
    (plain,) = prepare(read(TEXT, "深海.txt"), encoder_name="any", glossary=load_glossary()).rows
    assert row.passage == plain.passage
    assert row.vector_key == plain.vector_key
    assert {"みなみとりしま"[i : i + 2] for i in range(6)} <= set(row.terms.bigrams.split())
    assert "みな" not in plain.terms.bigrams.split()


def test_furigana_of_other_passages_are_left_out() -> None:
    document = with_furigana()
    elsewhere = replace(document, furigana=(Furigana(10_000, 10_003, "みなみとりしま"),))
    assert prepare(elsewhere, encoder_name="any", glossary=load_glossary()) == replace(
        prepare(read(TEXT, "深海.txt"), encoder_name="any", glossary=load_glossary()),
        document=elsewhere,
    )
