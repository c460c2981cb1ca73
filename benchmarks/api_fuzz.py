"""Requests made up from the description of the API, valid and not, to a server that may write.

    python -m benchmarks.api_fuzz [--examples N] [--seconds S] [--phases P,…] [--only REGEX]

Schemathesis reads /openapi.json and asks every operation in all of its phases (examples, coverage,
fuzzing, stateful), with a key, so that files are added and removed, too. The server runs in a
process of its own over a copy of three reports. Counted are its answers by status, as it counts
them at /metrics; ends with 1 where one is of class 5xx, or the server is gone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from benchmarks.machine import machine_size
from kb.assembly import ingestion
from kb.keys import Keys
from kb.settings import Settings

CORPUS = Path(__file__).parents[1] / "corpus"
REPORTS = 3
STARTS = 120.0  # seconds that a server may take to start on a busy machine
# A route may have braces of its own.
_COUNTED = re.compile(r'^kido_requests_total\{.*status="(\d+)"\} (\S+)$', re.MULTILINE)


@contextmanager
def server(home: Path, *, reports: int | None = REPORTS) -> Iterator[tuple[str, str, int]]:
    """`kb serve` over a copy of some reports (None: all): its address, a key for it, its pid."""
    settings = Settings(corpus=home / "corpus", index=home / "index")
    settings.corpus.mkdir()
    if reports is None:
        shutil.copytree(CORPUS, settings.corpus, dirs_exist_ok=True)
    else:
        for path in sorted(CORPUS.rglob("*.md"))[:reports]:
            shutil.copy(path, settings.corpus)
    ingestion(settings).run()
    _, secret = Keys(settings.index).new("fuzz")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KIDO_")}
    command = [sys.executable, "-m", "kb.cli", "serve", "--index", str(settings.index)]
    process = subprocess.Popen([*command, "--port", str(port)], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address, secret, process.pid
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx2.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"the server did not answer within {STARTS:.0f} s")


def ask(address: str, secret: str | None, arguments: Sequence[str]) -> int:
    """Have Schemathesis ask every operation; its exit status, 1 where an answer is a 5xx."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}/openapi.json",
        "--checks", "not_a_server_error", "--generation-database", "none", "--warnings", "off",
        "--suppress-health-check", "all", "--request-timeout", "60", *arguments,
    ]  # fmt: skip
    if secret is not None:
        command += ["--header", f"Authorization: Bearer {secret}"]
    with tempfile.TemporaryDirectory() as folder:  # for what it keeps
        return subprocess.run(command, check=False, cwd=folder).returncode


def statuses(address: str) -> Counter[str]:
    """How many answers of each status the server has given."""
    counted: Counter[str] = Counter()
    for status, count in _COUNTED.findall(httpx2.get(f"{address}/metrics", timeout=60).text):
        counted[status] += int(float(count))
    return counted


def main() -> int:
    """Run the campaign and print the answers by status; 1 where one is of class 5xx."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="of each operation and phase")
    parser.add_argument("--seconds", type=int, help="after which no more is asked")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--only", metavar="REGEX", help="operations whose id this finds")
    parser.add_argument("--workers", type=int, default=1, help="that ask at the same time")
    options = parser.parse_args()
    arguments = ["--phases", options.phases, "--max-examples", str(options.examples)]
    arguments += ["--workers", str(options.workers)]
    if options.only:
        arguments += ["--include-operation-id-regex", options.only]
    if options.seconds:
        arguments += ["--max-time", str(options.seconds)]
    print(f"machine   {machine_size()}")
    with tempfile.TemporaryDirectory() as home, server(Path(home)) as (address, secret, _):
        returned = ask(address, secret, arguments)
        counted = statuses(address)
    told = ", ".join(f"{status} {count}" for status, count in sorted(counted.items()))
    failed = sum(count for status, count in counted.items() if status.startswith("5"))
    print(f"answers   {sum(counted.values())}: {told}")
    print(f"5xx       {failed}")
    return 1 if failed or returned else 0


if __name__ == "__main__":
    sys.exit(main())
