"""How many questions on the world outside are refused: ``python -m benchmarks.outside DATA``.

DATA is the folder of the data sets. Questions on Wikipedia, none of which the shipped briefs
answer, are asked of these: every tenth of jaquad.dev, and those of niilc.dev that
`training.answering` does not learn from. Those that are answered are printed with `--answered`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.floor import CORPUS
from benchmarks.quality_sets import rows_of
from kb.assembly import KnowledgeBase, ingestion
from kb.domain import Outcome
from kb.settings import Settings


def main() -> None:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--answered", action="store_true")
    options = parser.parse_args()
    sets = {"jaquad.dev.queries": slice(0, None, 10), "niilc.dev": slice(1, None, 2)}
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), corpus=CORPUS, index=Path(folder) / "index")
        ingestion(settings).run()
        with KnowledgeBase(settings).view() as view:
            for name, some in sets.items():
                rows = list(rows_of(options.data / f"{name}.jsonl.gz"))[some]
                found = [(row["text"], view.ask(row["text"])) for row in rows]
                answered = [q for q, answer in found if answer.outcome is not Outcome.NO_EVIDENCE]
                print(f"{name:20} {1 - len(answered) / len(rows):.3f} of {len(rows)} refused")
                if options.answered:
                    print(*answered, sep="\n")


if __name__ == "__main__":
    main()
