"""How well passages are found for each kind of question: recall among the first 5.

    python -m benchmarks.quality_kinds [--shared ../shared] [--json]

Two sets of questions with gold quotations: those on the shipped briefs, and those on the
reports beside the repository where they are there. The same systems as in
`benchmarks.quality`, on the same passages; the last column is the 95 % interval of the
difference of the full search to each in MRR@10 (paired bootstrap).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.machine import machine_size
from benchmarks.passages import Given
from benchmarks.quality import FULL, Ranker, interval, variants
from benchmarks.quality_peers import peers
from kb.assembly import ingestion
from kb.encoding.loading import load_encoder
from kb.evaluation import DEPTH, GoldQuestion, holds, read_questions
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import Generation, open_current
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.language.glossary.matching import load_glossary
from kb.search import Searcher
from kb.settings import Settings

_REPOSITORY = Path(__file__).resolve().parent.parent
_AMONG = 5


def question_files(shared: Path) -> dict[str, tuple[Path, Path]]:
    """The sets by name: the folder of the documents and the file of the questions."""
    return {
        "briefs": (
            _REPOSITORY / "corpus",
            _REPOSITORY / "benchmarks" / "questions" / "corpus.jsonl",
        ),
        "reports": (shared / "reports", shared / "questions" / "dev.jsonl"),
    }


def measured(documents: Path, questions: Path, folder: Path) -> list[dict[str, object]]:
    """A row for each system: recall at 1 and 5 over all, at 5 of each kind, the interval."""
    settings = replace(Settings(), corpus=documents, index=folder)
    ingestion(settings).run()
    generation = open_current(folder)
    store = Store(generation.store)
    asked = [question for question in read_questions(questions) if question.answerable]
    passages = _passages(store)
    gold = [_gold(question, passages) for question in asked]
    rankers = _searches(generation, store) | peers([given for _, given in passages])
    rows: list[dict[str, object]] = []
    reciprocal = {}
    for name, rank in rankers.items():
        ranks = [_first(rank(q.question), right) for q, right in zip(asked, gold, strict=True)]
        reciprocal[name] = np.array([1.0 / r if r else 0.0 for r in ranks])
        rows.append({"system": name, **_recalls(asked, ranks)})
    for row in rows:
        if row["system"] != FULL:
            span = interval(reciprocal[FULL], reciprocal[str(row["system"])])
            row["full_minus"] = [round(x, 3) for x in span]
    return rows


def _passages(store: Store) -> list[tuple[str, Given]]:
    """All passages, each with the path of its document and under its title and headings."""
    found = []
    for summary in store.summaries():
        document = store.document(summary.id)
        for passage in store.passages_of(summary.id):
            above = "\n".join(dict.fromkeys([document.title, *passage.heading_path]))
            text = document.text[passage.start : passage.end]
            found.append((summary.path, Given(passage.id, above, text)))
    return found


def _gold(question: GoldQuestion, passages: Sequence[tuple[str, Given]]) -> frozenset[str]:
    return frozenset(
        given.id
        for path, given in passages
        if any(path.endswith(name) and holds(given.text, q) for name, q in question.evidence)
    )


def _searches(generation: Generation, store: Store) -> dict[str, Ranker]:
    encoder, glossary = load_encoder(), load_glossary()
    lexical, dense = LexicalIndex(generation.postings), DenseIndex(generation.vectors)
    found: dict[str, Ranker] = {}
    for name, weights in variants().items():
        search = Searcher(generation.name, store, lexical, dense, encoder, glossary, weights)

        def rank(question: str, search: Searcher = search) -> list[str]:
            return [hit.passage.id for hit in search.search(question, limit=DEPTH).hits]

        found[name] = rank
    return found


def _first(ids: Sequence[str], right: frozenset[str]) -> int | None:
    """The rank from 1 of the first right passage among the first ten."""
    return next((rank for rank, i in enumerate(ids[:DEPTH], 1) if i in right), None)


def _recalls(asked: Sequence[GoldQuestion], ranks: Sequence[int | None]) -> Mapping[str, float]:
    by_kind: dict[str, list[int | None]] = {"all": list(ranks)}
    for question, rank in zip(asked, ranks, strict=True):
        by_kind.setdefault(question.kind, []).append(rank)

    def recall(kind: str, depth: int) -> float:
        own = by_kind[kind]
        return round(sum(r is not None and r <= depth for r in own) / len(own), 3)

    return {"R@1": recall("all", 1), **{kind: recall(kind, _AMONG) for kind in by_kind}}


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=_REPOSITORY.parent / "shared")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    found: dict[str, object] = {"machine": machine_size()}
    for name, (documents, questions) in question_files(options.shared).items():
        if not questions.is_file():
            print(f"skipped: the questions on the {name} are not in {questions}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            found[name] = rows = measured(documents, questions, Path(folder) / "index")
        if not options.json:
            print(f"\n== {name}: recall among the first {_AMONG}, R@1 over all")
            _print(rows)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))


def _print(rows: Sequence[Mapping[str, object]]) -> None:
    names = [name for name in rows[0] if name not in ("system", "full_minus")]
    print(f"{'system':22}" + "".join(f"{name:>11}" for name in names) + "  full minus this")
    for row in rows:
        span = row.get("full_minus")
        difference = f"  {span[0]:+.3f} {span[1]:+.3f}" if isinstance(span, list) else ""
        figures = "".join(f"{row[name]:>11}" for name in names)
        print(f"{row['system']:22}{figures}{difference}")


if __name__ == "__main__":
    main()
