"""What a document was stays readable after it was changed or removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.domain import Document
from kb.errors import NotFound, RejectedFile
from kb.reading.draft import document_id
from kb.reading.files import FileBytes
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Job, Sandbox
from tests.encoders import PairEncoder
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

NAME = "報告.md"
ID = document_id(NAME)


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    work = Workshop(tmp_path)
    work.write(NAME, REPORT)
    work.ingest()
    return work


def change(work: Workshop, content: str) -> Document:
    """The document as it was before its file is changed."""
    before = work.store().document(ID)
    work.write(NAME, content)
    work.ingest()
    assert work.store().integrity_errors() == []
    return before


def kept(work: Workshop) -> list[tuple[str, str]]:
    return [(v.sha256, v.generation) for v in work.store().versions_of(ID)]


def test_a_changed_file_is_a_new_version_of_the_same_document(work: Workshop) -> None:
    before = change(work, MAGNETS)
    store = work.store()
    assert [s.id for s in store.summaries()] == [ID]
    assert store.version(ID, before.sha256) == before
    (version,) = store.versions_of(ID)
    assert (version.document_id, version.path, version.generation) == (ID, NAME, "g00000001")
    assert (version.format, version.metadata["title"]) == ("markdown", "希土類の輸出管理")
    with pytest.raises(NotFound, match=f"no version .* of document '{ID}' is kept"):
        store.version(ID, store.document(ID).sha256)


def test_a_removed_document_stays_readable_and_is_not_found_by_search(work: Workshop) -> None:
    before = work.store().document(ID)
    (work.corpus / NAME).unlink()
    work.write("磁石.md", MAGNETS)
    work.ingest()
    assert work.store().version(ID, before.sha256) == before
    assert not any("商務部" in hit.text for hit in work.find("商務部 輸出許可"))
    work.write("別.md", PANEL)  # and after further runs
    work.ingest()
    assert work.store().version(ID, before.sha256) == before


def test_a_file_that_breaks_leaves_its_last_version(work: Workshop) -> None:
    before = change(work, "# 題だけ")
    assert work.store().version(ID, before.sha256) == before


def test_versions_are_listed_newest_first_and_the_current_is_none(work: Workshop) -> None:
    a = change(work, MAGNETS)
    b = change(work, PANEL)
    assert kept(work) == [(b.sha256, "g00000002"), (a.sha256, "g00000001")]
    c = change(work, REPORT)
    assert kept(work) == [(c.sha256, "g00000003"), (b.sha256, "g00000002")]
    change(work, PANEL)
    assert kept(work) == [(a.sha256, "g00000004"), (b.sha256, "g00000002")]


def test_other_metadata_alone_makes_no_version(work: Workshop) -> None:
    work.describe({NAME: {"title": "別の題"}})
    assert work.ingest().updated == (NAME,)
    assert kept(work) == []


def test_the_same_bytes_read_in_another_way_make_a_version(work: Workshop) -> None:
    before = work.store().document(ID)

    class Lengthening(Sandbox):
        def read_all(
            self, jobs: Iterable[Job], options: ReadingOptions = PLAIN
        ) -> Iterator[Document | RejectedFile]:
            return super().read_all(
                [
                    replace(j, data=FileBytes(j.data.data + "増補。".encode(), j.data.sha256))
                    for j in jobs
                ],
                options,
            )

    work.sandbox = Lengthening()
    work.versions = "chunks 2"
    work.ingest()
    assert work.store().document(ID).text != before.text
    assert work.store().version(ID, before.sha256) == before
    assert work.store().integrity_errors() == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_only_the_last_versions_stay(work: Workshop, count: int) -> None:
    work.keep_versions = count
    before = [change(work, content) for content in (MAGNETS, PANEL, REPORT + PANEL)]
    expected = [document.sha256 for document in reversed(before)][:count]
    assert [sha256 for sha256, _ in kept(work)] == expected


def test_each_document_has_its_own_count(work: Workshop) -> None:
    work.keep_versions = 1
    work.write("二.md", PANEL)
    work.ingest()
    work.write("二.md", PANEL + MAGNETS)
    change(work, MAGNETS)
    assert len(kept(work)) == len(work.store().versions_of(document_id("二.md"))) == 1


def test_an_index_made_anew_keeps_its_history(work: Workshop) -> None:
    a = change(work, MAGNETS)
    work.encoder = PairEncoder("other-64")
    report = work.ingest()
    assert report.added == (NAME,)
    assert kept(work) == [(a.sha256, "g00000001")]
    work.tokenizer = "sudachi 2"
    b = change(work, PANEL)
    assert kept(work) == [(b.sha256, "g00000003"), (a.sha256, "g00000001")]
    assert work.store().version(ID, a.sha256) == a
    assert work.store().integrity_errors() == []


CONTENTS = (REPORT, MAGNETS, PANEL, REPORT + PANEL, None)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["一.md", "二.md"]), st.sampled_from(CONTENTS)),
                min_size=1, max_size=6))  # fmt: skip
def test_every_text_that_was_ever_served_can_be_shown(
    tmp_path: Path, steps: list[tuple[str, str | None]]
) -> None:
    work = Workshop(Path(mkdtemp(dir=tmp_path)))
    served: dict[tuple[str, str], Document] = {}
    for name, content in steps:
        if content is None:
            (work.corpus / name).unlink(missing_ok=True)
        else:
            work.write(name, content)
        work.ingest()
        store = work.store()
        now = {s.id: store.document(s.id) for s in store.summaries()}
        served |= {(d.id, d.sha256): d for d in now.values()}
        for (owner, sha256), document in served.items():
            current = now.get(owner)
            if current is None or current.sha256 != sha256:
                assert store.version(owner, sha256) == document
        assert store.integrity_errors() == []
        held = {(v.document_id, v.sha256) for owner, _ in served for v in store.versions_of(owner)}
        assert held == served.keys() - {(d.id, d.sha256) for d in now.values()}
