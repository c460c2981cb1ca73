"""HTML pages: their own text, their furniture, their metadata."""

import pytest
from hypothesis import given

from kb.domain import BlockKind, Furigana
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


def test_entities_are_read_as_text() -> None:
    assert texts(read("<p>A&amp;B&nbsp;と&#x5E0C;土。</p>", "a.html"), BlockKind.PARAGRAPH) == [
        "A&B\xa0と希土。"
    ]


def page(before: str = "", within: str = "", after: str = "") -> list[tuple[str, str]]:
    """What a page says that marks nothing, but for the paragraphs of its report."""
    report = "".join(f"<p>{i}つ目の事例である。{LONG}</p>" for i in range(6))
    found = blocks(f"{before}<div><h1>題</h1>{report}{within}</div>{after}")
    assert sum(kind == "paragraph" and "つ目の事例" in text for kind, text in found) == 6
    return [b for b in found if "つ目の事例" not in b[1] and b[1] != "題"]


@pytest.mark.parametrize(
    "box",
    [
        "<div><p>気になる話題</p><ul><li><a href=a>港の混雑</a></li><li>"
        "<a href=b>船の値段</a></li></ul></div>",
        "<div><h4>週間ランキング</h4><ol><li>1位 <a href=a>港の話</a></li><li>2位 "
        "<a href=b>船の話</a></li></ol></div>",
        "<div><a href=a>共有する</a><a href=b>印刷する</a></div>",
        "<div><p>この記事を書いた人</p>"
        "<p>港の実務に二十年にわたり携わってきた実務家である。</p></div>",
        "<div><p>当サイトは便利のためにクッキーを使っています。</p><p>同意して閉じる</p></div>",
        "<div><p>毎週の解説をお届けしています。</p><input type=text></div>",
        "<div><p>読者のために作られています。</p><p>読者になる</p></div>",
        "<div><a href=/>ホーム</a> &gt; <a href=/p>政策</a> &gt; 資料</div>",
        "<p>関連記事：<a href=a>港の混雑とその先</a></p>",
        "<div>タグ: <a href=a>港</a> <a href=b>船</a></div>",
    ],
)  # fmt: skip
def test_boxes_without_telling_names_are_boilerplate(box: str) -> None:
    found = page(before=box, within=box, after=box)
    assert found
    assert {kind for kind, _ in found} == {"boilerplate"}


@pytest.mark.parametrize(
    "box",
    [
        "<ul><li><a href=a>公告57号</a>は七元素を対象とする。</li><li>"
        "<a href=b>公告58号</a>は五元素を対象とする。</li></ul>",
        "<h2>参考文献</h2><ul><li><a href=a>統計年鑑</a></li><li><a href=b>鉱業白書</a></li></ul>",
        "<table><tr><th>年</th><th>公告</th></tr><tr><td>2025</td><td>"
        "<a href=a>57号</a></td></tr></table>",
        "<div><h2>生産量ランキング</h2><p>首位の国は長く変わっていない。</p></div>",
        "<ul><li>価格が上がる</li><li>供給が減る</li></ul>",
        "<dl><dt>希土</dt><dd>十七の元素である。</dd></dl>",
        "<div>節の要点を示す一文である。</div>",
    ],
)  # fmt: skip
def test_what_belongs_to_the_report_is_kept(box: str) -> None:
    assert "boilerplate" not in {kind for kind, _ in page(within=box)}


def test_boxes_beside_the_text_are_boilerplate_and_those_of_the_text_are_not() -> None:
    assert page(
        before="<div><p>会の運営する広場である。</p></div>",
        after="<div><p>[1] 統計年鑑。</p></div><div><h3>約束</h3><p>互いを敬いましょう。</p></div>",
    ) == [
        ("boilerplate", "会の運営する広場である。"),
        ("note", "[1] 統計年鑑。"),
        ("boilerplate", "約束"),
        ("boilerplate", "互いを敬いましょう。"),
    ]


def test_sections_beside_a_long_section_are_kept() -> None:
    long = "".join(f"<p>{i}つ目の事例である。{LONG}</p>" for i in range(6))
    found = blocks(
        f"<div class=a><h2>概要</h2><p>短い節である。</p></div><div class=b>"
        f"<h2>本論</h2>{long}</div>"
        "<div class=c><h2>結び</h2><ul><li>甲を行う</li></ul></div>"
    )
    assert "boilerplate" not in {kind for kind, _ in found}


def test_a_box_that_repeats_is_boilerplate() -> None:
    box = "<div><p>通関太郎</p><p>港湾都市の実務家である。</p></div>"
    assert {kind for kind, _ in page(before=box, within=box)} == {"boilerplate"}


@pytest.mark.parametrize("name", ["form id=aspnet", "div class='content has-sidebar'", "aside"])
def test_what_holds_the_text_is_no_chrome_whatever_its_name_says(name: str) -> None:
    assert blocks(f"<{name}><p>{LONG}</p></{name.split()[0]}>") == [("paragraph", LONG)]


def test_the_posts_of_a_forum_are_its_text() -> None:
    posts = "".join(f"<article><p>{i}番の投稿。{LONG}</p></article>" for i in range(3))
    found = blocks(f"<div>{posts}</div><div>欄外</div>")
    assert [kind for kind, _ in found] == ["paragraph"] * 3 + ["boilerplate"]


@pytest.mark.parametrize("role", ["dialog", "alertdialog"])
def test_a_dialog_is_boilerplate_with_its_buttons(role: str) -> None:
    found = blocks(f"<p>{LONG}</p><div role={role}><p>お知らせの文である。</p><p>閉じる</p></div>")
    assert [kind for kind, _ in found] == ["paragraph", "boilerplate", "boilerplate"]


def test_hidden_words_do_not_cut_a_paragraph() -> None:
    page = "<p>見える<span aria-hidden=true>■</span>文<b style='display: none'>隠</b>。</p>"
    assert blocks(page) == [("paragraph", "見える文。")]


def test_line_breaks_begin_paragraphs_where_a_line_is_empty_or_indented() -> None:
    assert blocks("<p>一つ目。<br>　二つ目。<br><br>三つ目<br>の続き。<br>・甲<br>・乙</p>") == [
        ("paragraph", "一つ目。"),
        ("paragraph", "二つ目。"),
        ("paragraph", "三つ目の続き。"),
        ("list_item", "・甲"),
        ("list_item", "・乙"),
    ]


def test_cells_of_a_table_for_layout_are_apart() -> None:
    found = blocks(
        f"<table><tr><td>左の文である。</td><td><p>{LONG}</p><h2>節</h2></td></tr></table>"
    )
    assert ("paragraph", LONG) in found


def test_furigana_stand_beside_the_text() -> None:
    document = read(
        "<p>　<ruby>輸出<rp>(</rp><rt>ゆしゅつ</rt><rp>)</rp></ruby>の<ruby>許可"
        "<rt>きょか</rt></ruby>。</p>"
        "<table><tr><th><ruby>国<rt>くに</rt></ruby></th><td>甲</td></tr></table>",
        "a.html",
    )
    assert outline(document) == [("paragraph", "輸出の許可。"), ("table", "国\t甲")]
    assert document.furigana[:2] == (Furigana(0, 2, "ゆしゅつ"), Furigana(3, 5, "きょか"))


@pytest.mark.parametrize(
    ("call", "note"),
    [
        ("<sup>1</sup>", "<h2>脚注</h2><ol><li>統計年鑑。</li></ol>"),
        ("<sup><a href='#fn1' id=r1>1</a></sup>",
         "<ol><li id=fn1>統計年鑑。<a href='#r1'>↩</a></li></ol>"),
        ("<a href='#fn1'><sup>[1]</sup></a>", "<p id=fn1>1. 統計年鑑。</p>"),
        ("<sup>1)</sup>", "<p><sup>1)</sup> 統計年鑑。</p>"),
        ("<sup><a href='#n1'>[1]</a></sup>",
         "<ol class=notes><li id=n1><a href='#c1'>^</a> 統計年鑑。</li></ol>"),
    ],
)  # fmt: skip
def test_raised_numbers_call_notes(call: str, note: str) -> None:
    document = read(f"<h1>題</h1><p>量は減った{call}。{LONG}</p>{note}", "a.html")
    found = [b for b in document.blocks if b.kind is BlockKind.NOTE]
    assert [document.text[b.start : b.end].strip() for b in found] == ["[1] 統計年鑑。"]
    assert found[0].marker == "1"
    assert found[0].call is not None
    assert document.text[slice(*found[0].call)] == "[1]"


def test_raised_numbers_after_a_unit_are_powers() -> None:
    powers = "10m<sup>2</sup>、3km<sup>2</sup>、10<sup>-6</sup>"
    calls = "GATT<sup>3</sup>、量<sup>1,2</sup>"
    assert blocks(f"<p>{powers}、{calls}。</p>") == [
        ("paragraph", "10m²、3km²、10⁻⁶、GATT[3]、量[1][2]。")
    ]


@pytest.mark.parametrize(
    ("declared", "true"), [("shift_jis", "euc_jp"), ("utf-8", "cp932"), ("iso-8859-1", "utf-8")]
)
def test_wrong_declarations_are_noticed(declared: str, true: str) -> None:
    reading = read_html(f"<meta charset={declared}><p>{LONG}</p>".encode(true))
    assert reading.drafts[0].text == LONG
    assert len(reading.warnings) == 1
    assert true in reading.warnings[0]


def test_a_page_of_many_boxes_is_read_in_time() -> None:
    boxes = "".join(f"<div><div><a href={i}>{i}番</a> <a>乙</a></div></div>" for i in range(5000))
    assert len(drafts(f"{boxes}<div><p>{LONG}</p></div>")) > 1000


@pytest.mark.parametrize("head", ["", "<meta charset=utf-8>", "<!doctype html><title>題</title>"])
@pytest.mark.parametrize("name", ["article", "main", "section", "details", "label", "x-part", "p"])
def test_a_page_need_not_say_where_its_body_begins(head: str, name: str) -> None:
    page = f"<{name}>磁石の輸出には<b>許可</b>が要る。</{name}><p>審査は45日である。</p>"
    assert outline(read(head + page, "a.html")) == outline(read(f"{head}<body>{page}", "a.html"))
    assert "許可" in read(head + page, "a.html").text
