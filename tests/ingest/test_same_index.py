"""The same files give the same index, however it came to be (invariant 3)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.indexing import connections, parts
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

NAMES = ("〇.pdf", "一.md", "二.md", "三.txt", "章/四.md")  # none of the contents is a PDF
CONTENTS = (
    REPORT,
    MAGNETS,
    PANEL,
    REPORT + MAGNETS,
    MAGNETS.replace("磁石", "合金"),
    REPORT + "\n申請は電子でも受け付ける。\n",  # a near-duplicate of the first
    "",  # rejected
)
QUERIES = ("重希土類の輸出許可", "ジスプロシウム 磁石", "小委員会の判断はいつか", "備蓄 180日")

# A step: the files it writes (name, which content) or removes (None), before one run.
steps = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([*range(len(CONTENTS)), None])),
    min_size=1,
    max_size=4,
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts of postings, and stores that are soon written as one file."""
    monkeypatch.setattr(parts, "FULL", 3)
    monkeypatch.setattr(connections, "LEAST", 100_000)
    monkeypatch.setattr(connections, "_SHARE", 2)


def apply(work: Workshop, step: dict[str, int | None]) -> None:
    for name, content in step.items():
        if content is None:
            (work.corpus / name).unlink(missing_ok=True)
        else:
            work.write(name, CONTENTS[content])


def holdings(work: Workshop) -> dict[str, Any]:
    """Documents, passages with their tokens, and rejections: all but the row numbers."""
    store = work.store()
    rows = {row: rest for row, _, *rest in store.postings()}
    return {
        "documents": [store.document(summary.id) for summary in store.summaries()],
        "links": [(s.path, s.aliases, s.near_duplicates) for s in store.summaries()],
        "passages": {p.id: (p, text, rows[row]) for row, (p, text) in store.passages(
            list(rows)
        ).items()},
        "rejected": store.rejected(),
        "errors": store.integrity_errors(),
    }  # fmt: skip


def rankings(work: Workshop) -> list[list[tuple[Any, ...]]]:
    searcher = work.searcher()
    return [
        [
            (hit.passage.id, hit.text, hit.score, dict(hit.scores), hit.also_in)
            for hit in searcher.search(query, limit=100).hits
        ]
        for query in QUERIES
    ]


@settings(max_examples=25)
@example(sequence=[{"一.md": 0, "二.md": 0}, {"三.txt": 1}, {"一.md": None}, {"一.md": 0}])
@example(sequence=[{name: 0} for name in NAMES])
@example(sequence=[{name: 0} for name in reversed(NAMES)])
@example(sequence=[dict.fromkeys(NAMES, 0), {"一.md": 5}, {"二.md": None, "一.md": 0}])
@given(sequence=steps)
def test_steps_give_what_one_run_over_the_result_gives(
    tmp_path: Path, sequence: list[dict[str, int | None]]
) -> None:
    home = Path(mkdtemp(dir=tmp_path))
    grown, fresh = Workshop(home / "歩"), Workshop(home / "一度")
    for step in sequence:
        apply(grown, step)
        grown.ingest()
    for step in sequence:
        apply(fresh, step)
    fresh.ingest()
    assert holdings(grown) == holdings(fresh)
    assert rankings(grown) == rankings(fresh)
    assert set(grown.ingest().duplicates.items()) == {
        (alias, path) for path, aliases, _ in holdings(fresh)["links"] for alias in aliases
    }


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_order_of_ingestion_does_not_matter(tmp_path: Path, order: Sequence[int]) -> None:
    one_by_one, at_once = Workshop(tmp_path / "順"), Workshop(tmp_path / "同時")
    for i in order:
        one_by_one.write(NAMES[i], CONTENTS[i])
        one_by_one.ingest()
    for i in range(4):
        at_once.write(NAMES[i], CONTENTS[i])
    at_once.ingest()
    assert holdings(one_by_one) == holdings(at_once)
    assert rankings(one_by_one) == rankings(at_once)


def test_equal_passages_are_ranked_by_their_documents_in_any_order_of_ingestion(
    tmp_path: Path,
) -> None:
    ranked = []
    for name, numbers in (("先", range(24)), ("後", range(23, -1, -1))):
        work = Workshop(tmp_path / name)
        for half in (numbers[:12], numbers[12:]):
            for i in half:
                work.write(f"{i}.md", "# 同じ題\n\n希土類の輸出は商務部が許可する。\n" + "\n" * i)
            work.ingest()
        searcher = work.searcher()
        order = searcher.rank("希土類の輸出許可").order  # in hits they are folded into one
        assert len({score for _, score in order}) == 1
        found = searcher.store.passages([row for row, _ in order])
        ranked.append([found[row][0].document_id for row, _ in order])
    assert ranked[0] == ranked[1] == sorted(ranked[0])
    assert len(ranked[0]) == 24


def test_two_folders_with_the_same_files_have_the_same_ids(tmp_path: Path) -> None:
    works = [Workshop(tmp_path / name) for name in ("甲", "乙")]
    for work in works:
        for name, content in zip(NAMES, CONTENTS, strict=False):
            work.write(name, content)
        work.ingest()
    assert holdings(works[0]) == holdings(works[1])
