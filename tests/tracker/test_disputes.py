"""Disputes drawn from written sentences."""

from __future__ import annotations

import pytest

from tests.tracker.documents import cells, drawn, filled, tables

CASE = "# レアアース事件(DS431・DS432・DS433)\n\n"
STORY = (
    CASE + "日本、米国、EUが中国を提訴した。米国は2012年3月13日、中国に協議を要請した。"
    "同年7月23日にパネルが設置された。2014年3月26日に回付されたパネル報告書は違反を認めた。米国が2014年4月8日に、中国が4月17日に"
    "上訴し、上級委員会は同年8月7日に報告書を公表した。報告書は2014年8月29日に採択された。\n"
)


def test_a_dispute_has_its_stages_and_parties() -> None:
    (row,) = tables(STORY).disputes
    found = filled(row)
    assert found["consultations"] == ["2012-03-13"]
    assert found["panel_established"] == ["2012-07-23"]
    assert found["panel_report"] == ["2014-03-26"]
    assert found["appeal"] == ["2014-04-08", "2014-04-17"]
    assert found["appellate_report"] == ["2014-08-07"]
    assert found["adoption"] == ["2014-08-29"]
    assert set(found["complainants"]) == {"japan", "united-states", "eu"}
    assert found["respondent"] == ["china"]
    assert row.date == "2012-03-13"


def test_a_case_without_a_number_goes_to_the_case_of_its_dates() -> None:
    earlier = (
        "# 原材料事件(DS394・DS395・DS398)\n\n米国、EU、メキシコが中国を提訴した。"
        "2011年7月5日に回付されたパネル報告書は違反を認めた。\n"
    )
    unnumbered = (
        "# レアアースの敗訴\n\n日本、米国、EUが中国を提訴した。2012年3月13日、三者はWTOで中国に協議を"
        "要請した。2014年8月7日に上級委員会が報告書を公表した。\n"
    )
    assert len(tables(unnumbered).disputes) == 1
    found = tables(earlier, STORY, unnumbered).disputes
    assert [list(row.panel_report) for row in found] == [["2011-07-05"], ["2014-03-26"]]
    assert len(found[1].consultations.values[0].evidence) == 2


@pytest.mark.parametrize(
    ("sentence", "findings"),
    [
        ("パネルは、輸出割当がGATT第11条1項に違反すると判断した。", ["gatt-article-11: violation"]),
        (
            "輸出税は加盟議定書第11条3項に反すると認定され、GATT20条(b)による正当化は退けられた。",
            ["protocol-11-3: violation", "gatt-article-20b: not justified"],
        ),
        (
            "割当はGATT20条(g)で正当化されないと上級委員会は述べた。",
            ["gatt-article-20g: not justified"],
        ),
        ("申立国は、割当がGATT第11条に違反すると主張した。", []),
        ("パネルは、許可がGATT第11条に違反しないと判断した。", []),
        ("GATT第20条は一般的例外を定める。", []),
    ],
)
def test_findings_are_decisions_not_claims(sentence: str, findings: list[str]) -> None:
    found = [v for f in drawn(CASE + sentence, "disputes") for v in f.values("findings")]
    assert found == findings


def test_adoption_may_stand_in_a_note_in_english() -> None:
    text = (
        "# 中国の敗訴\n\nDS431ではパネルが2012年7月23日に設置された[1]。\n\n## 脚注\n\n"
        "- [1] WTO, WT/DS431/AB/R, WT/DS432/AB/R. Adopted August 29, 2014.\n"
    )
    (row,) = tables(text).disputes
    assert list(row.adoption) == ["2014-08-29"]


def test_a_report_that_gives_no_number_tells_of_the_same_dispute() -> None:
    other = (
        "# 中国のレアアース規制とWTO\n\n2012年に日本・米国・EUが中国を提訴した。\n\n"
        "- 中国の輸出制限はGATT第11条に違反する\n"
    )
    (row,) = tables(STORY, other).disputes
    assert "gatt-article-11: violation" in set(row.findings)
    assert len(row.consultations.values[0].evidence) == 2
    assert not row.consultations.conflicting


def test_talk_of_no_dispute_gives_none() -> None:
    assert drawn("EUは2025年の許可制について、パネルの設置を求めていない。", "disputes") == []
    assert [cells(f) for f in drawn("価格は2014年に下がった。", "disputes")] == []


def test_a_complaint_is_an_act_of_each_country_that_brought_it() -> None:
    text = "2012年に日本・米国・EUがレアアースの件で中国をWTOに提訴した。"
    found = [cells(f) for f in drawn(text, "responses")]
    assert [c["country"] for c in found] == [["japan"], ["united-states"], ["eu"]]
    assert all(c["type"] == ["wto-action"] and c["date"] == ["2012"] for c in found)


def test_a_list_of_countries_behind_the_respondent_complains() -> None:
    text = (
        "中国によるレアアースの輸出規制がWTOの協定違反にあたるとして日本と米国、欧州連合(EU)が共同で提訴していた"
        "問題で、紛争処理小委員会は2014年3月26日、訴えを認める報告書を発表した。"
    )
    (found,) = [cells(f) for f in drawn(text, "disputes")]
    assert found["complainants"] == ["japan", "united-states", "eu"]
    assert found["respondent"] == ["china"]
    assert found["panel_report"] == ["2014-03-26"]
