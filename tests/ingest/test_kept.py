"""What a run finished is not lost when it is cut off, and not believed when it is damaged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import RejectedFile
from kb.indexing.finished import Finished
from kb.ingest.finish import Finisher
from kb.ingest.kept import NAME, Kept
from kb.language.glossary.matching import load_glossary
from kb.reading.sandbox import Job
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, SANDBOX, Workshop
from tests.ingest.test_same_index import holdings

RECORDS = {bytes([i]) * 32: bytes([i]) * (7 * i) for i in range(4)}


class CutOff:
    """Finishes documents until it is interrupted; notes those that it is given."""

    def __init__(self, work: Workshop, after: int) -> None:
        self._finisher = Finisher(work.encoder, load_glossary(), SANDBOX, encodes=False)
        self._after = after
        self.given: list[str] = []

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        for job in jobs:
            if len(self.given) == self._after:
                raise KeyboardInterrupt
            self.given.append(job.path)
            yield from self._finisher.finish_all([job])


def test_a_run_that_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    work, whole = Workshop(tmp_path / "甲"), Workshop(tmp_path / "乙")
    for place in (work, whole):
        for name, content in (
            ("一.md", REPORT),
            ("三.md", PANEL),
            ("二.md", MAGNETS),
            ("空.md", ""),
        ):
            place.write(name, content)
    first = CutOff(work, after=2)
    with pytest.raises(KeyboardInterrupt):
        work.ingest(finishing=first)
    assert (work.index / NAME).is_file()
    second = CutOff(work, after=9)
    work.write("三.md", PANEL + "\n追記がある。\n")  # what was finished of it no longer holds
    whole.write("三.md", PANEL + "\n追記がある。\n")
    report = work.ingest(finishing=second)
    assert first.given == ["一.md", "三.md"]
    assert second.given == ["三.md", "二.md"]
    assert report.added == ("一.md", "三.md", "二.md")
    assert not (work.index / NAME).exists()
    whole.ingest()
    assert holdings(work) == holdings(whole)


@settings(max_examples=60)
@given(st.integers(0, 500), st.binary(max_size=3))
def test_of_a_file_that_is_cut_off_or_changed_only_whole_records_count(
    tmp_path_factory: pytest.TempPathFactory, at: int, other: bytes
) -> None:
    index = tmp_path_factory.mktemp("索引")
    with pytest.raises(KeyboardInterrupt), Kept(index) as kept:
        for key, value in RECORDS.items():
            kept.add(key, value)
        raise KeyboardInterrupt
    path = index / NAME
    data = path.read_bytes()
    path.write_bytes(data[:at] + other)
    with Kept(index) as kept:
        for key, value in RECORDS.items():
            if key in kept:
                assert kept.get(key) == value
        assert len(kept) == sum(key in kept for key in RECORDS)
        kept.add(b"n" * 32, b"new")
        assert kept.get(b"n" * 32) == b"new"
    assert not path.exists()


def test_a_full_disk_is_not_filled_further(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no space"), Kept(tmp_path) as kept:
        kept.add(b"k" * 32, b"value")
        raise OSError("no space")
    assert list(tmp_path.iterdir()) == []
