"""Sudachi tokens with their spans; the only module that imports sudachipy.

One analysis in C mode (longest units) gives both kinds of unit: each C token is split
into its A tokens (shortest units). Sudachi takes at most 49,149 bytes at once, so longer
text is cut at line ends, or failing those at any character.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import cast

from sudachipy import Dictionary, Morpheme, MorphemeList, SplitMode
from sudachipy import Tokenizer as SudachiTokenizer

from kb.language.analysis import Analysis as Analysis
from kb.language.analysis import Entry, entry_of
from kb.language.analysis import Token as Token

MAX_BYTES = 48_000
MAX_PIECE = MAX_BYTES // 4  # a code point takes at most four bytes in UTF-8

_MAX_ENTRIES = 200_000  # words that are kept; reports have some ten thousand

# Part-of-speech prefixes of Sudachi (UniDic) that carry no meaning of their own.
_EMPTY_POS = frozenset({"助詞", "助動詞", "補助記号", "空白", "記号", "接続詞", "感動詞"})
_EMPTY_FORMS = frozenset(
    "為る 有る 居る 成る 出来る 因る 此れ 其れ 其の 此の 事 物 為 等 御 様 これ それ その この "
    "こと もの ため よる おる れる られる せる させる".split()
)


class WordKind(StrEnum):
    """What a word of meaning is, as far as it matters to whether a text is about it."""

    PERSON = "person"
    PLACE = "place"
    NAME = "name"
    NUMBER = "number"
    KATAKANA = "katakana"
    NOUN = "noun"
    AFFIX = "affix"
    OTHER = "other"


_KATAKANA = re.compile(r"[ァ-ヺー]{3,}")
_AFFIXES = frozenset({"接頭辞", "接尾辞"})
_NO_NUMBERS = frozenset("何幾数")  # Sudachi counts them, but they say no number


@lru_cache(maxsize=1)
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")


_per_thread = threading.local()


def _sudachi() -> SudachiTokenizer:
    """Sudachi's tokenizer of this thread: it keeps a buffer and is not shared."""
    tokenizer: SudachiTokenizer | None = getattr(_per_thread, "tokenizer", None)
    if tokenizer is None:
        tokenizer = _dictionary().tokenizer(SplitMode.C)
        _per_thread.tokenizer = tokenizer
    return tokenizer


@lru_cache(maxsize=2048)
def analyse(text: str) -> Analysis:
    """The tokens of `text`, whose spans are offsets in it; white space is left out.

    What was analysed lately is kept, since the same passages answer many questions.
    """
    return analysed(text)


def analysed(text: str) -> Analysis:
    """What `analyse` gives, made anew and not kept."""
    entries: list[Entry] = []
    places: list[int] = []
    for offset, piece in _pieces(_encodable(text)):
        found, at, _ = _looked_up(piece, offset)
        entries += found
        places += at
    return Analysis(entries, places, len(text))


def analysed_under(context: str, text: str) -> Analysis:
    """What `analysed` gives of a text under its context, a line end between them.

    Many texts have the same context, whose words are looked up once. They do not depend on what
    follows the line end where that is a word by itself, as every way through the words then goes
    through it; nor do those behind it on what was before.
    """
    whole = f"{context}\n{text}"
    above = _above(context)
    if len(whole) <= MAX_PIECE and above is not None:
        below, at, surfaces = _looked_up(_encodable(f"\n{text}"), len(context))
        if surfaces[0] == "\n":
            return Analysis([*above[0], *below[1:]], [*above[1], *at[1:]], len(whole))
    return analysed(whole)


@lru_cache(maxsize=64)
def _above(context: str) -> tuple[list[Entry], list[int]] | None:
    """What is known of the words of a context and of the line end behind it, and where they are;
    None where that line end is no word by itself.
    """
    entries, places, surfaces = _looked_up(_encodable(f"{context}\n"[:MAX_PIECE]), 0)
    return (entries, places) if surfaces[-1] == "\n" else None


def _looked_up(piece: str, offset: int) -> tuple[list[Entry], list[int], list[str]]:
    """What is known of the words of a piece that Sudachi takes, where they are in a text in which
    it stands at `offset`, and how they are written.
    """
    morphemes = _sudachi().tokenize(piece)
    surfaces = _surfaces(morphemes, piece)
    # What a word is depends on its number and how it is written. The loops of this
    # function are those of `map` and `zip`, since an index has millions of words.
    keys = list(zip(map(Morpheme.word_id, morphemes), surfaces, strict=True))
    known = list(map(_entries.get, keys))
    if None in known:
        for i, entry in enumerate(known):
            if entry is None:
                known[i] = _entry_of(keys[i], morphemes[i])
    places = list(accumulate(map(len, surfaces), initial=offset))[:-1]
    return cast("list[Entry]", known), places, surfaces


def _surfaces(morphemes: MorphemeList, piece: str) -> list[str]:
    """How the words of a piece are written, of which asking each of them would take longer.

    The list writes them parted by spaces; a space between words then stands as three.
    """
    found = str(morphemes).replace("   ", " \0 ").split(" ")
    at = -1
    for _ in range(found.count("\0")):
        at = found.index("\0", at + 1)
        found[at] = " "
    if len(found) == len(morphemes) and "".join(found) == piece:
        return found
    return list(map(Morpheme.surface, morphemes))


_entries: dict[tuple[int, str], Entry] = {}
# Unknown words whose entry is kept too: they are short, and each sign of them stands for itself.
# (A sign such as ㏂, which Sudachi writes out, may be one of several words.)
_KEPT_UNKNOWN = re.compile(r"\s{1,8}|[0-9A-Za-z,.０-９ぁ-ゖァ-ヺー一-鿿〇々]{1,12}")


def _entry_of(key: tuple[int, str], morpheme: Morpheme) -> Entry:
    """The entry of a morpheme that was not met yet; the number and surface are its `key`."""
    surface = key[1]
    begin = morpheme.begin()
    whole = _token(morpheme, -begin)
    parts = morpheme.split(SplitMode.A) if whole is not None else []
    tokens = tuple(t for m in parts if (t := _token(m, -begin)) is not None)
    if whole is not None and (len(parts) < 2 or not tokens):
        tokens = (whole,)
    unknown = morpheme.is_oov()
    entry = entry_of(whole, tokens, len(surface), unknown=unknown and is_japanese_word(surface))
    if not unknown or _KEPT_UNKNOWN.fullmatch(surface):
        if len(_entries) >= _MAX_ENTRIES:
            _entries.clear()
        _entries[key] = entry
    return entry


def word_kinds(text: str) -> dict[str, WordKind]:
    """What each word of meaning of a text is, by its normalized form."""
    return {token.form: kind for token, kind in kinds_of(text)}


@lru_cache(maxsize=256)
def kinds_of(text: str) -> tuple[tuple[Token, WordKind], ...]:
    """The words of meaning of a text in short units, and what each is."""
    found: list[tuple[Token, WordKind]] = []
    for offset, piece in _pieces(_encodable(text)):
        for morpheme in _sudachi().tokenize(piece):
            for part in morpheme.split(SplitMode.A) or [morpheme]:
                token = _token(part, offset)
                if token is not None and token.content:
                    found.append((token, _kind(part, token)))
    return tuple(found)


def _kind(morpheme: Morpheme, token: Token) -> WordKind:
    pos = morpheme.part_of_speech()
    surface = morpheme.surface()
    if token.form[0].isdecimal() or (pos[1] == "数詞" and token.form not in _NO_NUMBERS):
        return WordKind.NUMBER
    if pos[2] == "人名":
        return WordKind.PERSON
    if pos[2] == "地名":
        return WordKind.PLACE
    if pos[1] == "固有名詞" or (surface.isascii() and surface[:1].isupper()):
        return WordKind.NAME
    if pos[0] in _AFFIXES:
        return WordKind.AFFIX
    if not token.noun:
        return WordKind.OTHER
    return WordKind.KATAKANA if _KATAKANA.fullmatch(surface) else WordKind.NOUN


def known_share(text: str) -> float:
    """The share of the Japanese words of `text` that the dictionary has, 0..1.

    Numbers, signs and Latin words do not count. No words at all give 1.
    """
    known = total = 0
    for _, piece in _pieces(text):
        for morpheme in _sudachi().tokenize(piece):
            surface = morpheme.surface()
            if not is_japanese_word(surface):
                continue
            total += len(surface)
            known += 0 if morpheme.is_oov() else len(surface)
    return known / total if total else 1.0


def is_japanese_word(surface: str) -> bool:
    """Whether it is no number, sign or Latin word."""
    return not surface.isascii() and any(map(str.isalpha, surface))


def sudachi_alone() -> SudachiTokenizer:
    """Sudachi as `analyse` uses it, to be measured by itself."""
    return _sudachi()


def dictionary_version() -> str:
    """Which Sudachi and dictionary made the tokens: part of what an index depends on."""
    from importlib.metadata import version

    return f"sudachipy {version('sudachipy')}, core {version('sudachidict_core')}"


def _token(morpheme: Morpheme, offset: int) -> Token | None:
    """The token of a morpheme, None for white space."""
    surface = morpheme.surface()
    # Sudachi writes Latin words in katakana (export as エクスポート); a reader's query in
    # Latin letters should find Latin letters, so they keep their own spelling.
    latin = surface.isascii() and surface.isalpha()
    form = surface.lower() if latin else morpheme.normalized_form().lower()
    if not form.strip():
        return None
    content, noun = _nature(morpheme.part_of_speech_id(), form)
    return Token(offset + morpheme.begin(), offset + morpheme.end(), form, content, noun)


@lru_cache(maxsize=65536)
def _nature(part_of_speech: int, form: str) -> tuple[bool, bool]:
    """Whether a word carries meaning, and whether it is a noun that does."""
    pos = _dictionary().pos_of(part_of_speech)
    content = (
        pos[0] not in _EMPTY_POS and form not in _EMPTY_FORMS and any(c.isalnum() for c in form)
    )
    return content, content and pos[0] == "名詞" and pos[1] != "数詞"


def _encodable(text: str) -> str:
    """The text with lone surrogates, which Sudachi does not take, as question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


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
