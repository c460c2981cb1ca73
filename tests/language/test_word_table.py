"""The table of English words: what it gives, and that equal tables are equal bytes."""

from pathlib import Path

import pytest

from kb.language.word_table import english_words, translations, write_table


@pytest.mark.parametrize(
    ("word", "expected"),
    [("export", "輸出"), ("abolished", "廃止"), ("licenses", "免許"), ("minerals", "鉱物")],
)
def test_usual_words_have_their_japanese(word: str, expected: str) -> None:
    assert expected in [other for other, _ in translations(word)]


def test_probabilities_are_probabilities_the_best_first() -> None:
    found = [p for _, p in translations("export")]
    assert all(0 < p <= 1 for p in found)
    assert sum(found) <= 1.01


def test_unknown_words_have_none() -> None:
    assert translations("qwertzuiop") == ()


def test_words_that_carry_no_meaning_are_left_out() -> None:
    question = "When did the WTO's panel circulate its report on rare-earth exports?"
    expected = ["wto", "panel", "circulate", "report", "rare-earth", "exports"]
    assert english_words(question) == expected


def test_equal_tables_are_equal_bytes(tmp_path: Path) -> None:
    table = {"export": {"輸出": 0.5, "輸出品": 0.1}}
    for name in ("a", "b"):
        write_table(tmp_path / name, table)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
