"""Where the time of a search goes, step by step, in one process and one thread.

    python -m benchmarks.search_steps --index DIR [--questions 300]

The queries are those of `benchmarks.latency`; each is asked once before, so that files, passages
and tokens are at hand. Steps that go on beside others in a server come one after the other here.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `kb serve` has it, before NumPy is there

import kb.search
from benchmarks.latency import queries
from benchmarks.machine import machine_size
from kb.assembly import KnowledgeBase
from kb.candidates import Ranker
from kb.indexing.generation import open_current
from kb.indexing.lexical import LexicalIndex
from kb.search import Searcher
from kb.server.present import Presenter
from kb.settings import Settings

STEPS: tuple[tuple[Any, str, str], ...] = (
    (kb.search, "take_apart", "question taken apart"),
    (Ranker, "_lexical_leg", "postings"),
    (Ranker, "_dense_leg", "vectors"),
    (Ranker, "candidates", "candidates: postings, vectors, fusion, order"),
    (Ranker, "features", "features of the best"),
    (Ranker, "scored", "scores and final order"),
    (Ranker, "parts", "parts of the scores of the hits"),
    (Searcher, "hits", "hits with these parts and marks"),
    (Searcher, "_facets", "facets"),
    (LexicalIndex, "_run", "tantivy in all"),
    (Presenter, "search_as_json", "JSON"),
)


def main() -> None:
    """Print the mean milliseconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    knowledge = KnowledgeBase(replace(Settings(), index=options.index))
    spent: dict[str, float] = defaultdict(float)
    for owner, name, step in STEPS:
        setattr(owner, name, _timed(getattr(owner, name), partial(_add, spent, step)))
    Ranker.beside = lambda self, work: work  # type: ignore[method-assign]
    with knowledge.view() as view:
        asked = queries(open_current(options.index, verify=False).store, options.questions)
        for _ in range(2):
            spent.clear()
            began, processor = time.perf_counter(), time.process_time()
            for question in asked:
                Presenter(view).search_as_json(view.search(question))
            wall = time.perf_counter() - began
    print(f"machine   {machine_size()}")
    print(f"passages  {view.manifest.passages:,}")
    print(
        f"a search  {1e3 * wall / len(asked):.2f} ms, "
        f"{1e3 * (time.process_time() - processor) / len(asked):.2f} ms of processor time"
    )
    for _, _, step in STEPS:
        print(f"{1e3 * spent[step] / len(asked):8.2f} ms  {step}")


def _add(spent: dict[str, float], step: str, seconds: float) -> None:
    spent[step] += seconds


def _timed(work: Callable[..., Any], add: Callable[[float], None]) -> Callable[..., Any]:
    @wraps(work)
    def timed(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return work(*args, **options)
        finally:
            add(time.perf_counter() - began)

    return timed


if __name__ == "__main__":
    main()
