"""HTML pages: their own text, their furniture, their metadata."""

import pytest
from hypothesis import given

from kb.domain import BlockKind
from kb.errors import Reason, RejectedFile
from kb.reading.draft import Draft
from kb.reading.html import MAX_DEPTH, html_drafts, read_html
from tests.reading.documents import (
    check_passages,
    check_structure,
    html,
    indexed,
    laid_out,
    outline,
    read,
    rejection,
    texts,
)

LONG = "輸出の許可は四月に始まり、対象は七元素であった。" * 10


def blocks(body: str) -> list[tuple[str, str]]:
    return outline(read(f"<html><body>{body}</body></html>", "a.html"))


def drafts(source: str) -> list[Draft]:
    return list(read_html(source.encode()).drafts)


@given(html)
def test_any_markup_keeps_the_invariants(source: str) -> None:
    try:
        document = laid_out(read_html(source.encode()))
    except RejectedFile as rejected:
        assert rejected.reason in (Reason.DAMAGED, Reason.UNDECODABLE)
    else:
        check_structure(document)
        check_passages(document)


def test_headings_lists_and_captions_are_blocks_of_their_kind() -> None:
    assert blocks(
        "<h1>題</h1><p>本文である。</p><h3>節</h3><ul><li>甲</li><li>乙</li></ul>"
        "<ol><li>先</li><li>後</li></ol><figure><img><figcaption>図の説明</figcaption></figure>"
    ) == [
        ("heading", "題"),
        ("paragraph", "本文である。"),
        ("heading", "節"),
        ("list_item", "• 甲"),
        ("list_item", "• 乙"),
        ("list_item", "1. 先"),
        ("list_item", "2. 後"),
        ("caption", "図の説明"),
    ]


def test_a_table_is_rows_of_cells_after_its_caption() -> None:
    assert blocks(
        "<p>本文である。</p><table><caption>割合</caption><tr><th>国</th><th>割合</th></tr>"
        "<tr><td>甲<br>国</td><td>60\n%</td></tr></table>"
    )[1:] == [("caption", "割合"), ("table", "国\t割合\n甲国\t60 %")]


def test_a_table_for_layout_is_read_as_text() -> None:
    page = f"<table><tr><td><p>{LONG * 3}</p><p>終。</p></td><td>甲</td></tr></table>"
    assert [kind for kind, _ in blocks(page)] == ["paragraph"] * 3


def test_line_breaks_of_the_source_are_no_spaces_in_japanese() -> None:
    assert blocks("<p>輸出の許可は\n  四月に始まり、rare\n earth も対象である。</p>") == [
        ("paragraph", "輸出の許可は四月に始まり、rare earth も対象である。")
    ]


def test_scripts_styles_and_comments_are_not_text() -> None:
    assert blocks(
        "<script>var a</script><style>p{}</style><!-- 注 --><p>本文。</p><noscript>無</noscript>"
    ) == [("paragraph", "本文。")]


@pytest.mark.parametrize(
    "markup",
    [
        "<nav>{}</nav>",
        "<footer>{}</footer>",
        "<aside>{}</aside>",
        "<div class='share-buttons'>{}</div>",
        "<div id='sidebar'>{}</div>",
        "<div role='navigation'>{}</div>",
        "<div class='author-box'>{}</div>",
        "<div hidden>{}</div>",
        "<form>{}</form>",
    ],
)
def test_chrome_is_boilerplate(markup: str) -> None:
    found = blocks(f"<p>本文である。</p>{markup.format('欄の文言である。')}<p>続きである。</p>")
    assert found == [
        ("paragraph", "本文である。"),
        ("boilerplate", "欄の文言である。"),
        ("paragraph", "続きである。"),
    ]


def test_what_stands_outside_main_is_boilerplate() -> None:
    found = blocks(f"<div>上の帯</div><main><h1>題</h1><p>{LONG}</p></main><div>下の帯</div>")
    assert found == [
        ("boilerplate", "上の帯"),
        ("heading", "題"),
        ("paragraph", LONG),
        ("boilerplate", "下の帯"),
    ]


def test_a_paragraph_of_links_alone_is_a_menu() -> None:
    found = blocks(
        "<p>[<a href=a>案内</a>]　[<a href=b>資料</a>]</p>"
        "<p>本文は<a href=c>資料</a>と<a>表</a>。</p>"
    )
    assert found == [("boilerplate", "[案内]　[資料]"), ("paragraph", "本文は資料と表。")]


def test_where_there_is_no_h1_the_line_that_repeats_the_title_is_the_heading() -> None:
    title = "<center><font size=5>希土の市場</font></center>"
    page = f"<title>希土の市場</title>{title}<p>本文である。</p>"
    assert read(page, "a.html").blocks[0].kind is BlockKind.HEADING
    titled = page.replace("<p>", "<h1>別の題</h1><p>")
    assert read(titled, "a.html").blocks[0].kind is BlockKind.PARAGRAPH


@pytest.mark.parametrize(("text", "marker"), [("[3] 統計年鑑。", "3"), ("（注2）概数。", "注2")])
def test_notes_are_known_by_their_marker(text: str, marker: str) -> None:
    note = drafts(f"<p>本文である。</p><p>{text}</p>")[-1]
    assert (note.kind, note.marker) == (BlockKind.NOTE, marker)


def test_metadata_comes_from_meta_elements() -> None:
    metadata = read_html(
        b"<title>t</title><meta property='og:title' content='T'><meta name='author' content='A'>"
        b"<meta property='og:site_name' content='S'><meta name='date' content='2025-11-07T09:00'>"
        b"<meta property='og:url' content='https://example.org/'><p>x</p>"
    ).metadata
    assert metadata == {
        "title": "T",
        "author": [{"literal": "A"}],
        "publisher": "S",
        "issued": {"date-parts": [[2025, 11, 7]]},
        "URL": "https://example.org/",
    }


@pytest.mark.parametrize("broken", ["{", "[1, 2]", "[" * 100_000, '{"author": [], "headline": 3}'])
def test_metadata_comes_from_json_ld_and_a_broken_one_is_passed_over(broken: str) -> None:
    found = read_html(
        f"<script type='application/ld+json'>{broken}</script>".encode()
        + b"<script type='application/ld+json'>"
        b'[{"headline": "H", "datePublished": "2025-04", "author": [{"name": "N"}]}]'
        b"</script><p>x</p>"
    ).metadata
    assert found == {
        "title": "H",
        "author": [{"literal": "N"}],
        "issued": {"date-parts": [[2025, 4]]},
    }


def test_a_wrong_declaration_is_a_warning() -> None:
    page = f"<meta charset=euc-jp><p>{LONG}</p>".encode("cp932")
    document = read(page, "a.html")
    assert indexed(document)[0].startswith("輸出の許可は")
    assert document.warnings == ("it declares euc_jp but is cp932",)


def test_markup_nested_without_end_is_refused_or_flattened() -> None:
    reading = rejection("<div>" * (MAX_DEPTH + 50) + "本文。", "a.html")
    assert reading[0] in (Reason.DAMAGED, Reason.NO_TEXT)


def test_a_page_without_text_is_refused() -> None:
    assert rejection("<html><body><img src=a></body></html>", "a.html")[0] is Reason.NO_TEXT


def test_a_piece_of_html_gives_its_blocks_and_a_comment_none() -> None:
    assert [d.text for d in html_drafts("<div><p>甲</p><p>乙</p></div>")] == ["甲", "乙"]
    assert html_drafts("<!-- 注 -->") == []


def test_ruby_and_entities_are_read_as_text() -> None:
    assert texts(read("<p>A&amp;B&nbsp;と&#x5E0C;土。</p>", "a.html"), BlockKind.PARAGRAPH) == [
        "A&B\xa0と希土。"
    ]
