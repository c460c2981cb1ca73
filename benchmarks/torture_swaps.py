"""Eight clients ask a server while generations take each other's place and writers are killed.

All citations of an answer must be of one edition of the collection, that of the generation which
the answer names; every response names its generation; for no client may it go backwards.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.torture_home import QUESTION, Home, Tell, begun, editions_in, forked, warm
from benchmarks.torture_http import call, serving

CLIENTS = 8
_PAUSE = 0.05  # seconds between two questions of a client


def campaign(folder: Path, swaps: int, seed: int) -> Counter[str]:
    """Swap so many generations under a server, and count what was wrong: "mixed", "backwards".

    "failed" are responses that were not 200, "swaps" the generations that were published,
    "killed" the writers that were killed meanwhile.
    """
    home, chance = Home(folder), random.Random(seed)
    warm(home)
    counts: Counter[str] = Counter()
    editions: dict[str, int] = {}
    stop = folder / "stop"

    def write(tell: Tell) -> None:
        tell(home.ingest().generation)

    def published(told: Any) -> float:
        editions.update(dict.fromkeys(told.lines, home.edition))
        counts["failed"] += told.error is not None
        return float(told.seconds)

    home.write_next()
    seconds = published(forked(write))
    asking = begun(lambda tell: _asked(home, stop, tell))
    try:
        while counts["swaps"] < swaps:
            home.write_next()
            if chance.random() < 0.5:
                killed = forked(write, kill_after=chance.uniform(0, seconds))
                counts["killed"] += killed.killed
                if killed.lines:
                    published(killed)
                # It may serve already, and nobody was told; the next run makes it sure.
            told = forked(write)
            seconds = published(told)
            counts["swaps"] += 1
    finally:
        stop.touch()
        found = asking.ended(longest=86_400.0)  # as long as the swaps take
    if found.error is not None:
        print(f"failed: {found.error}", file=sys.stderr)
        counts["failed"] += 1
    for client in found.lines:
        before = ""
        for status, generation, named in client:
            counts["responses"] += 1
            counts["failed"] += status != 200
            counts["mixed"] += len(named) > 1 or editions.get(generation, named[0]) != named[0]
            counts["backwards"] += generation < before
            before = max(before, generation)
    seen = {generation for client in found.lines for _, generation, _ in client}
    counts["generations seen"] = len(seen)
    return +counts


def _asked(home: Home, stop: Path, tell: Tell) -> None:
    """Serve, and ask from many sides until the file `stop` is there; tell what each got."""
    done = threading.Event()

    def client(number: int, port: int) -> list[tuple[int, str, list[int]]]:
        seen: list[tuple[int, str, list[int]]] = []
        while not done.is_set():
            seen.append(_one(port, number + len(seen)))
            time.sleep(_PAUSE)
        return seen

    with serving(home.settings) as port, ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client, number, port) for number in range(CLIENTS)]
        while not stop.exists() and not any(one.done() for one in running):
            time.sleep(0.02)
        done.set()
        for one in running:
            tell(one.result())


def _one(port: int, number: int) -> tuple[int, str, list[int]]:
    """Status, generation and editions of one response; which call it is goes by its number."""
    if number % 3 == 0:
        status, _, body = call(port, "GET", "/api/v1/search?q=%E5%AF%A9%E6%9F%BB")
    else:
        asked = json.dumps({"question": QUESTION if number % 3 == 1 else "窓口はどこか。"}).encode()
        kind = {"Content-Type": "application/json"}
        status, _, body = call(port, "POST", "/api/v1/ask", asked, **kind)
    text = body.decode()
    return status, json.loads(text)["generation"], sorted(editions_in(text)) or [0]
