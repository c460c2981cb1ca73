"""Measures search and answers against questions with gold quotations.

A questions file has one JSON object a line: id, question, topic, kind, answerable,
evidence [{document, quote}], answers [value…].
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median
from time import perf_counter

from kb.domain import Answer, Outcome, SearchResults
from kb.errors import KidoError

DEPTH = 10
_NOTE_MARKER = re.compile(r"[(\[]注?\d{1,3}[)\]]")
_SHARE = 0.7  # of the shorter text must be common for a passage to hold a quotation


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the quotations that answer it, none where it cannot be answered.

    `evidence` holds (end of the document's path, quotation); `answers` the values of which
    an answer must state one.
    """

    id: str
    question: str
    kind: str
    answerable: bool
    evidence: tuple[tuple[str, str], ...]
    answers: tuple[str, ...]


def read_questions(path: Path) -> list[GoldQuestion]:
    """The questions of a file. Raises KidoError naming the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KidoError(f"{path} cannot be read ({error})") from error
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            questions.append(
                GoldQuestion(
                    id=str(item["id"]),
                    question=item["question"],
                    kind=item.get("kind", "fact"),
                    answerable=bool(item["answerable"]),
                    evidence=tuple((e["document"], e["quote"]) for e in item["evidence"]),
                    answers=tuple(item.get("answers", ())),
                )
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KidoError(
                f"{path}, line {number}: {error!r}; wanted are id, question, answerable and "
                "evidence [{document, quote}]"
            ) from error
    return questions


def folded(text: str) -> str:
    """Text for comparison: NFKC, without white space and note markers."""
    squeezed = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return _NOTE_MARKER.sub("", squeezed)


def holds(passage: str, quote: str) -> bool:
    """Whether a passage holds a quotation: most of the shorter in one piece of the longer."""
    a, b = folded(passage), folded(quote)
    if not a or not b:
        return False
    if b in a or (a in b and len(a) >= 12):
        return True
    match = SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
    return match.size >= max(10, _SHARE * min(len(a), len(b)))


def first_gold_rank(
    question: GoldQuestion, results: SearchResults, path_of: Callable[[str], str]
) -> int | None:
    """The rank from 1 of the first hit that holds a gold quotation; None without one."""
    for rank, hit in enumerate(results.hits, 1):
        if holds_gold(question, path_of(hit.passage.document_id), hit.text):
            return rank
    return None


def holds_gold(question: GoldQuestion, path: str, text: str) -> bool:
    """Whether a text of a document holds one of the quotations that answer a question."""
    return any(path.endswith(doc) and holds(text, quote) for doc, quote in question.evidence)


def evaluate(
    questions: Sequence[GoldQuestion],
    search: Callable[..., SearchResults],
    ask: Callable[[str], Answer],
    *,
    path_of: Callable[[str], str],
) -> dict[str, dict[str, float]]:
    """Rows of figures: recall and reciprocal rank by kind of question, answers, latency.

    recall@k is the share of answerable questions with a gold passage among the first k,
    MRR@10 the mean of 1/rank (0 past 10). `cited` and `first`: the answer, or its first
    citation, quotes a gold passage; `value`: it states a gold value; `value_shown`: it shows a
    value by itself where one is asked for, `value_right`: a gold one, which none is where the
    question has no answer; `refused`: questions
    without an answer that got none; `kept`: questions with one that were not refused.
    """
    ranks: dict[str, list[int | None]] = defaultdict(list)
    shares: dict[str, list[bool]] = defaultdict(list)
    lengths: list[int] = []
    seconds: dict[str, list[float]] = defaultdict(list)
    for question in questions:
        if question.answerable:
            began = perf_counter()
            results = search(question.question, limit=DEPTH)
            seconds["search"].append(perf_counter() - began)
            rank = first_gold_rank(question, results, path_of)
            ranks["all"].append(rank)
            ranks[question.kind].append(rank)
        began = perf_counter()
        answer = ask(question.question)
        seconds["ask"].append(perf_counter() - began)
        refused = answer.outcome is Outcome.NO_EVIDENCE
        if not question.answerable:
            shares["refused"].append(refused)
            if answer.value is not None:
                shares["value_right"].append(False)
            continue
        _judge(question, answer, shares, path_of)
        if not refused:
            lengths.append(len(answer.text))
    rows: dict[str, dict[str, float]] = {
        f"search/{kind}": _recall(found) for kind, found in ranks.items()
    }
    rows["ask"] = {name: _mean(values) for name, values in sorted(shares.items())}
    rows["ask"]["characters"] = median(lengths) if lengths else 0
    rows |= {f"latency/{name}": _latency(values) for name, values in seconds.items()}
    return rows


def _judge(
    question: GoldQuestion,
    answer: Answer,
    shares: Mapping[str, list[bool]],
    path_of: Callable[[str], str],
) -> None:
    gold = [
        c.number for c in answer.citations if holds_gold(question, path_of(c.document_id), c.quote)
    ]
    shares["kept"].append(answer.outcome is Outcome.ANSWERED)
    shares["cited"].append(bool(gold))
    shares["first"].append(1 in gold)
    if question.answers:
        said = folded(answer.text)
        shares["value"].append(any(folded(value) in said for value in question.answers))
        shares["value_shown"].append(answer.value is not None)
        if answer.value is not None:
            shown = folded(answer.value.text)
            shares["value_right"].append(_agrees(shown, question.answers))


def _agrees(shown: str, values: Sequence[str]) -> bool:
    """Whether a value that is shown holds a gold one or is the core of it."""
    return any((v := folded(value)) in shown or shown in v for value in values)


def _recall(ranks: Sequence[int | None]) -> dict[str, float]:
    row: dict[str, float] = {"n": len(ranks)}
    for k in (1, 5, 10):
        row[f"R@{k}"] = _mean([rank is not None and rank <= k for rank in ranks])
    row["MRR@10"] = round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3)
    return row


def _mean(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 3) if values else 0.0


def _latency(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50_ms": round(1e3 * ordered[len(ordered) // 2], 1),
        "p95_ms": round(1e3 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }
