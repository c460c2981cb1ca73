"""The words of a sentence that a model wrote, looked up in the passages that it cites."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kb.language.glossary.matching import Mention
from kb.language.tokens import Token, analyse

SHARE = 0.7  # of its words that a sentence must have in common with what it cites

# Names: words in letters that are not Japanese (also DS431, GB/T), and words in katakana.
_LETTER = r"(?![\u3041-\u30ff\u3400-\u9fff々〆])[^\W_]"
_FOREIGN = re.compile(rf"(?![0-9]){_LETTER}(?:{_LETTER}|[&.\-/](?={_LETTER}))*")
_KATAKANA = re.compile(r"[ァ-ヺー][ァ-ヺー・]+")
# Nouns with which a sentence may be put, whatever it is about.
_FREE = frozenset(
    "対象 内容 点 事例 理由 背景 目的 結果 場合 上 中 下 内 間 際 時 後 前 旨 方 形".split()
)
# Words that turn what is said into another thing; they must come from the source.
_TURNING = frozenset(
    "不 非 未 無 反 再 上回る 下回る 増える 減る 増やす 減らす 超える 上がる 下がる 高まる 弱まる "
    "強める 弱める 広がる 縮まる 初めて 最も 唯一 必ず 全く 決して 認める 退ける 覆す 破る 守る "
    "止める 始める 始まる 終わる 緩める 禁じる 許す 免れる 除く 含む 限る 応じる 断る 拒む".split()
)
_NEGATIVE = frozenset(("ない", "無い", "ず", "まい"))
_HEDGE = re.compile(
    r"可能性|おそれ|恐れ|見込|見通|かもしれ|だろう|であろう|予定|検討|方針|とみられ|と見られ|推定|推計"
    r"|主張|批判|要求|提案|案(?![内件出])|疑い|よう(?:だ|である)|目標|目指"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What is compared of a text: its words, those that it negates and those that it does not,
    the concepts that it names, the text folded, and its reservations.
    """

    folded: str
    words: frozenset[str]
    negated: frozenset[str]
    asserted: frozenset[str]
    concepts: frozenset[str]
    hedges: frozenset[str]


def wording_of(text: str, mentions: Callable[[str], Sequence[Mention]]) -> Wording:
    """The wording of a text in which `mentions` finds the concepts."""
    plain = unicodedata.normalize("NFKC", text)
    analysis = analyse(plain)
    found = mentions(plain)
    negated, asserted = _polarity(analysis.words, found)
    return Wording(
        folded=_spaced(plain),
        words=frozenset(t.form for t in (*analysis.words, *analysis.compounds)),
        negated=negated,
        asserted=asserted,
        concepts=frozenset(m.concept for m in found),
        hedges=frozenset(_HEDGE.findall(plain)),
    )


def unfounded_wording(
    text: str,
    cited: Sequence[Wording],
    mentions: Callable[[str], Sequence[Mention]],
    *,
    quantities: Sequence[tuple[int, int]] = (),
) -> str | None:
    """What is wrong with the words of a NFKC-folded text; None when they are borne out.

    `quantities` are the spans of its dates and amounts, which are looked up elsewhere.
    """
    known = _together(cited)
    found = mentions(text)
    named = [m for m in found if m.concept in known.concepts]
    unnamed = [
        m for m in found
        if not m.nested and m.concept not in known.concepts and not _covered(m.start, m.end, named)
    ]  # fmt: skip
    if unnamed:
        return f"{text[unnamed[0].start : unnamed[0].end]!r} is not named in what it cites"
    for pattern in (_FOREIGN, _KATAKANA):
        for match in pattern.finditer(text):
            if not _covered(*match.span(), named) and not _has_name(known, match[0]):
                return f"{match[0]!r} is not in what it cites"
    words = [
        t for t in analyse(text).words
        if t.content and not t.form[0].isdecimal() and not _covered(t.start, t.end, named)
        and not any(start <= t.start and t.end <= end for start, end in quantities)
    ]  # fmt: skip
    missing = [t for t in words if not _has_word(known, text, t)]
    for token in missing:
        if (token.noun and token.form not in _FREE) or token.form in _TURNING:
            return f"{text[token.start : token.end]!r} is not in what it cites"
    if len(missing) > (1 - SHARE) * len(words):
        return "too few of its words are in what it cites"
    return _turned(text, found, known, cited)


def _turned(
    text: str, found: Sequence[Mention], known: Wording, cited: Sequence[Wording]
) -> str | None:
    """Whether a negation or reservation came or went."""
    negated, asserted = _polarity(analyse(text).words, found)
    if new := negated - known.negated:
        return f"{sorted(new)[0]!r} is negated, and not in what it cites"
    if lost := (asserted & known.negated) - known.asserted:
        return f"{sorted(lost)[0]!r} is negated in what it cites"
    if all(one.hedges for one in cited) and not known.hedges & set(_HEDGE.findall(text)):
        return "it leaves out a reservation of what it cites"
    return None


def _polarity(
    words: Sequence[Token], mentions: Sequence[Mention]
) -> tuple[frozenset[str], frozenset[str]]:
    """The forms and concepts that are negated, and those that are not.

    A negation belongs to the last word with a meaning before it. Concepts, so that saying it
    in another word does not hide that it was negated.
    """
    negated: set[str] = set()
    asserted: set[str] = set()
    last: set[str] = set()
    for token in words:
        if token.form in _NEGATIVE:
            negated |= last
            asserted -= last
        elif token.content and not token.form[0].isdecimal():
            last = {m.concept for m in mentions if m.start <= token.start and token.end <= m.end}
            last.add(token.form)
            asserted |= last
    return frozenset(negated), frozenset(asserted)


def _together(cited: Sequence[Wording]) -> Wording:
    def union(parts: Iterable[frozenset[str]]) -> frozenset[str]:
        return frozenset().union(*parts)

    return Wording(
        folded="\n".join(one.folded for one in cited),
        words=union(one.words for one in cited),
        negated=union(one.negated for one in cited),
        asserted=union(one.asserted for one in cited),
        concepts=union(one.concepts for one in cited),
        hedges=union(one.hedges for one in cited),
    )


def _spaced(text: str) -> str:
    """A text in lower case with one space for each white space, so that names keep their ends."""
    return " ".join(text.split()).lower()


def _covered(start: int, end: int, mentions: Sequence[Mention]) -> bool:
    return any(m.start <= start and end <= m.end for m in mentions)


def _has_name(known: Wording, name: str) -> bool:
    """Whether a name stands in the cited text, and not as a part of a longer one."""
    folded = _spaced(name).strip("・./&-")
    if not folded:
        return True
    at = known.folded.find(folded)
    while at >= 0:
        before, after = known.folded[at - 1 : at], known.folded[at + len(folded) :][:1]
        if not (_goes_on(before, folded[0]) or _goes_on(after, folded[-1])):
            return True
        at = known.folded.find(folded, at + 1)
    return False


def _goes_on(c: str, edge: str) -> bool:
    """Whether a letter belongs to the same word as the `edge` of a name beside it."""
    if not c:
        return False
    if "\u30a1" <= edge <= "\u30fc":
        return "\u30a1" <= c <= "\u30fc" and c != "\u30fb"
    return edge.isascii() and c.isascii() and c.isalnum()


def _has_word(known: Wording, text: str, token: Token) -> bool:
    if token.form in known.words:
        return True
    surface = _spaced(text[token.start : token.end])
    return len(surface) > 1 and surface in known.folded
