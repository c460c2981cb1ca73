"""What a model writes is read strictly, in whatever pieces it arrives."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.model.claims import MAX_CLAIMS, Claim, ClaimReader
from kb.answering.model.failures import Failure, ModelFailure
from tests.answering.model.served import written


def read(text: str, *cuts: int) -> list[Claim]:
    reader = ClaimReader()
    edges = [0, *sorted(c % (len(text) + 1) for c in cuts), len(text)]
    found = [
        claim
        for a, b in pairwise(edges)
        for claim in reader.feed(text[a:b])
    ]  # fmt: skip
    reader.close()
    return found


@given(
    st.lists(st.tuples(st.text(), st.lists(st.integers(0, 99)))).map(lambda c: c[:MAX_CLAIMS]),
    st.lists(st.integers(0, 10_000), max_size=6),
)
def test_the_division_into_pieces_does_not_matter(
    said: list[tuple[str, list[int]]], cuts: list[int]
) -> None:
    claims = [Claim(text, tuple(dict.fromkeys(numbers))) for text, numbers in said]
    assert read(written(said), *cuts) == claims
    assert read(json.dumps(json.loads(written(said)), indent=2), *cuts) == claims


def test_thoughts_and_a_fence_are_taken_off() -> None:
    text = "<think>[1] かな?</think>\n```json\n" + written([("文。", [1])]) + "\n```\n"
    assert read(text) == [Claim("文。", (1,))]


@pytest.mark.parametrize(
    "text",
    [
        "", "はい、お答えします。", "[]", "{}", '{"sentences": 5}', '{"answers": []}',
        '{"sentences": []', '{"sentences": []} と思います', '{"sentences": [}]}',
        '{"sentences": ["文。"]}', '{"sentences": [{"text": "文。"}]}',
        '{"sentences": [{"text": "文。", "citations": [1], "url": "x"}]}',
        '{"sentences": [{"text": "文。", "citations": ["1"]}]}',
        '{"sentences": [{"text": "文。", "citations": [true]}]}',
        '{"sentences": [{"text": "文。", "citations": [1.0]}]}',
        '{"sentences": [{"text": "文。", "citations": 1}]}',
        '{"sentences": [{"text": ["文。"], "citations": [1]}]}',
        '{"sentences": [{"text": "文。", "citations": [1]} {"text": "文。", "citations": [1]}]}',
        '{"sentences": [,{"text": "文。", "citations": [1]}]}',
        '{"sentences": [{"text": "文。", "citations": [1]},]}',
        '{"sentences": [{"text": "文。", "citations": [' + "9" * 5000 + "]}]}",
        '{"sentences": [{"text": ' + "[" * 3000,
        '{"sentences": [{"text": "' + "あ" * 5000,
        written([("文。", [1])] * (MAX_CLAIMS + 1)),
        "x" * 70_000 + "[",
    ],
)  # fmt: skip
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(ModelFailure) as caught:
        read(text)
    assert caught.value.reason is Failure.MALFORMED


@given(st.text())
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    for start in ("", '{"sentences": [', '{"sentences": [{"text": '):
        try:
            read(start + text)
        except ModelFailure as failure:
            assert failure.reason is Failure.MALFORMED
