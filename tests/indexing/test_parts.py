"""Postings in parts: few, of passages that are there, and searched as one index."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from kb.indexing import parts as parts_module
from kb.indexing import segment_counts
from kb.indexing.lexical import FIELDS, META, LexicalIndex, write_postings
from kb.indexing.parts import Part, parts_in, planned, write_parts
from kb.indexing.pruning import Segment, name_of, pruned
from kb.indexing.rows import tokens_in

FULL = 6
WORDS = ("希土", "輸出", "磁石", "鉱山", "許可")

Row = tuple[int, int, str, str, str, str, str]
passages = st.lists(st.sampled_from(WORDS), max_size=5)
# A run: how many of the passages go (each by its place among those that are there), what comes.
runs = st.lists(
    st.tuples(st.sets(st.integers(0, 30)), st.lists(passages, max_size=2 * FULL)),
    min_size=1,
    max_size=6,
)


def row_of(number: int, words: list[str]) -> Row:
    text = " ".join(words)
    return (number, number, text, text, text, text, f"all part:{number % 3}")


def written(
    directory: Path, parts: list[Part], rows: dict[int, Row], before: Path | None = None
) -> list[Part]:
    def put(segment: Segment, folder: Path) -> None:
        for path in (before or directory).glob(f"{name_of(segment)}.*"):
            shutil.copyfile(path, folder / path.name)

    write_parts(directory, parts, lambda a, b: [rows[n] for n in sorted(rows) if a <= n <= b], put)
    return parts_in(directory)


def follow(
    folder: Path, history: list[tuple[set[int], list[list[str]]]], full: int = FULL
) -> tuple[Path, list[Row]]:
    """Postings that grew and shrank as runs of ingestion make them, and what they hold."""
    rows: dict[int, Row] = {}
    directory, parts = folder / "0", list[Part]()
    for run, (going, coming) in enumerate(history):
        numbers = sorted(number for place, number in enumerate(sorted(rows)) if place in going)
        removed = [(number, tokens_in(rows.pop(number)[2:])) for number in numbers]
        last = max(rows, default=0)  # numbers of what was last are given out again
        added = list(range(last + 1, last + 1 + len(coming)))
        plan = planned(parts, removed=removed, last_row=last, added=added, full=full)
        rows.update({n: row_of(n, words) for n, words in zip(added, coming, strict=True)})
        following = folder / str(run + 1)
        following.mkdir()
        if run:
            shutil.copyfile(directory / META, following / META)
        for name in (name for part in plan if part.is_kept for name in part.names):
            for path in directory.glob(f"{name}.*"):
                shutil.copyfile(path, following / path.name)
        parts, directory = written(following, plan, rows, directory), following
        assert sum(part.passages for part in parts) == len(rows)
        assert all(0 < part.passages <= full and part.is_kept for part in parts)
        assert [p.first for p in parts] == sorted(p.first for p in parts)
    return directory, [rows[number] for number in sorted(rows)]


def check_same_as_at_once(grown: Path, rows: list[Row]) -> None:
    """What was written bit by bit is found in the same order, with the same scores, as at once."""
    at_once = grown.parent / "at-once"
    numbers = [row[0] for row in rows]
    plan = planned((), removed=(), last_row=0, added=numbers, full=10**6)
    written(at_once, plan, {row[0]: row for row in rows})
    one, other = LexicalIndex(grown), LexicalIndex(at_once)
    assert len(one) == len(other) == len(rows)
    weights = {"words": 1.0, "compounds": 0.2, "bigrams": 0.35, "concepts": 0.5}
    for words in (WORDS, WORDS[:2], WORDS[3:4]):
        terms = dict.fromkeys(FIELDS, words)
        assert one.search(terms, weights, limit=9999) == other.search(terms, weights, limit=9999)
        alone = {"words": words}, {"words": 1.0}
        assert one.search(*alone, limit=9999) == other.search(*alone, limit=9999)
        assert one.document_frequency("words", words[0]) == other.document_frequency(
            "words", words[0]
        )
        if one.document_frequency("words", words[0]):
            assert one.average_length("words", words[0]) == other.average_length("words", words[0])


@settings(max_examples=12)
@example(history=[(set(), [["希土"]] * 13), ({0, 5, 12}, [["磁石"]]), (set(range(30)), [])])
@given(history=runs)
def test_any_history_gives_the_scores_of_an_index_that_is_written_at_once(
    tmp_path: Path, history: list[tuple[set[int], list[list[str]]]]
) -> None:
    home = Path(mkdtemp(dir=tmp_path))
    check_same_as_at_once(*follow(home, history))


LARGE = 300
long_passages = st.lists(st.sampled_from(WORDS), max_size=60)  # beyond what has an exact length


@settings(max_examples=2, phases=[Phase.explicit, Phase.generate])
@example(texts=[[]] * LARGE, going={0}, again={0})
@given(
    texts=st.lists(long_passages, min_size=LARGE, max_size=LARGE),
    going=st.sets(st.integers(0, LARGE - 1), min_size=1, max_size=LARGE // 2),
    again=st.sets(st.integers(0, LARGE // 2), min_size=1, max_size=20),
)
def test_parts_that_are_merged_without_what_is_gone_give_the_same_scores(
    tmp_path: Path, texts: list[list[str]], going: set[int], again: set[int]
) -> None:
    merged: list[list[Segment] | None] = []

    def noted(*given: Any, **named: Any) -> list[Segment] | None:
        merged.append(pruned(*given, **named))
        return merged[-1]

    home = Path(mkdtemp(dir=tmp_path))
    history = [(set[int](), texts), (going, [["希土"]]), (again, [])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts_module, "pruned", noted)
        check_same_as_at_once(*follow(home, history, full=LARGE // 2))
    assert any(merged)


def test_a_segment_that_is_laid_out_in_another_way_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_counts, "_FORMAT", 8)
    history = [(set[int](), [["希土", "磁石"], ["鉱山"]] * 100), ({3, 8}, [])]
    check_same_as_at_once(*follow(tmp_path, history, full=LARGE))


def test_a_part_is_merged_though_numbers_of_its_last_passages_are_given_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged: list[list[Segment] | None] = []

    def noted(*given: Any, **named: Any) -> list[Segment] | None:
        merged.append(pruned(*given, **named))
        return merged[-1]

    monkeypatch.setattr(parts_module, "pruned", noted)
    texts = [[WORDS[n % 5], WORDS[n % 3]] for n in range(LARGE)]
    history = [(set[int](), texts), ({LARGE - 2, LARGE - 1}, [["磁石"]] * 2)]
    check_same_as_at_once(*follow(tmp_path, history, full=LARGE))
    assert len(merged) == 1
    assert merged[0]


def test_what_was_merged_for_nothing_leaves_no_files(tmp_path: Path) -> None:
    row = {n: row_of(n, ["希土"]) for n in range(1, LARGE + 21)}
    one, few = tmp_path / "one", tmp_path / "few"
    write_postings(one, [row[n] for n in range(1, LARGE + 1)])
    write_postings(few, [row[n] for n in range(LARGE + 1, LARGE + 21)])  # too few to be merged
    meta = json.loads((one / META).read_text("utf-8"))
    segments = [json.loads((at / META).read_text("utf-8"))["segments"][0] for at in (one, few)]
    into = tmp_path / "into"
    into.mkdir()

    def put(segment: Segment, folder: Path) -> None:
        for at in (one, few):
            for path in at.glob(f"{name_of(segment)}.*"):
                shutil.copyfile(path, folder / path.name)

    gone = [(n, tokens_in(row.pop(n)[2:])) for n in (3, LARGE + 3)]
    left = [row[n] for n in sorted(row)]
    found = pruned(
        into, segments, gone, meta=meta, put=put,
        rows_of=lambda a, b: [one for one in left if a <= one[0] <= b],
    )  # fmt: skip
    assert found is None
    assert list(into.iterdir()) == []


def test_what_is_added_bit_by_bit_is_in_few_parts(tmp_path: Path) -> None:
    parts: list[Part] = []
    written_again = 0
    for number in range(1, 2001):
        parts = planned(parts, removed=(), last_row=number - 1, added=[number], full=1000)
        written_again += sum(part.passages for part in parts if not part.segments)
        parts = [Part(p.first, p.last, p.passages, ({"segment_id": str(p.first)},)) for p in parts]
        assert len(parts) <= 8
    assert written_again < 30 * 2000


@pytest.mark.parametrize("removed", [[3], [1, 12], list(range(1, 7))])
def test_only_parts_that_held_what_was_removed_are_written_anew(removed: list[int]) -> None:
    segment = ({"segment_id": "a-b"},)
    parts = [Part(1, 6, 6, segment), Part(7, 12, 6, segment), Part(13, 18, 6, segment)]
    gone = [(row, (1,) * 5) for row in removed]
    left = planned(parts, removed=gone, last_row=18, added=[], full=FULL)
    kept = [part for part in parts if not any(part.first <= row <= part.last for row in removed)]
    assert [part for part in left if part.is_kept] == kept
    assert sum(part.passages for part in left) == 18 - len(removed)
    assert [row for part in left for row, _ in part.removed] == (
        removed if len(removed) < 6 else []
    )


def test_no_passages_make_an_index_that_opens(tmp_path: Path) -> None:
    assert written(tmp_path / "none", [], {}) == []
    assert len(LexicalIndex(tmp_path / "none")) == 0
