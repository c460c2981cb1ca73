"""Search and answers on the shipped briefs do not fall below what was reached before."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from benchmarks.floor import SLACK, digest, pins, reached


def test_what_was_pinned_belongs_to_this_data() -> None:
    assert pins()[-1]["digest"] == digest(), "pin it anew: python -m benchmarks.floor --pin"


def test_no_pin_is_lower_than_the_one_before_without_a_reason() -> None:
    for before, after in pairwise(pins()):
        lower = [n for n, v in before["reached"].items() if after["reached"].get(n, 0.0) < v]
        assert not lower or len(after.get("reason", "")) >= 20


def test_search_and_answers_are_not_worse_than_what_was_pinned(corpus_index: Path) -> None:
    found = reached(corpus_index)
    pinned = pins()[-1]["reached"]
    worse = {name: (found[name], v) for name, v in pinned.items() if found[name] < v - SLACK}
    assert worse == {}
