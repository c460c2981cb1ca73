"""Servers that follow an index: copies under way, three behind one address, none yet."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase, View, ingestion
from kb.errors import NoIndex
from kb.following import Following
from kb.indexing.generation import current_name, open_current
from kb.keys import Keys
from kb.server.app import create_app
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, REPORT
from tests.server.desk import Desk
from tests.server.wire import ADDRESS, problem, serving
from tests.test_cli import ENVIRONMENT, ROOT, kb

LONGEST = 400.0  # seconds that servers may take on a machine that has much else to do
SERVERS, CLIENTS = 3, 6


# Where a process is root, it is so in name only after this: file modes hold for it as for others.
POWERLESS = (
    "import ctypes, sys; libc = ctypes.CDLL(None, use_errno=True);"
    "assert libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0;"
    "from kb.cli import app; app(sys.argv[1:])"
)


class Press:
    """An index that is made again and again, and a copy of it."""

    def __init__(self, home: Path) -> None:
        self.settings = replace(Settings(), corpus=home / "資料", index=home / "索引")
        self.settings.corpus.mkdir()
        self.copy = home / "写し"

    def publish(self, days: int) -> str:
        """Index an edition; the name of its generation."""
        (self.settings.corpus / "管理.md").write_text(REPORT.replace("45", str(days)), "utf-8")
        return ingestion(self.settings).run().generation

    def files(self) -> list[Path]:
        """The files of the newest generation and CURRENT, relative to the folder of the index."""
        generation = open_current(self.settings.index).directory
        found = [path for path in sorted(generation.rglob("*")) if path.is_file()]
        return [path.relative_to(self.settings.index) for path in found] + [Path("CURRENT")]

    def send(self, path: Path) -> None:
        """Copy one file, through a hidden one beside it as programs that copy do."""
        target = self.copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.x8Yz1Q")
        data = (self.settings.index / path).read_bytes()
        part.write_bytes(data[: len(data) // 2])
        part.write_bytes(data)
        part.replace(target)

    def following(self) -> Following:
        return Following(replace(self.settings, index=self.copy, follow=1))


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path)


def served(following: Following) -> str | None:
    try:
        with following.view() as view:
            found = view.search("審査の日数").hits[0].text
            assert ("45日" in found) == (view.generation == "g00000001")
            return view.generation
    except NoIndex:
        return None


@pytest.mark.parametrize("backwards", [False, True])
def test_a_copy_is_served_when_the_last_file_has_arrived(press: Press, backwards: bool) -> None:
    """In whatever order files come: CURRENT first, or last."""
    following = press.following()
    for before, name in ((None, "g00000001"), ("g00000001", "g00000002")):
        assert press.publish(45 if before is None else 60) == name
        files = press.files()
        for path in files[::-1] if backwards else files:
            assert served(following) == before
            press.send(path)
            following.look()
        until = time.monotonic() + LONGEST
        while served(following) != name and time.monotonic() < until:
            following.look()
        assert served(following) == name
    # What was damaged on its way is not served; what is older neither.
    press.publish(90)
    for path in press.files():
        press.send(path)
    store = press.copy / "generations/g00000003/store.sqlite"
    whole = store.read_bytes()
    store.write_bytes(whole[:-1] + b"?")
    assert not following.look() and served(following) == "g00000002"
    older = (press.copy / "CURRENT").read_text().replace("3 ", "1 ")
    (press.copy / "CURRENT").write_text(older)
    assert not following.look() and served(following) == "g00000002"
    (press.copy / "CURRENT").write_text("g000")
    assert not following.look() and served(following) == "g00000002"


def test_an_index_in_which_nothing_may_be_written_is_read(press: Press) -> None:
    """Not even the locks of a library: it is another user's, or on a file system to read from."""
    press.publish(45)
    shutil.copytree(press.settings.index, press.copy)
    for lock in press.copy.rglob("*.lock"):
        lock.unlink()
    before = sorted(press.copy.rglob("*"))
    for path in (press.copy, *before):
        path.chmod(0o500 if path.is_dir() else 0o400)
    ran = subprocess.run(
        [sys.executable, "-c", POWERLESS, "search", "審査の日数", "--index", press.copy, "--json"],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "45日" in json.loads(ran.stdout)["hits"][0]["text"]
    assert sorted(press.copy.rglob("*")) == before
    for path in (press.copy, *before):
        path.chmod(0o700)


def test_a_follower_writes_nothing_and_takes_nothing(press: Press) -> None:
    press.publish(45)
    Keys(press.settings.index).new("test")
    shutil.copytree(press.settings.index, press.copy)
    before = sorted(path for path in press.copy.rglob("*") if not path.name.endswith(".lock"))
    following = press.following()
    client = TestClient(create_app(following), base_url=ADDRESS)
    answer = client.post("/api/v1/ask", json={"question": "審査には何日かかるか。"}).json()
    assert answer["generation"] == "g00000001"
    problem(client.post("/api/v1/reindex", headers={"Authorization": "Bearer x"}), 403, "read-only")
    assert client.get("/jobs/x").status_code == 404
    assert "索引はほかのサーバーが作っています" in client.get("/documents").text
    after = sorted(path for path in press.copy.rglob("*") if not path.name.endswith(".lock"))
    assert after == before
    shutil.move(press.settings.corpus, press.copy.parent / "別の所")  # as on another machine
    moved = Following(replace(following.settings, corpus=press.copy.parent / "別の所"))
    with moved.view() as view:
        assert view.original(view.summaries()[0].id) == REPORT.encode()


def test_a_follower_looks_again_after_an_error_that_nobody_expected(
    press: Press, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    press.publish(45)
    shutil.copytree(press.settings.index, press.copy)
    following = press.following()

    def failing(another: bool) -> View:
        raise RuntimeError("no memory for the vectors")

    with monkeypatch.context() as broken:
        broken.setattr(following, "_open", failing)
        assert not following.look()
    assert "no memory for the vectors" in caplog.text
    until = time.monotonic() + LONGEST
    while not following.look() and time.monotonic() < until:
        time.sleep(0.01)
    assert served(following) == "g00000001"


@contextlib.contextmanager
def servers(index: Path) -> Iterator[int]:
    """Several `kb serve --follow` on one port, to which the system shares out connections."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "kb.cli", "serve", "--follow", "--reuse-port", "--index",
        str(index), "--port", str(port),
    ]  # fmt: skip
    running = [
        subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        for _ in range(SERVERS)
    ]
    try:
        yield port
        assert [one.poll() for one in running] == [None] * SERVERS
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(LONGEST)


def pinned(port: int, last: str, until: float) -> list[tuple[int, str]]:
    """Ask one server, over a connection that is kept, until it serves a generation.

    Each status with the generation, or the problem, and whether the text is that of it.
    """
    seen: list[tuple[int, str]] = []
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=LONGEST)) as connection:
        while seen[-1:] != [(200, last)]:
            assert time.monotonic() < until, seen[-1:]
            connection.request("GET", "/api/v1/search?q=%E5%AF%A9%E6%9F%BB")
            response = connection.getresponse()
            said = json.loads(response.read())
            if response.status == 200:
                old = "45日" in said["hits"][0]["passage"]["text"]
                assert old == (said["generation"] == "g00000001")
                seen.append((200, said["generation"]))
            else:
                seen.append((response.status, said["type"].rpartition("/")[2]))
            time.sleep(0.05)
    return seen


def test_three_servers_behind_one_address_swap_and_no_request_fails(press: Press) -> None:
    press.settings.index.mkdir()
    until = time.monotonic() + LONGEST
    with servers(press.settings.index) as port, ThreadPoolExecutor(CLIENTS) as pool:
        while len(listening(port)) < SERVERS:
            assert time.monotonic() < until
            time.sleep(0.1)
        asking = [pool.submit(pinned, port, "g00000002", until) for _ in range(CLIENTS)]
        assert press.publish(45) == "g00000001"
        while any(not one.done() for one in asking):
            time.sleep(2.5)  # each server looks every second
            if current_name(press.settings.index) == "g00000001":
                assert press.publish(60) == "g00000002"
        for seen in (one.result(LONGEST) for one in asking):
            order = [(503, "index-unavailable"), (200, "g00000001"), (200, "g00000002")]
            assert seen == sorted(seen, key=order.index)


def listening(port: int) -> list[str]:
    """The sockets that listen on a port."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return [f[9] for f in fields if f[1].endswith(f":{port:04X}") and f[3] == "0A"]


def test_an_empty_server_takes_the_first_document(tmp_path: Path) -> None:
    settings = replace(Settings(), corpus=tmp_path / "資料", index=tmp_path / "索引")
    _, key = Keys(settings.index).new("test")
    with serving(create_app(KnowledgeBase(settings))) as wire:
        desk = Desk(wire.port, settings.corpus, settings.index, key)
        assert desk.call("GET", "/healthz").status_code == 503
        page = desk.call("GET", "/documents", key="")
        assert page.status_code == 200
        assert "索引はまだありません。下の欄から最初の資料" in page.content.decode()
        problem(desk.call("GET", "/api/v1/search?q=x", key=""), 503, "index-unavailable")
        added = json.loads(desk.add("磁石.md", MAGNETS).content)
        assert desk.finished(added["job"]["url"])["report"]["added"] == ["磁石.md"]
        assert desk.paths() == ["磁石.md"]
        assert current_name(settings.index) == "g00000001"


def test_only_who_may_write_or_follows_starts_without_an_index(tmp_path: Path) -> None:
    ran = kb("serve", "--index", tmp_path / "無", "--port", "0")
    assert (ran.returncode, "there is no index" in ran.stderr) == (2, True)
    taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        port = taken.getsockname()[1]
        ran = kb("serve", "--follow", "--index", tmp_path / "無", "--port", port)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1 and f"port {port} cannot be listened on" in ran.stderr
