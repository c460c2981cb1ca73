"""From scored sentences to an answer: which are said, in what order, or that none is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.answering.citations import cite
from kb.answering.evidence import Sentence, leans
from kb.domain import Answer, BlockKind, Citation, Document, Hit, Outcome, Statement
from kb.language.questions import Question, is_japanese
from kb.language.sentences import sentence_spans

MAX_STATEMENTS = 3
MAX_CHARACTERS = 400
_CLOSE_ENOUGH = 0.82  # of the best sentence's score, for another to be said too
_SAME = 0.6  # share of words from which two sentences say the same


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the evidence is enough for an answer.

    A sentence and its neighbours must have `coverage` of the question's words, by weight,
    or it must be as near in meaning as `similarity`; to a question in another script, which
    shares no words, as near as `foreign`. When a question asks for a value of something
    that no report names, or when the reports name less than `named_share` of its nouns, only
    a sentence as near as `unnamed` is an answer.
    """

    coverage: float = 0.12
    similarity: float = 0.4
    foreign: float = 0.2
    unnamed: float = 0.45
    named_share: float = 0.5


def is_evidence(
    question: Question, sentence: Sentence, thresholds: Thresholds, *, named: float
) -> bool:
    """Whether a sentence is near enough to the question to be an answer.

    `named` is the share of the question's nouns that stand somewhere in the collection.
    """
    if not is_japanese(question.text):
        return sentence.similarity >= thresholds.foreign
    least_named = 1.0 if question.wants_value else thresholds.named_share
    if named < least_named and sentence.similarity < thresholds.unnamed:
        return False
    return sentence.context >= thresholds.coverage or sentence.similarity >= thresholds.similarity


def compose(
    question: Question,
    generation: str,
    sentences: Sequence[Sentence],
    *,
    named: float,
    document_of: Callable[[str], Document],
    related: Sequence[Hit],
    thresholds: Thresholds = Thresholds(),
) -> Answer:
    """The answer of one to three sentences, or `no_evidence` with related passages.

    Every statement is the text of its citation, letter for letter. `sentences` come best
    first; `named` is as in `is_evidence`.
    """
    enough = [s for s in sentences if is_evidence(question, s, thresholds, named=named)]
    chosen = _choose(enough)
    citations: list[Citation] = []
    for sentence in chosen:
        document = document_of(sentence.passage.document_id)
        start = _with_what_it_leans_on(sentence, document)
        citation = cite(
            document, start, sentence.end, number=len(citations) + 1, passage=sentence.passage
        )
        if any(_overlap(citation, other) for other in citations):
            continue  # the sentence before it was said already
        citations.append(citation)
    if not citations:
        return Answer(question.text, Outcome.NO_EVIDENCE, generation, related=tuple(related))
    return Answer(
        question.text,
        Outcome.ANSWERED,
        generation,
        statements=tuple(Statement(c.quote, (c.number,)) for c in citations),
        citations=tuple(citations),
        related=_not_cited(related, citations),
    )


def _not_cited(related: Sequence[Hit], citations: Sequence[Citation]) -> tuple[Hit, ...]:
    cited = {citation.passage_id for citation in citations}
    return tuple(hit for hit in related if hit.passage.id not in cited)


def _choose(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The best sentence, and up to two others that are nearly as good and say something new.

    The best comes first; the others follow in the order of their texts.
    """
    if not sentences:
        return []
    best = sentences[0]
    chosen = [best]
    length = len(best.text)
    for sentence in sentences[1:]:
        if len(chosen) == MAX_STATEMENTS or sentence.score < _CLOSE_ENOUGH * best.score:
            break
        if length + len(sentence.text) > MAX_CHARACTERS:
            continue
        if any(_says_the_same(sentence, other) for other in chosen):
            continue
        chosen.append(sentence)
        length += len(sentence.text)
    rest = sorted(chosen[1:], key=lambda s: (s.rank, s.start))
    return [best, *rest]


def _overlap(a: Citation, b: Citation) -> bool:
    return a.document_id == b.document_id and a.start < b.end and b.start < a.end


def _says_the_same(a: Sentence, b: Sentence) -> bool:
    if a.passage.document_id == b.passage.document_id and a.start < b.end and b.start < a.end:
        return True
    if not a.words or not b.words:
        return False
    return len(a.words & b.words) >= _SAME * min(len(a.words), len(b.words))


def _with_what_it_leans_on(sentence: Sentence, document: Document) -> int:
    """Where the quotation begins: at the sentence before, if it cannot be understood alone."""
    if not leans(sentence.text):
        return sentence.start
    block = next(b for b in document.blocks if b.start <= sentence.start < b.end)
    if block.kind is BlockKind.TABLE:
        return sentence.start
    spans = [s for s in sentence_spans(document.text, block.start, block.end)
             if s[1] <= sentence.start]  # fmt: skip
    return spans[-1][0] if spans else sentence.start
