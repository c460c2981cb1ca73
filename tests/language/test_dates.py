"""Dates in text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.date_patterns import MAY_BEGIN, MENTION
from kb.language.dates import Before, DateMention, before_of, dates_in
from tests.reading.documents import anything, japanese


def read(text: str, *, issued: date | None = None) -> list[tuple[str, str]]:
    """Each date of a text as it is written, and what it comes to."""
    return [(text[m.start : m.end], m.edtf) for m in dates_in(text, issued=issued)]


def values(text: str, *, issued: date | None = None) -> list[str]:
    """What the dates of a text come to."""
    return [edtf for _, edtf in read(text, issued=issued)]


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("2014年3月26日に回付", "2014年3月26日", "2014-03-26"),
        ("２０１４年３月２６日に", "２０１４年３月２６日", "2014-03-26"),
        ("2025 年 4 月以降", "2025 年 4 月", "2025-04"),
        ("二〇一四年三月に", "二〇一四年三月", "2014-03"),
        ("2019年末", "2019年", "2019"),
        ("令和6年10月1日施行", "令和6年10月1日", "2024-10-01"),
        ("令和元年5月1日", "令和元年5月1日", "2019-05-01"),
        ("平成三十年に", "平成三十年", "2018"),
        ("昭和60年4月", "昭和60年4月", "1985-04"),
        ("令和6年（2024年）10月1日", "令和6年（2024年）10月1日", "2024-10-01"),
        ("2024年(令和6年)10月1日", "2024年(令和6年)10月1日", "2024-10-01"),
        ("令和6年度の予算", "令和6年度", "2024"),
        ("2010年下半期の枠", "2010年下半期", "2010-41"),
        ("2010年の上半期", "2010年の上半期", "2010-40"),
        ("2024年第2四半期", "2024年第2四半期", "2024-34"),
        ("1990年代半ば", "1990年代", "199X"),
        ("1980–2000年代", "1980–2000年代", "198X/200X"),
        ("2009～10年", "2009～10年", "2009/2010"),
        ("1999〜02年", "1999〜02年", "1999/2002"),
        ("2012年～2014年に", "2012年～2014年", "2012/2014"),
        ("2025年4～6月に", "2025年4～6月", "2025-04/2025-06"),
        ("2010年11月13～14日", "2010年11月13～14日", "2010-11-13/2010-11-14"),
        ("on March 26, 2014 in", "March 26, 2014", "2014-03-26"),
        ("on 26 March 2014 in", "26 March 2014", "2014-03-26"),
        ("the 1st of Sept. 2014", "1st of Sept. 2014", "2014-09-01"),
        ("in October 2025", "October 2025", "2025-10"),
        ("2025-04-04付", "2025-04-04", "2025-04-04"),
        ("（2025/4/4）", "2025/4/4", "2025-04-04"),
        ("2025.04.04 公表", "2025.04.04", "2025-04-04"),
        ("FY2024の予算", "FY2024", "2024"),
    ],
)
def test_a_date_is_read_whole(text: str, span: str, value: str) -> None:
    assert read(text) == [(span, value)]


@pytest.mark.parametrize(
    "text",
    [
        "平成40年", "2024年2月30日", "13月に", "3か月以内", "90日間", "わずか20日間", "30日の猶予",
        "5日で",
        "3年連続", "2010年間", "中国経済年報", "https://example.org/2025/04/25/65f", "Mayor 2015",
        "ISO 23664:2021", "同年", "翌月", "同日", "前年比72%減", "この年表", "GB/T 31967.3-2025",
        "20日本社",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014年3月に設置され、同年8月に確定した。", ["2014-03", "2014-08"]),
        ("2024年6月に公布、同10月1日に施行。", ["2024-06", "2024-10-01"]),
        ("2025年4月2日の発表後、同月4日に導入した。", ["2025-04-02", "2025-04-04"]),
        ("2010年10月に始まり、12月に終わった。", ["2010-10", "2010-12"]),
        ("2025年10月9日に発表し、12日に述べた。", ["2025-10-09", "2025-10-12"]),
        ("10月9日に発表し、12日に述べた。", ["--10-09", "--10-12"]),
        ("2023年に決め、翌年に始めた。", ["2023", "2024"]),
        ("2023年に決め、翌々年に始めた。", ["2023", "2025"]),
        ("2024年12月に決め、翌月に始めた。", ["2024-12", "2025-01"]),
        ("2024年12月に決め、翌1月に始めた。", ["2024-12", "2025-01"]),
        ("2024年12月31日に決め、翌日に始めた。", ["2024-12-31", "2025-01-01"]),
        ("2024年12月2日に強め、翌3日に応じた。", ["2024-12-02", "2024-12-03"]),
        ("2024年12月2日に強め、翌5日に応じた。", ["2024-12-02"]),
        ("2010年7月に同年下半期の枠を示した。", ["2010-07", "2010-41"]),
        ("2010年7月に下半期の枠を示した。", ["2010-07", "2010-41"]),
        ("2025年6月9日から10日に協議した。", ["2025-06-09", "2025-06-10"]),
        ("2011年は前年を下回ったが、同年秋に戻った。", ["2011", "2010", "2011"]),
    ],
)
def test_a_date_leans_on_the_one_before_it(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Two years in the text: a month alone may be of either.
        ("2010年と2012年の枠を比べる。9月に減った。", ["2010", "2012", "--09"]),
        # A date in brackets or a title is an aside.
        ("2014年3月に回付した（2012年提訴）。同年に上訴した。", ["2014-03", "2012"]),
        # The year of a law, an end, and a year that something is compared with lead nothing.
        ("2025年に1950年国防生産法を使い、同年8月に公表した。", ["2025", "1950", "2025-08"]),
        ("2025年に2026年11月10日まで止めた。12月に始めた。", ["2025", "2026-11-10", "2025-12"]),
        # 翌月 after an event is reckoned from the event.
        ("2025年5月に結んだ。許可制にした翌月である。", ["2025-05"]),
        # 10月の措置 is one that the reader knows.
        ("2026年の枠である。10月の措置は続く。", ["2026", "--10"]),
        ("1990年代に始まり、同年に終わった。", ["199X"]),
    ],
)  # fmt: skip
def test_where_it_is_doubtful_nothing_is_reckoned(text: str, expected: list[str]) -> None:
    assert values(text) == expected


def test_inferred_are_those_that_a_reader_has_to_reckon() -> None:
    text = "2014年3月26日に回付され、9月、平成26年、同年8月に続いた。"
    assert [m.inferred for m in dates_in(text)] == [False, True, True, True]


def test_this_year_is_that_of_the_issue() -> None:
    text = "昨年10月に決まり、今年も続き、来年に終わる。"
    assert values(text, issued=date(2025, 11, 13)) == ["2024-10", "2025", "2026"]
    assert values(text) == ["--10"]


def test_a_date_leans_on_the_text_before() -> None:
    first = "2014年3月に回付された。"
    before = before_of(dates_in(first), first, None, goes_on=True)
    assert [m.edtf for m in dates_in("同年8月、9月", before=before)] == ["2014-08", "2014-09"]
    doubtful = Before(DateMention(0, 4, 2014), sure=False)
    assert [m.edtf for m in dates_in("同年8月", before=doubtful)] == ["2014-08"]
    assert [m.edtf for m in dates_in("9月", before=doubtful)] == ["--09"]


def test_a_paragraph_that_begins_with_a_month_goes_on_with_months_of_one_year() -> None:
    def sure(text: str) -> bool:
        before = before_of(dates_in(text), text, None, goes_on=False)
        assert before is not None
        return before.sure

    assert sure("2025年6月に合意した。")
    assert not sure("2025年の輸出量を見る。")
    assert not sure("2010年7月と2012年3月である。")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024年", "2024-01-01", "2024-12-31"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("2024年2月3日", "2024-02-03", "2024-02-03"),
        ("2024年12月", "2024-12-01", "2024-12-31"),
        ("2010年下半期", "2010-07-01", "2010-12-31"),
        ("2010年第3四半期", "2010-07-01", "2010-09-30"),
        ("2024年度", "2023-10-01", "2025-03-31"),
        ("1990年代", "1990-01-01", "1999-12-31"),
        ("2009～10年", "2009-01-01", "2010-12-31"),
        ("2025年4～6月", "2025-04-01", "2025-06-30"),
    ],
)
def test_a_date_can_mean_these_days(text: str, first: str, last: str) -> None:
    (mention,) = dates_in(text)
    assert mention.days == (date.fromisoformat(first), date.fromisoformat(last))


dateish = st.text(
    alphabet="0123456789０１２一二十元年月日度同翌前令和平成上下半期～-/ 代（）『』。の、まで",
    max_size=40,
)


kinds = st.sampled_from(
    "1990 2025 04 3 １２ 二〇一四 十二 年 年代 月 日 令和 昭和 元 FY 本年 一昨年 同 翌 前 "
    "翌々年 その年 下半期 May Sept. 26th of ～ - / . （ ) 会計 間".split()
) | st.sampled_from([" ", "\u3000", "の"])


@given(st.one_of(anything, dateish, st.lists(kinds, max_size=12).map("".join)))
def test_every_mention_begins_where_one_may_begin(text: str) -> None:
    begins = {at for at in range(len(text)) if MAY_BEGIN.match(text, at)}
    assert {match.start() for match in MENTION.finditer(text)} <= begins


@pytest.mark.parametrize("run", ["12345", "１２３４５", "二〇一四五", "12345 "])
def test_more_digits_than_a_year_has_begin_no_mention(run: str) -> None:
    assert MAY_BEGIN.match(f"{run}年") is None


@given(st.one_of(anything, japanese, dateish))
def test_spans_are_in_order_and_lie_in_the_text(text: str) -> None:
    at = 0
    for mention in dates_in(text, issued=date(2025, 11, 13)):
        assert at <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
        at = mention.end


@given(dateish)
def test_whatever_is_read_is_in_the_calendar(text: str) -> None:
    before = Before(DateMention(0, 0, 2014, 3, 26))
    for mention in dates_in(text, before=before, issued=date(2025, 11, 13)):
        assert mention.edtf
        days = mention.days
        assert mention.year is None or (days is not None and days[0] <= days[1])


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_a_day_is_read_back_however_it_is_written(day: date) -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    plain = f"{day.year}年{day.month}月{day.day}日"
    written = [plain, plain.translate(wide), day.isoformat(), f"{day.year}/{day.month}/{day.day}"]
    written += [f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%B} {day.year}"]
    if day.year >= 2020:
        written.append(f"令和{day.year - 2018}年{day.month}月{day.day}日")
    for text in written:
        (mention,) = dates_in(f"（{text}）")
        assert mention.iso == day.isoformat()
        assert mention.days == (day, day)
