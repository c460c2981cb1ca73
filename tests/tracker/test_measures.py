"""Measures drawn from written sentences and tables."""

from __future__ import annotations

import pytest

from tests.tracker.documents import cells, drawn

SENTENCES = [
    (
        "中国商務部の報道官は2023年7月3日、輸出管理法などの関連法令に基づき、ガリウムの輸出管理を8月1日から実施すると発表した。",
        {
            "type": ["licence"], "implementer": ["china"], "minerals": ["gallium"],
            "announced": ["2023-07-03"], "in_force": ["2023-08-01"], "instrument": None,
        },
    ),
    (
        "インドネシアは2020年初めから国内産業のためニッケルの輸出を禁止している。",
        {
            "type": ["ban"], "implementer": ["indonesia"], "minerals": ["nickel"],
            "in_force": ["2020"],
        },
    ),
    (
        "2023年7月3日、商務部と税関総署はガリウムとゲルマニウムを許可制に移すと公告し、8月1日に実施した。",
        {
            "type": ["licence"], "implementer": ["china"], "minerals": ["gallium", "germanium"],
            "announced": ["2023-07-03"], "in_force": ["2023-08-01"],
            "body": ["mofcom", "customs-china"],
        },
    ),
    (
        "中国政府は2024年12月3日、ガリウムとアンチモンの米国向け輸出を原則禁止すると発表した。",
        {
            "type": ["ban"], "implementer": ["china"], "minerals": ["gallium", "antimony"],
            "affected": ["united-states"], "announced": ["2024-12-03"],
        },
    ),
    (
        "レアアース管理条例は2024年6月22日に公布され、同年10月1日に施行された。",
        {
            "type": ["regulation"], "implementer": ["china"], "instrument": ["law-rare-earth"],
            "announced": ["2024-06-22"], "in_force": ["2024-10-01"], "minerals": ["rare-earths"],
        },
    ),
    (
        "中国は2005年にレアアース原鉱の輸出を禁止した。",
        {
            "type": ["ban"], "implementer": ["china"], "minerals": ["rare-earths"],
            "in_force": ["2005"],
        },
    ),
    (
        "バイデン政権が半導体の中国向け輸出規制を強化したことを受け、中国は2023年9月にガリウムの輸出を"
        "許可制に変更した。",
        {
            "type": ["licence"], "implementer": ["china"], "minerals": ["gallium"],
            "in_force": ["2023-09"],
            "reason": ["バイデン政権が半導体の中国向け輸出規制を強化"],
        },
    ),
    (
        "商務部は2023年12月21日、レアアースの分離技術の輸出を禁止すると公表した。",
        {
            "type": ["technology-control"], "implementer": ["china"], "minerals": ["rare-earths"],
            "announced": ["2023-12-21"], "body": ["mofcom"],
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_a_sentence_tells_of_a_measure(sentence: str, expected: dict[str, list[str]]) -> None:
    found = [cells(fact) for fact in drawn(sentence, "measures")]
    assert len(found) == 1
    for name in expected.keys() - {"reason", "minerals"}:
        assert found[0].get(name) == expected[name]
    assert set(found[0].get("minerals", [])) <= set(expected["minerals"])
    if "reason" in expected:
        assert found[0]["reason"][0].startswith(expected["reason"][0])


def test_two_measures_of_one_sentence_stay_apart() -> None:
    text = "レアアースの輸出割当は2015年1月1日に廃止され、輸出税も同年5月1日に廃止された。中国の話である。"
    found = [cells(fact) for fact in drawn(text, "measures")]
    assert [(c["type"], c["revoked"]) for c in found] == [
        (["quota"], ["2015-01-01"]), (["duty"], ["2015-05-01"]),
    ]  # fmt: skip


def test_five_elements_and_goods_made_abroad_are_two_measures() -> None:
    text = (
        "中国商務部は2025年10月にホルミウムとエルビウムを輸出規制対象に加えたほか、中国のレアアースを"
        "使った第三国の製品輸出も許可が必要とすると発表した。"
    )
    found = {cells(fact)["type"][0]: cells(fact) for fact in drawn(text, "measures")}
    assert found.keys() == {"licence", "extraterritorial"}
    assert found["licence"]["minerals"] == ["holmium", "erbium"]
    assert found["extraterritorial"]["minerals"] == ["rare-earths"]


@pytest.mark.parametrize(
    "sentence",
    [
        "中国は2025年4月の許可制を撤回していない。",
        "2025年5月にはレアアースの輸出が前年より31%減った。",
        "報道官は2025年10月12日、輸出管理は輸出禁止ではないと述べた。",
        "2025年10月、米国が追加関税を発表した。",
        "中国が2026年にガリウムの輸出を禁止する可能性がある。",
        "パネルは2014年に、レアアースの輸出割当がGATT第11条に違反すると判断した。",
        "許可制は重い。",
    ],
)
def test_what_is_no_measure_gives_none(sentence: str) -> None:
    assert [f for f in drawn(sentence, "measures") if f.values("type")] == []


def test_a_suspension_names_the_measures_that_it_stops() -> None:
    (fact,) = drawn(
        "中国は2025年11月7日、10月9日に発表した輸出管理措置の実施を2026年11月10日まで停止した。",
        "measures",
    )
    assert cells(fact) == {
        "implementer": ["china"], "status": ["suspended"], "meant": ["2025-10-09"],
        "announced": ["2025-10-09"], "suspended": ["2025-11-07"], "suspended_until": ["2026-11-10"],
    }  # fmt: skip


def test_columns_of_a_table_say_what_their_dates_are() -> None:
    text = (
        "# 中国の許可制\n\n| 品目 | 公告 | 公告日 | 実施日 |\n|---|---|---|---|\n"
        "| 黒鉛 | 商務部公告2023年第39号 | 2023年10月20日 | 2023年12月1日 |\n"
        "| タングステン | 同2025年第10号 | 2025年2月4日 | 同日 |\n"
    )
    first, second = (cells(fact) for fact in drawn(text, "measures"))
    assert (first["minerals"], first["announced"], first["in_force"], first["instrument"]) == (
        ["graphite"], ["2023-10-20"], ["2023-12-01"], ["公告2023年第39号"],
    )  # fmt: skip
    assert (second["announced"], second["in_force"]) == (["2025-02-04"], ["2025-02-04"])
    assert second["instrument"] == ["公告2025年第10号"]


def test_a_year_set_in_the_middle_of_its_rows_is_read_as_the_months_have_it() -> None:
    table = (
        "年\t月\t規制内容\n2023\t9\tガリウムの輸出を許可制に変更\n12\tグラファイトの輸出を許可制に変更\n"
        "2024\t12\tアンチモンの対米輸出を禁止\n2\tタングステンの輸出を許可制に変更\n"
    )
    html = "| 年 | 月 | 規制内容 |\n|---|---|---|\n"
    for line in table.splitlines()[1:]:
        parts = line.split("\t")
        html += "| " + " | ".join(["", *parts] if len(parts) == 2 else parts) + " |\n"
    found = {cells(f)["minerals"][0]: cells(f)["in_force"] for f in drawn(html, "measures")}
    assert found == {
        "gallium": ["2023-09"], "graphite": ["2023-12"], "antimony": ["2023-12"],
        "tungsten": ["2024-02"],
    }  # fmt: skip
