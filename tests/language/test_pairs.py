"""The pairs of a text, all in one go."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.language.folding import bigrams
from kb.language.pairs import joined_bigrams
from tests.reading.documents import anything, japanese

mixed = st.text("希土類aＡ1 、・ー\n（\0_\ud800", max_size=30)


@given(st.lists(st.one_of(anything, japanese, mixed), max_size=4))
def test_pairs_are_those_that_are_found_one_by_one(texts: list[str]) -> None:
    assert joined_bigrams(texts) == [" ".join(bigrams(text)) for text in texts]
