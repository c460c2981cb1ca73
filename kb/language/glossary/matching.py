"""Finds the concepts of the glossary in a text; the only module that imports ahocorasick_rs.

A name counts where it begins and ends with words as Sudachi parts them (or, for Latin
letters and digits, where none go on), in any width and case. Names of up to three Latin
letters keep their case: US is a country, us is not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from kb.language.folding import Kept, fold, folded_text, places
from kb.language.glossary.concepts import Concept, all_concepts
from kb.language.tokens import Analysis, analyse

RULES_VERSION = 1  # raise it when names are found in other places than before
_SHORT = 3  # letters of a Latin name that keeps its case
# The endings of verbs and adjectives by the kana of their dictionary form, as far as the word
# that Sudachi parts off reaches: 止まる stands as 止まら|ない, 止まり, 止まっ|た.
_ENDINGS = {
    "う": "わいうえおっ", "く": "かきくけこい", "ぐ": "がぎぐげごい", "す": "さしすせそ",
    "つ": "たちつてとっ", "ぬ": "なにぬねのん", "ぶ": "ばびぶべぼん", "む": "まみむめもん",
    "る": ("ら", "り", "る", "れ", "ろ", "っ", ""), "い": ("い", "く", "かっ", "けれ"),
}  # fmt: skip
_IGNORED = re.compile("[-·]")  # rare-earth and rare earth, ホワイト・ハウス and ホワイトハウス


class Mention(NamedTuple):
    """A span of a text that names a concept; `nested` when a longer name has it inside."""

    concept: str
    start: int
    end: int
    nested: bool = False


class Glossary:
    """Concepts and the finding of their names; safe for use from several threads.

    `digest` tells apart glossaries that find other names. The names are made ready when the first
    are looked for, since an index that is up to date needs the digest only.
    """

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = {concept.id: concept for concept in concepts}
        self.digest = _digest(concepts)

    @cached_property
    def _names(self) -> _Names:
        """Made once; threads that race get equal ones."""
        return _Names((name, c.id) for c in self.concepts.values() for name in c.names)

    @cached_property
    def _broader(self) -> _Names:
        return _Names((term, c.id) for c in self.concepts.values() for term in c.broader)

    def mentions(self, text: str, analysis: Analysis | None = None) -> list[Mention]:
        """Where the text names concepts, in its order, longer names before those inside.

        `analysis` are the tokens of the text, where they are known.
        """
        return self._names.mentions(text, analysis)

    def broader(self, text: str) -> list[Mention]:
        """The same of terms that hold for several concepts; a mention for each of them."""
        return self._broader.mentions(text)


class _Names:
    """Names with what each stands for, and the finding of them."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        patterns: dict[tuple[str, str], set[str]] = {}
        for name, concept in named:
            for pattern in _patterns(name):
                spellings = patterns.setdefault((pattern, concept), set())
                if _is_short(pattern):
                    spellings.add(_spelling(name))
        # Each pattern with its concept, and the spellings that count where case matters.
        self._names = [(concept, frozenset(exact)) for (_, concept), exact in patterns.items()]
        self._automaton = AhoCorasick([pattern for pattern, _ in patterns])

    def mentions(self, text: str, analysis: Analysis | None = None) -> list[Mention]:
        """Where the text has the names, in its order, longer ones before those inside."""
        folded = fold(text)
        gaps = [sign.start() for sign in _IGNORED.finditer(folded.text)]
        searched = _IGNORED.sub("", folded.text) if gaps else folded.text
        matches = self._automaton.find_matches_as_indexes(searched, overlapping=True)
        if not matches:
            return []
        numbers = [number for number, _, _ in matches]
        firsts = [first for _, first, _ in matches]
        lasts = [behind - 1 for _, _, behind in matches]
        if gaps:
            left = Kept(len(searched), gaps)
            firsts, lasts = left.of(firsts), left.of(lasts)
        words = analyse(text) if analysis is None else analysis
        found = {
            (start, -end, concept)
            for number, start, end in zip(
                numbers, places(folded.starts, firsts), places(folded.ends, lasts), strict=True
            )
            if _stands_alone(text, start, end, words)
            for concept, exact in (self._names[number],)
            if not exact or _spelling(text[start:end]) in exact
        }
        mentions: list[Mention] = []
        reach = -1
        widest: tuple[int, int] = (-1, -1)
        for start, before, concept in sorted(found):
            end = -before
            nested = end <= reach and (start, end) != widest
            mentions.append(Mention(concept, start, end, nested))
            if end > reach:
                reach, widest = end, (start, end)
        return mentions


def _stands_alone(text: str, start: int, end: int, words: Analysis) -> bool:
    """Whether a span begins and ends with words, or with Latin ones that do not go on."""
    if text[start] in _LATIN:
        if start and text[start - 1] in _LATIN:
            return False
    elif not words.begins(start):
        return False
    if text[end - 1] in _LATIN:
        return end == len(text) or text[end] not in _LATIN
    return words.ends_at(end)


@lru_cache(maxsize=2)
def load_glossary(extra: Path | None = None) -> Glossary:
    """The glossary that ships, with a user's file if there is one. Raises GlossaryError."""
    return Glossary(all_concepts(extra))


def _digest(concepts: Iterable[Concept]) -> str:
    """Of what the mentions in a passage depend on: the names, and the rules of finding them."""
    digest = hashlib.sha256(str(RULES_VERSION).encode())
    for concept in sorted(concepts, key=lambda c: c.id):
        digest.update(
            "\0".join((concept.id, *concept.names, "\n")).encode("utf-8", "surrogatepass")
        )
    return digest.hexdigest()[:12]


def _patterns(name: str) -> list[str]:
    """The folded name, its plural where it is an English noun, and its inflected forms where
    it ends as Japanese verbs and adjectives do.
    """
    plain = _IGNORED.sub("", folded_text(name))
    if len(plain) > 1 and plain[-1] in _ENDINGS:
        return [plain[:-1] + ending for ending in _ENDINGS[plain[-1]]]
    last = name.split()[-1] if name.split() else ""
    if not (last.isascii() and last.isalpha() and last.islower() and len(last) > _SHORT):
        return [plain] if plain else []
    if last.endswith("y") and last[-2] not in "aeiou":
        return [plain, plain[:-1] + "ies"]
    return [plain, plain + ("es" if last.endswith(("s", "x", "z", "ch", "sh")) else "s")]


def _spelling(name: str) -> str:
    """A name as it is written, apart from width."""
    return "".join(name.split()).translate(_NARROW)


_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
# What belongs to a Latin word or number, full-width or not.
_LATIN = frozenset(
    c for n in range(0x21, 0x7F) if chr(n).isalnum() for c in (chr(n), chr(n + 0xFEE0))
)


def _is_short(pattern: str) -> bool:
    return len(pattern) <= _SHORT and pattern.isascii() and pattern.isalpha()
