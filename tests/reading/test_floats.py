"""Where figures and tables in running text end, and what their lines are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import BlockKind
from kb.reading.floats import float_end, float_parts, table_end
from tests.reading.documents import anything

ROWS = ["国\t割合", "甲国\t60", "乙国\t40"]
BODY = (
    "甲国の割合が大きいのは、鉱山と分離の工場が同じ地域に集まり、運ぶ費用がほとんどかからないうえに、"
    "電力も安く手に入るからである。"
)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["図1 推移", "（資料）統計より作成", BODY], 2),
        (["図1 推移", "（注）概数。", "（資料）統計より作成", BODY], 3),
        (["表1 割合", *ROWS, "（出所）統計より作成", BODY], 5),
        (["表1 割合", *ROWS, BODY], 4),
        (["表1 割合", "（％）", *ROWS, BODY], 5),
        (["図1 推移", BODY, "（資料）統計より作成"], 1),
        (["図1 推移", "図2 価格", "（資料）統計より作成"], 1),
        (["図1 推移", "（資料）統計、通関の記録", "および各社の発表より作成", BODY], 3),
        (["図1 推移"], 1),
    ],
)
def test_a_figure_ends_after_its_source_or_its_rows(lines: list[str], end: int) -> None:
    assert float_end(lines) == end


def test_the_parts_of_a_figure() -> None:
    lines = ["表1 割合", "（％）", *ROWS, "（注）概数。", "（資料）統計より作成"]
    assert float_parts(lines) == [
        (BlockKind.CAPTION, 0, 2),
        (BlockKind.TABLE, 2, 5),
        (BlockKind.CAPTION, 5, 6),
        (BlockKind.CAPTION, 6, 7),
    ]


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (ROWS, 3),
        ([*ROWS, BODY], 3),
        (ROWS[:1], 0),
        (["国 割合 順位", "甲国 60 一位", "乙国 40 二位"], 3),
        (["国 割合", "甲国 60"], 0),
        ([BODY], 0),
        (["・甲国 60", "・乙国 40", "・丙国 20"], 0),
        (['(注1) [1] "Market", WTO、', "甲国 の 統計", "乙国 の 統計"], 0),
        ([], 0),
    ],
)
def test_a_table_is_a_run_of_rows(lines: list[str], end: int) -> None:
    assert table_end(lines) == end


@given(st.lists(anything.map(lambda text: text.replace("\n", "")), min_size=1, max_size=12))
def test_the_parts_of_any_figure_tile_its_lines(lines: list[str]) -> None:
    end = float_end(lines)
    assert 1 <= end <= len(lines)
    parts = float_parts(lines[:end])
    assert [start for _, start, _ in parts] == [0, *(stop for _, _, stop in parts[:-1])]
    assert parts[-1][2] == end
