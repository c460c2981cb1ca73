"""Finds where the best passages disagree on what a question asks, and adds it to the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kb.answering.citations import cite
from kb.answering.disagreement.called import asks_name, name_conflicts
from kb.answering.disagreement.how_much import amount_conflicts, asks_amount, measures
from kb.answering.disagreement.said import Finder, asked, said_in
from kb.answering.disagreement.scope import asks_scope, scope_conflicts
from kb.answering.disagreement.sides import Claim, Conflict
from kb.answering.disagreement.slips import slip_conflicts
from kb.answering.disagreement.when import asks_day, date_conflicts, happens
from kb.domain import (
    Answer,
    Citation,
    Disagreement,
    DisagreementValue,
    Document,
    Outcome,
    Passage,
)
from kb.language.questions import Question

MAX_PLACES = 2  # how many places are cited for one value


_FINDERS = (
    (asks_name, name_conflicts),
    (asks_scope, scope_conflicts),
    (asks_day, date_conflicts),
    (asks_amount, amount_conflicts),
    (asks_amount, slip_conflicts),
)


def find_conflicts(
    question: Question,
    passages: Sequence[Passage],
    *,
    document_of: Callable[[str], Document],
    mentions: Finder,
    categories: Mapping[str, str],
) -> tuple[Conflict, ...]:
    """Where the sentences of some passages state different things of what a question asks.

    `mentions` finds the concepts that a text names and `categories` gives the category of
    each. Dates are looked at where the question asks when, amounts where it asks how much;
    names and scope where its words ask for them.
    """
    wanted = asked(question, categories)
    finders = [finder for applies, finder in _FINDERS if applies(wanted)]
    if not finders:
        return ()
    every = asks_name(wanted) or asks_scope(wanted)  # which stand under many words
    sentences = said_in(
        passages,
        document_of,
        mentions,
        lambda text: every or measures(wanted, text) or happens(wanted, text),
    )
    return tuple(found for finder in finders for found in finder(wanted, sentences, categories))


def with_conflicts(answer: Answer, conflicts: Sequence[Conflict]) -> Answer:
    """The answer with its disagreements; what they cite is added to its citations.

    A place that is cited already keeps its number. No answer, no disagreement; and where sources
    disagree on the value that is asked for, the answer does not single one of theirs out.
    """
    if answer.outcome is not Outcome.ANSWERED or not conflicts:
        return answer
    citations = list(answer.citations)
    disagreements = []
    for conflict in conflicts:
        values = []
        for side in conflict.sides:
            for claims in side.values:
                numbers = (_cited(claim, citations) for claim in _places(claims))
                words, note = claims[0].text, claims[0].note
                values.append(DisagreementValue(words, tuple(dict.fromkeys(numbers)), note))
        disagreements.append(Disagreement(conflict.about, tuple(values)))
    disputed = {value.value for d in disagreements for value in d.values}
    value = answer.value
    if value is not None and any(value.text in v or v in value.text for v in disputed):
        value = None
    return replace(
        answer, citations=tuple(citations), disagreements=tuple(disagreements), value=value
    )


def _places(claims: Sequence[Claim]) -> list[Claim]:
    """The claims that are cited: one a document, the most exact first."""
    found: dict[str, Claim] = {}
    for claim in claims:
        found.setdefault(claim.said.document.id, claim)
    return list(found.values())[:MAX_PLACES]


def _cited(claim: Claim, citations: list[Citation]) -> int:
    """The number of the citation of a claim's sentence, which is added where it is not yet."""
    said = claim.said
    for citation in citations:
        if citation.document_id == said.document.id and (
            citation.start <= said.start and said.end <= citation.end
        ):
            return citation.number
    number = max((c.number for c in citations), default=0) + 1
    citations.append(cite(said.document, said.start, said.end, number=number, passage=said.passage))
    return number
