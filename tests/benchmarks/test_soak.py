"""What the soak makes of what it measured."""

from __future__ import annotations

import pytest

from benchmarks.soak import Noted, growth, judged

SOUND = {"times": [0.1] * 100, "memory": [300.0] * 40, "files": [20] * 40, "runs": 3}


def noted(**more: object) -> Noted:
    return Noted(**{**SOUND, **more})  # type: ignore[arg-type]


def test_growth_does_not_count_the_beginning() -> None:
    assert growth([100, *[200] * 19]) == 0
    assert growth([200.0 + i for i in range(100)]) == pytest.approx(0.21, abs=0.02)


def test_each_limit_is_one() -> None:
    alone = Noted(times=[0.05] * 100)
    assert judged(alone, noted(), 2, 3) == 0
    for wrong in (
        {"times": [0.2] * 100}, {"memory": [300.0] * 30 + [320.0] * 10}, {"runs": 2},
        {"files": [20] * 20 + [40] * 20}, {"errors": ["x"]},
    ):  # fmt: skip
        assert judged(alone, noted(**wrong), 2, 3) == 1, wrong
