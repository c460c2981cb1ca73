"""What goes through a pipe arrives whole, or there is an end to waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from kb.reading.pipes import Expired, receive, send

LONG = bytes(range(256)) * 2000  # more than a pipe holds


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    source, target = os.pipe()
    os.set_blocking(target, False)
    yield source, target
    for end in (source, target):
        os.close(end)


def for_ever() -> float:
    return 60.0


def no_longer() -> float:
    return 0.0


def test_more_than_a_pipe_holds_arrives_whole(pipe: tuple[int, int]) -> None:
    source, target = pipe
    sender = threading.Thread(target=send, args=(target, LONG, for_ever))
    sender.start()
    assert receive(source, 7, for_ever) + receive(source, len(LONG) - 7, for_ever) == LONG
    sender.join()


def test_there_is_an_end_to_waiting_for_a_reader_and_for_a_writer(pipe: tuple[int, int]) -> None:
    source, target = pipe
    with pytest.raises(Expired):
        send(target, LONG, no_longer)
    with pytest.raises(Expired):
        receive(source, 2 * len(LONG), no_longer)


def test_what_is_there_is_taken_however_late_it_is(pipe: tuple[int, int]) -> None:
    source, target = pipe
    send(target, b"abc", no_longer)
    assert receive(source, 3, no_longer) == b"abc"


def test_an_end_that_nobody_holds_is_said() -> None:
    source, target = os.pipe()
    os.set_blocking(target, False)
    os.write(target, b"ab")
    os.close(target)
    with pytest.raises(EOFError):
        receive(source, 3, for_ever)
    os.close(source)
    source, target = os.pipe()
    os.set_blocking(target, False)
    os.close(source)
    with pytest.raises(OSError):
        send(target, b"abc", for_ever)
    os.close(target)
