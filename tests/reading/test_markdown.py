"""Markdown files."""

import pytest
from hypothesis import given

from kb.domain import BlockKind
from kb.reading.markdown import read_markdown
from tests.reading.documents import (
    check_passages,
    check_structure,
    laid_out,
    markdown,
    outline,
    read,
    texts,
)


def blocks(source: str) -> list[tuple[str, str]]:
    return outline(read(source, "a.md"))


@given(markdown)
def test_any_markdown_keeps_the_invariants(source: str) -> None:
    document = laid_out(read_markdown(source.encode()))
    check_structure(document)
    check_passages(document)


def test_headings_lists_tables_and_captions_are_blocks_of_their_kind() -> None:
    assert blocks(
        "# 題\n\n本文で**ある**。\n\n## 節\n\n- 甲\n- 乙\n  続き\n\n3. 三\n4. 四\n\n"
        "表1 割合\n\n| 国 | 割合 |\n|---|---|\n| 甲 | |\n"
    ) == [
        ("heading", "題"),
        ("paragraph", "本文である。"),
        ("heading", "節"),
        ("list_item", "• 甲"),
        ("list_item", "• 乙続き"),
        ("list_item", "3. 三"),
        ("list_item", "4. 四"),
        ("caption", "表1 割合"),
        ("table", "国\t割合\n甲"),
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("輸出を\n制限する。", "輸出を制限する。"),
        ("輸出は\n2025年に減った。", "輸出は2025年に減った。"),
        ("rare\nearth", "rare earth"),
        ("the govern-\nment", "the government"),
        ("一行目  \n二行目", "一行目\n二行目"),
        ("一行目<br>二行目", "一行目\n二行目"),
        ("[資料](https://example.org)と`code`", "資料とcode"),
        ("![図の説明](a.png)", "図の説明"),
        ("~~旧~~新", "旧新"),
    ],
)
def test_inline_markup_reads_as_text(source: str, text: str) -> None:
    assert texts(read(source + "\n", "a.md"), BlockKind.PARAGRAPH) == [text]


def test_footnotes_are_notes_also_after_the_references() -> None:
    document = read(
        "# 題\n\n本文である[^a]。\n\n## 参考文献\n\n- 通商白書、2025年。\n\n[^a]: 概数である。\n",
        "a.md",
    )
    assert [(b.kind.value, b.marker) for b in document.blocks[1:]] == [
        ("paragraph", None),
        ("heading", None),
        ("reference", None),
        ("note", "a"),
    ]
    assert "本文である[a]。" in document.text


def test_footnotes_are_the_references_where_that_heading_holds_nothing_else() -> None:
    document = read("# 題\n\n本文である[^1]。\n\n## 参考文献\n\n[^1]: 通商白書、2025年。\n", "a.md")
    assert (document.blocks[-1].kind, document.blocks[-1].marker) == (BlockKind.REFERENCE, "1")


def test_html_in_markdown_is_read() -> None:
    found = blocks(
        "本文である。\n\n<table><tr><td>甲</td><td>60</td></tr></table>\n\n<!-- 注 -->\n\n続く。\n"
    )
    assert found == [("paragraph", "本文である。"), ("table", "甲\t60"), ("paragraph", "続く。")]


def test_front_matter_is_metadata_and_not_text() -> None:
    document = read(
        "---\ntitle: 題\nauthor: [甲, 乙]\npublisher: 希土\ndate: 2025-11-07\n---\n\n"
        "本文である。\n",
        "a.md",
    )
    assert document.text == "本文である。\n"
    assert document.metadata == {
        "title": "題",
        "author": [{"literal": "甲"}, {"literal": "乙"}],
        "publisher": "希土",
        "issued": {"date-parts": [[2025, 11, 7]]},
    }


def test_broken_front_matter_is_a_warning() -> None:
    document = read("---\ntitle: [題\n---\n\n本文である。\n", "a.md")
    assert document.warnings[0].startswith("its front matter is not valid YAML (")
    assert document.text == "本文である。\n"


def test_code_is_text() -> None:
    assert ("paragraph", "x = 1\ny = 2") in blocks("本文。\n\n```\nx = 1\ny = 2\n```\n")
