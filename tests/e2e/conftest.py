"""A real server process over the shipped collection, and a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kb.assembly import KnowledgeBase
from tests.server.wire import kept_port

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
PROXY = "kido.example"  # a name that is allowed besides the server's own
QUESTION = "中国は2025年10月に公表した規制をいつまで停止したか。"
NOWHERE = "東京の明日の天気は"
ASK = f"/?q={quote(QUESTION)}"
SEARCH = f"/search?q={quote('輸出許可')}"
LONGEST = 90.0  # seconds that a server may take to start


def is_up(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture(scope="session")
def address(corpus_index: Path) -> Iterator[str]:
    """The address of `kb serve`, running in a process of its own."""
    command = [sys.executable, "-m", "kb.cli", "serve", "--index", str(corpus_index)]
    command += ["--allow-host", PROXY]
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KIDO_")}
    with kept_port() as port:
        server = subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + LONGEST
            while not is_up(port):
                assert server.poll() is None, f"the server ended with {server.returncode}"
                assert time.monotonic() < until, f"no answer from the server in {LONGEST} s"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(LONGEST)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """A Chromium of this machine; tests that need it skip where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH: looked for {', '.join(BROWSERS)}")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """A page of a browser, and what went wrong or went elsewhere while it was open."""

    page: Any
    address: str
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        """Open a path of the server."""
        response = self.page.goto(self.address + path)
        assert response is not None and response.status == 200, path
        return self.page


@dataclass(frozen=True)
class Visitors:
    """Opens pages; each visit must end without an error and without leaving the server."""

    browser: Any
    address: str

    @contextmanager
    def visit(
        self, width: int = 1280, height: int = 850, *, scripts: bool = True, **options: Any
    ) -> Iterator[Visit]:
        """A page in a profile of its own."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=scripts,
            locale="ja-JP", reduced_motion="reduce", **options,
        )  # fmt: skip
        try:
            visit = Visit(context.new_page(), self.address)
            visit.page.set_default_timeout(60_000)
            visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
            visit.page.on("console", lambda message: _note(visit, message))
            visit.page.on("requestfailed", lambda request: _failed(visit, request))
            context.on("request", lambda request: _watch(visit, request.url))
            yield visit
            assert visit.errors == []
            assert visit.elsewhere == []
        finally:
            context.close()


def _note(visit: Visit, message: Any) -> None:
    if message.type in ("error", "warning"):
        visit.errors.append(message.text)


def _failed(visit: Visit, request: Any) -> None:
    # Going on to the next page ends what the last one was still fetching.
    if request.failure != "net::ERR_ABORTED":
        visit.errors.append(f"{request.url}: {request.failure}")


def _watch(visit: Visit, url: str) -> None:
    if not url.startswith((visit.address + "/", "data:")):
        visit.elsewhere.append(url)


@pytest.fixture(scope="package")
def visitors(browser: Any, address: str) -> Visitors:
    """Opens pages of the server in the browser."""
    return Visitors(browser, address)


@pytest.fixture(scope="session")
def paths(knowledge: KnowledgeBase) -> list[str]:
    """Every kind of page, with one long document of each format."""
    with knowledge.view() as view:
        cited = view.ask(QUESTION).citations[0]
        by_format = {s.format: s.id for s in view.summaries()}
    documents = [f"/documents/{one}" for one in by_format.values()]
    span = f"/documents/{cited.document_id}?start={cited.start}&end={cited.end}#cited"
    nowhere = f"/?q={quote(NOWHERE)}"
    return [
        "/",
        ASK,
        nowhere,
        "/search",
        SEARCH,
        "/documents",
        "/changes",
        "/timeline?from=2010&to=2026&on=2025-06-01",
        "/tracker",
        "/tracker/measures",
        "/tracker/disputes",
        "/disputes/DS431",
        "/articles/gatt-article-20",
        "/compare?country=japan&country=united-states",
        "/compare?document=" + "&document=".join(list(by_format.values())[:2]),
        "/verify",
        *documents,
        span,
        "/problems/internal",
    ]
