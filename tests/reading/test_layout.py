"""Sentences that lines, pages and figures break are made whole; what is not one stays apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import BlockKind
from kb.reading.draft import Reading
from kb.reading.layout import drafts_from_lines
from kb.reading.lines import Line
from tests.reading.documents import (
    check_passages,
    check_structure,
    decodable,
    indexed,
    laid_out,
    outline,
    read,
    texts,
)

WRAPPED = (
    "中国は二〇一〇年の秋、レアアースの通関を事実上\n"
    "止めた。日本の企業は在庫を取り崩し、代わりの供\n"
    "給元を探した。この経験は、その後の政策を大きく\n"
    "変えることになった。\n"
)


def paragraphs(text: str) -> list[str]:
    return texts(read(text), BlockKind.PARAGRAPH)


def test_hard_wrapped_lines_become_one_paragraph() -> None:
    assert paragraphs("題\n\n" + WRAPPED) == ["".join(WRAPPED.split())]


def test_a_blank_line_parts_wrapped_paragraphs() -> None:
    assert len(paragraphs("題\n\n" + WRAPPED + "\n" + WRAPPED.replace("中国", "豪州"))) == 2


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        ("許可制は四月に始まった。対象となる元素は、", "その年の秋に五つ増えた。"),
        ("許可制は四月に始まり、対象となる元素の数は", "その年の秋に五つ増えた。"),
        ("許可制の対象は、在庫を持たない企業にとって重い負担となり、", "生産を止める会社も出た。"),
    ],
)
def test_a_paragraph_cut_by_a_page_goes_on_after_the_blank_line(first: str, rest: str) -> None:
    text = f"題\n\n前の段落はここで終わっている。\n\n{first}\n\n{rest}\n\n次の段落が始まる。\n"
    assert paragraphs(text) == [
        "前の段落はここで終わっている。",
        first + rest,
        "次の段落が始まる。",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "（資料）貿易統計より筆者作成",
        "(出所) 各社の発表より作成",
        "（注）概数。\n（資料）通関統計より作成",
    ],
)
def test_a_figure_that_cuts_a_paragraph_is_put_after_it(source: str) -> None:
    document = read(
        "題\n\n輸出の量は春から夏にかけて大きく減り、それに伴って\n\n"
        f"図表1 輸出量の推移\n\n{source}\n\n国内の在庫も底をついた。\n\n次の段落が始まる。\n"
    )
    found = outline(document)
    whole = "輸出の量は春から夏にかけて大きく減り、それに伴って国内の在庫も底をついた。"
    assert found[1] == ("paragraph", whole)
    assert found[2] == ("caption", "図表1 輸出量の推移")
    assert found[-1] == ("paragraph", "次の段落が始まる。")
    assert {kind for kind, _ in found[2:-1]} == {"caption"}


def test_a_table_in_a_figure_stays_rows_with_its_caption_before_and_source_after() -> None:
    found = outline(
        read(
            "題\n\n割合は次のとおりである。\n\n"
            "表1 国別の割合\n（％）\n国\t割合\n甲国\t60\n乙国\t40\n"
            "（資料）統計年鑑より作成\n\n甲国の割合が大きい。\n"
        )
    )
    assert found[2:5] == [
        ("caption", "表1 国別の割合\n（％）"),
        ("table", "国\t割合\n甲国\t60\n乙国\t40"),
        ("caption", "（資料）統計年鑑より作成"),
    ]


def test_a_unit_below_the_head_of_a_table_is_part_of_the_table() -> None:
    found = outline(
        read(
            "題\n\n本文である。\n\n表2 目標の値\n工程\t提案\n（三月）\n採掘\t10%\n"
            "（資料）規則より作成\n\n本文が続く。\n"
        )
    )
    assert ("table", "工程\t提案\n（三月）\n採掘\t10%") in found


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第1章 供給の現状", 1),
        ("1. 供給の現状", 2),
        ("1.2 供給の現状", 3),
        ("(2) 供給の現状", 3),
        ("はじめに", 2),
        ("参考文献", 2),
        ("■ 供給の現状", 3),
    ],
)
def test_numbered_and_named_headings_have_their_level(line: str, level: int) -> None:
    document = read(f"題\n\n最初の段落である。\n\n{line}\n\n次の段落である。\n")
    assert [(b.kind, b.level) for b in document.blocks][2] == (BlockKind.HEADING, level)


def test_a_heading_is_not_joined_to_the_text_around_it() -> None:
    text = "題\n\n割当は企業ごとに決まる。\n\n2. 割当の配分\n\n配分の基準は公表されない。\n"
    assert outline(read(text))[2:] == [
        ("heading", "2. 割当の配分"),
        ("paragraph", "配分の基準は公表されない。"),
    ]


def test_bullets_stay_apart_and_a_wrapped_one_is_joined() -> None:
    items = texts(
        read(
            "題\n\n三つある。\n\n・採掘と選鉱\n"
            "・分離と精製の工程のうち、とくに\n  費用のかかるもの\n・磁石\n"
        ),
        BlockKind.LIST_ITEM,
    )
    assert items == ["・採掘と選鉱", "・分離と精製の工程のうち、とくに費用のかかるもの", "・磁石"]


LONG = "割当は企業ごとに決まり、その配分の基準は公表されないことが多い。" * 3


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("[12] 統計年鑑による。", "12"),
        ("（注3）概数である。", "注3"),
        ("注4：概数である。", "注4"),
        ("＊1 概数である。", "1"),
        ("［5］統計年鑑による。", "5"),
    ],
)
def test_a_note_has_the_marker_it_is_called_by(line: str, marker: str) -> None:
    document = read(f"題\n\n最初の段落である。\n\n二つ目の段落である。\n\n{line}\n")
    note = document.blocks[-1]
    assert (note.kind, note.marker) == (BlockKind.NOTE, marker)


def test_notes_with_their_addresses_are_notes_and_not_a_table() -> None:
    notes = texts(
        read(
            f"題\n\n{WRAPPED}\n2. 次の節\n\n{WRAPPED}\n"
            '(注1) [1] "Rare Earths", WTO.\nhttps://example.org/one\n'
            '(注2) [2] A. Author, "Supply".\nhttps://example.org/two\n'
            '(注3) [3] "Market", USGS.\nhttps://example.org/three\n'
        ),
        BlockKind.NOTE,
    )
    assert [note.rsplit(" ", 1)[-1] for note in notes] == [
        "https://example.org/one",
        "https://example.org/two",
        "https://example.org/three",
    ]


def test_the_name_of_a_source_above_its_address_is_no_heading() -> None:
    source = "4 参考\n\n(1) 鉱業の年鑑\nhttps://example.org/year\n(2) 貿易の統計\nhttps://example.org/trade"
    headings = texts(read(f"題\n\n{LONG}\n\n{source}\n"), BlockKind.HEADING)
    assert headings == ["題", "4 参考"]


def test_a_note_cut_by_a_figure_or_a_bullet_is_whole() -> None:
    notes = texts(
        read(
            f"題\n\n{LONG}\n\n{LONG}\n\n{LONG}\n\n"
            "(注1) 「鉱区」公報。(<https://example.org>)\n\n図表1 輸出\n\n（資料）統計より作成\n\n"
            "- com/news/1.html)\n- (注2) 「会社概要」某社。(<https://example.org/a>)、\n\n"
            "- 「報告書」別の社。(<https://example.org/b>)\n- (注3) 「白書」省。\n"
        ),
        BlockKind.NOTE,
    )
    assert notes == [
        "(注1) 「鉱区」公報。(<https://example.org>) - com/news/1.html)",
        "- (注2) 「会社概要」某社。(<https://example.org/a>)、"
        "- 「報告書」別の社。(<https://example.org/b>)",
        "- (注3) 「白書」省。",
    ]


def test_an_item_that_stops_in_mid_sentence_is_not_joined_to_the_next_item() -> None:
    items = texts(read("題\n\n次の三つ。\n\n・採掘の\n・分離の\n・加工の\n"), BlockKind.LIST_ITEM)
    assert items == ["・採掘の", "・分離の", "・加工の"]


def paged(*texts_: tuple[str, int], size: float = 10.0) -> list[Line]:
    return [Line(text, page, size=size) for text, page in texts_]


def test_a_paragraph_goes_on_over_a_running_head_and_keeps_both_pages() -> None:
    lines = paged(
        ("割当は企業ごとに決まり、その配分の基準は公表されな", 1),
        ("いことが多いので、買い手は翌年の量を見通せず、契約を", 1),
    )
    lines.append(Line("12", 1, furniture=True))
    lines += paged(("結ぶことをためらう。それが投資を遅らせる一因になって", 2), ("いる。", 2))
    document = laid_out(Reading(tuple(drafts_from_lines(lines)), page_labels=("1", "2")))
    check_structure(document)
    body = next(b for b in document.blocks if b.kind is BlockKind.PARAGRAPH)
    assert "契約を結ぶこと" in document.text
    assert (document.page_at(body.start), document.page_at(body.end - 1)) == (1, 2)


def test_a_note_between_columns_stays_on_its_page_when_the_text_goes_on_to_the_next() -> None:
    left = paged(
        ("割当は企業ごとに決まり、その配分の基準は公表されな", 1),
        ("いことが多いので、買い手は翌年の量を見通せず、契約を", 1),
    )
    note = [Line("[1] 統計年鑑による。", 1, gap=True, size=8.0)]
    right = paged(
        ("結ぶことをためらう。それが投資を遅らせる一因になって", 1),
        ("いて、国外の鉱山も動かず、量は", 2),
        ("足りない。", 2),
    )
    document = laid_out(Reading(tuple(drafts_from_lines([*left, *note, *right])), ("1", "2")))
    check_structure(document)
    assert texts(document, BlockKind.PARAGRAPH)[0].endswith("量は足りない。")
    assert [b.page for b in document.blocks if b.kind is BlockKind.NOTE] == [1]


_POOL = (
    "1. 供給の現状",
    "第2章 需要",
    "はじめに",
    "参考文献",
    "・採掘と選鉱",
    "  続きの行",
    "[3] 統計年鑑による。",
    "（注1）概数である。",
    "図表1 輸出量の推移",
    "（資料）統計より作成",
    "甲国\t60\t三位",
    "乙国 40 二位",
    "割当は企業ごとに決まり、その配分の基準は",
    "公表されないことが多い。",
    "また、許可には時間がかかる。",
    "exports of rare",
    "earth oxides.",
    "https://example.org/a",
    "目次",
    "供給の現状 ...... 3",
    "２０２５年４月４日",
    "割当",
    "とくに重い負担となり、",
)


@st.composite
def printed_lines(draw: st.DrawFn) -> list[Line]:
    page, lines = 1, []
    for text in draw(st.lists(st.one_of(st.sampled_from(_POOL), decodable), max_size=25)):
        page += draw(st.sampled_from((0, 0, 0, 1)))
        if not text.strip() or "\n" in text:
            continue
        size = draw(st.sampled_from((10.0, 10.0, 8.0, 14.0)))
        furniture, full = draw(st.sampled_from((False,) * 5 + (True,))), draw(st.booleans())
        lines.append(
            Line(text, page, gap=draw(st.booleans()), size=size, furniture=furniture, full=full)
        )
    return lines


@given(printed_lines())
def test_no_arrangement_of_lines_turns_the_pages_back(lines: list[Line]) -> None:
    drafts = drafts_from_lines(lines)
    pages = [piece.page or 0 for d in drafts for piece in d.pieces]
    assert pages == sorted(pages)


@given(printed_lines(), st.sampled_from((None, False)))
def test_no_arrangement_of_lines_loses_text(lines: list[Line], wrapped: bool | None) -> None:
    def signs(texts_: list[str]) -> list[str]:
        return sorted(c for c in "".join(texts_) if not c.isspace() and c not in "-\u00ad\u2010")

    kept = signs([d.text for d in drafts_from_lines(lines, wrapped=wrapped)])
    assert kept == signs([line.text for line in lines])


@given(decodable)
def test_any_plain_text_keeps_the_invariants(text: str) -> None:
    document = laid_out(Reading(tuple(drafts_from_lines([Line(t) for t in text.split("\n")]))))
    check_structure(document)
    check_passages(document)


def test_a_sentence_in_the_text_is_whole_in_a_passage() -> None:
    document = read("題\n\n" + WRAPPED)
    assert indexed(document) == ["".join(WRAPPED.split())]
