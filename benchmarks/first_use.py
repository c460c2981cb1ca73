"""What a first user feels: ingestion from nothing and unchanged, start, answers, memory.

    python -m benchmarks.first_use [--reports DIR] [--questions FILE.jsonl]

Each command runs in a process of its own, as from the shell; answers go through HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import machine_size, percentile

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "DS431のパネル報告書はいつ加盟国に回付されたか",
    "GATT第20条の抗弁はなぜ退けられたのか",
    "2025年4月に許可制となった七つの元素は何か",
    "EUの重要原材料法は2030年までに何を求めているか",
    "日本の輸入に占める中国の割合はどう変わったか",
    "国防総省がMPマテリアルズに約束した下限価格は何年間か",
    "ミャンマーの鉱山を押さえた武装勢力は",
    "ISO 17887は何を定めているか",
    "東京の明日の天気は",
)
ROUNDS = 20


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=ROOT / "corpus")
    parser.add_argument("--questions", type=Path)
    options = parser.parse_args()
    print(f"machine               {machine_size()}")
    print(f"reports               {options.reports.name}/")
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        for name in ("ingest from nothing", "ingest unchanged"):
            took, report = _ingest(options.reports, index)
            print(
                f"{name:22}{took:.2f} s with start of the process, {report['seconds']:.2f} s alone"
            )
        print(f"{'passages':22}{report['passages']}")
        began = time.perf_counter()
        with serving(index) as (url, process):
            print(f"{'serve ready':22}{time.perf_counter() - began:.2f} s")
            _latency(url, _questions(options.questions))
            print(f"{'server memory':22}{resident(process.pid) / 2**20:.0f} MiB resident")


def _ingest(reports: Path, index: Path) -> tuple[float, dict[str, float]]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "kb.cli", "ingest", str(reports), "--index", str(index), "--json"],
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    return time.perf_counter() - began, json.loads(done.stdout)


@contextmanager
def serving(index: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server of an index on a free port, ready to answer: its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kb.cli", "serve", "--index", str(index), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(12_000):
            try:
                urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.01)
        yield url, process
    finally:
        process.terminate()
        process.wait()


def _questions(path: Path | None) -> list[str]:
    if path is None:
        return list(QUESTIONS)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines if line.strip()]


def _latency(url: str, questions: list[str]) -> None:
    """Times of POST /api/v1/ask, one at a time: the first of each question, then all again."""
    first = [_ask(url, question) for question in questions]
    again = [_ask(url, q) for _ in range(max(1, ROUNDS // len(questions))) for q in questions]
    for name, seconds in (("ask, first time", first), ("ask, again", again)):
        p50, p95 = (1e3 * percentile(seconds, share) for share in (0.5, 0.95))
        print(f"{name:22}p50 {p50:.1f} ms, p95 {p95:.1f} ms ({len(seconds)} questions)")


def _ask(url: str, question: str) -> float:
    request = urllib.request.Request(
        f"{url}/api/v1/ask",
        json.dumps({"question": question}).encode(),
        {"Content-Type": "application/json"},
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as response:
        response.read()
    return time.perf_counter() - began


def resident(pid: int) -> int:
    """The memory of a process in bytes."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
