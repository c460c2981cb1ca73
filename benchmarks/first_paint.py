"""When an answer is painted: of the shipped briefs, in a real browser, cold and warm.

    python -m benchmarks.first_paint [--rounds N]

Of each address the milliseconds from the start of the navigation to the first byte, to the first
paint with content and to the paint of the answer (the largest contentful paint, as the browser
reports both; nothing on the page is larger than the answer, and the page has come whole by then).
Cold is the first visit of a browser profile to a server that has just started and has not seen
the question; warm are further visits to it, each with the question asked before and the style
sheet at hand.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.first_use import QUESTIONS, serving
from benchmarks.machine import machine_size, percentile
from benchmarks.xss import chromium
from kb.assembly import ingestion
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
GOAL = 300.0  # milliseconds until an answer is painted

# Both paints are told by the browser, counted from the start of the navigation.
TIMES = """() => new Promise((done) => {
  const told = { byte: performance.getEntriesByType("navigation")[0].responseStart };
  const seen = new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (one.entryType === "largest-contentful-paint") told.answer = one.startTime;
      else if (one.name === "first-contentful-paint") told.first = one.startTime;
    }
  });
  seen.observe({ type: "paint", buffered: true });
  seen.observe({ type: "largest-contentful-paint", buffered: true });
  const began = performance.now();
  const look = () => {
    if (!(told.first && told.answer) && performance.now() - began < 30000) setTimeout(look, 100);
    else { seen.disconnect(); done(told); }
  };
  setTimeout(look, 300);  // so that a later, larger paint counts
})"""


@dataclass(frozen=True)
class Painted:
    """Milliseconds from the start of a navigation."""

    byte: float
    first: float
    answer: float


def look(page: Any, address: str) -> Painted:
    """Open an address and give its times. Raises RuntimeError where nothing was painted."""
    page.goto(address, wait_until="load")
    told = page.evaluate(TIMES)
    if not {"byte", "first", "answer"} <= set(told):
        raise RuntimeError(f"the browser tells no paint of {address}: only {sorted(told)}")
    return Painted(told["byte"], told["first"], told["answer"])


@contextmanager
def profile(browser: Any) -> Iterator[Any]:
    """A page of a browser profile that has seen nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 850}, locale="ja-JP")
    page = context.new_page()
    page.set_default_timeout(120_000)
    try:
        yield page
    finally:
        context.close()


def cold(browser: Any, index: Path, questions: list[str]) -> list[Painted]:
    """The first visit of a profile to a server that has just started, a server each."""
    seen = []
    for question in questions:
        with serving(index) as (url, _), profile(browser) as page:
            seen.append(look(page, f"{url}/?q={quote(question)}"))
    return seen


def visits(browser: Any, index: Path, rounds: int) -> tuple[list[Painted], list[Painted]]:
    """First visits to each question on a server that runs, and further visits."""
    first: list[Painted] = []
    again: list[Painted] = []
    with serving(index) as (url, _), profile(browser) as page:
        page.goto(f"{url}/")
        for number in range(rounds + 1):
            for question in QUESTIONS:
                times = look(page, f"{url}/?q={quote(question)}")
                (again if number else first).append(times)
    return first, again


def main() -> None:
    """Measure and print a line for each way of coming."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="further visits to each question")
    rounds = parser.parse_args().rounds
    print(f"machine                   {machine_size()}")
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        index = Path(home) / "index"
        ingestion(replace(Settings(), corpus=ROOT / "corpus", index=index)).run()
        print(f"Chromium                  {browser.version}")
        first, again = visits(browser, index, rounds)
        for name, seen in (
            ("server and browser cold", cold(browser, index, list(QUESTIONS[:3]))),
            ("question not yet asked", first),
            ("question asked before", again),
        ):
            print(f"{name:26}{_line(seen)}")


def _line(seen: list[Painted]) -> str:
    parts = []
    for label, times in (
        ("first byte", [one.byte for one in seen]),
        ("first paint", [one.first for one in seen]),
        ("answer painted", [one.answer for one in seen]),
    ):
        parts.append(f"{label} p50 {percentile(times, 0.5):.0f} max {max(times):.0f} ms")
    under = sum(one.answer < GOAL for one in seen)
    return f"{', '.join(parts)}; {under} of {len(seen)} under {GOAL:.0f} ms"


if __name__ == "__main__":
    main()
