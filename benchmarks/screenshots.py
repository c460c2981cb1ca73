"""Pictures of every page, in both languages, light, dark and on a phone, to be looked at.

    python -m benchmarks.screenshots FOLDER [--only NAME] [--readme]

The shipped briefs are indexed in a folder of their own, beside a file that cannot be read, with a
key, an answer that was cited and a document that changed since, so that the pages of the
collection have something to show. `--readme` takes only the three pictures of docs/screenshots.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.first_use import serving
from benchmarks.xss import chromium
from kb.assembly import KnowledgeBase, ingestion
from kb.keys import Keys
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
QUESTION = "中国は2025年10月に公表した規制をいつまで停止したか。"
SEVERAL = "WTO上級委員会は中国のレアアース輸出税をどう判断したか。"
NOWHERE = "東京の明日の天気は"
QUOTED = "報告は「明日の東京は晴れる」と書き、"
TALLEST = 2600  # pixels of a picture that are kept
README_TALLEST = 850


@dataclass(frozen=True)
class Shot:
    """A page, and what a reader does there before the picture is taken."""

    name: str
    path: str
    act: Callable[[Any], None] = lambda page: None


@dataclass(frozen=True)
class Way:
    """A way of looking: language, colours and size of the window."""

    name: str
    language: str
    scheme: str
    width: int
    height: int


WAYS = [
    Way(f"{language}-{name}", language, scheme, width, height)
    for language in ("ja", "en")
    for name, scheme, width, height in (
        ("light", "light", 1280, 850), ("dark", "dark", 1280, 850), ("phone", "light", 390, 844),
        ("phone-dark", "dark", 390, 844),
    )
]  # fmt: skip


def shots(knowledge: KnowledgeBase, job: str) -> list[Shot]:
    """Every kind of page, by the names of their pictures."""
    with knowledge.view() as view:
        cited = view.ask(QUESTION).citations[0]
        documents = view.summaries()
        quoted = next(h.text for h in view.search("輸出許可").hits)[:60]
    pdf = next(d.id for d in documents if "EU重要原材料法" in d.title)
    panels = [d for d in documents if "DS4" in d.title or "GATT" in d.title]
    two = "&".join(f"document={d.id}" for d in panels[-2:])
    place = f"/documents/{cited.document_id}?start={cited.start}&end={cited.end}#cited"

    def check(page: Any) -> None:
        page.fill("#manuscript", f"「{quoted}」とある。{QUOTED}")
        page.locator("form.manuscript button").click()
        page.locator(".checked").wait_for()

    return [
        Shot("ask-empty", "/"),
        Shot("ask", f"/?q={quote(QUESTION)}"),
        Shot("ask-several", f"/?q={quote(SEVERAL)}"),
        Shot("ask-no-evidence", f"/?q={quote(NOWHERE)}"),
        Shot("search-empty", "/search"),
        Shot("search", f"/search?q={quote('輸出許可')}&country=china"),
        Shot("search-nothing", f"/search?q={quote('輸出許可')}&from=1950&to=1951"),
        Shot("document", place),
        Shot("document-find", f"/documents/{pdf}?find={quote('2030年')}#found-2"),
        Shot("timeline", "/timeline"),
        Shot("timeline-day", "/timeline?from=2023&to=2025&on=2025-06-01"),
        Shot("matrix", "/tracker"),
        Shot("measures", "/tracker/measures?country=china"),
        Shot("responses", "/tracker/responses"),
        Shot("disputes", "/tracker/disputes"),
        Shot("dispute", "/disputes/DS431"),
        Shot("article", "/articles/gatt-article-20"),
        Shot("compare-empty", "/compare"),
        Shot("compare", "/compare?country=japan&country=united-states"),
        Shot("compare-reports", f"/compare?{two}"),
        Shot("verify-empty", "/verify"),
        Shot("verify", "/verify", check),
        Shot("collection", "/documents"),
        Shot("job", job),
        Shot("changes", "/changes"),
        Shot("keys", "/", lambda page: page.keyboard.press("?")),
        Shot("not-found", "/documents/none"),
    ]


README = {"ask": ("ask", 1280), "timeline": ("timeline", 1280), "document": ("document-find", 1500)}
"""The page and the width of each picture of docs/screenshots."""


def take(
    browser: Any,
    url: str,
    wanted: list[Shot],
    folder: Path,
    ways: list[Way],
    tallest: int = TALLEST,
) -> list[Path]:
    """Take each page in each way, at most so many pixels of it; returns the pictures."""
    taken = []
    for way in ways:
        context = browser.new_context(
            viewport={"width": way.width, "height": way.height}, color_scheme=way.scheme,
            locale="ja-JP" if way.language == "ja" else "en-GB", reduced_motion="reduce",
            device_scale_factor=1, extra_http_headers={"Accept-Language": way.language},
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(60_000)
        for shot in wanted:
            page.goto(url + shot.path)
            page.wait_for_load_state("networkidle")
            shot.act(page)
            page.wait_for_timeout(400)  # the printed page follows the reader by then
            page.wait_for_function("[...document.images].every((image) => image.complete)")
            path = folder / f"{shot.name}.{way.name}.png"
            tall = page.evaluate("document.documentElement.scrollHeight")
            clip = {"x": 0, "y": 0, "width": way.width, "height": min(tall, tallest)}
            at_place = "#" in shot.path or shot.name == "keys"
            page.screenshot(path=path, **({} if at_place else {"full_page": True, "clip": clip}))
            taken.append(path)
        context.close()
    return taken


@contextmanager
def stage(*, eventful: bool = True) -> Iterator[tuple[str, KnowledgeBase, str]]:
    """A served collection: its address, itself, the page of a job.

    An eventful one has a document that changed after it was cited, and a file that was rejected.
    """
    with tempfile.TemporaryDirectory() as home:
        corpus, index = Path(home) / "corpus", Path(home) / "index"
        shutil.copytree(ROOT / "corpus", corpus)
        settings = replace(Settings(), corpus=corpus, index=index)
        ingestion(settings).run()
        knowledge = KnowledgeBase(settings)
        with knowledge.view() as view:
            cited = view.ask(QUESTION).citations[0]
            path = next(s.path for s in view.summaries() if s.id == cited.document_id)
        if eventful:
            if (corpus / path).suffix in (".md", ".txt", ".html"):
                text = (corpus / path).read_text("utf-8")
                changed = cited.quote.replace("まで", "頃まで", 1)
                (corpus / path).write_text(text.replace(cited.quote, changed), "utf-8")
            (corpus / "scan.pdf").write_bytes(b"%PDF-1.7\n")
        _, key = Keys(index).new("pictures")
        with serving(index) as (url, _):
            form = urllib.parse.urlencode({"key": key}).encode()
            with urllib.request.urlopen(f"{url}/documents/reindex", form, timeout=60) as answered:
                job = answered.url.removeprefix(url)
            while b"http-equiv" in urllib.request.urlopen(url + job, timeout=60).read():
                pass
            yield url, KnowledgeBase(settings), job


def main() -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", metavar="NAME", help="a page; may be repeated")
    parser.add_argument("--way", action="append", metavar="NAME", help="such as ja-light, en-phone")
    parser.add_argument("--readme", action="store_true", help="only those of docs/screenshots")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with stage(eventful=not options.readme) as (url, knowledge, job), chromium() as browser:
        every = shots(knowledge, job)
        if options.readme:
            for name, (page, width) in README.items():
                way = replace(WAYS[0], name="readme", width=width, height=850)
                shot = next(one for one in every if one.name == page)
                [path] = take(browser, url, [shot], options.folder, [way], README_TALLEST)
                path.replace(options.folder / f"{name}.png")
            return 0
        wanted = [one for one in every if not options.only or one.name in options.only]
        ways = [way for way in WAYS if not options.way or way.name in options.way]
        taken = take(browser, url, wanted, options.folder, ways)
    print(f"{len(taken)} pictures of {len(wanted)} pages in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
