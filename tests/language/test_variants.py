"""Folding of how a quotation is written."""

from __future__ import annotations

from kb.language.variants import fold_variants, folded_text


def test_a_full_stop_before_a_bullet_stays_one() -> None:
    quote, text = "残った。", "そのまま残った。\n・2023年 許可制"
    assert folded_text(quote) in folded_text(text)
    assert fold_variants(quote).text in fold_variants(text).text
    assert folded_text("残った．") == folded_text("残った。")
