"""Bytes to text: declared, marked or detected encoding, and an error rather than a loss."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

from kb.errors import Reason, RejectedFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE
)
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
# What the web calls by one name and Python by another: the vendor's superset is meant.
_SUPERSETS = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "windows-31j": "cp932", "ms932": "cp932", "ms_kanji": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
}  # fmt: skip
# Of two that read equally well the first is taken: the common one before its extension.
_JAPANESE = ("utf-8", "cp932", "euc_jp", "euc_jis_2004", "shift_jisx0213")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded text, the encoding used, and a warning when a declaration was wrong."""

    text: str
    encoding: str
    warning: str | None = None


def decode(data: bytes, *, declared: bool = False) -> Decoded:
    r"""The text of `data`, whose line ends are made \\n.

    The order is: byte order mark, UTF-8 (strict), ISO-2022-JP escapes, what the first 4 KiB
    declare (only with `declared`, for HTML and XML), UTF-16 by its zero bytes, the Japanese
    encodings by which reads as Japanese, then detection among all others.
    Raises RejectedFile (undecodable) where none decodes without a loss.
    """
    name = _declaration(data) if declared else None
    for bom, marked in _BOMS:
        if data.startswith(bom):
            return _checked(data, marked, name)
    if any(escape in data for escape in _ESCAPES):
        for encoding in ("iso2022_jp_ext", "iso2022_jp_2004"):
            if (text := _strict(data, encoding)) is not None:
                return _result(text, encoding, name)
    if b"\0" in data[:4096] and (wide := _utf16(data)):
        return _checked(data, wide, name)
    if (text := _strict(data, "utf-8")) is not None:
        return _result(text, "utf-8", name)
    candidates = [name, *_JAPANESE] if name else list(_JAPANESE)
    readings = [
        (_plausibility(text), encoding, text)
        for encoding in dict.fromkeys(candidates)
        if (text := _strict(data, encoding)) is not None
    ]
    if readings:
        score, encoding, best_text = max(readings, key=lambda reading: reading[0])
        if score > 0:
            return _result(best_text, encoding, name)
    best = charset_normalizer.from_bytes(data).best()
    if best is not None and (text := _strict(data, best.encoding)) is not None:
        return _result(text, best.encoding, name)
    said = f"it declares {name}, but" if name else "no encoding is declared, and"
    raise RejectedFile(
        Reason.UNDECODABLE,
        f"{said} no known encoding decodes all of it without a loss; save it as UTF-8",
    )


def _declaration(data: bytes) -> str | None:
    match = _DECLARED.search(data[:4096])
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    name = _SUPERSETS.get(name, name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError, UnicodeError):
        return None


def _checked(data: bytes, encoding: str, declared: str | None) -> Decoded:
    text = _strict(data, encoding)
    if text is None:
        raise RejectedFile(
            Reason.UNDECODABLE,
            f"its first bytes say {encoding}, but it does not decode as that; save it as UTF-8",
        )
    return _result(text, encoding, declared)


def _result(text: str, encoding: str, declared: str | None) -> Decoded:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    wrong = declared is not None and _family(declared) != _family(encoding) and not text.isascii()
    warning = f"it declares {declared} but is {encoding}" if wrong else None
    return Decoded(text, encoding, warning)


def _family(encoding: str) -> str:
    name = codecs.lookup(encoding).name.replace("_", "-")
    for family in ("utf-8", "utf-16", "utf-32", "euc-j", "iso2022"):
        if name.startswith(family):
            return family
    return "shift-jis" if name in ("cp932", "shift-jis", "shift-jisx0213") else name


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the zero bytes of its ASCII stand on one side."""
    even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
    if even + odd < 4:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _plausibility(text: str) -> float:
    """How much a decoded text looks like Japanese: kana for it, rare and odd signs against."""
    if not text:
        return 0.0
    score = 0
    for c in text:
        if "ぁ" <= c <= "ん" or "ァ" <= c <= "ー" or c in "、。「」":
            score += 2
        elif "\u4e00" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff":  # 﨑 and other variants
            score += 1
        elif "\uff61" <= c <= "\uff9f" or "\ue000" <= c <= "\uf8ff" or "\x80" <= c <= "\x9f":
            score -= 3
    return score / len(text)
