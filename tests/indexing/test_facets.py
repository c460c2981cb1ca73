"""Facets in memory against sets of Python."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kb.indexing.facets import Facets

TOKENS = ["topic:market", "country:japan", "country:china", "mineral:gallium"]
# With rows in between that are gone, and without.
tables = st.builds(
    lambda rows, step: {1 + step * place: tokens for place, tokens in enumerate(rows)},
    st.lists(st.sets(st.sampled_from(TOKENS)), max_size=12),
    st.integers(1, 3),
)
groups = st.lists(
    st.lists(st.sampled_from([*TOKENS, "country:nowhere"]), min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


def made(table: dict[int, set[str]]) -> Facets:
    return Facets((row, " ".join(sorted(tokens))) for row, tokens in table.items())


@given(table=tables, asked=groups)
def test_rows_have_one_facet_of_each_group(
    table: dict[int, set[str]], asked: list[list[str]]
) -> None:
    expected = [
        row for row, tokens in table.items() if all(tokens.intersection(group) for group in asked)
    ]
    assert made(table).rows(asked).tolist() == expected


@given(table=tables)
def test_counts_are_of_the_rows_and_names_that_are_asked_for(table: dict[int, set[str]]) -> None:
    rows = [row for row in table if row % 2]
    found = made(table).counts([*rows, 999], ["country", "topic"])
    for name in ("country", "topic"):
        assert found[name] == Counter(
            token.partition(":")[2]
            for row in rows
            for token in table[row]
            if token.startswith(f"{name}:")
        )
    assert found.keys() == {"country", "topic"}


@given(table=tables, token=st.sampled_from([*TOKENS, "country:nowhere"]))
def test_the_rows_of_one_facet(table: dict[int, set[str]], token: str) -> None:
    assert made(table).having(token) == [row for row, tokens in table.items() if token in tokens]
