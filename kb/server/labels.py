"""Words of the pages: dates, page numbers, formats and codes as a Japanese reader says them."""

from __future__ import annotations

from collections.abc import Mapping

FORMATS: Mapping[str, str] = {
    "pdf": "PDF", "html": "HTML", "markdown": "Markdown", "text": "テキスト", "docx": "Word",
}  # fmt: skip
REASONS: Mapping[str, str] = {
    "empty": "中身がない",
    "unreadable": "開けない",
    "encrypted": "パスワードで保護されている",
    "damaged": "壊れている",
    "misnamed": "拡張子と中身が合わない",
    "no_text": "本文がない",
    "unknown_suffix": "対応していない形式",
    "undecodable": "文字コードが分からない",
    "changed_while_reading": "読み取り中に変更された",
    "too_large": "大きすぎる",
}
SCORES: Mapping[str, str] = {
    "lexical": "単語の一致", "words": "単語の一致", "compounds": "複合語の一致",
    "bigram": "文字の並びの一致", "bigrams": "文字の並びの一致", "concept": "概念の一致",
    "dense": "意味の近さ", "relative": "語の一致の順位", "coverage": "問いの語の網羅",
    "missing": "欠けた語の重み", "adjacent": "語の隣り合い", "sentence": "一文の網羅",
    "in_context": "見出しを含む一文の網羅", "value": "日付や数値",
}  # fmt: skip


def date_ja(iso: str | None) -> str | None:
    """2026-07-03 as 2026年7月3日, as far as it is given; None for None."""
    if not iso:
        return None
    parts = iso.split("-")
    units = zip(parts, ("年", "月", "日"), strict=False)
    try:
        return "".join(f"{int(part)}{unit}" for part, unit in units)
    except ValueError:
        return iso


def page_ja(label: str | None, first: int | None, last: int | None) -> str | None:
    """What is printed on the page (p. ii), or the physical pages (p. 3, pp. 3–4)."""
    if label:
        return f"pp. {label}" if any(c in label for c in "-–,") else f"p. {label}"
    if first is None:
        return None
    return f"p. {first}" if last in (None, first) else f"pp. {first}–{last}"


def heading_ja(path: tuple[str, ...], title: str) -> str:
    """The way to a section, without the title of the document where it comes first."""
    names = path[1:] if path and "".join(path[0].split()) == "".join(title.split()) else path
    return " › ".join(names)


def format_ja(name: str) -> str:
    """The format of a file as it is called."""
    return FORMATS.get(name, name)


def reason_ja(code: str) -> str:
    """Why a file was not taken in."""
    return REASONS.get(code, code)


def score_ja(code: str) -> str:
    """What a part of a score measures."""
    return SCORES.get(code, code)


def decimal(value: float) -> str:
    """A score with three places."""
    return f"{value:.3f}"
