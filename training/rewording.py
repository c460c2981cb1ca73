"""Questions in other words: what searching is like when the words of a passage are not asked for.

Words that a question shares with its passage give way to synonyms (the Sudachi synonym
dictionary, or words with the same English translations), or are left out where there are
none; and English sentences are put into Japanese word by word.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from kb.language.glossary.matching import Glossary
from kb.language.questions import take_apart
from kb.language.tokens import analyse
from kb.language.word_table import english_words, translations

SMALLEST = 0.02  # of the probability that a word becomes another by way of English
KEPT = 4  # such words
FEWEST, MOST = 4, 8  # words of a sentence that are put into Japanese
UNSHARED = 0.6  # of those words are others than the passage's, if there are others


class Rewording:
    """What may stand for a Japanese word: the words of its groups, else those that translate
    the same English words.
    """

    def __init__(self, groups: Iterable[Sequence[str]], english: Iterable[str]) -> None:
        self._synonyms: dict[str, list[str]] = defaultdict(list)
        for group in groups:
            for word in group:
                self._synonyms[word] += [w for w in group if w != word and not w.isascii()]
        self._english: dict[str, dict[str, float]] = defaultdict(dict)
        for word in english:
            for other, probability in translations(word):
                self._english[other][word] = probability

    def alternatives(self, surface: str, form: str) -> list[str]:
        """Words for a word as it is written and in its normalized form; none if unknown."""
        known = [*self._synonyms.get(surface, ()), *self._synonyms.get(form, ())]
        return list(dict.fromkeys(known)) or self._by_english(form)

    def _by_english(self, form: str) -> list[str]:
        words = self._english.get(form, {})
        total = sum(words.values())
        found: dict[str, float] = defaultdict(float)
        for word, probability in words.items():
            for other, back in translations(word):
                if other != form:
                    found[other] += probability / total * back
        likely = sorted((-p, other) for other, p in found.items() if p > SMALLEST)
        return [other for _, other in likely[:KEPT]]

    def reworded(
        self, question: str, passage: str, glossary: Glossary, chance: random.Random
    ) -> str | None:
        """The question with some of the words that it shares with the passage replaced or
        left out; None if it shares none.
        """
        asked = set(take_apart(question, glossary).words)
        shared = asked & {t.form for t in analyse(passage).words if t.content}
        share = chance.uniform(0.3, 1.0)
        pieces: list[str] = []
        end = changed = 0
        for token in analyse(question).words:
            surface = question[token.start : token.end]
            if token.form in shared and chance.random() < share:
                others = [w for w in self.alternatives(surface, token.form) if w not in passage]
                surface = chance.choice(others) if others else ""
                changed += 1
            pieces += [question[end : token.start], surface]
            end = token.end
        pieces.append(question[end:])
        return "".join(pieces) if changed else None


def word_by_word(english: str, japanese: str, chance: random.Random) -> str | None:
    """Some neighbouring words of an English sentence in Japanese, mostly in others than those
    of its translation; None if too few are known.
    """
    words = [word for word in english_words(english) if translations(word)]
    if len(words) < FEWEST:
        return None
    count = chance.randint(FEWEST, MOST)
    start = chance.randrange(max(1, len(words) - count + 1))
    chosen = []
    for word in words[start : start + count]:
        found = translations(word)
        others = [entry for entry in found if entry[0] not in japanese]
        if others and chance.random() < UNSHARED:
            found = tuple(others)
        chosen.append(chance.choices([w for w, _ in found], [p for _, p in found])[0])
    return "の".join(chosen)
