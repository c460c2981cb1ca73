"""The real reports of ../shared: whole sentences, their apparatus, nothing of the page around.

The reports are not ours: no sentence of theirs stands here.
"""

import re
from pathlib import Path

import pytest

from kb.domain import Block, BlockKind, Document
from kb.reading.files import read_bytes, read_document
from kb.reading.patterns import is_terminated, looks_broken
from tests.reading.documents import check_passages, check_structure, indexed, text_of, texts

NUMBERS = ("000", "001", "002", "003", "004")


def report(shared: Path, number: str) -> Document:
    path = next((shared / "reports").glob(f"{number}_*.txt"))
    return read_document(path.name, read_bytes(path, max_bytes=1 << 26), {})


def is_followed_by_the_start_of_something(document: Document, block: Block) -> bool:
    """The printed report leaves out the full stop: what follows is not the rest of the sentence."""
    following = next((b for b in document.blocks if b.start == block.end), None)
    if following is None or following.kind is not BlockKind.PARAGRAPH:
        return True
    return re.match(r"また|さらに|特に|この", text_of(document, following)) is not None


@pytest.mark.parametrize("number", NUMBERS)
def test_the_invariants_hold(shared: Path, number: str) -> None:
    document = report(shared, number)
    check_structure(document)
    check_passages(document)
    assert document.quality == 1.0


@pytest.mark.parametrize(
    ("number", "without_stop"), [("000", 3), ("001", 2), ("002", 0), ("003", 0), ("004", 0)]
)
def test_no_paragraph_ends_in_mid_sentence(shared: Path, number: str, without_stop: int) -> None:
    document = report(shared, number)
    broken = [
        b
        for b in document.blocks
        if b.kind is BlockKind.PARAGRAPH and looks_broken(text_of(document, b))
    ]
    # Sentences that end in a verb (or 整理) or a note number: their full stop is missing in print.
    assert len(broken) == without_stop
    for block in broken:
        text = re.sub(r"\[\d+\]$", "", text_of(document, block))
        assert text.endswith(("なった", "いる", "ます", "整理"))
        assert is_followed_by_the_start_of_something(document, block)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_paragraph_begins_in_mid_sentence(shared: Path, number: str) -> None:
    begun = re.compile(r"[、。，．）」』ー]|[をんっゃゅょ]|は[、ぁ-ん]{0,1}、|である|された|ました")
    assert not [t for t in texts(report(shared, number), BlockKind.PARAGRAPH) if begun.match(t)]


@pytest.mark.parametrize("number", NUMBERS)
def test_lines_that_end_nothing_are_short_labels(shared: Path, number: str) -> None:
    document = report(shared, number)
    unfinished = [t for t in texts(document, BlockKind.PARAGRAPH) if not is_terminated(t)]
    assert all(len(t) <= 30 for t in unfinished if not looks_broken(t))
    assert len(unfinished) <= 12


@pytest.mark.parametrize(
    ("number", "title"),
    [
        ("000", "脚注"),
        ("001", "まとめ"),
        ("003", "要旨"),
        ("003", "はじめに"),
        ("003", "おわりに"),
        ("003", "参考文献"),
    ],
)
def test_usual_headings_are_found(shared: Path, number: str, title: str) -> None:
    found = ["".join(t.split()) for t in texts(report(shared, number), BlockKind.HEADING)]
    assert any(title in heading for heading in found)


@pytest.mark.parametrize(
    ("number", "least"), [("000", 15), ("001", 25), ("002", 6), ("003", 20), ("004", 4)]
)
def test_a_report_has_its_sections(shared: Path, number: str, least: int) -> None:
    assert len({s.heading_path for s in report(shared, number).sections}) >= least


def test_numbered_chapters_are_in_order(shared: Path) -> None:
    headings = texts(report(shared, "003"), BlockKind.HEADING)
    assert [h[0] for h in headings if re.match(r"\d\.", h)] == list("1234")


def test_the_notes_of_a_report_are_notes_in_order(shared: Path) -> None:
    document = report(shared, "000")
    markers = [b.marker for b in document.blocks if b.kind is BlockKind.NOTE]
    assert len(markers) == 36
    assert markers == sorted(markers, key=lambda marker: int(marker or 0))


def test_the_author_boxes_of_a_web_report_are_in_no_passage(shared: Path) -> None:
    document = report(shared, "000")
    boxes = [b for b in document.blocks if "Fellow" in document.text[b.start : b.end]]
    assert len(boxes) >= 4
    assert {b.kind for b in boxes} == {BlockKind.BOILERPLATE}
    for word in ("Fellow", "Profile", "Researcher", "Index Index"):
        assert not [t for t in indexed(document) if word in t]


def test_the_sign_up_of_a_web_report_is_in_no_passage(shared: Path) -> None:
    document = report(shared, "001")
    assert "メルマガ" in document.text
    for word in ("メルマガ", "メールマガジン", "フォロー", "月2回"):
        assert not [t for t in indexed(document) if word in t]


def test_the_terms_of_use_are_in_no_passage(shared: Path) -> None:
    document = report(shared, "004")
    assert "ご利用" in document.text
    for word in ("ご利用", "著作権", "転載"):
        assert not [t for t in indexed(document) if word in t]


def test_the_contents_of_a_long_report_are_in_no_passage(shared: Path) -> None:
    document = report(shared, "003")
    contents = texts(document, BlockKind.BOILERPLATE)
    assert len(contents) >= 18
    headings = {"".join(t.split()) for t in texts(document, BlockKind.HEADING)}
    named = {"".join(t.removeprefix("-").split()) for t in contents}
    assert len(named & headings) >= 10


def test_the_figure_captions_of_a_long_report_are_captions(shared: Path) -> None:
    document = report(shared, "003")
    numbers = [
        int(match[1])
        for text in texts(document, BlockKind.CAPTION)
        if (match := re.match(r"図表\s*(\d+)", text))
    ]
    assert numbers == [n for n in range(1, 25) if n != 16]


def test_references_are_references_and_in_no_passage(shared: Path) -> None:
    for number, least in (("002", 3), ("003", 50)):
        document = report(shared, number)
        references = texts(document, BlockKind.REFERENCE)
        assert len(references) >= least
        assert not set(references) & set(indexed(document))
