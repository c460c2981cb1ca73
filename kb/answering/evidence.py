"""Which sentences of the hits bear on the question, and how well: pure scoring."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.domain import BlockKind, Passage
from kb.language.folding import bigrams
from kb.language.glossary.matching import Mention
from kb.language.questions import Question, Wanted
from kb.language.sentences import sentence_spans
from kb.language.tokens import analyse
from kb.ranking.reranking import QueryPart

_BULLET = re.compile(
    r"\s*([•・･‣▪◦\-–—*]|[0-9０-９]{1,2}[.．]|[(（][0-9０-９]{1,2}[)）]|[①-⑳])[\s　]*"
)
_UNIT = r"(%|％|割|倍|トン|万|億|兆|ドル|ユーロ|元|円|カ国|か国|ヵ国|国|品目|年間|か月|カ月|人|社|件|種|元素|キロ|段落|条|号|番|点|基)"
_CUES: Mapping[Wanted, re.Pattern[str]] = {
    Wanted.WHEN: re.compile(
        r"(19|20)\d{2}\s*年|[0-9０-９]+\s*月\s*([0-9０-９]+\s*日)?|同年|翌年|同日|令和|平成|[0-9]{1,2}日"
    ),
    Wanted.QUANTITY: re.compile(
        rf"[0-9０-９〇一二三四五六七八九十百千][0-9０-９,，.．~～–-]*\s*{_UNIT}"
    ),
    Wanted.WHY: re.compile(
        r"ため|から(?!の)|理由|背景|原因|により|によって|ことで|ことから|ので|目的|ねらい|狙い|不足|契機"
    ),
    Wanted.LIST: re.compile(r"([^、。]{1,25}[、・]){2,}|①.*②|第一に|第1に"),
    Wanted.WHO: re.compile(r"[ァ-ヶー]{3,}|[A-Z]{2,}|社|集団|省|庁|機関|委員会|国"),
    Wanted.WHERE: re.compile(r"州|省|県|市|国|鉱山|鉱区|工場|[ァ-ヶー]{3,}"),
}
# A sentence that begins so says what it says about the one before it.
_LEANING = re.compile(
    r"(これ(は|ら|に|を|によ)|それ(は|ら|に|を)|この(うち|措置|ため|結果|規制|基準|法|条例|協議|割合|数)|その(うち|後|結果|理由|一方|内訳)"
    r"|同(年|月|日|条例|法|社|国|規格|措置|協定|年度|報告書)|前者|後者|両者|こうした|そこで|うち|具体的には|すなわち|ただし|第一は|第1は)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a hit: its span in the document, and its features, each in 0..1.

    `coverage` is the share of the question's words, by weight, that the sentence has;
    `context` that it has together with its neighbours and headings.
    """

    passage: Passage
    rank: int
    start: int
    end: int
    text: str
    kind: BlockKind
    coverage: float
    context: float
    grams: float
    similarity: float
    answers: bool
    score: float
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    words: frozenset[str]
    concepts: frozenset[str]


# What each feature adds to a sentence's score.
WEIGHTS: Mapping[str, float] = {
    "coverage": 1.0, "context": 0.6, "grams": 0.5, "similarity": 0.5, "passage": 0.8,
    "answers": 0.25,
}  # fmt: skip
_KIND_FACTOR: Mapping[BlockKind, float] = {BlockKind.NOTE: 0.8, BlockKind.CAPTION: 0.75}
_MIN_LENGTH = 8
_TITLE = re.compile(r"(図表|図|表|Figure|Table)\s*[0-9０-９]+[^。]{0,60}$")
_MAX_TABLE = 300
_ADDRESS = "http"


def sentences_of(
    question: Question,
    hits: Sequence[tuple[Passage, str, float]],
    *,
    parts: Sequence[QueryPart],
    mentions: Callable[[str], Sequence[Mention]],
    context_of: Callable[[Passage], str],
    similarities: Callable[[Sequence[str]], NDArray[np.float32]],
) -> list[Sentence]:
    """The sentences of some hits (passage, its text, its score in 0..1), best first.

    `parts` are the question's words with what stands for each, `mentions` finds the concepts
    that a text names, `context_of` gives the title and headings over a passage, and
    `similarities` the nearness in meaning of each of some texts to the question.
    """
    asked = set(question.bigrams)
    drafts: list[tuple[int, Passage, float, str, _Piece, _Piece]] = []
    for rank, (passage, text, score) in enumerate(hits):
        pieces = _pieces(text, passage.kind, mentions(text))
        heads = context_of(passage)
        above = _Piece(0, 0, _words(heads), frozenset(m.concept for m in mentions(heads)))
        for i, piece in enumerate(pieces):
            near = _together([*pieces[max(0, i - 2) : i + 2], above])
            drafts.append((rank, passage, score, text, piece, near))
    if not drafts:
        return []
    nearness = similarities([text[p.start : p.end] for _, _, _, text, p, _ in drafts])
    found = []
    for (rank, passage, score, text, piece, near), similarity in zip(drafts, nearness, strict=True):
        sentence = text[piece.start : piece.end]
        features = {
            "coverage": _share(parts, piece),
            "context": _share(parts, near),
            "grams": _overlap(asked, sentence),
            "similarity": max(0.0, float(similarity)),
            "passage": score,
            "answers": float(answers(question.wanted, sentence)),
        }
        total = sum(WEIGHTS[name] * value for name, value in features.items())
        found.append(
            Sentence(
                passage, rank, passage.start + piece.start, passage.start + piece.end, sentence,
                passage.kind, features["coverage"], features["context"], features["grams"],
                features["similarity"], bool(features["answers"]),
                total * _KIND_FACTOR.get(passage.kind, 1.0), piece.words,
            )
        )  # fmt: skip
    return sorted(found, key=lambda s: (-s.score, s.rank, s.start))


def answers(wanted: Wanted, sentence: str) -> bool:
    """Whether a sentence holds the kind of thing that is asked for (a date, an amount…)."""
    cue = _CUES.get(wanted)
    return cue is not None and cue.search(sentence) is not None


def leans(sentence: str) -> bool:
    """Whether a sentence needs the one before it to be understood (これは、同年…)."""
    return _LEANING.match(sentence) is not None


def _pieces(text: str, kind: BlockKind, mentions: Sequence[Mention]) -> list[_Piece]:
    """The sentences of a passage without their bullets, with their words and concepts."""
    tokens = analyse(text).words
    pieces = []
    for start, end in _units(text, kind):
        if bullet := _BULLET.match(text[start:end]):
            start += bullet.end() if bullet.end() < end - start else 0
        words = frozenset(t.form for t in tokens if t.content and start <= t.start < end)
        if end - start >= _MIN_LENGTH or "\t" in text[start:end]:
            named = frozenset(m.concept for m in mentions if start <= m.start < end)
            pieces.append(_Piece(start, end, words, named))
    return pieces


def _together(pieces: Sequence[_Piece]) -> _Piece:
    """What several pieces say between them."""
    return _Piece(
        pieces[0].start,
        pieces[-1].end,
        frozenset().union(*(piece.words for piece in pieces)),
        frozenset().union(*(piece.concepts for piece in pieces)),
    )


def _units(text: str, kind: BlockKind) -> list[tuple[int, int]]:
    """What can be quoted of a passage.

    A row of a table whose cells are not told apart says nothing alone, so such a table is
    one unit; the title of a table or figure, and a note that names a source and its address,
    are no statements.
    """
    spans = sentence_spans(text)
    if kind is BlockKind.TABLE and "\t" not in text and len(text) <= _MAX_TABLE:
        return [(spans[0][0], spans[-1][1])] if spans else []
    if kind in (BlockKind.TABLE, BlockKind.CAPTION):
        return [(start, end) for start, end in spans if not _TITLE.match(text[start:end])]
    if kind is BlockKind.NOTE:
        return [(start, end) for start, end in spans if _ADDRESS not in _line(text, start)]
    return spans


def _line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]


def _words(text: str) -> frozenset[str]:
    return frozenset(t.form for t in analyse(text).words if t.content)


def _share(parts: Sequence[QueryPart], piece: _Piece) -> float:
    """The share of the question's parts, by weight and credit, that a piece has."""
    total = sum(part.weight for part in parts)
    if not total:
        return 0.0
    return sum(part.weight * _credit(part, piece) for part in parts) / total


def _credit(part: QueryPart, piece: _Piece) -> float:
    forms = (credit for form, credit in part.forms.items() if form in piece.words)
    named = (credit for concept, credit in part.concepts.items() if concept in piece.concepts)
    return max([*forms, *named], default=0.0)


def _overlap(asked: set[str], sentence: str) -> float:
    return len(asked & set(bigrams(sentence))) / len(asked) if asked else 0.0
