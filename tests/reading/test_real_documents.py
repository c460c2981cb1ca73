"""The hard material of ../shared/documents: old pages, odd PDFs, papers in two formats."""

import csv
from pathlib import Path

import pytest

from kb.domain import BlockKind
from kb.errors import Reason, RejectedFile
from kb.language.folding import fold
from kb.language.sentences import sentence_spans
from kb.reading.encodings import decode
from tests.reading.documents import check_passages, check_structure, indexed, read, texts

REFUSED = {
    "ndl_scans_wrapped.pdf": Reason.NO_TEXT,  # scans
    "x_empty.pdf": Reason.NO_TEXT,
    "x_r6-both-passwords.pdf": Reason.ENCRYPTED,
    "x_REDHAT-1531897-0.pdf": Reason.DAMAGED,
    "x_poppler-742-0-fuzzed.pdf": Reason.DAMAGED,
}


@pytest.fixture(scope="module")
def documents(shared: Path) -> Path:
    folder = shared / "documents"
    if not folder.is_dir():
        pytest.skip(f"the real documents are not at {folder}")
    return folder


@pytest.mark.parametrize("kind", ["pdf", "html", "gov_cio/docx"])
def test_each_is_read_with_the_invariants_or_refused_with_a_reason(
    documents: Path, kind: str
) -> None:
    refused: dict[str, Reason] = {}
    for path in sorted((documents / kind).iterdir()):
        if path.suffix not in (".pdf", ".html", ".txt", ".docx"):
            continue
        try:
            document = read(path.read_bytes(), path.name)
        except RejectedFile as rejected:
            refused[path.name] = rejected.reason
        else:
            check_structure(document)
            check_passages(document)
            assert path.name not in REFUSED
    assert {name: reason for name, reason in refused.items() if name in REFUSED} == (
        REFUSED if kind == "pdf" else {}
    )


def test_pages_are_decoded_as_what_they_truly_are(documents: Path) -> None:
    with open(documents / "html" / "manifest.tsv", encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) > 10
    for row in rows:
        data = (documents / "html" / row["file"]).read_bytes()
        expected = data.decode(row["true_encoding"]).removeprefix("\ufeff")
        expected = expected.replace("\r\n", "\n").replace("\r", "\n")
        declared = row["file"].endswith((".html", ".xml"))
        assert decode(data, declared=declared).text == expected, row["file"]


def test_the_sentences_of_a_paper_are_whole_in_its_pdf(documents: Path) -> None:
    folder = documents / "gov_cio"
    original = read((folder / "docx" / "dp2020_01.docx").read_bytes(), "a.docx")
    printed = read((folder / "pdf" / "dp2020_01.pdf").read_bytes(), "a.pdf")
    found = fold("".join(indexed(printed))).text
    sentences = [
        fold(text[start:end]).text
        for text in texts(original, BlockKind.PARAGRAPH)
        for start, end in sentence_spans(text)
        if end - start >= 15 and text[end - 1] == "。"
    ]
    assert len(sentences) > 50
    assert sum(sentence in found for sentence in sentences) >= 0.9 * len(sentences)
