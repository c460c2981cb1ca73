"""Pictures of pages over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.server.wire import problem


@pytest.fixture(scope="module")
def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    """The documents by their paths."""
    return {item["path"]: item for item in client.get("/api/v1/documents").json()["documents"]}


def test_pages_are_pictures(client: TestClient, listed: dict[str, dict[str, Any]]) -> None:
    path = f"/api/v1/documents/{listed['eu-crma.pdf']['id']}/pages"
    whole = client.get(f"{path}/1.png")
    assert whole.status_code == 200 and whole.headers["content-type"] == "image/png"
    assert whole.content.startswith(b"\x89PNG")
    marked = client.get(f"{path}/1.png", params={"start": 200, "end": 300})
    assert marked.content != whole.content
    tag = marked.headers["etag"]
    same = {"start": 200, "end": 300}
    unchanged = client.get(f"{path}/1.png", params=same, headers={"If-None-Match": tag})
    assert unchanged.status_code == 304 and not unchanged.content
    problem(client.get(f"{path}/4.png"), 404, "not-found")
    problem(client.get(f"{path}/0.png"), 422, "invalid-request")
    problem(client.get(f"{path}/1.png", params={"start": 3}), 422, "invalid-request")
    problem(client.get(f"{path}/1.png", params={"start": 3, "end": 10**6}), 422, "invalid-request")
    none = listed["april-2025-licensing.md"]["id"]
    problem(client.get(f"/api/v1/documents/{none}/pages/1.png"), 404, "not-found")
