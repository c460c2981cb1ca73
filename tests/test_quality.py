"""How well a document was read, and what its readers are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from kb.domain import PageQuality
from kb.errors import RejectedFile
from kb.language.tokens import known_share
from kb.quality import Quality, quality_of, with_quality_warnings
from tests.reading.documents import decodable, read

SENTENCE = "中国は二〇二五年四月に中重希土類七元素の輸出を許可制とした。"
SOUND = f"# 輸出管理\n\n{SENTENCE * 3}\n\n日本企業は在庫を取り崩し、代わりの供給元を探した。\n"


def test_a_sound_document_has_no_warnings() -> None:
    document = read((SOUND * 3).encode(), "報告.md")
    quality = quality_of(document)
    assert quality.odd == 0.0
    assert quality.known > 0.95
    assert quality.broken == 0.0
    assert with_quality_warnings(document) is document


def test_damaged_signs_are_told() -> None:
    document = read((SOUND + "\ue000\ue001\ue002\ue003" * 10 + "である。\n").encode(), "報告.md")
    assert quality_of(document).odd > 0.05
    assert any("damaged" in text for text in with_quality_warnings(document).warnings)


def test_damaged_pages_count_by_their_length() -> None:
    document = replace(
        read(SOUND.encode(), "報告.md"),
        pages=(PageQuality(1, "pdfium", 900, 0.0), PageQuality(2, "pypdf", 100, 0.5)),
    )
    assert quality_of(document).odd == pytest.approx(0.05)


def test_pages_without_text_are_named() -> None:
    pages = (PageQuality(1, "pdfium", 10, 0.0), PageQuality(2, "none", 0, 0.0))
    document = replace(read(SOUND.encode(), "報告.md"), pages=pages)
    assert quality_of(document).empty_pages == (2,)


def test_sentences_cut_by_their_pages_are_told() -> None:
    cut = "\n\n".join(["日本の企業は在庫を取り崩し、代わりの供給元を探し", SENTENCE] * 6)
    document = read(cut.encode(), "報告.md")
    assert quality_of(document).broken == pytest.approx(0.5)
    assert any("stop in the middle" in text for text in with_quality_warnings(document).warnings)


def test_a_few_paragraphs_say_nothing_of_a_rate() -> None:
    assert quality_of(read("代わりの供給元を探し\n".encode(), "報告.md")).broken == 0.0


def test_words_that_no_dictionary_has_are_told() -> None:
    garbage = "ゑヰ鑛ヷ龘ヸ靐ゐ齉ヹ爨ゑ籲ヺ灪麤ヰ鱻" * 20 + "。"
    document = read(garbage.encode(), "報告.md")
    assert quality_of(document).known < 0.85
    assert any("dictionary" in text for text in with_quality_warnings(document).warnings)


def test_numbers_and_latin_words_are_no_words_of_the_dictionary() -> None:
    assert known_share("2025 REE 12.5% — zzyzx") == 1.0
    assert known_share("輸出管理") == 1.0


@given(decodable)
def test_shares_are_shares(text: str) -> None:
    try:
        document = read(text.encode(), "報告.txt")
    except RejectedFile:  # nothing to measure
        return
    quality = quality_of(document)
    assert isinstance(quality, Quality)
    for share in (quality.odd, quality.known, quality.broken):
        assert 0.0 <= share <= 1.0


def test_signs_that_nobody_sees_are_told_and_what_a_script_needs_is_not() -> None:
    hidden = read((SOUND + "税率\u202e%5\u202cとする。\U000e0041\n").encode(), "報告.md")
    assert with_quality_warnings(hidden).warnings == (
        "it has 3 signs that nobody sees (U+202E, U+202C, U+E0041)",
    )
    titled = replace(read(SOUND.encode(), "報告.md"), metadata={"author": [{"literal": "a\u2066"}]})
    assert "U+2066" in with_quality_warnings(titled).warnings[0]
    sound = read((SOUND + "葛\U000e0100城市は👩\u200d🔬を送った。\n").encode(), "報告.md")
    assert with_quality_warnings(sound).warnings == ()
