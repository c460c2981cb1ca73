"""A search over HTTP takes a shorter way than other calls, and nobody sees that."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from kb.server import search_api
from kb.server.schemas import SearchOut
from tests.server.wire import problem

# Written as browsers, scripts and attackers write them, where the two ways could part.
WRITTEN = (
    "q=a+b", "q=a%20b&limit=2", "limit=2&q=a", "&q=a&", "q=a;limit=1", "q=%EF%BC%A1",
    "q=a&limit=0002", "q=a&limit=%2B2", "q=a&limit=%202", "q=a&limit=2.0", "q=a&limit=1_0",
    "q=a&limit=%EF%BC%92", "q=a&limit=1e1", "q=a&limit=true", "q=a&limit=", "q=a&limit=101",
    f"q=a&limit={'9' * 5000}", "q", "q=", "q=%20", "q=%E3%80%82", "q=%00a", "q=%ED%A0%80a",
    "q=%FFa", "q=%E2%80%AE", "q=a&q=b", "q=a&limit=1&limit=2", "q[]=a", "Q=a", "q=a&x=1",
    "q=a&from=", "q=a&topic=market&limit=1", f"q={quote('希' * 1000)}&limit=1",
    f"q={quote('希' * 1001)}", "q=a%26limit=0", "q=a&%71=b",
)  # fmt: skip


def test_what_is_written_without_the_schema_is_what_the_schema_writes(client: TestClient) -> None:
    for parameters in ("q=磁石の輸出&limit=7", "q=磁石&topic=market"):
        content = client.get(f"/api/v1/search?{parameters}").content
        shown = SearchOut.model_validate_json(content)
        assert shown.hits and shown.facets
        assert shown.model_dump_json().encode() == content


@pytest.mark.parametrize("wrong", ["", "limit=5", "q=a&limit=0", "q=a&limit=x", "q=a%00"])
def test_parameters_of_a_plain_search_that_are_wrong_are_refused(
    client: TestClient, wrong: str
) -> None:
    problem(client.get(f"/api/v1/search?{wrong}"), 422, "invalid-request")


def test_both_ways_give_the_same_to_whatever_is_written(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers() -> list[tuple[int, str, bytes]]:
        found = [client.get(f"/api/v1/search?{query}") for query in WRITTEN]
        return [(one.status_code, one.headers["content-type"], one.content) for one in found]

    short = answers()
    assert {status for status, _, _ in short} == {200, 422}
    monkeypatch.setattr(search_api, "_plain", lambda query: None)
    assert answers() == short
