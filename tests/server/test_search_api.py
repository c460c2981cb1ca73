"""A search over HTTP takes a shorter way than other calls, and nobody sees that."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.server.schemas import SearchOut
from tests.server.wire import problem


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
