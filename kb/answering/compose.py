"""From chosen sentences to an answer: each cited, with the value that the question asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kb.answering.citations import cite
from kb.answering.evidence import leans
from kb.answering.selection import Choice
from kb.answering.values import Said
from kb.domain import Answer, AnswerValue, BlockKind, Citation, Document, Hit, Outcome, Statement
from kb.language.questions import Question
from kb.language.sentences import sentence_spans


def refused(question: Question, generation: str, related: Sequence[Hit]) -> Answer:
    """The answer that there is no evidence, with passages that are near."""
    return Answer(question.text, Outcome.NO_EVIDENCE, generation, related=tuple(related))


def compose(
    question: Question,
    generation: str,
    chosen: Sequence[Choice],
    *,
    document_of: Callable[[str], Document],
    related: Sequence[Hit],
    value_in: Callable[[Sequence[Said]], AnswerValue | None] | None,
) -> Answer:
    """The answer that says the chosen spans, at least one, in their order.

    Every statement is the text of its citation, letter for letter; `value_in` finds the value
    that is asked for in what is said; without it none is given by itself.
    """
    said: list[Said] = []
    for choice in chosen:
        document = document_of(choice.found.passage.document_id)
        start = _with_what_it_leans_on(choice, document)
        citation = cite(
            document, start, choice.end, number=len(said) + 1, passage=choice.found.passage
        )
        if any(_overlap(citation, other) for other, _ in said):
            continue  # the sentence before it was said already
        said.append((citation, choice))
    citations = [citation for citation, _ in said]
    return Answer(
        question.text,
        Outcome.ANSWERED,
        generation,
        statements=tuple(Statement(c.quote, (c.number,)) for c in citations),
        citations=tuple(citations),
        related=_not_cited(related, citations),
        value=value_in(said) if value_in is not None else None,
    )


def _not_cited(related: Sequence[Hit], citations: Sequence[Citation]) -> tuple[Hit, ...]:
    cited = {citation.passage_id for citation in citations}
    return tuple(hit for hit in related if hit.passage.id not in cited)


def _overlap(a: Citation, b: Citation) -> bool:
    return a.document_id == b.document_id and a.start < b.end and b.start < a.end


def _with_what_it_leans_on(choice: Choice, document: Document) -> int:
    """Where the quotation begins: at the sentence before, if it cannot be understood alone."""
    if not leans(choice.sentences[0].text):
        return choice.start
    block = next(b for b in document.blocks if b.start <= choice.start < b.end)
    if block.kind is BlockKind.TABLE or len(choice.sentences) > 1:
        return choice.start
    spans = [s for s in sentence_spans(document.text, block.start, block.end)
             if s[1] <= choice.start]  # fmt: skip
    return spans[-1][0] if spans else choice.start
