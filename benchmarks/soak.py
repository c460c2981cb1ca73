"""Users who ask a server for a long time while its collection changes again and again.

    python -m benchmarks.soak [--minutes M] [--users N] [--runs R]

The server runs in a process of its own over a copy of the shipped reports. First one user asks it
alone; then all users ask, each the next thing after a pause, while a report is added, changed or
removed R times, each time by a job that indexes again. Measured are errors, the times of answers
alone and under load, the memory and the open files of the server. Ends with 1 where a request
failed, an answer came from an older generation than one before, fewer runs than wanted were
finished, the slowest hundredth took more than three times as long as alone, memory grew by a
twentieth or more, or files stayed open.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import quote

import httpx2

from benchmarks.api_fuzz import server
from benchmarks.machine import machine_size, percentile

ALONE = 30.0  # seconds in which one user asks alone
PAUSE = (1.0, 3.0)  # seconds between two requests of a user
LOOK = 2.0  # seconds between two looks at memory and files
MOST_SLOWER = 3.0  # times the slowest hundredth alone
MOST_GROWTH = 0.05  # share of memory
MORE_FILES = 8  # open files that may be there by chance of when one looks
QUESTIONS = (
    "中国は2025年10月に公表した規制をいつまで停止したか。",
    "公告2025年第18号はどの元素を輸出許可制にしたか。",
    "日本のレアアース輸入に占める中国産の比率はどう変わったか。",
    "WTO上級委員会は中国のレアアース輸出税をどう判断したか。",
    "When did the WTO panel circulate its report on rare earths?",
    "東京の明日の天気は",
)


@dataclass
class Noted:
    """What users and the observer note; lists grow from several threads."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    runs: int = 0


class User:
    """Someone who asks one thing after the other."""

    def __init__(self, address: str, number: int, noted: Noted) -> None:
        # The server ends connections that rest for five seconds.
        limits = httpx2.Limits(keepalive_expiry=3.5)
        self._client = httpx2.Client(base_url=address, timeout=60, limits=limits)
        self._chance = random.Random(number)
        self._noted = noted
        self._generation = ""
        self._documents: list[str] = []

    def go_on(self, until: float, pause: tuple[float, float] = PAUSE) -> None:
        """Ask until then."""
        while time.monotonic() < until:
            self._ask()
            time.sleep(self._chance.uniform(*pause))
        self._client.close()

    def _ask(self) -> None:
        question = self._chance.choice(QUESTIONS)
        kind = self._chance.randrange(8)
        method, path, body = "GET", f"/api/v1/search?q={quote(question)}", None
        if kind == 1:
            path = f"/?q={quote(question)}"
        elif kind == 2:
            path = "/documents"
        elif kind == 3:
            path = "/api/v1/documents"
        elif kind == 4 and self._documents:
            path = f"/documents/{self._chance.choice(self._documents)}"
        elif kind in (5, 6):
            method, path, body = "POST", "/api/v1/ask", {"question": question}
        elif kind == 7:
            method, path, body = "POST", "/api/v1/verify", {"quote": question[:20]}
        began = time.perf_counter()
        try:
            answer = self._client.request(method, path, json=body)
        except httpx2.HTTPError as error:
            self._noted.errors.append(f"{path}: {error!r}")
            return
        self._noted.times.append(time.perf_counter() - began)
        if answer.status_code == 404 and path.startswith("/documents/"):
            return  # it was removed since it was listed
        if answer.status_code != 200:
            self._noted.errors.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        elif answer.headers["content-type"].startswith("application/json"):
            self._check(path, answer)

    def _check(self, path: str, answer: httpx2.Response) -> None:
        value = answer.json()
        generation = value["generation"]
        if generation < self._generation:
            self._noted.errors.append(f"{path}: {generation} after {self._generation}")
        self._generation = generation
        if path == "/api/v1/documents":
            self._documents = [document["id"] for document in value["documents"]]


def observe(pid: int, until: float, noted: Noted) -> None:
    """Note the memory (MiB) and the open files of a process until then."""
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        noted.memory.append(int(resident.split()[1]) / 1024)
        noted.files.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
        time.sleep(LOOK)


def change(address: str, secret: str, corpus: Path, runs: int, until: float, noted: Noted) -> None:
    """Have the collection change so many times, spread evenly, and wait for each run."""
    every = (until - time.monotonic()) / (runs + 1)
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx2.Client(base_url=address, timeout=120, headers=headers) as client:
        for number in range(runs):
            began = time.monotonic()
            changing = corpus / f"変わる報告{number % 3}.md"
            if number % 6 == 5:
                changing.unlink(missing_ok=True)
            else:
                told = f"第{number}回の点検では、輸出許可の審査に{number}日かかるとされた。"
                changing.write_text(f"# 報告{number}\n\n{told}\n", encoding="utf-8")
            job = client.post("/api/v1/reindex").json()
            while job.get("state") in ("waiting", "running"):
                time.sleep(0.5)
                job = client.get(job["url"]).json()
            if job.get("state") == "finished":
                noted.runs += 1
            else:
                noted.errors.append(f"run {number}: {job}")
            if time.monotonic() >= until:
                return
            time.sleep(max(0.0, every - (time.monotonic() - began)))


def growth(values: Sequence[float]) -> float:
    """By which share the last quarter of some values is above the second one."""
    quarter = max(1, len(values) // 4)
    before = median(values[quarter : 2 * quarter] or values[:1])
    return median(values[-quarter:]) / before - 1


def main() -> int:
    """Run the soak and print what was measured; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=32)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    print(f"machine   {machine_size()}", flush=True)
    with (
        tempfile.TemporaryDirectory() as home,
        server(Path(home), reports=None) as (address, secret, pid),
    ):
        alone = Noted()
        User(address, 0, alone).go_on(time.monotonic() + ALONE, (0.05, 0.1))
        told = f"p50 {_ms(alone.times, 0.5)}, p99 {_ms(alone.times, 0.99)}"
        print(f"alone     {len(alone.times)} requests, {told}", flush=True)
        noted, until = Noted(), time.monotonic() + options.minutes * 60
        corpus = Path(home) / "corpus"
        jobs = (address, secret, corpus, options.runs, until, noted)
        threads = [threading.Thread(target=observe, args=(pid, until, noted))]
        threads += [threading.Thread(target=change, args=jobs)]
        threads += [
            threading.Thread(target=User(address, number, noted).go_on, args=(until,))
            for number in range(1, options.users + 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return judged(alone, noted, options.users, options.runs)


def judged(alone: Noted, noted: Noted, users: int, runs: int) -> int:
    """Print what was measured; 1 where it is not as it must be."""
    slower = percentile(noted.times, 0.99) / percentile(alone.times, 0.99)
    grown = growth(noted.memory)
    errors = [*alone.errors, *noted.errors]
    print(f"load      {users} users, {len(noted.times)} requests, p50 {_ms(noted.times, 0.5)}, "
          f"p99 {_ms(noted.times, 0.99)}: {slower:.1f} times that alone")  # fmt: skip
    print(f"runs      {noted.runs} of {runs}")
    print(f"errors    {len(errors)}")
    print(f"memory    {noted.memory[0]:.0f} to {noted.memory[-1]:.0f} MiB, drift {grown:+.1%}")
    print(f"files     {min(noted.files)} to {max(noted.files)} open, {noted.files[-1]} at the end")
    for error in errors[:20]:
        print(error, file=sys.stderr)
    failed = (
        errors or noted.runs < runs or slower > MOST_SLOWER or grown >= MOST_GROWTH
        or noted.files[-1] > noted.files[len(noted.files) // 4] + MORE_FILES
    )  # fmt: skip
    return 1 if failed else 0


def _ms(times: Sequence[float], share: float) -> str:
    return f"{percentile(list(times), share) * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
