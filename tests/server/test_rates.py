"""How often other machines may ask: budgets of addresses that fill up again."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.server.rates import Rates
from tests.server.wire import ADDRESS, problem

FAR = "192.0.2.7"


class Clock:
    """A time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 100))
def test_no_more_than_the_budget_and_what_it_gained(pauses: list[float], per_minute: int) -> None:
    clock = Clock()
    rates = Rates(per_minute, clock)
    admitted = 0
    for pause in pauses:
        clock.now += pause
        wait = rates.wait(FAR)
        admitted += not wait
        assert admitted <= per_minute + clock.now * per_minute / 60 + 1e-6
        if wait:  # and it is as long as it says
            clock.now += wait + 1e-6
            assert rates.wait(FAR) == 0
            admitted += 1


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "", "x"])
def test_this_machine_is_not_counted(address: str) -> None:
    rates = Rates(1, Clock())
    assert [rates.wait(address) for _ in range(5)] == [0.0] * 5


def test_an_address_does_not_take_what_is_for_another() -> None:
    rates = Rates(1, Clock())
    assert rates.wait("2001:db8::1") == 0
    assert rates.wait("2001:db8::2") > 0  # of the same household
    assert rates.wait("::ffff:192.0.2.7") == 0
    assert rates.wait(FAR) == 60
    assert rates.wait("2001:db8:1::1%eth0") == 0
    assert Rates(0, Clock()).wait(FAR) == 0


def test_too_many_requests_are_told_when_to_come_back(knowledge: KnowledgeBase) -> None:
    app = create_app(knowledge)
    (guard,) = (m for m in app.user_middleware if getattr(m.cls, "__name__", "") == "Guard")
    assert guard.kwargs["per_minute"] == knowledge.settings.max_requests_a_minute
    guard.kwargs["per_minute"] = 1
    client = TestClient(app, base_url=ADDRESS, client=(FAR, 5000))
    assert client.get("/static/kido.css").status_code == 200
    refused = client.get("/static/kido.css")
    problem(refused, 429, "too-many")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert client.get("/healthz").status_code == 200
    near = TestClient(app, base_url=ADDRESS, client=("127.0.0.1", 5000))
    assert near.get("/static/kido.css").status_code == 200
