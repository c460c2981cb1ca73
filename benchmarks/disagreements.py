"""How well disagreements are told from look-alikes: ``python -m benchmarks.disagreements``.

`questions/disagreements.jsonl` has pairs of short sources, written for this, that state
different things of what is asked, and pairs that do not: of another year, product, country or
unit, of the announcement and not the entry into force, rounded, planned. Each source is a
document of its own. Counted is whether the rule finds a disagreement; that the search finds
the sources is measured elsewhere. `--index` also counts the alarms on all questions of
`questions/corpus.jsonl`, or of `--questions`, over an index, and prints each for reading.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kb.answering.disagreement.finding import find_conflicts
from kb.answering.disagreement.sides import Conflict
from kb.assembly import KnowledgeBase
from kb.domain import Answer, Block, BlockKind, Document, Passage, Section
from kb.evaluation import read_questions
from kb.language.glossary.concepts import all_concepts
from kb.language.glossary.matching import Glossary
from kb.language.questions import take_apart
from kb.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "benchmarks" / "questions" / "disagreements.jsonl"
QUESTIONS = PAIRS.with_name("corpus.jsonl")


@dataclass(frozen=True)
class Score:
    """How many pairs there are, and what was found among them."""

    disagreeing: int
    alike: int
    found: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of the alarms that are right; 1 without an alarm."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of the disagreements that are found."""
        return self.found / self.disagreeing


def pairs() -> list[dict[str, Any]]:
    """The pairs, as they stand in the file."""
    return [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]


def conflicts_of(
    pair: Mapping[str, Any], glossary: Glossary, categories: Mapping[str, str]
) -> tuple[Conflict, ...]:
    """What is found in the sources of a pair."""
    documents = {d.id: d for d in map(_document, range(len(pair["sources"])), pair["sources"])}
    passages = [
        Passage(f"p{d.id}", d.id, 0, len(d.text), (), None, None) for d in documents.values()
    ]
    return find_conflicts(
        take_apart(pair["question"], glossary),
        passages,
        document_of=documents.__getitem__,
        mentions=glossary.mentions,
        categories=categories,
    )


def score(
    found: Sequence[tuple[Mapping[str, Any], tuple[Conflict, ...]]],
) -> Score:
    """How the findings compare with what the pairs say."""
    yes = [bool(conflicts) for pair, conflicts in found if pair["disagree"]]
    no = [bool(conflicts) for pair, conflicts in found if not pair["disagree"]]
    return Score(len(yes), len(no), sum(yes), sum(no))


def judged() -> list[tuple[dict[str, Any], tuple[Conflict, ...]]]:
    """Each pair with what is found in it."""
    concepts = list(all_concepts())
    glossary, categories = Glossary(concepts), {c.id: c.category for c in concepts}
    return [(pair, conflicts_of(pair, glossary, categories)) for pair in pairs()]


def alarms(index: Path, questions: Path) -> Iterator[Answer]:
    """The answers of some questions that tell of a disagreement."""
    with KnowledgeBase(replace(Settings(), index=index)).view() as view:
        for question in read_questions(questions):
            answer = view.ask(question.question)
            if answer.disagreements:
                yield answer


def _document(number: int, text: str) -> Document:
    return Document(
        id=f"d{number}", path=f"{number}.md", sha256="", format="markdown", metadata={}, text=text,
        blocks=(Block(BlockKind.PARAGRAPH, 0, len(text)),), sections=(Section((), 0, len(text)),),
    )  # fmt: skip


def main() -> None:
    """Print the figures, and every pair that is judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, help="count the alarms over this index, too")
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    options = parser.parse_args()
    found = judged()
    for pair, conflicts in found:
        if bool(conflicts) is not pair["disagree"]:
            what = "missed" if pair["disagree"] else "false alarm"
            print(f"{what:12}{pair['id']:9}{pair['question']}  {' | '.join(pair['sources'])}")
    kinds = dict.fromkeys(pair["kind"] for pair, _ in found)
    for kind in (*kinds, "all"):
        s = score([f for f in found if kind in ("all", f[0]["kind"])])
        print(
            f"{kind:8}{s.disagreeing:4} disagree, {s.found:3} found; {s.alike:4} do not, "
            f"{s.wrong:3} alarms; precision {s.precision:.3f}, recall {s.recall:.3f}"
        )
    if options.index:
        asked = len(list(read_questions(options.questions)))
        told = list(alarms(options.index, options.questions))
        print(f"{len(told)} alarms on {asked} questions")
        for answer in told:
            for d in answer.disagreements:
                print(f"  {answer.question}: {d.about}: {' / '.join(v.value for v in d.values)}")


if __name__ == "__main__":
    main()
