"""The floor under search and answers on the shipped briefs: ``python -m benchmarks.floor``.

`benchmarks/questions/corpus.jsonl` has questions on the briefs with gold quotations;
`floor.json` beside it what was reached, pin by pin, each with a digest of the questions and
the briefs. The test suite fails below the last pin, where the data changed without a new
one, and where a pin is lower than the one before without a reason. `--pin` adds one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from kb.assembly import KnowledgeBase, ingestion
from kb.evaluation import evaluate, read_questions
from kb.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "benchmarks" / "questions" / "corpus.jsonl"
PINS = QUESTIONS.with_name("floor.json")
CORPUS = ROOT / "corpus"
SLACK = 0.005  # one question in two hundred
ANSWERS = ("cited", "first", "kept", "refused", "value", "value_right")


def digest() -> str:
    """What the figures depend on besides the code: the questions and the briefs."""
    found = hashlib.sha256()
    for path in [QUESTIONS, *sorted(p for p in CORPUS.iterdir() if p.is_file())]:
        found.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def reached(index: Path) -> dict[str, float]:
    """What is reached on an index of the briefs: recall at 1 and 5 over all questions and at 5
    of each kind, and the shares that `kb eval` gives of answers.
    """
    with KnowledgeBase(replace(Settings(), index=index)).view() as view:
        paths = {summary.id: summary.path for summary in view.summaries()}
        rows = evaluate(read_questions(QUESTIONS), view.search, view.ask, path_of=paths.__getitem__)
    kinds = {name.removeprefix("search/"): row for name, row in rows.items() if "search/" in name}
    found = {"all R@1": kinds["all"]["R@1"]}
    found |= {f"{kind} R@5": row["R@5"] for kind, row in kinds.items()}
    return found | {f"ask {name}": rows["ask"][name] for name in ANSWERS}


def pins() -> list[dict[str, Any]]:
    """What was reached before, the oldest first."""
    found: list[dict[str, Any]] = json.loads(PINS.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Print what is reached now, and pin it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", action="store_true", help="add this to floor.json")
    parser.add_argument("--reason", default="", help="why a figure is lower than before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), corpus=CORPUS, index=Path(folder) / "index")
        ingestion(settings).run()
        found = reached(settings.index)
    for name, value in found.items():
        print(f"{name:20} {value:.3f}")
    if options.pin:
        entry: dict[str, Any] = {"digest": digest(), "reached": found}
        if options.reason:
            entry["reason"] = options.reason
        known = pins() if PINS.exists() else []
        PINS.write_text(
            json.dumps([*known, entry], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
