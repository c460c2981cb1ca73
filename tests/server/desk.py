"""A served collection that a test may write to, and a key for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kb.assembly import KnowledgeBase, ingestion
from kb.keys import Keys
from kb.server.app import create_app
from kb.settings import Settings
from tests.ingest.corpora import REPORT
from tests.server import shapes
from tests.server.shapes import departures
from tests.server.wire import Received, serving

LONGEST = 120.0  # seconds that a job may take
LARGEST = 20_000  # bytes of a file here


@dataclass(frozen=True)
class Desk:
    """A served collection of one report, and a key for it."""

    port: int
    corpus: Path
    index: Path
    key: str

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> Received:
        key = self.key if key is None else key
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            lower = {name.lower(): value for name, value in response.getheaders()}
            return Received(response.status, lower, response.read())
        finally:
            connection.close()

    def add(self, name: str, text: str, more: str = "", **headers: str) -> Received:
        path = f"/api/v1/documents?name={quote(name)}{more}"
        return self.call("POST", path, text.encode(), **headers)

    def finished(self, url: str) -> dict[str, Any]:
        """The job when it is over."""
        until = time.monotonic() + LONGEST
        while True:
            job = body(self.call("GET", url), shapes.JOB)
            if job["state"] not in ("waiting", "running"):
                return job
            assert time.monotonic() < until, job
            time.sleep(0.1)

    def paths(self) -> list[str]:
        listed = json.loads(self.call("GET", "/api/v1/documents", key="").content)
        return [document["path"] for document in listed["documents"]]


def body(received: Received, shape: Any, status: int = 200) -> dict[str, Any]:
    assert received.status_code == status, received.content
    value: dict[str, Any] = json.loads(received.content)
    assert departures(value, shape) == []
    return value


@contextmanager
def opened(home: Path) -> Iterator[Desk]:
    settings = replace(
        Settings(), corpus=home / "資料", index=home / "索引", max_file_bytes=LARGEST
    )
    settings.corpus.mkdir()
    (settings.corpus / "管理.md").write_text(REPORT, "utf-8")
    ingestion(settings).run()
    _, key = Keys(settings.index).new("test")
    with serving(create_app(KnowledgeBase(settings))) as wire:
        yield Desk(wire.port, settings.corpus, settings.index, key)
