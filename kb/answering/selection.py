"""Which of the scored sentences are said: the best first, with what they need, as spans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from kb.answering.evidence import Sentence, leans
from kb.answering.units import BULLET, Found, Unit
from kb.language.asking import Wanted

MAX_STATEMENTS = 5
MAX_CHARACTERS = 500  # of an answer, unless its best sentence or list is longer
MOST_TOGETHER = 160  # characters of neighbours that are quoted as one
MOST_OF_A_LIST = 700  # characters of a list that is given whole
_SURE = 0.7  # of the belief in all sentences, from which the first statement stands alone
_ENOUGH = 0.8  # of the belief that is said otherwise, if there is room
_WITH = 0.25  # of the belief in a sentence, from which its neighbour is quoted with it
_SAME = 0.75  # share of words from which two sentences say the same

_NUMBER = re.compile(r"\d+")
# A sentence that begins so says in full what the one before it says.
_EXPLAINS = re.compile(r"すなわち|つまり|具体的には|要するに|言い換えれば")
_EXPLAINED = (Wanted.WHAT, Wanted.HOW, Wanted.LIST, Wanted.DEFINITION, Wanted.WHY)
_ORDINAL = re.compile(
    r"(第[一二三四五六七八九1-9１-９](に|は|の|、)|[一二三四]つ(目)?は|もう一つは|最後に|[①-⑳]|まず|次に)"
)
_INTRODUCES = re.compile(
    r"(次の|以下の|下記|[：:]$|[0-9０-９二三四五六七八九]+(つ|点|種類|段階|本柱)(に|が|を|の|で|ある|から|だ))"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A span of one document that is said: its sentences in the order of the text."""

    found: Found
    start: int
    end: int
    sentences: tuple[Sentence, ...]

    def overlaps(self, other: Choice) -> bool:
        """Whether two spans have characters in common."""
        return (
            self.found.passage.document_id == other.found.passage.document_id
            and self.start < other.end
            and other.start < self.end
        )


def choose(wanted: Wanted, sentences: Sequence[Sentence]) -> list[Choice]:
    """The spans to say, the best first and the others in the order of the hits and their text.

    `sentences` come best first. The first is all that is said where it is believed well above the
    others; else others follow, for the reader to weigh. A neighbour that is believed a quarter as
    much, or on which a sentence leans, is quoted with it, and what explains the first; a list is
    given whole.
    """
    if not sentences:
        return []
    shares = _shares(sentences)
    at = {(id(s.unit.found), s.unit.position): i for i, s in enumerate(sentences)}
    said: set[int] = set()
    chosen: list[Choice] = []
    belief = 0.0
    length = 0
    for i, sentence in enumerate(sentences):
        if len(chosen) == MAX_STATEMENTS or belief >= (_SURE if len(chosen) == 1 else _ENOUGH):
            break
        if i in said or any(_says_the_same(sentence, c) for c in chosen):
            continue
        members = _with_neighbours(i, sentences, shares, at, said)
        if not chosen and wanted in _EXPLAINED:
            members = _with_explanation(members, sentences, at)
        if not chosen and wanted in (Wanted.LIST, Wanted.WHY):
            members = _whole_list(members, sentences, at)
        choice = _choice(members, sentences)
        if chosen and length + choice.end - choice.start > MAX_CHARACTERS:
            members = [i]
            choice = _choice(members, sentences)
            if length + choice.end - choice.start > MAX_CHARACTERS:
                continue
        if any(choice.overlaps(other) for other in chosen):
            continue
        chosen.append(choice)
        said.update(members)
        belief += sum(shares[j] for j in members)
        length += choice.end - choice.start
    return [chosen[0], *sorted(chosen[1:], key=lambda c: (c.found.rank, c.start))]


def with_sides(chosen: Sequence[Choice], sides: Sequence[Sequence[Sentence]]) -> list[Choice]:
    """The choices with the best sentence on each side of a comparison that none has yet.

    The sides come after the best sentence, before the others.
    """
    found = list(chosen[:1])
    for sentences in sides:
        for sentence in sentences[:1]:
            choice = Choice(
                sentence.unit.found, sentence.unit.start, sentence.unit.end, (sentence,)
            )
            if not any(choice.overlaps(other) for other in found):
                found.append(choice)
    for choice in chosen[1:]:
        length = sum(c.end - c.start for c in found) + choice.end - choice.start
        room = len(found) < MAX_STATEMENTS and length <= MAX_CHARACTERS
        if room and not any(choice.overlaps(other) for other in found):
            found.append(choice)
    return found


def _shares(sentences: Sequence[Sentence]) -> list[float]:
    """How much each sentence is believed to answer: a softmax of the scores."""
    exps = [exp(s.score - sentences[0].score) for s in sentences]
    total = sum(exps)
    return [e / total for e in exps]


def _with_neighbours(
    i: int,
    sentences: Sequence[Sentence],
    shares: Sequence[float],
    at: dict[tuple[int, int], int],
    said: set[int],
) -> list[int]:
    unit = sentences[i].unit
    members = [i]
    length = len(unit.text)
    before = _beside(unit, -1, sentences, at)
    if before is not None and before not in said:
        needed = leans(unit.text)
        length += len(sentences[before].text)
        if needed or (shares[before] >= _WITH * shares[i] and length <= MOST_TOGETHER):
            members.append(before)
        else:
            length -= len(sentences[before].text)
    after = _beside(unit, 1, sentences, at)
    if after is None or after in said or shares[after] < _WITH * shares[i]:
        return members
    if length + len(sentences[after].text) <= MOST_TOGETHER:
        members.append(after)
    return members


def _with_explanation(
    members: list[int], sentences: Sequence[Sentence], at: dict[tuple[int, int], int]
) -> list[int]:
    """The sentences with the one behind them that explains them, if there is room."""
    last = max((sentences[j].unit for j in members), key=lambda unit: unit.position)
    after = _beside(last, 1, sentences, at)
    if after is None or not _EXPLAINS.match(sentences[after].text):
        return members
    whole = [*members, after]
    return whole if sum(len(sentences[j].text) for j in whole) <= MAX_CHARACTERS else members


def _beside(
    unit: Unit, step: int, sentences: Sequence[Sentence], at: dict[tuple[int, int], int]
) -> int | None:
    """The sentence before or after another in its passage."""
    return at.get((id(unit.found), unit.position + step))


def _whole_list(
    members: list[int], sentences: Sequence[Sentence], at: dict[tuple[int, int], int]
) -> list[int]:
    """The sentences with all the items of the list that they introduce or belong to.

    Items are the sentences of a passage that begin with 第一に, 第二に and so on, or the lines of
    a list or table.
    """
    unit = sentences[members[0]].unit
    run = [at[key] for key in sorted(k for k in at if k[0] == id(unit.found))]
    units = {j: sentences[j].unit for j in run}
    items = [j for j in run if _is_item(units[j])]
    if len(items) < 2:
        return members
    touches = any(j in items for j in members)
    positions = [units[j].position for j in items]
    introduced = any(
        units[j].position + 1 == min(positions) and _INTRODUCES.search(units[j].text)
        for j in members
        if j in units
    )
    if not touches and not introduced:
        return members
    low = min([*positions, *(units[j].position for j in members)])
    high = max([*positions, *(units[j].position for j in members)])
    whole = [j for j in run if low <= units[j].position <= high]
    length = sum(len(units[j].text) for j in whole)
    return whole if length <= MOST_OF_A_LIST else members


def _is_item(unit: Unit) -> bool:
    """Whether a unit is one of several that are listed."""
    before = unit.found.text[: unit.start - unit.found.passage.start]
    line = before[before.rfind("\n") + 1 :]
    return bool(_ORDINAL.match(unit.text) or BULLET.fullmatch(line))


def _choice(members: Sequence[int], sentences: Sequence[Sentence]) -> Choice:
    found = sorted((sentences[j] for j in members), key=lambda s: s.unit.start)
    return Choice(found[0].unit.found, found[0].unit.start, found[-1].unit.end, tuple(found))


def _says_the_same(sentence: Sentence, choice: Choice) -> bool:
    """Whether a sentence has little but the words of a choice, and no number that it lacks."""
    said = "".join(s.text for s in choice.sentences)
    if not set(_NUMBER.findall(sentence.text)) <= set(_NUMBER.findall(said)):
        return False
    own = {form for form, _ in sentence.unit.words}
    other = {form for s in choice.sentences for form, _ in s.unit.words}
    if not own or not other:
        return False
    return len(own & other) >= _SAME * len(own)
