"""How well passages are found: each leg of the search added in turn, and other systems.

    python -m benchmarks.quality [--shared ../shared] [--sample 1000] [--only NAME] [--json]

nDCG@10 over sets whose right passages are known, with the 95 % interval of the difference
to the full search (paired bootstrap). `lowest` is the share of the questions that have the
fewest words in common with their passage. Peers run on the same passages when they are
installed (pip install bm25s txtai).
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine_size
from benchmarks.passages import build, searcher
from benchmarks.quality_peers import peers
from benchmarks.quality_sets import LOWEST, QuestionSet, overlaps, question_sets
from kb.encoding.loading import load_encoder
from kb.language.glossary.matching import load_glossary
from kb.ranking.weights import Weights, ranking_weights

_REPOSITORY = Path(__file__).resolve().parent.parent
_DEPTH = 10
_RESAMPLES = 2000
FULL = "full"

Ranker = Callable[[str], Sequence[str]]


def variants() -> dict[str, Weights]:
    """The search with one leg after the other."""
    shipped = ranking_weights()
    lexical = replace(shipped, dense=0.0, dense_when_words_fail=0.0, reranked=0)
    fields = shipped.fields
    return {
        "words": replace(lexical, fields={"words": fields["words"]}),
        "+ bigrams, compounds": replace(
            lexical, fields={f: w for f, w in fields.items() if f != "concepts"}
        ),
        "+ concepts": lexical,
        "+ dense": replace(shipped, reranked=0),
        FULL: shipped,
    }


def gains(rank: Ranker, questions: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """The nDCG@10 of each question, which has one right passage."""
    found = np.zeros(len(questions))
    for i, (question, right) in enumerate(questions):
        ids = list(rank(question))[:_DEPTH]
        if right in ids:
            found[i] = 1.0 / math.log2(ids.index(right) + 2)
    return found


def interval(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of the mean difference of paired values (percentile bootstrap)."""
    draws = np.random.default_rng(0).integers(0, len(one), (_RESAMPLES, len(one)))
    means = (one - other)[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def measured(questions: QuestionSet, folder: Path) -> list[dict[str, object]]:
    """A row for each variant and peer: nDCG@10 of all and of the lowest, R@1, ms a question."""
    encoder, glossary = load_encoder(), load_glossary()
    build(folder, questions.passages, encoder, glossary)
    shares = np.array(overlaps(questions))
    lowest = np.argsort(shares, kind="stable")[: max(1, round(LOWEST * len(shares)))]
    rankers: dict[str, Ranker] = {}
    for name, weights in variants().items():
        search = searcher(folder, encoder, glossary, weights)

        def rank(question: str, search=search) -> list[str]:  # type: ignore[no-untyped-def]
            ranked = search.rank(question)
            return [ranked.owners[row] for row, _ in ranked.order[:_DEPTH]]

        rankers[name] = rank
    rankers |= peers(questions.passages)
    results: dict[str, NDArray[np.float64]] = {}
    rows: list[dict[str, object]] = []
    for name, ranker in rankers.items():
        began = time.perf_counter()
        results[name] = gains(ranker, questions.questions)
        took = (time.perf_counter() - began) / len(questions.questions)
        rows.append({"system": name, "ms": round(1000 * took, 1)})
    for row in rows:
        own, full = results[str(row["system"])], results[FULL]
        row["ndcg"] = round(float(own.mean()), 4)
        row["r1"] = round(float((own == 1.0).mean()), 4)
        row["lowest"] = round(float(own[lowest].mean()), 4)
        if row["system"] != FULL:
            row["full_minus"] = [round(x, 4) for x in interval(full, own)]
    return rows


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=_REPOSITORY.parent / "shared")
    parser.add_argument("--sample", type=int, default=1000, help="questions of each set; 0: all")
    parser.add_argument("--only", help="one set")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    data = options.shared / "datasets"
    if not data.is_dir():
        print(f"skipped: the question sets are not in {data}")
        return
    found: dict[str, object] = {"machine": machine_size()}
    if not options.json:
        print(f"machine  {machine_size()}")
    for name, load in question_sets(data).items():
        if options.only in (None, name):
            questions = _sampled(load(), options.sample)
            with tempfile.TemporaryDirectory() as folder:
                rows = measured(questions, Path(folder))
            found[name] = rows
            if not options.json:
                _print(questions, rows)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))


def _sampled(questions: QuestionSet, count: int) -> QuestionSet:
    """At most `count` questions, spread evenly; all passages."""
    all_of = questions.questions
    if not count or len(all_of) <= count:
        return questions
    step = len(all_of) / count
    return replace(questions, questions=tuple(all_of[int(i * step)] for i in range(count)))


def _print(questions: QuestionSet, rows: list[dict[str, object]]) -> None:
    print(f"\n== {questions.name}: {len(questions.passages):,} passages, "
          f"{len(questions.questions):,} questions")  # fmt: skip
    print(f"{'system':28} nDCG@10  R@1     lowest  full minus this    ms")
    for row in rows:
        span = row.get("full_minus")
        difference = "" if not isinstance(span, list) else f"{span[0]:+.4f} {span[1]:+.4f}"
        print(f"{row['system']:28} {row['ndcg']:.4f}   {row['r1']:.4f}  {row['lowest']:.4f}  "
              f"{difference:16} {row['ms']:6}")  # fmt: skip


if __name__ == "__main__":
    main()
