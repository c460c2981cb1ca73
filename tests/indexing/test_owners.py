"""Owners of passages from memory, and the order of equal scores."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.indexing.owners import Owners


class _Rows:
    """The first rows of three documents whose ids are in another order than their rows."""

    def first_rows(self) -> list[tuple[int, str]]:
        return [(1, "d9"), (4, "d1"), (7, "d5")]


OWNERS = Owners(_Rows())  # type: ignore[arg-type]
OF = {1: "d9", 2: "d9", 3: "d9", 4: "d1", 5: "d1", 6: "d1", 7: "d5", 8: "d5"}


def test_each_passage_belongs_to_the_document_that_begins_before_it() -> None:
    assert OWNERS.of(np.array(list(OF))) == list(OF.values())
    assert OWNERS.of(np.array([], np.int64)) == []


@given(st.dictionaries(st.sampled_from(sorted(OF)), st.sampled_from([0.25, 0.5, 1.0])))
def test_order_is_by_score_then_document_then_text(scores: dict[int, float]) -> None:
    rows = np.array(list(scores), np.int64)
    found = rows[OWNERS.order(rows, np.array(list(scores.values())))]
    assert found.tolist() == sorted(scores, key=lambda row: (-scores[row], OF[row], row))
