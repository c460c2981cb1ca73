"""Files with the same bytes, and documents with mostly the same sentences."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain import Block, BlockKind, Document, Section
from kb.ingest.duplicates import NEAR, Sketch, jaccard, minhash, near_duplicates, sketch_of
from kb.reading.draft import document_id
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

NEARLY = REPORT + "\n申請は電子でも受け付ける。\n"  # one sentence more than the five of REPORT


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


# Files with the same bytes


def aliases(work: Workshop) -> dict[str, tuple[str, ...]]:
    assert work.store().integrity_errors() == []
    return {summary.path: summary.aliases for summary in work.store().summaries()}


def test_files_with_the_same_bytes_are_one_document_of_the_smallest_path(work: Workshop) -> None:
    for name in ("丙.md", "甲.md", "章/乙.md"):
        work.write(name, REPORT)
    work.write("磁石.md", MAGNETS)
    report = work.ingest()
    assert report.added == ("丙.md", "磁石.md")
    assert (report.unchanged, report.rejected) == ((), ())
    assert report.duplicates == {"甲.md": "丙.md", "章/乙.md": "丙.md"}
    assert aliases(work) == {"丙.md": ("甲.md", "章/乙.md"), "磁石.md": ()}
    assert work.store().summaries()[0].id == document_id("丙.md")
    texts = [hit.text for hit in work.find("輸出許可")]
    assert len(texts) == len(set(texts))


def test_known_duplicates_are_unchanged_and_make_no_generation(work: Workshop) -> None:
    work.write("甲.md", REPORT)
    work.write("乙.md", REPORT)
    first = work.ingest()
    second = work.ingest()
    assert second.unchanged == ("乙.md", "甲.md")
    assert second.duplicates == first.duplicates == {"甲.md": "乙.md"}
    assert (second.added, second.generation) == ((), first.generation)


def test_a_copy_that_comes_later_is_an_alias(work: Workshop) -> None:
    work.write("一.md", REPORT)
    work.ingest()
    work.write("二.md", REPORT)
    report = work.ingest()
    assert (report.added, report.unchanged, report.removed) == ((), ("一.md",), ())
    assert report.duplicates == {"二.md": "一.md"}
    assert aliases(work) == {"一.md": ("二.md",)}


def test_a_copy_with_a_smaller_path_takes_the_place_of_the_document(work: Workshop) -> None:
    work.write("二.md", REPORT)
    work.ingest()
    work.write("一.md", REPORT)
    report = work.ingest()
    assert (report.added, report.removed) == (("一.md",), ())
    assert report.duplicates == {"二.md": "一.md"}
    assert aliases(work) == {"一.md": ("二.md",)}


def test_the_next_path_takes_the_place_of_the_smallest(work: Workshop) -> None:
    for name in ("一.md", "三.md", "二.md"):
        work.write(name, REPORT)
    work.ingest()
    (work.corpus / "一.md").unlink()
    report = work.ingest()
    assert (report.added, report.removed) == (("三.md",), ("一.md",))
    assert aliases(work) == {"三.md": ("二.md",)}
    assert [hit.passage.document_id for hit in work.find("輸出許可")][:1] == [document_id("三.md")]


def test_an_alias_that_goes_or_changes_is_no_alias_any_more(work: Workshop) -> None:
    for name in ("一.md", "三.md", "二.md"):
        work.write(name, REPORT)
    work.ingest()
    (work.corpus / "三.md").unlink()
    work.write("二.md", MAGNETS)
    report = work.ingest()
    assert (report.added, report.unchanged, report.removed) == (("二.md",), ("一.md",), ())
    assert report.duplicates == {}
    assert aliases(work) == {"一.md": (), "二.md": ()}


def test_a_document_that_becomes_a_copy_is_an_alias_and_not_removed(work: Workshop) -> None:
    work.write("一.md", REPORT)
    work.write("二.md", MAGNETS)
    work.ingest()
    work.write("二.md", REPORT)
    report = work.ingest()
    assert (report.unchanged, report.removed) == (("一.md",), ())
    assert report.duplicates == {"二.md": "一.md"}


def test_empty_copies_are_each_rejected(work: Workshop) -> None:
    for name in ("一.md", "二.md"):
        work.write(name, "# 題だけ")
    report = work.ingest()
    assert [r.path for r in report.rejected] == ["一.md", "二.md"]
    assert report.duplicates == {}
    work.write("〇.md", "# 題だけ")
    assert [r.path for r in work.ingest().rejected] == ["〇.md", "一.md", "二.md"]


def test_a_copy_with_a_wrong_suffix_does_not_take_the_good_one_along(work: Workshop) -> None:
    work.write("二.md", REPORT)
    work.ingest()
    work.write("一.docx", REPORT)
    work.write("二.txt", REPORT)
    report = work.ingest()
    assert [r.path for r in report.rejected] == ["一.docx"]
    assert (report.added, report.unchanged) == ((), ("二.md",))
    assert report.duplicates == {"二.txt": "二.md"}
    assert work.ingest().generation == report.generation


def test_a_document_has_the_metadata_of_its_first_path_that_has_some(work: Workshop) -> None:
    for name in ("一.md", "三.md", "二.md"):
        work.write(name, REPORT)
    work.describe({"二.md": {"title": "二の題"}})
    work.ingest()
    assert [s.title for s in work.store().summaries()] == ["二の題"]
    work.describe({"二.md": {"title": "二の題"}, "一.md": {"title": "一の題"}})
    assert work.ingest().updated == ("一.md",)
    assert [s.title for s in work.store().summaries()] == ["一の題"]


# Near-duplicates

sentences = st.sets(st.integers(0, 30), max_size=24)


def document(numbers: set[int], name: str = "d") -> Document:
    """A document whose sentences are numbered."""
    text = "".join(f"第{number}の鉱区では採掘が続いている。\n" for number in sorted(numbers))
    blocks = (Block(BlockKind.PARAGRAPH, 0, len(text)),) if text else ()
    sections = (Section((), 0, len(text)),)
    return Document(name, f"{name}.md", "0" * 64, "markdown", {}, text, blocks, sections)


def linked(sketches: dict[int, Sketch], new: set[int]) -> list[tuple[int, int, float]]:
    signatures = [(row, sketch.signature) for row, sketch in sketches.items()]
    return sorted(near_duplicates(signatures, new, lambda row: sketches[row].sentences))


@given(st.lists(sentences, max_size=8), st.data())
def test_exactly_the_pairs_with_so_much_in_common_are_linked(
    sets: list[set[int]], data: st.DataObject
) -> None:
    for i in range(len(sets)):  # chance seldom makes sets alike
        if i and data.draw(st.booleans()):
            other = sets[data.draw(st.integers(0, i - 1))]
            sets[i] = other ^ data.draw(st.sets(st.integers(0, 30), max_size=4))
    sketches = {row: sketch_of(document(numbers)) for row, numbers in enumerate(sets)}
    expected = [
        (a, b, len(sets[a] & sets[b]) / len(sets[a] | sets[b]))
        for a, b in combinations(range(len(sets)), 2)
        if sets[a] and len(sets[a] & sets[b]) >= NEAR * len(sets[a] | sets[b])
    ]
    assert linked(sketches, set(sketches)) == expected


@given(st.lists(st.sampled_from([set(range(n, n + 12)) for n in range(4)]), max_size=7), st.data())
def test_links_that_come_in_several_runs_are_those_of_one_run(
    sets: list[set[int]], data: st.DataObject
) -> None:
    sketches = {row: sketch_of(document(numbers)) for row, numbers in enumerate(sets)}
    order = data.draw(st.permutations(list(sketches)))
    cut = data.draw(st.integers(0, len(order)))
    early = {row: sketches[row] for row in order[:cut]}
    late = {row: sketches[row] for row in order}
    found = linked(early, set(early)) + linked(late, set(order[cut:]))
    assert sorted(found) == linked(sketches, set(sketches))


def test_signatures_are_the_same_on_every_machine() -> None:
    sketch = sketch_of(document({1, 2, 3}))
    assert np.frombuffer(sketch.signature, "<u4")[:3].tolist() == [155107150, 728487859, 357821103]
    assert len(sketch.sentences) == 3 * 16


def test_width_and_spacing_make_no_difference_but_uncited_text_is_not_compared() -> None:
    text = "レアアース２０２５年　輸出 許可制。\n参考文献である。\n"
    end = text.index("\n") + 1
    blocks = (Block(BlockKind.PARAGRAPH, 0, end), Block(BlockKind.REFERENCE, end, len(text)))
    one = Document("d", "d.md", "0", "markdown", {}, text, blocks, ())
    other_text = "ﾚｱｱｰｽ2025年輸出許可制。"
    block = Block(BlockKind.PARAGRAPH, 0, len(other_text))
    other = Document("e", "e.md", "1", "markdown", {}, other_text, (block,), ())
    assert sketch_of(one) == sketch_of(other)


def test_documents_without_sentences_are_like_none() -> None:
    empty = sketch_of(document(set()))
    assert linked({1: empty, 2: empty}, {1, 2}) == []
    assert jaccard(frozenset(), frozenset()) == 0.0


def near(work: Workshop) -> dict[str, list[str]]:
    assert work.store().integrity_errors() == []
    summaries = work.store().summaries()
    paths = {summary.id: summary.path for summary in summaries}
    return {s.path: [paths[other] for other in s.near_duplicates] for s in summaries}


def test_links_come_and_go_with_the_documents(work: Workshop) -> None:
    work.write("一.md", REPORT)
    work.write("紛争.md", PANEL)
    work.ingest()
    work.write("二.md", NEARLY)
    work.ingest()
    assert near(work) == {"一.md": ["二.md"], "二.md": ["一.md"], "紛争.md": []}
    work.write("三.txt", NEARLY + "\n受付は平日に限る。\n")
    work.ingest()
    assert near(work)["二.md"] == ["三.txt", "一.md"]  # the most alike first
    work.write("一.md", MAGNETS)
    work.ingest()
    assert near(work) == {"一.md": [], "二.md": ["三.txt"], "三.txt": ["二.md"], "紛争.md": []}
    (work.corpus / "三.txt").unlink()
    work.ingest()
    assert near(work)["二.md"] == []


@settings(max_examples=10)
@given(numbers=st.lists(st.integers(0, 2**32 - 1), max_size=50))
def test_the_minhash_is_that_of_datasketch(numbers: list[int]) -> None:
    from datasketch import MinHash

    other = MinHash(num_perm=192, seed=20250404, hashfunc=int, scheme="affine32")
    other.update_batch(numbers)
    assert minhash(np.array(numbers, dtype=np.uint32)).tolist() == other.hashvalues.tolist()


def test_few_new_documents_are_compared_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(7)
    words = [bytes([n]) * 16 for n in range(60)]
    sets = [chance.choice(60, size=20, replace=False) for _ in range(12)]
    sets += [np.append(one[:-1], 59) for one in sets]
    digests = {row: b"".join(words[n] for n in sorted(set(one))) for row, one in enumerate(sets)}
    numbers = {row: np.unique(one).astype(np.uint32) for row, one in enumerate(sets)}
    signatures = [(row, minhash(own).astype("<u4").tobytes()) for row, own in numbers.items()]
    new = {0, 5, 13}
    few = near_duplicates(signatures, new, digests.__getitem__)
    monkeypatch.setattr("kb.ingest.duplicates._FEW", 0)
    assert few == near_duplicates(signatures, new, digests.__getitem__)
    assert few
