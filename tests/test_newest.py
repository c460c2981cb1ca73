"""Who asks goes on with the generation that is open while a newer one takes long to open."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from kb.errors import EncoderError, IndexDamaged, IndexUnavailable
from kb.indexing.generation import current_name
from kb.newest import Newest
from tests.ingest.corpora import Workshop


@dataclass
class Reader:
    generation: str


class Opening:
    """Opens the current generation when it may, and counts how often."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.may = threading.Event()
        self.may.set()
        self.error: Exception | None = None
        self.opened: list[bool] = []

    def __call__(self, another: bool) -> Reader:
        self.opened.append(another)
        assert self.may.wait(60)
        if self.error is not None:
            raise self.error
        name = current_name(self.index)
        assert name is not None
        return Reader(name)


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    work = Workshop(tmp_path)
    work.write("一.md", "# 一\n\n一つ目の報告である。\n")
    work.ingest()
    return work


def again(work: Workshop) -> None:
    """A newer generation."""
    work.write("二.md", "# 二\n\n二つ目の報告である。\n")
    work.ingest()


def test_a_new_generation_that_is_quick_to_open_is_waited_for(work: Workshop) -> None:
    opening = Opening(work.index)
    newest = Newest(work.index, opening)
    first = newest.current()
    assert newest.current() is first
    again(work)
    assert newest.current(wait=60).generation == "g00000002"
    assert opening.opened == [False, True]


def test_nobody_waits_for_one_that_takes_long(work: Workshop) -> None:
    opening = Opening(work.index)
    newest = Newest(work.index, opening)
    old = newest.current()
    again(work)
    opening.may.clear()
    assert [newest.current(wait=0.01) for _ in range(5)] == [old] * 5
    opening.may.set()
    assert newest.current(wait=60).generation == "g00000002"
    assert opening.opened == [False, True]  # once, however many asked


def test_the_first_is_waited_for_by_all(work: Workshop) -> None:
    opening = Opening(work.index)
    opening.may.clear()
    newest = Newest(work.index, opening)
    found: list[Reader] = []
    asking = [threading.Thread(target=lambda: found.append(newest.current())) for _ in range(4)]
    for thread in asking:
        thread.start()
    opening.may.set()
    for thread in asking:
        thread.join()
    assert len({id(reader) for reader in found}) == 1
    assert opening.opened == [False]


@pytest.mark.parametrize("error", [IndexDamaged("damaged"), IndexUnavailable("gone")])
def test_a_damaged_one_is_not_opened_on_every_request(work: Workshop, error: Exception) -> None:
    opening = Opening(work.index)
    newest = Newest(work.index, opening)
    old = newest.current()
    again(work)
    opening.error = error
    assert [newest.current(wait=60) for _ in range(3)] == [old] * 3
    assert opening.opened == [False, True]


def test_one_that_this_program_cannot_read_is_an_error(work: Workshop) -> None:
    opening = Opening(work.index)
    newest = Newest(work.index, opening)
    newest.current()
    again(work)
    opening.error = EncoderError("another encoder")
    with pytest.raises(EncoderError):
        newest.current(wait=60)
