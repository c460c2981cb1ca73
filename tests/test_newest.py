"""Who asks goes on with the generation that is open while a newer one takes long to open."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from kb.durable import replace_file
from kb.errors import EncoderError, IndexDamaged, IndexUnavailable
from kb.indexing.generation import CURRENT, current_name
from kb.newest import Newest


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
def index(tmp_path: Path) -> Path:
    """The folder of an index, of which only the name of its generation is read here."""
    publish(tmp_path, 1)
    return tmp_path


def publish(index: Path, number: int) -> None:
    """A newer generation."""
    replace_file(index / CURRENT, f"g{number:08d} {'0' * 64}\n".encode(), point="current")


def test_a_new_generation_that_is_quick_to_open_is_waited_for(index: Path) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    first = newest.current()
    assert newest.current() is first
    publish(index, 2)
    assert newest.current(wait=60).generation == "g00000002"
    assert opening.opened == [False, True]


def test_nobody_waits_for_one_that_takes_long(index: Path) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    old = newest.current()
    publish(index, 2)
    opening.may.clear()
    assert [newest.current(wait=0.01) for _ in range(5)] == [old] * 5
    opening.may.set()
    assert newest.current(wait=60).generation == "g00000002"
    assert opening.opened == [False, True]  # once, however many asked


def test_only_those_wait_who_ask_when_it_has_just_begun(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    old = newest.current()
    publish(index, 2)
    opening.may.clear()
    assert newest.current(wait=0.01) is old
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 60)
    monkeypatch.setattr("kb.newest.time", later)
    found: list[Reader] = []
    asking = threading.Thread(target=lambda: found.append(newest.current(wait=30)))
    asking.start()
    asking.join(20)
    opening.may.set()
    assert found == [old]


def test_the_first_is_waited_for_by_all(index: Path) -> None:
    opening = Opening(index)
    opening.may.clear()
    newest = Newest(index, opening)
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
def test_a_damaged_one_is_not_opened_on_every_request(index: Path, error: Exception) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    old = newest.current()
    publish(index, 2)
    opening.error = error
    assert [newest.current(wait=60) for _ in range(3)] == [old] * 3
    assert opening.opened == [False, True]


def test_one_that_this_program_cannot_read_is_an_error_and_not_opened_each_time(
    index: Path,
) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    newest.current()
    publish(index, 2)
    opening.error = EncoderError("another encoder")
    for _ in range(3):
        with pytest.raises(EncoderError):
            newest.current(wait=60)
    assert opening.opened == [False, True]


def test_what_could_not_be_read_is_not_said_of_the_next(index: Path) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    old = newest.current()
    publish(index, 2)
    opening.error = EncoderError("another encoder")
    with pytest.raises(EncoderError):
        newest.current(wait=60)
    opening.error = None
    opening.may.clear()
    publish(index, 3)
    assert newest.current(wait=0.01) is old
    opening.may.set()
    assert newest.current(wait=60).generation == "g00000003"


def test_an_error_that_nobody_expected_is_logged_once(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opening = Opening(index)
    newest = Newest(index, opening)
    old = newest.current()
    publish(index, 2)
    opening.error = OSError(24, "too many open files")
    assert [newest.current(wait=60) for _ in range(3)] == [old] * 3
    assert opening.opened == [False, True]
    assert [record.name for record in caplog.records] == ["kb.newest"]


def test_one_that_came_while_another_was_opened_is_waited_for(index: Path) -> None:
    begun, may = threading.Event(), threading.Event()

    def opened(another: bool) -> Reader:
        name = current_name(index)
        assert name is not None
        if another:
            begun.set()
            assert may.wait(60)
        return Reader(name)

    newest = Newest(index, opened)
    newest.current()
    publish(index, 2)
    newest.current(wait=0.01)
    assert begun.wait(60)
    publish(index, 3)
    may.set()
    assert newest.current(wait=60).generation == "g00000003"
