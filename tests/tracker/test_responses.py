"""National responses drawn from written sentences."""

from __future__ import annotations

import pytest

from tests.tracker.documents import cells, drawn, tables


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "2011年3月、双日とJOGMECは豪ライナスに総額2億5,000万ドルの出融資を行うと発表し、日本政府が支えた。",
            {"country": ["japan"], "type": ["investment"], "date": ["2011-03"],
             "amount": ["2億5,000万ドル"]},
        ),
        (
            "EUは2023年3月に重要原材料法を公表し、2030年までに域内の採掘を10%にする目標を掲げた。",
            {"country": ["eu"], "date": ["2023-03"], "instrument": ["law-crma"],
             "target_year": ["2030"]},
        ),
        (
            "日本は2025年8月、インドと「重要鉱物協力イニシアチブ」で合意した。",
            {"country": ["japan"], "type": ["diversification"], "date": ["2025-08"],
             "partner": ["india"]},
        ),
        (
            "バイデン政権は2025年1月、国内でのアンチモンの採掘を許可した。",
            {"country": ["united-states"], "type": ["domestic-supply"], "date": ["2025-01"],
             "minerals": ["antimony"]},
        ),
        (
            "日本政府は2010年の輸出規制を受け、2010年10月に備蓄の拡大を発表した。",
            {"country": ["japan"], "type": ["stockpile"], "date": ["2010-10"]},
        ),
    ],
)  # fmt: skip
def test_a_sentence_tells_of_a_response(sentence: str, expected: dict[str, list[str]]) -> None:
    (fact,) = drawn(sentence, "responses")
    found = cells(fact)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "テスラは2023年3月、レアアースフリーのモーターを開発すると発表した。",
        "中国は2024年12月に備蓄を積み増すと発表した。",
        "日本の備蓄は2024年の時点で60日分である。",
        "EUは域内の採掘を増やす方針である。",
        "中国は2025年4月4日、輸出規制を強化した。",
    ],
)
def test_what_is_no_national_response_gives_none(sentence: str) -> None:
    assert drawn(sentence, "responses") == []


def test_two_acts_of_one_sentence_are_two_responses() -> None:
    text = "経済産業省は2009年7月に「レアメタル確保戦略」を策定し、2010年10月に「レアアース総合対策」を公表した。"
    found = {cells(f)["instrument"][0]: cells(f)["date"] for f in drawn(text, "responses")}
    assert found == {"レアメタル確保戦略": ["2009-07"], "レアアース総合対策": ["2010-10"]}


def test_the_same_response_in_two_reports_is_one_row() -> None:
    first = "日本の双日とJOGMECは2011年3月、豪ライナスへ2億5,000万ドルの出融資を発表した。"
    second = "JOGMECは2011年3月30日、ライナスへの２億５，０００万ドルの出融資を発表した。"
    (row,) = tables(first, second).responses
    assert list(row.date) == ["2011-03-30"]
    assert len(row.date.values[0].evidence) == 2


def test_the_government_that_decides_in_its_cabinet_is_that_of_japan() -> None:
    text = "政府は2026年1月20日の閣議で、鉱物の供給源の多角化に予備費から390億円を支出することを決めた。"
    (found,) = [cells(f) for f in drawn(text, "responses")]
    assert (found["country"], found["date"]) == (["japan"], ["2026-01-20"])
    assert found["amount"] == ["390億円"]
    assert drawn("政府は2026年1月20日、供給源の多角化を支援すると発表した。", "responses") == []


def test_a_contract_of_a_firm_with_an_institution_is_an_act_of_its_country() -> None:
    text = "MPマテリアルズは2025年7月10日、米国防総省と供給網の強化で官民パートナーシップ契約を締結した。"
    (found,) = [cells(f) for f in drawn(text, "responses")]
    assert (found["country"], found["date"]) == (["united-states"], ["2025-07-10"])


def test_a_sentence_without_a_subject_is_of_the_country_that_its_report_is_about() -> None:
    text = "# 日本の対応\n\n## 国際協力\n\nインドとは2025年8月、重要鉱物の「経済安全保障イニシアティブ」で一致した。\n"
    (found,) = [cells(f) for f in drawn(text, "responses")]
    assert (found["country"], found["partner"]) == (["japan"], ["india"])
    other = text.replace("# 日本の対応", "# 日本と米国の対応")
    assert drawn(other, "responses") == []
