"""What something is called: the names that sentences give to one abbreviation.

「鉱物安全保障パートナーシップ」(MSP), JOGMEC(エネルギー・金属鉱物資源機構)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kb.answering.disagreement.said import Asked, Said
from kb.answering.disagreement.sides import Claim, Conflict, conflict
from kb.language.folding import bigrams, fold

_LATIN = r"(?P<short>[A-Z][A-Z&]{1,7})"
_OPEN, _CLOSE = r"\s*[(（]\s*", r"\s*[)）]"
_WORD = r"[一-龯々ァ-ヶー・]"
# Name (English name：MSP), Name（MSP） and MSP（Name）; a name in corner brackets is whole.
_AFTER = re.compile(
    rf"(?:「(?P<quoted>[^「」]{{3,30}})」|(?P<bare>{_WORD}{{4,30}})){_OPEN}"
    rf"(?:[A-Za-z][A-Za-z ,.\-]*[:：、,]\s*)?{_LATIN}{_CLOSE}"
)
_BEFORE = re.compile(rf"(?<![A-Za-z]){_LATIN}{_OPEN}(?P<name>{_WORD}{{4,30}}){_CLOSE}")
_ASKED_NAME = re.compile(
    r"何と(?:呼|い|訳)|なんと(?:呼|い)|何という|名称|正式名|正式な名|日本語名|名前|呼称|略称"
    r"|とは(?:何|どの|$|[。?？])|何の略|\bcalled\b|\bstand for\b|\bname\b"
)
_FOUNDED = "found"
_LEGAL = re.compile(
    r"^(?:独立行政法人|国立研究開発法人|公益財団法人|一般財団法人|一般社団法人|財団法人|社団法人|米国?|米国の|米|欧州|欧州連合|欧|英|日本|中国|国連|連邦|世界)|の"
)
_ALIKE = 0.2  # share of pairs of signs from which two names are forms of one


def asks_name(asked: Asked) -> bool:
    """Whether a question asks what something is called, or when it was founded."""
    founded = any(event.name == _FOUNDED for event in asked.events)
    return founded or _ASKED_NAME.search(asked.question.text) is not None


def name_conflicts(
    asked: Asked, sentences: Sequence[Said], _categories: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where sentences give other names to what a question asks the name of, or the founding."""
    claims = [claim for said in sentences for claim in _claims(said)]
    for short in dict.fromkeys(claim.key for claim in claims):
        alike = [claim for claim in claims if claim.key == short]
        if not _is_asked(asked, str(short), alike):
            continue
        if found := conflict(alike, _same_name, f"{short}の名称"):
            yield found


def _claims(said: Said) -> Iterator[Claim]:
    for match in _AFTER.finditer(said.text):
        group = "quoted" if match["quoted"] else "bare"
        yield _claim(said, match, group)
    for match in _BEFORE.finditer(said.text):
        yield _claim(said, match, "name")


def _claim(said: Said, match: re.Match[str], group: str) -> Claim:
    return Claim(said, match.start(group), match.end(group), match["short"], match[group], 0.0)


def _is_asked(asked: Asked, short: str, claims: Sequence[Claim]) -> bool:
    """Whether the question names the abbreviation, or one of its names."""
    question = fold(asked.question.text).text
    if re.search(rf"(?<![a-z]){re.escape(short.lower())}(?![a-z])", question):
        return True
    return any(_core(claim.value) and _core(claim.value) in question for claim in claims)


def _same_name(one: Claim, other: Claim) -> bool:
    """Whether two names are one: the same, one with more said, or not forms of one at all."""
    first, second = _core(one.value), _core(other.value)
    if first in second or second in first:
        return True
    pairs, others = set(bigrams(first)), set(bigrams(second))
    return len(pairs & others) < _ALIKE * min(len(pairs), len(others))


def _core(name: str) -> str:
    """A name without its legal form, folded."""
    previous = ""
    while previous != name:
        previous, name = name, _LEGAL.sub("", name, count=1)
    return fold(name).text
