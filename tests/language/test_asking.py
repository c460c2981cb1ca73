"""What a question asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.asking import asked_for


@pytest.mark.parametrize(
    ("question", "nouns"),
    [
        ("工場の従業員数は", "従業員数"),
        ("資源税の税率を教えてください", "税率"),
        ("生産能力は、どれくらいか", "生産能力"),
        ("アラフラの2024年の生産量", "生産量"),
        ("What is the fine for illegal mining?", "fine"),
        ("How many tonnes of magnets did Japan import?", "tonnes"),
        ("年に何トンか", None),
        ("Who owns the plant?", None),
    ],
)
def test_the_nouns_that_say_what_is_asked_for(question: str, nouns: str | None) -> None:
    span = asked_for(question)
    assert (span and question[slice(*span)]) == nouns


@given(st.text("希土ア・A1々", min_size=1, max_size=60), st.sampled_from(["は", "とは何か", ""]))
def test_nouns_are_taken_whole(run: str, behind: str) -> None:
    assert asked_for(f"あの{run}{behind}") == (2, 2 + len(run))
