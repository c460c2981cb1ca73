"""Requests made up from the description of the API: a short form of the campaign."""

from __future__ import annotations

from benchmarks.api_fuzz import ask, statuses
from tests.server.wire import Wire


def test_no_request_that_is_made_up_is_failed_at(wire: Wire) -> None:
    address = f"http://127.0.0.1:{wire.port}"
    # The same requests on every run. All phases and many more: `make api-fuzz`.
    arguments = ["--phases", "fuzzing", "--max-examples", "2", "--seed", "1"]
    before = statuses(address)
    assert ask(address, None, arguments) == 0
    given = statuses(address) - before
    assert given.total() >= 20
    assert [status for status in given if status.startswith("5")] == []
