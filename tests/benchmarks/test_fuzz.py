"""A short form of the campaign with damaged files."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import campaign, damaged

# Each with a child of its own; the long form is `make fuzz`.
COUNTS = {"pdf": 12, "html": 20, "docx": 20, "text": 20}


@pytest.mark.parametrize("kind", sorted(COUNTS))
def test_damaged_files_are_read_or_rejected(kind: str) -> None:
    outcomes = campaign(kind, COUNTS[kind], seed=7)
    assert outcomes.total() == COUNTS[kind]
    assert outcomes["harmed"] == outcomes["late"] == 0
    assert 0 < outcomes["read"] < COUNTS[kind]


def test_a_seed_gives_the_same_files_again() -> None:
    first, again = (list(damaged("html", 5, seed=1)) for _ in range(2))
    assert first == again
    assert first != list(damaged("html", 5, seed=2))
