"""The calls that change the collection, over a real port: keys, uploads, jobs, refusals."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import quote

import pytest

from kb.assembly import ingestion
from kb.keys import Keys
from kb.server import receiving
from kb.server.writers import MAX_UPLOADS, WRONG_KEYS
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT
from tests.server import shapes
from tests.server.desk import LARGEST, LONGEST, Desk, body, opened
from tests.server.wire import kept_port, problem


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as one:
        yield one


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A collection that only refusals are tried on."""
    with opened(tmp_path_factory.mktemp("refusals")) as one:
        yield one


def test_what_is_added_is_found_and_what_is_removed_is_not(desk: Desk) -> None:
    added = body(desk.add("磁石.md", MAGNETS), shapes.UPLOAD, 202)
    assert (added["path"], added["replaced"]) == ("磁石.md", False)
    assert (desk.corpus / "磁石.md").read_text("utf-8") == MAGNETS
    job = desk.finished(added["job"]["url"])
    assert (job["state"], job["error"]) == ("finished", None)
    assert (job["done"], job["total"]) == (1, 1)
    assert job["report"]["added"] == ["磁石.md"]
    assert job["report"]["unchanged"] == ["管理.md"]
    assert desk.paths() == ["磁石.md", "管理.md"]
    found = json.loads(desk.call("GET", f"/api/v1/search?q={quote('ネオジム磁石')}").content)
    assert found["hits"][0]["document"]["id"] == added["document_id"]

    again = desk.add("磁石.md", PANEL)
    assert "磁石.md" in problem(again, 409, "already-there")["detail"]
    assert (desk.corpus / "磁石.md").read_text("utf-8") == MAGNETS
    over = body(desk.add("磁石.md", PANEL, "&replace=true"), shapes.UPLOAD, 202)
    assert over["replaced"]
    assert desk.finished(over["job"]["url"])["report"]["updated"] == ["磁石.md"]

    (desk.corpus / "空.txt").write_text("", "utf-8")
    removed = desk.call("DELETE", f"/api/v1/documents/{added['document_id']}")
    gone = body(removed, shapes.REMOVED, 202)
    assert gone["paths"] == ["磁石.md"]
    job = desk.finished(gone["job"]["url"])
    assert job["report"]["removed"] == ["磁石.md"]
    assert [r["reason"] for r in job["report"]["rejected"]] == ["empty"]
    assert desk.paths() == ["管理.md"]

    events = desk.call("GET", f"{job['url']}/events").content.decode()
    name, _, data = events.strip().partition("\ndata: ")
    assert name == "event: job"
    assert json.loads(data) == job
    assert list(desk.corpus.glob(".*")) == []


def test_a_form_is_taken_like_a_body(desk: Desk) -> None:
    form = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename="小委員会.md"\r\n'
        f"Content-Type: text/markdown\r\n\r\n{PANEL}\r\n--x--\r\n"
    )
    kind = {"Content_Type": "multipart/form-data; boundary=x"}
    got = desk.call("POST", "/api/v1/documents", form.encode(), **kind)
    assert body(got, shapes.UPLOAD, 202)["path"] == "小委員会.md"
    assert (desk.corpus / "小委員会.md").read_text("utf-8") == PANEL
    for bad in (form[:-20], "", "--x--\r\n", form.replace('; filename="小委員会.md"', "")):
        got = desk.call("POST", "/api/v1/documents", bad.encode(), **kind)
        problem(got, 400, "bad-request")
    for boundary in ("", "; boundary=" + "y" * 400):
        got = desk.call(
            "POST", "/api/v1/documents", b"x", Content_Type=f"multipart/form-data{boundary}"
        )
        problem(got, 400, "bad-request")
    assert list(desk.corpus.glob(".*")) == []


def test_a_part_has_only_so_many_headers(small: Desk) -> None:
    many = "X-{}: y\r\n"
    form = "--x\r\n{}Content-Disposition: form-data; name=file; filename=a.md\r\n\r\nz\r\n--x--\r\n"
    kind = {"Content_Type": "multipart/form-data; boundary=x"}
    sent = form.format("".join(many.format(n) for n in range(16))).encode()
    got = small.call("POST", "/api/v1/documents", sent, **kind)
    assert "header count" in problem(got, 400, "bad-request")["detail"]


def test_drops_of_a_file_do_not_buy_time(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "STALLED", 0.2)
    until = time.monotonic() + LONGEST
    with socket.create_connection(("127.0.0.1", small.port)) as connection:
        connection.sendall(
            f"POST /api/v1/documents?name=a.md HTTP/1.1\r\nHost: 127.0.0.1:{small.port}\r\n"
            f"Authorization: Bearer {small.key}\r\nContent-Length: 9999\r\n\r\n".encode()
        )
        connection.settimeout(0.02)
        answer = b""
        while not answer and time.monotonic() < until:
            with suppress(TimeoutError):
                answer = connection.recv(9999)
            if not answer:
                connection.sendall(b"x")
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_nobody_writes_without_the_key_or_from_another_site(desk: Desk) -> None:
    calls = [
        ("POST", "/api/v1/documents?name=a.md"), ("DELETE", "/api/v1/documents/x"),
        ("POST", "/api/v1/reindex"), ("GET", "/api/v1/jobs/x"), ("GET", "/api/v1/jobs/x/events"),
    ]  # fmt: skip
    for method, path in calls:
        refused = desk.call(method, path, b"x" if "?" in path else None, key="")
        problem(refused, 401, "key-required")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        for foreign in (
            {"Origin": "https://elsewhere.example"}, {"Origin": "null"},
            {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        ):  # fmt: skip
            problem(desk.call(method, path, **foreign), 403, "foreign-origin")
    own = {"Origin": f"http://127.0.0.1:{desk.port}", "Sec_Fetch_Site": "same-origin"}
    assert desk.call("POST", "/api/v1/reindex", **own).status_code == 202
    assert [path.name for path in desk.corpus.iterdir()] == ["管理.md"]
    for _ in range(WRONG_KEYS):
        problem(desk.call("POST", "/api/v1/reindex", key="wrong"), 401, "key-required")
    many = desk.call("POST", "/api/v1/reindex", key="wrong")
    problem(many, 429, "too-many")
    assert 0 < int(many.headers["retry-after"]) <= 60


def test_a_revoked_key_opens_nothing(desk: Desk) -> None:
    keys = Keys(desk.index)
    _, other = keys.new("other")
    keys.revoke(keys.all()[0].id)
    problem(desk.call("GET", "/api/v1/jobs/x"), 401, "key-required")
    problem(desk.call("GET", "/api/v1/jobs/x", key=other), 404, "not-found")


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".md", ".hidden.md", "~$a.md", "../a.md", "a/b.md", "a\\b.md", "/etc/a.md", "..",
        "a.md ", "a.md.", "a\0.md", "a\n.md", "a\u202e.md", "C:a.md", "con.md", "LPT1.txt",
        "a\ufffd.md", "a.exe", "a", "library.json", "あ" * 100 + ".md", "a.md:b",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(small: Desk, name: str) -> None:
    refused = small.add(name, REPORT)
    assert problem(refused, 422, json.loads(refused.content)["type"].rpartition("/")[2])
    assert refused.status_code == 422
    assert [path.name for path in small.corpus.iterdir()] == ["管理.md"]


def test_a_file_that_is_too_large_is_refused_however_it_is_sent(small: Desk) -> None:
    text = "あ" * LARGEST
    problem(small.add("大.md", text), 413, "too-large")
    chunked = iter([text.encode()[:LARGEST], text.encode()[LARGEST:]])
    got = small.call("POST", "/api/v1/documents?name=a.md", chunked)
    problem(got, 413, "too-large")
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--x--\r\n'
    for path in ("/api/v1/documents", "/documents/add"):  # bytes that belong to no file
        got = small.call(
            "POST", path, iter([form, b"y" * 50_000, b"y" * 50_000]),
            Content_Type="multipart/form-data; boundary=x",
        )  # fmt: skip
        problem(got, 413, "too-large")
    problem(small.add("空.md", ""), 422, "invalid-upload")
    assert [path.name for path in small.corpus.iterdir()] == ["管理.md"]


def test_only_so_many_files_are_received_at_a_time(small: Desk) -> None:
    head = (
        f"POST /api/v1/documents?name=a.md HTTP/1.1\r\nHost: 127.0.0.1:{small.port}\r\n"
        f"Authorization: Bearer {small.key}\r\nContent-Length: 100\r\n\r\nbegun"
    ).encode()
    open_ones = [socket.create_connection(("127.0.0.1", small.port)) for _ in range(MAX_UPLOADS)]
    try:
        for one in open_ones:
            one.sendall(head)
        until = time.monotonic() + LONGEST
        while len(list(small.corpus.glob(".*.part"))) < MAX_UPLOADS:
            assert time.monotonic() < until
            time.sleep(0.02)
        busy = small.add("b.md", REPORT)
        problem(busy, 503, "busy")
        assert int(busy.headers["retry-after"]) > 0
        assert json.loads(small.call("GET", "/healthz").content)["status"] == "ok"
    finally:
        for one in open_ones:
            one.close()
    while list(small.corpus.glob(".*.part")):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert small.add("a.exe", REPORT).status_code == 422


def test_a_job_whose_server_was_killed_is_said_to_be_cut_off(tmp_path: Path) -> None:
    corpus, index = tmp_path / "資料", tmp_path / "索引"
    corpus.mkdir()
    (corpus / "管理.md").write_text(REPORT, "utf-8")
    settings = replace(Settings(), corpus=corpus, index=index)
    ingestion(settings).run()
    _, key = Keys(index).new("test")
    with _served(index) as port:
        desk = Desk(port, corpus, index, key)
        for number in range(3):
            (corpus / f"{number}.md").write_text(f"# 第{number}号\n\n" + REPORT, "utf-8")
        long = corpus / "長.md"  # which keeps the job busy long after the others are done
        long.write_text(REPORT * 1500, "utf-8")
        url = body(desk.call("POST", "/api/v1/reindex"), shapes.JOB, 202)["url"]
        assert desk.paths() == ["管理.md"]
        until = time.monotonic() + LONGEST
        while json.loads(desk.call("GET", url).content)["done"] < 3:
            assert time.monotonic() < until
            time.sleep(0.02)
    long.unlink()
    with _served(index) as port:  # the first was killed
        desk = replace(desk, port=port)
        job = body(desk.call("GET", url), shapes.JOB)
        assert job["state"] == "interrupted"
        assert "index again" in job["error"]
        assert desk.paths() == ["管理.md"]
        again = body(desk.call("POST", "/api/v1/reindex"), shapes.JOB, 202)
        assert len(desk.finished(again["url"])["report"]["added"]) == 3
        assert len(desk.paths()) == 4


@contextmanager
def _served(index: Path) -> Iterator[int]:
    """The port of `kb serve` in a process of its own, which is killed in the end."""
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KIDO_")}
    command = [sys.executable, "-m", "kb.cli", "serve", "--index", str(index)]
    with kept_port() as port:
        server = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + LONGEST
            while not _is_up(port):
                assert server.poll() is None and time.monotonic() < until
                time.sleep(0.1)
            yield port
        finally:
            server.kill()
            server.wait()


def _is_up(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            with HTTPResponse(connection) as response:
                response.begin()
                return response.status == 200
    except OSError:
        return False
