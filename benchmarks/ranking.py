"""How recall changes with the weight of the dense leg, everything else as it ships.

    python -m benchmarks.ranking --reports DIR --questions FILE.jsonl

Shows what the choice in kb/ranking/weights.json rests on; it fits nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import machine_size
from kb.assembly import encoder_of, ingestion
from kb.evaluation import first_gold_rank, read_questions
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import open_current
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.language.glossary.matching import load_glossary
from kb.ranking.weights import ranking_weights
from kb.search import Searcher
from kb.settings import Settings

WEIGHTS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 1.0)


def main() -> None:
    """Print R@1, R@5 and R@10 for each weight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    options = parser.parse_args()
    questions = [q for q in read_questions(options.questions) if q.answerable]
    shipped = ranking_weights()
    print(f"machine  {machine_size()}; {len(questions)} questions; ships with {shipped.dense}")
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), corpus=options.reports, index=Path(folder) / "index")
        ingestion(settings).run()
        generation = open_current(settings.index)
        store = Store(generation.store)
        paths = {summary.id: summary.path for summary in store.summaries()}
        for dense in WEIGHTS:
            weights = replace(
                shipped,
                dense=dense,
                dense_when_words_fail=max(dense, shipped.dense_when_words_fail),
            )
            searcher = Searcher(
                generation.name, store, LexicalIndex(generation.postings),
                DenseIndex(generation.vectors), encoder_of(settings), load_glossary(), weights,
            )  # fmt: skip
            ranks = [
                first_gold_rank(q, searcher.search(q.question), paths.__getitem__)
                for q in questions
            ]
            shares = (sum(r is not None and r <= k for r in ranks) / len(ranks) for k in (1, 5, 10))
            r1, r5, r10 = shares
            print(f"dense {dense:4.2f}  R@1 {r1:.3f}  R@5 {r5:.3f}  R@10 {r10:.3f}")


if __name__ == "__main__":
    main()
