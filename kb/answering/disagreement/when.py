"""On which day something happened, as sentences state it: a date, its verb, and what it is said of.

2022年6月に…「鉱物安全保障パートナーシップ」を立ち上げた → 2022-06, 設立, of the partnership
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kb.answering.disagreement.said import Asked, Said, is_of
from kb.answering.disagreement.sides import Claim, Conflict, conflict, of_one
from kb.answering.disagreement.vocabulary import (
    ANNOUNCING,
    IN_FORCE,
    NEGATED,
    UNSURE,
    Event,
    Stage,
    telling,
)
from kb.language.asking import Wanted
from kb.language.dates import DateMention
from kb.language.questions import is_japanese

# Also where the question asks for something else besides: いつ何カ国で発足したか
_ASKED_DAY = re.compile(r"いつ|時期|何[年月日]|\bwhen\b", re.I)
_NOT_THE_DAY = re.compile(
    r"\s*(?:以降|以来|まで|以前|ごろ|頃|から|時点|現在|当時|付|比|の(?:時点|段階))"
)
_CLOSED = re.compile(
    r"(?:し|され|した|された|する|れ|た|って|け|え)(?:[、。]|後|のち|ため|が、|ことを受け|結果)"
)
_ABOUT_ENDS = re.compile(r"は(?:いつ|何|どの|どこ)|がいつ|いつ|の時期")
_RELATIVE = re.compile(
    r"(?:(?:し|され|させ|られ|せ)?(?:た|る|ている|ていた)|の)"
    r"(?!こと|もの|ため|後|のち|際|とき|時|場合|ところ|。|、|と|が|の)(?=[「『一-龯ァ-ヶA-Za-z])"
)
_HEAD_END = re.compile(r"[、。はがをとや（(]")
_OWN_TOPIC = re.compile(r"[^、。]{2,}(?:は|が|も)")
_TOPIC = re.compile(r"[^、。]{1,40}?は、?")
# After a date whose event is named before it: 許可制は…に導入された, 設立は…である
_BEGAN = re.compile(
    r"\s*(?:のこと)?(?:である|だ|です|に[^、。]{0,12}?(?:導入|始ま|始め|開始|実施|動き出|移行|移さ|移っ|なった|行われ|公告|発表))"
)
_ACTORS = 3  # where in the key of a claim they stand
_OF_ACTORS = frozenset({"request", "appeal", "sign", "ban"})
"""Events that each country has its own day of."""
_FIRST = frozenset({"初めて", "最初", "正式", "新たな", "当初"})
_ALIKE = frozenset({"element", "law", "agreement", "pact", "case", "article"})
_ALIKE_NEAR = frozenset({"company", "place"})
"""Categories of concepts that must be the same on both sides; the latter, if near the date."""


def asks_day(asked: Asked) -> bool:
    """Whether a question asks when an event was."""
    question = asked.question
    return bool(asked.events) and (
        question.wanted is Wanted.WHEN or _ASKED_DAY.search(question.text) is not None
    )


def happens(asked: Asked, text: str) -> bool:
    """Whether a text names an event that is asked about."""
    return any(event.words.search(text) for event in asked.events)


def date_conflicts(
    asked: Asked, sentences: Sequence[Said], categories: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where sentences give other days for an event that is asked about."""
    for event in asked.events:
        claims = [
            claim for said in sentences if event.words.search(said.text) and said.dates
            for claim in _claims(asked, event, said, categories)
        ]  # fmt: skip
        claims = of_one(claims, _ACTORS)
        about = asked.about(_ABOUT_ENDS)
        if is_japanese(about):
            about += f"：{event.label}の時期"
        for key in dict.fromkeys(claim.key for claim in claims):
            alike = [claim for claim in claims if claim.key == key]
            if found := conflict(alike, _can_be_one, about, order=_first_day):
                yield found


def _claims(
    asked: Asked, event: Event, said: Said, categories: Mapping[str, str]
) -> Iterator[Claim]:
    text = said.text
    dates = said.dates
    for i, mention in enumerate(dates):
        if mention.year is None or mention.days is None or mention.until or mention.part:
            continue
        end = dates[i + 1].start if i + 1 < len(dates) else len(text)
        verb = _verb(event, text, mention, end)
        if verb is None or _NOT_THE_DAY.match(text, mention.end) or NEGATED.match(text, verb[1]):
            continue
        words = _words(said, i, verb[1])
        if not asked.subjects or not is_of(asked, said, words):
            continue
        around = _phrase_before(text, mention.start) + text[mention.start : verb[1] + 6]
        rest = re.split(r"[、。]", text[max(mention.end, verb[1]) :])[0]
        if UNSURE.search(rest) or UNSURE.search(text[mention.end : verb[1]]):
            continue
        named = [m.concept for m in said.find(words) if not m.nested]
        kinds = frozenset(c for c in named if categories.get(c) in _ALIKE)
        kinds |= {m.concept for m in said.find(around) if categories.get(m.concept) in _ALIKE_NEAR}
        actors = frozenset(c for c in named if categories.get(c) == "country")
        if event.name not in _OF_ACTORS:
            actors = frozenset()
        stage = _stage(event, text, mention, verb[1], end)
        note = {Stage.ANNOUNCED: "発表", Stage.IN_FORCE: "実施"}.get(stage, "")
        if mention.inferred:
            note = "、".join(filter(None, (mention.edtf, note)))
        key = (event.name, kinds, telling(around) - _FIRST, actors)
        breadth = (mention.days[1] - mention.days[0]).days
        yield Claim(said, mention.start, mention.end, key, (mention.days, stage), breadth, note)


def _verb(event: Event, text: str, mention: DateMention, end: int) -> tuple[int, int] | None:
    """Where the event is said of a date: after it, or before it in what it is the date of."""
    if (verb := event.words.search(text, mention.end, end)) is not None:
        # Another verb nearer to the date has the date for itself.
        return None if _CLOSED.search(text[mention.end : verb.start()]) else verb.span()
    topic = _phrase_before(text, mention.start)
    began = _BEGAN.match(text[:end], mention.end)
    if topic and began and event.words.search(topic):
        return mention.start - len(topic), began.end()
    return None


def _phrase_before(text: str, at: int) -> str:
    """What the date is said of, where that stands right before it: 改正輸出管理法は、"""
    topic = re.search(r"[^、。]*(?:は|が|も)、?$", text[:at])
    return topic[0] if topic else ""


def _stage(event: Event, text: str, mention: DateMention, verb: int, end: int) -> Stage:
    if not event.staged:
        return Stage.OPEN
    clause = text[mention.end : min(end, max(verb, mention.end) + 25)].split("。")[0]
    if ANNOUNCING.search(clause):
        return Stage.ANNOUNCED
    return Stage.IN_FORCE if IN_FORCE.search(clause) else Stage.OPEN


def _words(said: Said, i: int, verb: int) -> str:
    """The words that name what the event is of: its head (施行された輸出管理法), or else the
    clause up to the verb with what the whole sentence is about.
    """
    text, dates = said.text, said.dates
    if relative := _RELATIVE.match(text, verb):
        stop = _HEAD_END.search(text, relative.end() + 1)
        return text[relative.end() : min(stop.start() if stop else len(text), relative.end() + 40)]
    if i == 0:
        return text[:verb]
    start = dates[i - 1].end
    # What stands between an earlier date and this one is said of the earlier.
    stop = re.search(r"[、。]", text[start : dates[i].start])
    start += stop.end() if stop else 0
    clause = text[start:verb]
    topic = _TOPIC.match(text)
    if topic is None or topic.end() > dates[0].start or _OWN_TOPIC.search(clause):
        return clause
    return topic[0] + clause


def _first_day(claim: Claim) -> date:
    first: date = claim.value[0][0]
    return first


def _can_be_one(one: Claim, other: Claim) -> bool:
    """Whether two days can be of one event.

    An announcement and an entry into force are two days. A day that is given without saying of
    which can be either, but not before the announcement and not after the entry into force.
    """
    (first, last), (other_first, other_last) = one.value[0], other.value[0]
    if first <= other_last and other_first <= last:
        return True
    stages = one.value[1], other.value[1]
    if stages[0] is stages[1]:
        return False
    early, late = (one, other) if first <= other_first else (other, one)
    return early.value[1] is not Stage.IN_FORCE and late.value[1] is not Stage.ANNOUNCED
