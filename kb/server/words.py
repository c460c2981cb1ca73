"""What the pages say, in Japanese or English: the choice of the language and the words.

The templates are written in Japanese; `web/locale/en.json` leads from each of their sentences to
the English one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from starlette.requests import Request

from kb.language.date_patterns import MONTHS
from kb.language.folding import folded_text

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
COOKIE = "kido_language"
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
    "too_costly": "読むのに時間やメモリーがかかりすぎる",
    "crashed": "読み取りの処理が異常終了した",
}
SCORES: Mapping[str, str] = {
    "lexical": "単語の一致", "compound": "複合語の一致", "bigram": "文字の並びの一致",
    "concept": "概念の一致", "dense": "意味の近さ", "relative": "語の一致の順位",
    "coverage": "問いの語の網羅", "missing": "欠けた語の重み", "adjacent": "語の隣り合い",
    "sentence": "一文の網羅", "in_context": "見出しを含む一文の網羅", "value": "日付や数値",
    "near": "欠けた語に意味の近い語",
}  # fmt: skip
TOPICS: Mapping[str, str] = {
    "wto-rulings": "WTOの紛争", "controls": "輸出などの規制", "national-responses": "各国の対応",
    "market": "市場と供給",
}  # fmt: skip
_MAIN_TITLE = 8  # characters that a title without its subtitle has at least
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_PARTS = {
    "40": ("上半期", "first half"), "41": ("下半期", "second half"),
    "33": ("第1四半期", "first quarter"), "34": ("第2四半期", "second quarter"),
    "35": ("第3四半期", "third quarter"), "36": ("第4四半期", "fourth quarter"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """Says things in one language. Sentences without a translation stay Japanese."""

    language: Language
    catalogue: Mapping[str, str]

    def __call__(self, sentence: str, **values: object) -> str:
        """A sentence of the templates, its {names} replaced by `values`."""
        said = self.catalogue.get(sentence, sentence)
        return said.format(**values) if values else said

    def date(self, iso: str | None) -> str | None:
        """2026-07-03 as 2026年7月3日 or 3 July 2026, as far as it is given; None for None."""
        if not iso:
            return None
        try:
            parts = [int(part) for part in iso.split("-")]
            if self.language == "ja":
                units = zip(parts, ("年", "月", "日"), strict=False)
                return "".join(f"{part}{unit}" for part, unit in units)
            named = [str(parts[0]), *(MONTHS[month - 1] for month in parts[1:2])]
            named += map(str, parts[2:3])
            return " ".join(reversed(named))
        except (ValueError, IndexError):
            return iso

    def reckoned(self, edtf: str) -> str:
        """A date in the notation of ISO 8601-2 in words: also a range, a decade, half a year."""
        if "/" in edtf:
            return ("～" if self.language == "ja" else "–").join(
                map(self.reckoned, edtf.split("/"))
            )
        if edtf.endswith("X"):
            decade = f"{edtf[:-1]}0"
            return f"{decade}年代" if self.language == "ja" else f"{decade}s"
        year, _, part = edtf.partition("-")
        if part in _PARTS:
            japanese, english = _PARTS[part]
            return f"{year}年{japanese}" if self.language == "ja" else f"{english} of {year}"
        return self.date(edtf) or edtf

    def page(self, label: str | None, first: int | None, last: int | None) -> str | None:
        """What is printed on the page (p. ii), or the physical pages (p. 3, pp. 3–4)."""
        if label:
            return f"pp. {label}" if any(c in label for c in "-–,") else f"p. {label}"
        if first is None:
            return None
        return f"p. {first}" if last in (None, first) else f"pp. {first}–{last}"

    def format(self, name: str) -> str:
        """The format of a file as it is called."""
        return self(FORMATS.get(name, name))

    def reason(self, code: str) -> str:
        """Why a file was not taken in."""
        return self(REASONS.get(code, code))

    def topic(self, code: str) -> str:
        """What passages are about."""
        return self(TOPICS.get(code, code))

    def score(self, code: str) -> str:
        """What a part of a score measures."""
        return self(SCORES.get(code, code))


def heading(path: tuple[str, ...], title: str) -> str:
    """The way to a section, without the title of the document where it comes first, be it
    without its subtitle or in signs of another width.
    """
    names = path
    if path:
        first, whole = (folded_text(name).replace(" ", "") for name in (path[0], title))
        if first == whole or (len(first) >= _MAIN_TITLE and whole.startswith(first)):
            names = path[1:]
    return " › ".join(names)


def decimal(value: float) -> str:
    """A score with three places."""
    return f"{value:.3f}"


def read_catalogues(folder: Path) -> dict[Language, Words]:
    """The words of each language; `folder` holds a file for each but Japanese."""
    english = json.loads((folder / "en.json").read_text(encoding="utf-8"))
    return {"ja": Words("ja", {}), "en": Words("en", english)}


def language_of(request: Request) -> Language:
    """The language that a reader wants: by the address, else as chosen before, else by browser.

    Japanese, the language of the documents, where nothing is said.
    """
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    best: tuple[float, Language] = (0.0, "ja")
    for part in request.headers.get("accept-language", "").lower().split(","):
        name, _, weight = part.strip().partition(";")
        for language in LANGUAGES:
            if name.strip().split("-")[0] == language and (liked := _weight(weight)) > best[0]:
                best = liked, language
    return best[1]


def _weight(parameter: str) -> float:
    """The weight of a language in Accept-Language (RFC 9110, 12.4.2), 0 where it cannot be read."""
    name, _, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    found = _QUALITY.fullmatch(value.strip())
    return float(found[0]) if found and name.strip() == "q" else 0.0
