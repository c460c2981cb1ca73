"""Files are read in a process that can do no harm, and what breaks it is said."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import KidoError, Reason, RejectedFile
from kb.reading import sandbox as sandbox_module
from kb.reading.confinement import Limits
from kb.reading.files import SUFFIXES, FileBytes, read_bytes, read_document
from kb.reading.ocr import INSTALL, is_available
from kb.reading.options import ReadingOptions
from kb.reading.passing import Malformed, dumped, loaded
from kb.reading.pipes import Left
from kb.reading.sandbox import Job, Sandbox
from tests.reading.documents import check_structure
from tests.reading.hostile import HOSTILE
from tests.reading.pdfs import encrypted, lines, pdf

REPORT = "# 希土類の輸出管理\n\n2025年4月4日、商務部は7元素を輸出許可の対象にした。\n".encode()
LIMITS = Limits(cpu=2, wall=6)
WITHIN_LIMITS = {
    Reason.TOO_COSTLY, Reason.CRASHED, Reason.DAMAGED, Reason.NO_TEXT, Reason.TOO_LARGE,
    Reason.MISNAMED, Reason.EMPTY, Reason.UNDECODABLE,
}  # fmt: skip


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    box = Sandbox(LIMITS, children=1, stays=True)
    yield box
    box.close()


def held(data: bytes) -> FileBytes:
    return FileBytes(data, hashlib.sha256(data).hexdigest())


def reason_of(box: Sandbox, name: str, data: bytes) -> tuple[Reason, str]:
    with pytest.raises(RejectedFile) as caught:
        box.read(name, held(data), {})
    return caught.value.reason, caught.value.message


def test_what_is_read_is_what_is_read_without_a_sandbox(corpus: Path) -> None:
    files = sorted(p for p in corpus.rglob("*") if p.suffix in SUFFIXES)
    jobs = [Job(p.name, read_bytes(p, max_bytes=1 << 26), {"title": "題"}) for p in files]
    box = Sandbox(children=2)
    found = list(box.read_all(jobs * 2))
    box.close()
    assert found[: len(jobs)] == [read_document(j.path, j.data, j.metadata) for j in jobs]
    assert found[len(jobs) :] == found[: len(jobs)]


def test_reasons_passwords_and_half_surrogates_pass(box: Sandbox) -> None:
    assert reason_of(box, "a.pdf", b"%PDF-1.7 nothing")[0] is Reason.DAMAGED
    assert reason_of(box, "a.txt", b"\x89PNG\r\n\x1a\n" + bytes(99))[0] is Reason.MISNAMED
    secret = encrypted(
        pdf([lines(["許可制は四月に始まり、対象は七元素であった。"] * 3)]), user="秘"
    )
    assert reason_of(box, "a.pdf", secret)[0] is Reason.ENCRYPTED
    document = box.read("a.pdf", held(secret), {}, ReadingOptions(passwords=("秘",)))
    assert "七元素" in document.text
    half = "<p>半分の\ud840文字がある。希土類の報告である。</p>".encode("utf-8", "surrogatepass")
    try:
        check_structure(box.read("a.html", held(b"<!doctype html>" + half), {}))
    except RejectedFile as rejected:
        assert rejected.reason is Reason.UNDECODABLE


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces and Landlock are Linux's")
def test_a_confined_process_reaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    program = f"""
import os, socket
from kb.reading.confinement import Limits, confine
fences = confine(Limits())
def tried(act):
    try:
        act()
    except (OSError, MemoryError):
        return False
    return True
print(fences, tried(lambda: open({str(secret)!r})), tried(lambda: open({str(secret)!r}, "w")),
      tried(lambda: os.kill(os.getppid(), 0)), tried(lambda: os.execv("/bin/true", ["true"])),
      tried(lambda: socket.create_connection(("127.0.0.1", 9))),
      tried(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))),
      tried(lambda: bytearray(1 << 30)), tried(lambda: __import__("tarfile")), sep="|")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    fences, *tries = ran.stdout.strip().split("|")
    assert ran.returncode == 0, ran.stderr
    opened, written, killed, executed, called, sent, grown, imported = (t == "True" for t in tries)
    assert "limits" in fences and not grown and imported
    if "files" in fences:
        assert not opened and not written and not executed
    if "network" in fences:
        assert not called and not sent
    assert secret.read_text() == "x" and not (killed and "files" in fences and _scopes_signals())


def _scopes_signals() -> bool:
    return tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 12)


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_read_or_refused_within_the_limits(box: Sandbox, name: str) -> None:
    try:
        check_structure(box.read(name, held(HOSTILE[name]()), {}))
    except RejectedFile as rejected:
        assert rejected.reason in WITHIN_LIMITS
    assert "商務部" in box.read("後.md", held(REPORT), {}).text  # whoever comes next is read


def test_what_takes_too_much_says_how_much_is_allowed(box: Sandbox) -> None:
    reason, message = reason_of(box, "a.pdf", HOSTILE["shared-streams.pdf"]())
    assert reason is Reason.TOO_COSTLY
    assert "more than 2 s of a core (KIDO_MAX_READING_SECONDS)" in message
    reason, message = reason_of(box, "a.docx", HOSTILE["bomb.docx"]())
    assert reason is Reason.TOO_COSTLY
    assert "1024 MiB of memory (KIDO_MAX_READING_BYTES)" in message


def test_a_long_file_may_take_longer() -> None:
    limits = Limits(cpu=20, wall=30)
    assert limits.for_file(1 << 20) == limits == limits.for_file(100)
    assert limits.for_file(5 << 20) == Limits(cpu=60, wall=90)
    assert limits.for_file(200 << 20) == Limits(cpu=300, wall=450)


def test_an_entity_of_a_file_of_the_system_stays_empty(box: Sandbox) -> None:
    assert box.read("a.docx", held(HOSTILE["outside.docx"]()), {}).text.strip() == "root"


def test_files_of_all_kinds_that_are_cut_short_are_read_or_refused(
    box: Sandbox, corpus: Path
) -> None:
    for suffix in (".pdf", ".html", ".md", ".txt", ".docx"):
        data = next(p for p in sorted(corpus.rglob(f"*{suffix}"))).read_bytes()
        for share in (0.01, 0.3, 0.9, 0.999):
            try:
                check_structure(box.read(f"a{suffix}", held(data[: int(share * len(data))]), {}))
            except RejectedFile as rejected:
                assert rejected.reason in WITHIN_LIMITS


class Struck(Sandbox):
    """Sends a signal to its children as soon as they have begun to read."""

    def __init__(self, limits: Limits, sent: signal.Signals, times: int) -> None:
        super().__init__(limits, children=1)
        self.sent, self.times = sent, times

    def _child(self, formats: set[str], *, ocr: bool) -> Any:
        child = super()._child(formats, ocr=ocr)
        if self.times:
            self.times -= 1
            frame = child._frame

            def struck(left: Left) -> Any:
                if child._said_hello:
                    os.kill(child._process.pid, self.sent)
                return frame(left)

            monkeypatched: Any = child
            monkeypatched._frame = struck
        return child


def test_a_child_that_is_killed_from_outside_is_replaced_once() -> None:
    data = HOSTILE["shared-streams.pdf"]()
    killed = Struck(LIMITS, signal.SIGKILL, times=1)
    assert reason_of(killed, "a.pdf", data)[0] is Reason.TOO_COSTLY  # by the second child
    assert killed.times == 0
    killed = Struck(LIMITS, signal.SIGKILL, times=2)
    reason, message = reason_of(killed, "a.pdf", data)
    assert (reason, "SIGKILL" in message) == (Reason.CRASHED, True)
    killed.close()


class Still(Sandbox):
    """Its first child is stopped before it is given the file, and so never answers."""

    stopped = False

    def _child(self, formats: set[str], *, ocr: bool) -> Any:
        child: Any = super()._child(formats, ocr=ocr)
        exchange = child._exchange

        def stopping(asked: bytes, data: bytes) -> Any:
            if not self.stopped:
                self.stopped = True
                os.kill(child._process.pid, signal.SIGSTOP)
            return exchange(asked, data)

        child._exchange = stopping
        return child


def test_a_child_that_stands_still_is_ended() -> None:
    still = Still(Limits(cpu=1, wall=1), children=1)
    reason, message = reason_of(still, "a.md", REPORT)
    assert reason is Reason.TOO_COSTLY
    assert "more than 1 s (KIDO_MAX_READING_SECONDS)" in message
    assert "商務部" in still.read("a.md", held(REPORT), {}).text
    still.close()


def test_a_child_that_cannot_start_is_no_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox_module, "_environment", lambda: {"PYTHONHOME": "/nowhere"})
    with pytest.raises(KidoError, match="does not start") as caught:
        Sandbox(LIMITS).read("a.md", held(REPORT), {})
    assert not isinstance(caught.value, RejectedFile)


def test_several_threads_may_read_at_once() -> None:
    box = Sandbox(LIMITS, children=2, stays=True)
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda i=i: found.append(box.read(f"{i}.md", held(REPORT), {}).path)
        )
        for i in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.close()
    assert sorted(found) == [f"{i}.md" for i in range(6)]


def test_children_end_with_their_parent() -> None:
    program = (
        "import os, hashlib\nfrom kb.reading.sandbox import Sandbox\n"
        "from kb.reading.files import FileBytes\nbox = Sandbox(stays=True)\n"
        f"box.read('a.md', FileBytes({REPORT!r}, '0' * 64), {{}})\n"
        "print(box._idle[0]._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    pid = int(ran.stdout)
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return  # ended, and not yet collected by the first process
        except FileNotFoundError:
            return
        time.sleep(0.02)
    pytest.fail("the child is still there")


@pytest.mark.skipif(not is_available(), reason=INSTALL)
def test_ocr_is_possible_within_the_fences() -> None:
    box = Sandbox(LIMITS)
    data = held(pdf([lines(["許可制は四月に始まり、対象は七元素であった。"] * 5), []]))
    document = box.read("a.pdf", data, {}, ReadingOptions(ocr=True))
    box.close()
    assert document.warnings == ("pages on which OCR finds no text: 2",)


DOCUMENT = read_document("a.md", held(REPORT), {})
ROWS = json.loads(dumped(DOCUMENT))


def loaded_again(told: object) -> object:
    data = json.dumps(told).encode()
    return loaded(data, path="a.md", sha256=held(REPORT).sha256, format="markdown", metadata={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 5), ("text", "短い"), ("text", "\ud840" * len(DOCUMENT.text)), ("blocks", []),
        ("blocks", [["paragraph", 0, -1, None, 0, None, None]]), ("blocks", [["program", 0, 5]]),
        ("sections", [[["題"], 5, 2]]), ("sections", [[["題"], 0, 10**9]]), ("page_starts", [5, 2]),
        ("page_starts", [True]), ("places", [[0, 5, 1, [0, 0, float("nan"), 1], False]]),
        ("places", [[2, 2, 1, [0, 0, 1, 1], False]]), ("furigana", [[0, 3, 5]]), ("pages", [[1]]),
        ("quality", float("inf")), ("quality", "1"), ("metadata", []), ("warnings", [None]),
    ],
)  # fmt: skip
def test_what_is_no_document_does_not_come_in(name: str, value: object) -> None:
    assert loaded_again(ROWS) == DOCUMENT
    with pytest.raises(Malformed):
        loaded_again({**ROWS, name: value})


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*ROWS]), inner),
    max_leaves=20,
), st.sampled_from([*ROWS]))  # fmt: skip
def test_whatever_a_child_says_is_a_document_or_malformed(told: object, name: str) -> None:
    for said in (told, {**ROWS, name: told}):
        try:
            loaded_again(said)
        except Malformed:
            continue


def test_who_a_document_is_is_not_said_by_the_child() -> None:
    told = {**ROWS, "metadata": {"title": "偽", "note": "n"}, "path": "b.md", "sha256": "1"}
    found = loaded(
        json.dumps(told).encode(), path="a.md", sha256="2", format="markdown",
        metadata={"title": "真"},
    )  # fmt: skip
    assert (found.path, found.sha256, found.metadata) == ("a.md", "2", {"title": "真", "note": "n"})
