"""Instructions in documents and a model that obeys: a short form of the campaign."""

from __future__ import annotations

import socket

from benchmarks.injection import campaign, instructions, watched


def test_there_are_two_hundred_of_them() -> None:
    words = {one.words for one in instructions()}
    assert len(words) == 200


def test_an_obedient_model_sends_nothing_and_invents_nothing() -> None:
    # Each goal, in different wordings and hidden in every way; all: `make injection`.
    chosen = instructions()[::11]
    assert {one.goal.lie for one in chosen} == {one.goal.lie for one in instructions()}
    outcome = campaign(chosen)
    assert (outcome.left, outcome.invented) == ([], [])
    assert (outcome.reached, outcome.unseen) == (len(chosen), 0)
    assert outcome.fell_back == len(chosen)


def test_what_leaves_is_noticed() -> None:
    with watched(set()) as left, socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", 9)) != 0
    assert left == ["socket.connect 127.0.0.1:9"]
