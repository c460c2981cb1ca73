"""What a measure covers: sentences that take one thing in, and sentences that leave it out.

「2023年の規制も対象に含まれる」 against 「対象は10月の措置に限られる」
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kb.answering.disagreement.said import Asked, Said, names
from kb.answering.disagreement.sides import Claim, Conflict, Side

_ASKED_SCOPE = re.compile(
    r"対象|範囲|含(?:ま|む)|及(?:ぶ|び|ん)|どこまで|どの措置|何が(?:停止|猶予|止)|何を(?:停止|猶予|止)|どれが|\bcover\w*|\bscope\b|\binclude\w*"
)
_MEASURE = re.compile(r"停止|猶予|見合わせ|延期|凍結|包括(?:的な)?許可|免除|適用除外")
_INCLUDED = re.compile(
    r"(?:対象|範囲)に(?:も)?(?:事実上)?(?:含ま(?!れない|れてい|れなか|ない)|入る|入れた)|に含まれる"
    r"|(?:に|まで)(?:も)?及(?:ぶ|び)|も(?:停止|猶予|包括(?:的な)?許可)"
    r"|(?:についても|も)[^。]{0,20}(?:停止|許可|約束|認め|対象)"
)
_ONLY = re.compile(
    r"(?:に|のみに|だけに)(?:限ら|限定|とどま|留ま)|(?:のみ|だけ)(?:である|だ|が対象|を対象|で)"
)
_LEFT_OUT = re.compile(
    r"対象外|対象(?:と)?(?:には|に)?(?:し|なら|含め|含ま|入ら)(?:ない|なかった|れない|れていない)"
    r"|維持され|残(?:った|る|って|され)|(?:であって|では)(?:なく|ない)|停止され(?:ていない|ない)"
    r"|続(?:く|いて|けて)|除(?:か|い)(?:れ|た|て)|変わらない"
)
_NOT_OF_IT = re.compile(r"まで|には|、")  # when it was said or ends, not what it is said of
_Day = tuple[tuple[date, date], bool]
_ABOUT_ENDS = re.compile(r"は(?:何|どこ|どの|どれ)|の対象|に含まれ|の範囲|が対象")
_BEFORE = 60  # characters before the verb in which what it is said of stands
_HEDGED = re.compile(r"[^。]{0,12}(?:かどうか|か否か|言及していない|明らかでない|とも述べていない)")


def asks_scope(asked: Asked) -> bool:
    """Whether a question asks what a suspension or the like covers."""
    text = asked.question.text
    return _MEASURE.search(text) is not None and _ASKED_SCOPE.search(text) is not None


def scope_conflicts(
    asked: Asked, sentences: Sequence[Said], _categories: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where one sentence takes in what another leaves out of the measure that is asked about.

    What is taken in or left out is told by the day of its announcement or introduction.
    """
    taken: list[Claim] = []
    left: list[Claim] = []
    for said in sentences:
        if _MEASURE.search(said.text + said.before) and _is_of(asked, said):
            taken += _claims(said, _INCLUDED, "in")
            left += _claims(said, _LEFT_OUT, "out") + _claims(said, _ONLY, "only")
    pairs = [
        (one, other) for one in taken for other in left
        if one.said is not other.said and _contrary(one, other)
    ]  # fmt: skip
    if pairs:
        first = tuple(dict.fromkeys(one for one, _ in pairs))
        second = tuple(dict.fromkeys(other for _, other in pairs))
        yield Conflict(f"{asked.about(_ABOUT_ENDS)}の範囲", (Side(first), Side(second)))


def _claims(said: Said, words: re.Pattern[str], polarity: str) -> list[Claim]:
    found = []
    text = said.text
    for match in words.finditer(text):
        if _HEDGED.match(text, match.end()):
            continue
        begin = max(text.rfind("。", 0, match.start()) + 1, match.start() - _BEFORE, 0)
        if polarity != "in":
            # 限られ、…は維持 says two things, each of what stands before it.
            begin = max(begin, text.rfind("、", 0, match.start()) + 1)
        dates = [
            d for d in said.dates
            if begin <= d.start < match.start() and d.days and not _NOT_OF_IT.match(text, d.end)
        ]  # fmt: skip
        if dates:
            value = polarity, tuple((d.days, d.month is not None) for d in dates)
            found.append(Claim(said, dates[0].start, match.end(), "scope", value, 0.0))
    return found


def _contrary(one: Claim, other: Claim) -> bool:
    """Whether what one sentence takes in the other leaves out."""
    polarity, days = other.value
    meets = [any(_meet(a, b, polarity) for b in days) for a in one.value[1]]
    return any(meets) if polarity == "out" else not all(meets)


def _meet(one: _Day, other: _Day, polarity: str) -> bool:
    """Whether two days can be of one measure; a year alone holds for many of its months."""
    (first, month), (second, other_month) = one, other
    if polarity == "out" and month != other_month:
        return False
    return first[0] <= second[1] and second[0] <= first[1]


def _is_of(asked: Asked, said: Said) -> bool:
    words = said.text + said.before
    here = [m.concept for m in said.find(words)]
    return all(names(part, words, here) for part in asked.subjects)
