"""Second stage: chooses the pieces and writes the Unigram tokenizer.

Sudachi is needed here only: its short units are the candidate pieces. The Unigram model then cuts
raw text by itself, and single characters catch what no piece covers.
"""

from __future__ import annotations

import math
import multiprocessing
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from sudachipy import Dictionary, SplitMode
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

UNKNOWN = "[UNK]"
UNKNOWN_ID = 0
LONGEST_PIECE = 16
FEWEST = 5
"""Occurrences that a piece of several characters needs."""

FEWEST_CHARACTER = 3
ENGLISH_WORDS = 9_000
ENGLISH_PARTS = 1_500
NUMBERS = 800
KATAKANA_FACTOR = 4
"""How much more an occurrence of a katakana word counts when choosing: its kana say nothing of
what it means, while a kanji word falls back on kanji that do."""

REQUIRED_COUNT = 20
"""What a required piece starts from at least."""

LONGEST_REQUIRED = 3
RECOUNT_EVERY = 2

_JAPANESE = re.compile(
    r"[\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]+")
_LATIN = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"[0-9]{1,4}")
_BATCH = 4_000
_SUDACHI_CHARACTERS = 12_000
_ORDINALS_PER_ROW = 94


def normalize(text: str) -> str:
    """The normalization that the tokenizer itself applies."""
    return unicodedata.normalize("NFKC", text).lower()


def japanese_characters() -> list[str]:
    """Every kana and every kanji of JIS X 0208, in code order."""
    found = set("々〆〇ー")
    found.update(map(chr, range(0x3041, 0x3097)))
    found.update(map(chr, range(0x30A1, 0x30FB)))
    for row in range(16, 85):
        for cell in range(1, _ORDINALS_PER_ROW + 1):
            try:
                found.add(bytes((row + 0xA0, cell + 0xA0)).decode("euc_jp"))
            except UnicodeDecodeError:
                continue
    return sorted({normalize(character) for character in found})


@dataclass(frozen=True)
class Counts:
    """How often words (short units of Sudachi, Latin words, numbers) and characters occur."""

    words: Counter[str]
    characters: Counter[str]


def count(texts: Path, processes: int) -> Counts:
    """Counts over all the texts."""
    total = Counts(Counter(), Counter())
    with texts.open(encoding="utf-8") as stream, multiprocessing.Pool(processes) as pool:
        for counts in pool.imap(_count_batch, _batches(stream)):
            total.words.update(counts.words)
            total.characters.update(counts.characters)
    return total


def choose(counts: Counts, size: int, required: Iterable[str]) -> Counter[str]:
    """At most ``size`` pieces with the counts to start from, the required words among them.

    A character starts from its occurrences as a word of its own: counted inside longer words too,
    two common characters would always beat the rarer word that they make.
    """
    characters: Counter[str] = Counter(dict.fromkeys(japanese_characters(), 1))
    for character, count in counts.characters.items():
        if count >= FEWEST_CHARACTER and character.isalnum():
            characters[character] = 1
    latin: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for word, count in counts.words.items():
        if len(word) == 1:
            if word in characters:
                characters[word] += count
        elif count >= FEWEST and len(word) <= LONGEST_PIECE:
            if _LATIN.fullmatch(word):
                latin[word] = count
            elif _NUMBER.fullmatch(word):
                numbers[word] = count
            elif _JAPANESE.fullmatch(word):
                words[word] = count
    chosen = Counter(characters)
    english = dict(latin.most_common(ENGLISH_WORDS))
    chosen.update(english)
    chosen.update(_latin_parts(latin, english))
    chosen.update(dict(numbers.most_common(NUMBERS)))
    for word in required:
        if len(word) > 1 and word not in chosen:
            chosen[word] = max(REQUIRED_COUNT, counts.words[word])
            words.pop(word, None)
    weight = {word: KATAKANA_FACTOR if _KATAKANA.fullmatch(word) else 1 for word in words}
    ranked = sorted(words, key=lambda word: (-words[word] * weight[word], word))
    chosen.update({word: words[word] for word in ranked[: max(0, size - 1 - len(chosen))]})
    return chosen


def required_pieces(groups: Iterable[Iterable[str]]) -> list[str]:
    """The short words among terms; a longer compound is better cut into the words it is made of."""
    words = {word for group in groups for term in group for word in normalize(term).split()}
    return sorted(
        word
        for word in words
        if len(word) <= LONGEST_PIECE
        and (
            _LATIN.fullmatch(word)
            or _KATAKANA.fullmatch(word)
            or (_JAPANESE.fullmatch(word) and len(word) <= LONGEST_REQUIRED)
        )
    )


def build(counts: Counter[str]) -> Tokenizer:
    """The tokenizer whose piece probabilities follow the counts."""
    total = math.log(sum(counts.values()))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    scored = [(piece, math.log(count) - total) for piece, count in ordered]
    lowest = min(score for _, score in scored)
    tokenizer = Tokenizer(Unigram([(UNKNOWN, lowest - 10.0), *scored], unk_id=UNKNOWN_ID))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(behavior="removed")]
    )
    return tokenizer


def recount(tokenizer: Tokenizer, texts: Path, required: Iterable[str]) -> Counter[str]:
    """How often the tokenizer uses each of its pieces; pieces of one character never vanish.

    A piece of several characters that lost every contest against others is left out, but for the
    required ones. Every ``RECOUNT_EVERY``-th batch of lines is enough for this.
    """
    used: Counter[int] = Counter()
    with texts.open(encoding="utf-8") as stream:
        for batch in islice(_batches(stream), None, None, RECOUNT_EVERY):
            for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
                used.update(encoding.ids)
    kept = set(required)
    counts: Counter[str] = Counter()
    for piece, number in tokenizer.get_vocab().items():
        if piece != UNKNOWN and (used[number] or len(piece) == 1):
            counts[piece] = used[number] + 1
        elif piece in kept:
            counts[piece] = REQUIRED_COUNT
    return counts


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _count_batch(lines: list[str]) -> Counts:
    analyzer = _analyzer()
    counts = Counts(Counter(), Counter())
    for line in lines:
        text = normalize(line[:_SUDACHI_CHARACTERS])
        counts.characters.update(text)
        counts.words.update(_LATIN.findall(text))
        counts.words.update(_NUMBER.findall(text))
        if _JAPANESE.search(text):
            surfaces = (morpheme.surface() for morpheme in analyzer.tokenize(text))
            counts.words.update(word for word in surfaces if not word.isascii())
    return counts


@cache
def _analyzer() -> Any:
    """One analyzer a process: its dictionary takes a while to open."""
    return Dictionary().create(mode=SplitMode.A)


def _latin_parts(latin: Counter[str], whole: dict[str, int]) -> dict[str, int]:
    """Frequent beginnings and ends of the Latin words that are no pieces themselves."""
    parts: Counter[str] = Counter()
    for word, count in latin.items():
        if word not in whole:
            for length in range(2, min(6, len(word) - 1)):
                parts[word[:length]] += count
                parts[word[-length:]] += count
    letters = dict.fromkeys("abcdefghijklmnopqrstuvwxyz0123456789", 1)
    rest = Counter({part: count for part, count in parts.items() if part not in whole})
    return letters | dict(rest.most_common(ENGLISH_PARTS))
