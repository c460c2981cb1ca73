"""What single lines look like."""

import pytest
from hypothesis import given

from kb.reading import patterns as p
from tests.reading.documents import anything


@pytest.mark.parametrize(
    "text", ["終わった。", "終わった。」", "終わった（一部。）", "次のとおり：", "本当か？"]
)
def test_terminated(text: str) -> None:
    assert p.is_terminated(text)


@pytest.mark.parametrize("text", ["終わった", "三.", "増加率は3.", "、", "", "「"])
def test_not_terminated(text: str) -> None:
    assert not p.is_terminated(text)


@pytest.mark.parametrize(
    "text",
    [
        "輸出を止め、在庫が減った",
        "終わった。しかし",
        "対象となる元素は、",
        "その年の輸出の数量が前年を",
        "中国のレ",
    ],
)
def test_stops_in_mid_sentence(text: str) -> None:
    assert p.looks_broken(text)


@pytest.mark.parametrize(
    "text", ["供給の現状", "終わった。", "1. 供給と需要", "図表1 輸出量の推移", "希土編集室", ""]
)
def test_does_not_stop_in_mid_sentence(text: str) -> None:
    assert not p.looks_broken(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("第一部 総論", 1),
        ("第3章 各論", 1),
        ("１．供給", 2),
        ("Ⅱ 需要", 2),
        ("2.1 価格", 3),
        ("（3）価格", 3),
        ("1）価格", 4),
        ("1.2.3 価格", 4),
        ("① 価格", 5),
        ("(ア) 価格", 5),
        ("2025年の価格", 0),
        ("3.5倍の増加", 0),
        ("価格", 0),
    ],
)
def test_the_numbering_gives_the_level(text: str, level: int) -> None:
    assert p.numbered_level(text) == level


@pytest.mark.parametrize(
    "text",
    [
        "1. 輸出は減った。",
        "はじめに述べたとおり",
        "図表1 輸出",
        "（資料）統計",
        "a" * 81,
        "2. 対象は、",
    ],
)
def test_a_sentence_a_caption_or_a_long_line_is_no_heading(text: str) -> None:
    assert p.heading_level(text) == 0


@pytest.mark.parametrize(
    "text", ["図表1 輸出量", "表 2　割合", "図3-1 経路", "Figure 4. Prices", "Table 5 Exports"]
)
def test_captions(text: str) -> None:
    assert p.CAPTION.match(text)


@pytest.mark.parametrize(
    "text", ["図表1は輸出量を示す", "表2のとおり", "図表のとおり", "表1、2を参照", "図1)を見よ"]
)
def test_sentences_about_a_figure_are_no_captions(text: str) -> None:
    assert not p.CAPTION.match(text)


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("[12] 統計。", "12"),
        ("［３］統計。", "3"),
        ("（注4）概数。", "注4"),
        ("注 5：概数。", "注5"),
        ("＊6 概数。", "6"),
        ("(7) 価格", "7"),
        ("- [8] 統計。", "8"),
        ("9. 価格", None),
        ("注意する。", None),
        ("[1]、[2]による。", None),
        ("[13]", "13"),
    ],
)
def test_note_markers(text: str, marker: str | None) -> None:
    assert p.note_marker(text) == marker


@pytest.mark.parametrize(
    ("text", "begins"), [("[1] 統計。", True), ("（注2）概数。", True), ("(3) 価格", False)]
)
def test_a_numbered_item_is_no_note(text: str, begins: bool) -> None:
    assert p.begins_note(text) is begins


@pytest.mark.parametrize(
    "text", ["2025年11月7日", "（2025年10月8日）", "2025.11.07", "令和7年4月4日 公表"]
)
def test_date_lines(text: str) -> None:
    assert p.is_date_line(text)


def test_a_sentence_that_begins_with_a_date_is_no_date_line() -> None:
    assert not p.is_date_line("2025年11月7日に商務部は効力を一年のあいだ止めると公告した。")


def test_widths_count_half_width_signs_one_half() -> None:
    assert p.visible_width("希土abｱ") == 3.5


@given(anything)
def test_no_pattern_fails_on_any_text(text: str) -> None:
    assert isinstance(p.looks_broken(text), bool)
    assert isinstance(p.begins_item(text), bool)
    assert 0 <= p.heading_level(text) <= 5
    assert p.visible_width(text) >= 0.5 * len(text)
