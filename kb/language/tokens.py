"""Sudachi tokens with their spans; the only module that imports sudachipy.

One analysis in C mode (longest units) gives both kinds of unit: each C token is split
into its A tokens (shortest units). Sudachi takes at most 49,149 bytes at once, so longer
text is cut at line ends, or failing those at any character.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sudachipy import Dictionary, Morpheme, SplitMode
from sudachipy import Tokenizer as SudachiTokenizer

MAX_BYTES = 48_000
MAX_PIECE = MAX_BYTES // 4  # a code point takes at most four bytes in UTF-8

# Part-of-speech prefixes of Sudachi (UniDic) that carry no meaning of their own.
_EMPTY_POS = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号", "接続詞", "感動詞"})
_EMPTY_FORMS = frozenset(
    "為る 有る 居る 成る 出来る 因る 此れ 其れ 其の 此の 事 物 為 等 御 様 これ それ その この こと "
    "もの ため よる おる れる られる せる させる".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its span in the text, its normalized form, and whether it carries meaning."""

    start: int
    end: int
    form: str
    content: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """The tokens of one text in short (`words`, A mode) and long (`compounds`, C mode) units."""

    words: tuple[Token, ...]
    compounds: tuple[Token, ...]


@lru_cache(maxsize=1)
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")


_per_thread = threading.local()


def _sudachi() -> SudachiTokenizer:
    """Sudachi's tokenizer of this thread: it keeps a buffer and is not shared."""
    tokenizer: SudachiTokenizer | None = getattr(_per_thread, "tokenizer", None)
    if tokenizer is None:
        tokenizer = _dictionary().create(mode=SplitMode.C)
        _per_thread.tokenizer = tokenizer
    return tokenizer


def analyse(text: str) -> Analysis:
    """The tokens of `text`, whose spans are offsets in it; white space is left out."""
    words: list[Token] = []
    compounds: list[Token] = []
    for offset, piece in _pieces(text):
        for morpheme in _sudachi().tokenize(piece):
            compounds.append(_token(morpheme, offset))
            parts = morpheme.split(SplitMode.A)
            words.extend(_token(m, offset) for m in (parts or (morpheme,)))
    return Analysis(
        tuple(t for t in words if t.form.strip()), tuple(t for t in compounds if t.form.strip())
    )


def dictionary_version() -> str:
    """Which Sudachi and dictionary made the tokens: part of what an index depends on."""
    from importlib.metadata import version

    return f"sudachipy {version('sudachipy')}, core {version('sudachidict_core')}"


def _token(morpheme: Morpheme, offset: int) -> Token:
    surface = morpheme.surface()
    # Sudachi writes Latin words in katakana (export as エクスポート); a reader's query in
    # Latin letters should find Latin letters, so they keep their own spelling.
    form = surface.lower() if surface.isascii() and surface.isalpha() else (
        morpheme.normalized_form().lower()
    )
    pos = morpheme.part_of_speech()
    content = (
        pos[0] not in _EMPTY_POS
        and form not in _EMPTY_FORMS
        and any(c.isalnum() for c in form)
    )
    return Token(offset + morpheme.begin(), offset + morpheme.end(), form, content)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of `text` that Sudachi takes, each with its offset, cut at line ends."""
    start = 0
    while start < len(text):
        end = min(len(text), start + MAX_PIECE)
        if end < len(text):
            line_end = text.rfind("\n", start, end)
            if line_end > start:
                end = line_end + 1
        yield start, text[start:end]
        start = end
