"""Static files: kept by browsers for as long as they are what their address says."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.testclient import TestClient

from kb.server.static_files import Static
from tests.conftest import ROOT


def test_pages_lead_to_addresses_that_browsers_may_keep(client: TestClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'"(/static/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        held = ROOT / "web" / "static" / address.removeprefix("/static/").partition("?")[0]
        assert answer.content == held.read_bytes()


def test_any_other_address_is_asked_for_anew(client: TestClient) -> None:
    for query in ("", "?v=", "?v=000000000000", "?w=1"):
        assert client.get(f"/static/kido.css{query}").headers["cache-control"] == "no-cache"


def test_an_address_changes_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}", "utf-8")
    static = Static(tmp_path)
    before = static.address("a.css")
    assert static.address("a.css") == before
    (tmp_path / "a.css").write_text("b { color: red }", "utf-8")
    assert static.address("a.css") != before
