"""The pieces of texts are those of the tokenizer, whatever is written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kb.encoding import pieces
from kb.encoding.loading import BUNDLED_DIRECTORY
from kb.encoding.pieces import Pieces

TOKENIZER = Tokenizer.from_file(str(BUNDLED_DIRECTORY / "tokenizer.json"))
CORPUS = Path(__file__).resolve().parents[2] / "corpus"
UNKNOWN = 0

PIECES = Pieces(TOKENIZER)
SIGNS = (
    "希土類の輸出許可はレアアースﾚｱﾞ゛か\u3099"
    "ＷＴＯwto 2010年①㈱㌔…・、。「」\n\t-—é\u0301İΣ한㐀𠮷\0\x1c"
)

texts = st.text(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=40)


def of_the_tokenizer(text: str) -> list[int]:
    ids: list[int] = TOKENIZER.encode(text, add_special_tokens=False).ids
    return known(ids)


def known(ids: list[int]) -> list[int]:
    return [number for number in ids if number != UNKNOWN]


@given(st.lists(texts, max_size=5))
def test_pieces_are_those_of_the_tokenizer(written: list[str]) -> None:
    made = PIECES.of(written)
    assert [known(ids) for ids in made] == [of_the_tokenizer(text) for text in written]


def test_pieces_of_reports_are_those_of_the_tokenizer_also_when_kept() -> None:
    reports = [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.md"))]
    lines = [line for report in reports for line in report.splitlines()]
    assert len(lines) > 100
    for _ in range(2):
        assert list(map(known, PIECES.of(lines))) == list(map(of_the_tokenizer, lines))


def test_each_character_of_plain_texts_is_normalized_by_itself() -> None:
    plain = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    plain = [c for c in plain if re.fullmatch(pieces._ALONE, c)]
    assert len(plain) > 25_000
    normalize = TOKENIZER.normalizer.normalize_str
    alone = list(map(normalize, plain))
    assert all(alone)
    assert max("".join(alone)) < chr(0x10000)
    assert normalize("".join(plain)) == "".join(alone)
    assert normalize("".join(reversed(plain))) == "".join(reversed(alone))


def test_no_more_stretches_are_kept_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_MOST", 3)
    small = Pieces(TOKENIZER)
    text = "希土類の輸出には許可が要る。"
    assert small.of([text, text]) == [of_the_tokenizer(text)] * 2
    assert len(small._kept) <= 3


@pytest.mark.parametrize("late", ["_as_first", "_as_second"])
def test_a_character_that_another_thread_is_taking_in_is_read_whole(
    late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "希土類の輸出には許可が要る。"
    fresh = Pieces(TOKENIZER)

    class Late:
        """Read only after another thread has taken in the characters."""

        def take(self, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
            for code in map(ord, text):
                fresh._see(code)
            return known_by.take(codes)

        def __setitem__(self, code: int, number: int) -> None:
            known_by[code] = number

    known_by: NDArray[np.int64] = getattr(fresh, late)
    monkeypatch.setattr(fresh, late, Late())
    assert fresh.of([text]) == [of_the_tokenizer(text)]
