"""How well facts are drawn: ``python -m benchmarks.tracker [--errors] [--set NAME] [--press DIR]``.

`benchmarks/questions/facts.jsonl` holds facts annotated by hand, a row of a table for each
line: `briefs` are those of the shipped corpus, `dev` those of the report that the rules were
developed on, `held-out` those of the reports kept aside (both beside the repository, in
`../shared/reports`; left out where they are not). `press-1` and `press-2` are short articles of
the press, of which `benchmarks/questions/press.jsonl` has address and digest; DIR holds them as
text files named by their ids, with a `library.json` that has their dates. A cell whose name ends
with ? has values that
may be drawn but need not; * stands for any. Of several types or dates of a row one suffices.

A drawn row counts as the gold row with which it shares a kind and a date (or instrument,
amount, number). Precision and recall are of single values of cells, those of rows that match
nothing included; the intervals are percentile bootstraps over rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb import inspection
from kb.domain import Document
from kb.language.folding import fold
from kb.language.glossary.matching import Glossary, load_glossary
from kb.language.tokens import analyse
from kb.reading.metadata import read_library
from kb.reading.options import PLAIN
from kb.tracker.cells import agree
from kb.tracker.drawing import facts_of, mentions_of
from kb.tracker.merging import tables_of
from kb.tracker.model import Row

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "benchmarks" / "questions" / "facts.jsonl"
CORPUS = ROOT / "corpus"
REPORTS = ROOT.parent / "shared" / "reports"
PRESS = ROOT / "benchmarks" / "questions" / "press.jsonl"
SETS = ("briefs", "dev", "held-out", "press-1", "press-2")
LEFT_OUT = frozenset({"reason", "status", "target", "measure"})  # quotations, and what follows
ALTERNATIVES = frozenset({"type", "date"})
_ROUNDS = 2000


@dataclass
class Counted:
    """Right, wrong and missing values of one row, by cell."""

    table: str
    right: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    matched: bool = False
    drawn: bool = False


def read_facts(path: Path = FACTS) -> list[dict[str, Any]]:
    """The annotated rows."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def folder_of(name: str, press: Path | None = None) -> Path | None:
    """Where the documents of a set lie; None where that is not said."""
    if name.startswith("press"):
        return press
    return CORPUS if name == "briefs" else REPORTS


def check_press(folder: Path) -> None:
    """Whether the articles are those that were annotated. Raises ValueError."""
    for article in read_facts(PRESS):
        text = (folder / f"{article['document']}.txt").read_bytes()
        if hashlib.sha256(text).hexdigest() != article["sha256"]:
            raise ValueError(f"{article['document']} is not the text that was annotated")


def documents_of(folder: Path) -> dict[str, Document]:
    """The documents of a folder by the ids of their metadata and by their names."""
    items = read_library(folder)
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != "library.json":
            document = inspection.inspect_file(path, PLAIN, max_bytes=10**9)
            found[path.name] = document
            item = items.get(path.name)
            if item is not None:
                found[str(item.get("id", path.name))] = document
    return found


def drawn_of(document: Document, glossary: Glossary) -> dict[str, Sequence[Row]]:
    """The rows that are drawn from one document alone."""
    facts = facts_of(document, glossary, mentions_of(document, glossary))
    tables = tables_of([(document.id, facts)])
    return {
        "measures": tables.measures, "disputes": tables.disputes, "responses": tables.responses
    }  # fmt: skip


def cells_of(row: Row) -> dict[str, list[str]]:
    """The values of a row by cell, without those that are not compared."""
    return {name: list(cell) for name, cell in row.cells().items()
            if cell and name not in LEFT_OUT}  # fmt: skip


def _same(a: str, b: str) -> bool:
    one, other = fold(a).text, fold(b).text
    return one == other or (min(len(one), len(other)) > 4 and (one in other or other in one))


def _shared(a: Sequence[str], b: Sequence[str]) -> int:
    return sum(any(_same(x, y) for y in b) for x in a)


def likeness(gold: Mapping[str, list[str]], drawn: Mapping[str, list[str]]) -> int:
    """How much of a gold row a drawn one has; 0 where they cannot be the same."""
    kinds = [*gold.get("type", ()), *gold.get("type?", ())]
    if kinds and "type" in drawn and not _shared(kinds, drawn["type"]):
        return 0
    if "country" in gold and gold["country"] != drawn.get("country"):
        return 0
    score = dates = 0
    for name, values in gold.items():
        plain = name.rstrip("?")
        found = drawn.get(plain, [])
        if values and values[0][:4].isdecimal() and plain != "target_year":
            same = sum(any(agree(x, y) for y in found) for x in values)
            dates += same
            score += 2 * same
        else:
            score += _shared(values, found)
    named = _shared(gold.get("instrument", []), drawn.get("instrument", []))
    named += _shared(gold.get("amount", []), drawn.get("amount", []))
    named += _shared(gold.get("numbers", []), drawn.get("numbers", []))
    return score if dates or named else 0


def compare(
    gold: Sequence[Mapping[str, list[str]]], drawn: Sequence[Row], table: str
) -> list[Counted]:
    """The rows of one document and table: pairs, and what stands alone on either side."""
    rows = [cells_of(row) for row in drawn]
    pairs = sorted(
        ((likeness(g, d), -i, -j) for i, g in enumerate(gold) for j, d in enumerate(rows)),
        reverse=True,
    )
    taken: dict[int, int] = {}
    for score, i, j in pairs:
        if score and -i not in taken and -j not in taken.values():
            taken[-i] = -j
    counted = []
    for i, g in enumerate(gold):
        counted.append(_row(table, g, rows[taken[i]] if i in taken else None))
    for j, d in enumerate(rows):
        if j not in taken.values():
            one = Counted(table, drawn=True)
            one.wrong = {name: len(values) for name, values in d.items()}
            counted.append(one)
    return counted


def _row(
    table: str, gold: Mapping[str, list[str]], drawn: Mapping[str, list[str]] | None
) -> Counted:
    counted = Counted(table, matched=drawn is not None, drawn=drawn is not None)
    names = {name.rstrip("?") for name in gold} | set(drawn or ())
    for name in sorted(names - LEFT_OUT):
        wanted, may, found = (
            gold.get(name, []),
            gold.get(f"{name}?", []),
            (drawn or {}).get(name, []),
        )
        right = sum(any(_same(x, y) for y in found) for x in wanted)
        extra = [
            x for x in found if not any(_same(x, y) for y in (*wanted, *may)) and "*" not in may
        ]
        missing = len(wanted) - right
        if name in ALTERNATIVES and wanted:
            right, missing = min(1, right), int(not right)
        counted.right[name] = right
        counted.wrong[name] = len(extra)
        counted.missing[name] = missing
    return counted


def precision(rows: Sequence[Counted], cell: str | None = None) -> float:
    """The share of drawn values that are right; 1 where nothing is drawn."""
    right, wrong = _sum(rows, "right", cell), _sum(rows, "wrong", cell)
    return right / (right + wrong) if right + wrong else 1.0


def recall(rows: Sequence[Counted], cell: str | None = None) -> float:
    """The share of the annotated values that are drawn; 1 where there are none."""
    right, missing = _sum(rows, "right", cell), _sum(rows, "missing", cell)
    return right / (right + missing) if right + missing else 1.0


def _sum(rows: Sequence[Counted], what: str, cell: str | None) -> int:
    return sum(
        count for row in rows for name, count in getattr(row, what).items() if cell in (None, name)
    )


def interval(rows: Sequence[Counted], measure: Any) -> tuple[float, float]:
    """The 95 % interval of a measure (percentile bootstrap over rows)."""
    rng = random.Random(17)
    values = sorted(measure(rng.choices(rows, k=len(rows))) for _ in range(_ROUNDS))
    return values[int(0.025 * _ROUNDS)], values[int(0.975 * _ROUNDS) - 1]


def measured(name: str, folder: Path, glossary: Glossary) -> Iterator[tuple[str, Counted, str]]:
    """Every row of a set with its document and a line that shows it."""
    documents = documents_of(folder)
    facts = [fact for fact in read_facts() if fact["set"] == name]
    chosen = dict.fromkeys(fact["document"] for fact in facts)
    if name == "held-out":
        chosen |= dict.fromkeys(["cgtn2025"])  # a report that tells of no dated fact
    for document in chosen:
        drawn = drawn_of(documents[document], glossary)
        for table, rows in drawn.items():
            gold = [f["cells"] for f in facts if (f["document"], f["table"]) == (document, table)]
            shown = [json.dumps(g, ensure_ascii=False) for g in gold]
            for i, counted in enumerate(compare(gold, rows, table)):
                yield document, counted, shown[i] if i < len(shown) else "(drawn)"


def speed(name: str, folder: Path, glossary: Glossary) -> str:
    """How long the facts of a set's documents take, beside the tokens of the same texts."""
    documents = {id(d): d for d in documents_of(folder).values()}.values()
    analyse("準備")
    began = time.process_time()
    mentions = [mentions_of(document, glossary) for document in documents]
    tokens = time.process_time() - began
    began = time.process_time()
    for document, named in zip(documents, mentions, strict=True):
        facts_of(document, glossary, named)
    facts = time.process_time() - began
    characters = sum(len(document.text) for document in documents)
    return (
        f"{name}: {characters:,} characters; tokens and concepts {tokens * 1000:.0f} ms,"
        f" facts {facts * 1000:.0f} ms of CPU ({facts / tokens:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, action="append")
    parser.add_argument("--press", type=Path, metavar="DIR", help="where the articles lie")
    parser.add_argument("--errors", action="store_true", help="show what is wrong or missing")
    parser.add_argument("--speed", action="store_true", help="show what the facts cost")
    arguments = parser.parse_args()
    glossary = load_glossary()
    for name in arguments.set or SETS:
        folder = folder_of(name, arguments.press)
        if folder is None or not folder.exists():
            print(f"{name}: left out, {folder or 'its folder'} is not there")
            continue
        if name.startswith("press"):
            check_press(folder)
        if arguments.speed:
            print(speed(name, folder, glossary))
            continue
        began = time.process_time()
        found = list(measured(name, folder, glossary))
        rows = [counted for _, counted, _ in found]
        print(f"\n{name}: {len(rows)} rows, {time.process_time() - began:.1f} s")
        for table in ("measures", "disputes", "responses", None):
            of = [row for row in rows if table in (None, row.table)]
            if not of:
                continue
            (p0, p1), (r0, r1) = interval(of, precision), interval(of, recall)
            values = _sum(of, "right", None) + _sum(of, "missing", None)
            print(f"  {table or 'all':12} precision {precision(of):.3f} [{p0:.3f}, {p1:.3f}]"
                  f"  recall {recall(of):.3f} [{r0:.3f}, {r1:.3f}]  of {values} values,"
                  f" {sum(r.drawn for r in of)} rows drawn")  # fmt: skip
            if table is not None:
                for cell in sorted({c for row in of for c in (*row.right, *row.wrong)}):
                    values = _sum(of, "right", cell) + _sum(of, "missing", cell)
                    figures = f"{precision(of, cell):.2f} {recall(of, cell):.2f}"
                    print(f"      {cell:18} {figures}  ({values})")
        if arguments.errors:
            for document, counted, shown in found:
                wrong = {k: v for k, v in counted.wrong.items() if v}
                missing = {k: v for k, v in counted.missing.items() if v}
                if wrong or missing:
                    print(f"  {document}: wrong {wrong} missing {missing}\n      {shown}")


if __name__ == "__main__":
    main()
