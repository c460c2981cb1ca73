"""From an extracted answer to one that a model composed and that was verified, or back to it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kb.answering.citations import cite
from kb.answering.model.checking import Source, fault, source_of, tidied
from kb.answering.model.claims import SCHEMA, ClaimReader
from kb.answering.model.failures import Failure, ModelFailure
from kb.answering.model.prompt import messages
from kb.domain import Answer, Citation, Document, Hit, Outcome, Statement
from kb.language.dating import dates_of
from kb.language.glossary.matching import Mention
from kb.language.sentences import sentence_spans

if TYPE_CHECKING:
    from kb.answering.model.endpoint import Endpoint

log = logging.getLogger("kb.model")

MAX_SOURCES = 24
MAX_CHARACTERS = 4_000  # of all sources together
RELATED = 5  # passages beside the extracted answer whose sentences the model is shown
MODEL = "model"  # who composed an answer
KEPT = 0.5  # share of its sentences that must pass, or none is shown
_MIN_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class Said:
    """A verified statement as soon as it is there, with the citations that it brings along."""

    statement: Statement
    citations: tuple[Citation, ...]


class Composer:
    """Has a model compose answers; safe for use from several threads."""

    def __init__(
        self,
        endpoint: Endpoint,
        mentions: Callable[[str], Sequence[Mention]],
        *,
        calls: int = 4,
    ) -> None:
        self._endpoint = endpoint
        self._mentions = mentions
        self._free = threading.BoundedSemaphore(max(1, calls))

    def composing(
        self, answer: Answer, related: Sequence[Hit], document_of: Callable[[str], Document]
    ) -> Iterator[Said | Answer]:
        """The statements of the model as they pass, and at the end the whole answer.

        `answer` is the extracted one, and what comes at the end where the model gives nothing
        that holds; it then says why. Where there is no evidence the model is not asked. It is
        shown what the answer quotes, and the sentences of the `related` passages.
        """
        if answer.outcome is not Outcome.ANSWERED:
            yield answer
            return
        if not self._free.acquire(blocking=False):
            yield _fallen_back(answer, ModelFailure(Failure.BUSY, "all calls are taken"))
            return
        try:
            yield from self._composing(
                answer, sources_of(answer, related, document_of), document_of
            )
        finally:
            self._free.release()

    def _composing(
        self,
        answer: Answer,
        citations: Sequence[Citation],
        document_of: Callable[[str], Document],
    ) -> Iterator[Said | Answer]:
        sources = {
            citation.number: source_of(
                citation,
                dates_of(document_of(citation.document_id), citation.start, citation.end),
                self._mentions,
            )
            for citation in citations
        }
        draft = _Draft(answer, sources)
        read = 0
        try:
            shown = [(number, source.text) for number, source in sources.items()]
            reader = ClaimReader()
            for piece in self._endpoint.stream(messages(answer.question, shown), SCHEMA):
                for claim in reader.feed(piece):
                    read += 1
                    if (wrong := fault(claim, sources, self._mentions)) is not None:
                        log.info("a sentence of the model is dropped: %s", wrong)
                        continue
                    yield draft.add(tidied(claim, sources), claim.citations)
            reader.close()
            if not draft.statements or len(draft.statements) < KEPT * read:
                kept = len(draft.statements)
                raise ModelFailure(Failure.UNVERIFIED, f"{kept} of {read} sentences hold")
        except ModelFailure as failure:
            yield _fallen_back(answer, failure)
            return
        yield draft.answer()


def _fallen_back(answer: Answer, failure: ModelFailure) -> Answer:
    log.warning("the answer is extracted, not composed: %s", failure)
    return replace(answer, fallback=failure.reason.value)


class _Draft:
    """The verified statements so far; what they cite is numbered on from the extracted answer."""

    def __init__(self, extracted: Answer, sources: Mapping[int, Source]) -> None:
        self._extracted = extracted
        self._sources = sources
        self._citations = {c.number: c for c in extracted.citations}
        self.statements: list[Statement] = []

    def add(self, text: str, numbers: Sequence[int]) -> Said:
        """Take a statement that cites these sources."""
        cited = []
        for number in numbers:
            if number not in self._citations:
                new = replace(self._sources[number].citation, number=len(self._citations) + 1)
                self._citations[number] = new
            cited.append(self._citations[number])
        statement = Statement(text, tuple(c.number for c in cited))
        self.statements.append(statement)
        return Said(statement, tuple(cited))

    def answer(self) -> Answer:
        """The composed answer. The citations of the extracted one stay, with their numbers."""
        citations = tuple(sorted(self._citations.values(), key=lambda c: c.number))
        passages = {c.passage_id for c in citations}
        return replace(
            self._extracted,
            statements=tuple(self.statements),
            citations=citations,
            related=tuple(h for h in self._extracted.related if h.passage.id not in passages),
            composed_by=MODEL,
        )


def sources_of(
    answer: Answer, related: Sequence[Hit], document_of: Callable[[str], Document]
) -> list[Citation]:
    """What the model is shown: the citations of the answer, then sentences of related passages."""
    sources = list(answer.citations)
    length = sum(len(c.quote) for c in sources)
    for hit in related:
        document = document_of(hit.passage.document_id)
        for start, end in sentence_spans(document.text, hit.passage.start, hit.passage.end):
            if end - start < _MIN_SENTENCE or _overlaps(hit, start, end, sources):
                continue
            length += end - start
            if len(sources) == MAX_SOURCES or length > MAX_CHARACTERS:
                return sources
            sources.append(cite(document, start, end, number=len(sources) + 1, passage=hit.passage))
    return sources


def _overlaps(hit: Hit, start: int, end: int, sources: Sequence[Citation]) -> bool:
    return any(
        c.document_id == hit.passage.document_id and start < c.end and c.start < end
        for c in sources
    )
