"""Scripts in documents, names, questions and a model's words, shown in a real Chromium.

    python -m benchmarks.xss [--each N]

Every payload of `benchmarks.xss_payloads` is put where it belongs: into a collection that is
indexed, into addresses, a manuscript, and the mouth of a language model played on this machine.
Then every page that shows any of it is opened. Counted is what ran, what was fetched from
elsewhere, what became markup and what only the content policy stopped; all have to be 0. First
the vectors are opened in a page that guards nothing, to see that they would do something.
Ends with 1 if anything ran, was fetched or became markup, or hardly anything was shown.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.xss_payloads import VECTORS, Payload, payloads, report
from kb.assembly import KnowledgeBase, ingestion
from kb.server.app import create_app
from kb.settings import Settings
from tests.answering.model.served import Sentences
from tests.answering.model.served import serving as serving_model
from tests.server.wire import serving

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SETTLED = 150  # milliseconds in which what runs by itself has run
_NUMBER = re.compile(r"1\d{5}")
# Elements and attributes that no page of Kido has, and links that are none.
_AUDIT = """() => {
  const found = [];
  for (const e of document.querySelectorAll("*")) {
    const tag = e.tagName.toUpperCase();
    if (tag === "SVG" && location.pathname !== "/timeline") found.push(tag);
    if (["IFRAME", "EMBED", "OBJECT", "BASE", "STYLE", "MATH", "VIDEO", "AUDIO",
         "NOSCRIPT"].includes(tag) && e.parentElement !== document.head) found.push(tag);
    for (const a of e.attributes) {
      if (a.name.startsWith("on") || a.name === "style" || a.name === "srcdoc") found.push(a.name);
      if (["href", "src", "action", "formaction", "cite"].includes(a.name)) {
        const to = new URL(a.value, document.baseURI);
        if (!["http:", "https:", "data:"].includes(to.protocol)) found.push(a.value);
        if (a.name !== "href" && to.protocol !== "data:" && to.host !== location.host)
          found.push(a.value);
      }
    }
  }
  for (const s of document.scripts)
    if (s.text.trim() || !s.src.startsWith(location.origin + "/static/")) found.push("script");
  return found;
}"""
_WORDS = """() => document.documentElement.textContent + " " +
  [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes].map((a) => a.value))
    .join(" ") + " " + [...document.querySelectorAll("input, textarea")].map((e) => e.value)"""


@dataclass
class Seen:
    """What happened while pages were open."""

    pages: int = 0
    ran: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    markup: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)

    @property
    def harm(self) -> list[str]:
        """All that must not be."""
        return [*self.ran, *self.fetched, *self.markup, *self.stopped]


@dataclass
class Elsewhere:
    """A server that is not Kido's; it serves bare payloads, and notes what else is fetched."""

    url: str = ""
    bare: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A server at another port until the end of the block."""
    it = Elsewhere()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = it.bare.get(self.path)
            if page is None:
                it.fetched.append(self.path)
            self.send_response(200)
            script = self.path.endswith(".js")
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            number = _NUMBER.search(self.path)
            body = f"alert({number[0]})" if script and number else page or ""
            with suppress(BrokenPipeError, ConnectionResetError):  # the page is closed
                self.wfile.write(body.encode("utf-8", "replace"))

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    it.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()


def collection(home: Path, chosen: Sequence[Payload], outside: str) -> Settings:
    """A corpus with the payloads of documents in it, indexed."""
    corpus = home / "corpus"
    corpus.mkdir()
    items = []
    for of in by_vector(chosen):
        number = of["text"].label
        for suffix, text in report(of, outside).items():
            name = f"{number}{suffix}"
            if suffix == ".txt":
                name = f"{of['file'].name(outside)} {number}.txt"
            (corpus / name).write_text(text, encoding="utf-8")
            if suffix != ".html":
                items.append(
                    {
                        "id": name, "type": "report", "custom": {"file": name},
                        "title": of["title"].words(outside) if suffix == ".txt" else name,
                        "publisher": of["publisher"].words(outside),
                        "author": [{"literal": of["author"].words(outside)}],
                        "URL": of["address"].words(outside),
                        "issued": {"date-parts": [[2025, 4]]},
                    }
                )  # fmt: skip
        (corpus / f"{of['rejected'].name(outside)}.pdf").write_bytes(b"no PDF")
    (corpus / "library.json").write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
    settings = Settings(corpus=corpus, index=home / "index")
    ingestion(settings).run()
    return settings


def by_vector(chosen: Sequence[Payload]) -> list[dict[str, Payload]]:
    """The payloads of each vector by their contexts."""
    found: dict[str, dict[str, Payload]] = {}
    for one in chosen:
        found.setdefault(one.vector, {})[one.context] = one
    return list(found.values())


def addresses(knowledge: KnowledgeBase, chosen: Sequence[Payload], outside: str) -> Iterator[str]:
    """Every page that shows a payload."""
    with knowledge.view() as view:
        for summary in view.summaries():
            yield f"/documents/{summary.id}"
            yield f"/api/v1/documents/{summary.id}"
    yield from ("/documents", "/documents?lang=en", "/tracker", "/tracker/measures", "/timeline")
    yield from ("/changes.atom", "/api/v1/changes", "/openapi.json")
    for one in chosen:
        words = quote(one.words(outside).encode("utf-8", "surrogatepass"), safe="")
        match one.context:
            case "question":
                yield f"/?q={words}"
                yield f"/?q={words}&lang=en"
            case "search":
                yield f"/search?q={words}"
                yield f"/api/v1/search?q={words}"
            case "text":
                yield f"/search?q={quote(f'第{one.label}号により輸出許可の対象にした')}"
            case "filter":
                yield f"/search?q={quote('輸出許可')}&publisher={words}&from={words}&topic={words}"
                yield f"/compare?country={words}&country=japan"
                yield f"/timeline?from={words}&on={words}"
            case "path":
                yield f"/documents/{words}"
                yield f"/none/{words}?{words}"
                yield f"/citations/export?format={words}&id={words}"


class Visitor:
    """Opens pages of a server in a browser and notes what happens."""

    def __init__(self, browser: Any, address: str, outside: Elsewhere, seen: Seen) -> None:
        self._address = address
        self._outside = outside
        self._seen = seen
        self._context = browser.new_context(locale="ja-JP", accept_downloads=True)
        self._context.on("request", lambda request: self._watch(request.url))
        self.page = self._context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("dialog", self._ran)
        self.page.on("console", self._said)

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def open(self, path: str) -> None:
        """Open a path of the server and look at what became of it."""
        before = len(self._outside.fetched)
        try:
            self.page.goto(self._address + path)
        except Exception as error:  # saved to disk instead of shown
            if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                raise
            return
        self.look(path, before)

    def look(self, path: str, before: int) -> None:
        """Note what the page at `path` shows and does."""
        self.page.wait_for_timeout(SETTLED)
        seen = self._seen
        seen.pages += 1
        if not path.startswith(("/api/", "/changes.atom", "/openapi.json")):
            seen.markup += [f"{path}: {found}" for found in self.page.evaluate(_AUDIT)]
        if not self.page.url.startswith(self._address + "/"):
            seen.fetched.append(f"{path}: the page went to {self.page.url}")
        seen.fetched += [f"{path}: {one}" for one in self._outside.fetched[before:]]
        words = self.page.evaluate(_WORDS) if "<" in self.page.content() else ""
        seen.shown.update(int(number) for number in _NUMBER.findall(words))

    def _ran(self, dialog: Any) -> None:
        self._seen.ran.append(f"{self.page.url}: {dialog.message}")
        dialog.dismiss()

    def _said(self, message: Any) -> None:
        # A policy that has to stop something says that something came as far as that.
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self._seen.stopped.append(f"{self.page.url}: {message.text[:200]}")

    def _watch(self, url: str) -> None:
        if not url.startswith((self._address + "/", "data:", "blob:", "about:")):
            self._seen.fetched.append(url)


def unguarded(browser: Any, outside: Elsewhere, vectors: Sequence[str]) -> int:
    """How many vectors run or fetch something in a page that guards nothing."""
    did = 0
    for number, vector in enumerate(vectors, 900_000):
        words = Payload(number, "text", vector).words(outside.url)
        outside.bare = {
            f"/bare/{number}": f"<!doctype html><meta charset=utf-8><title>x</title><p>{words}"
        }
        seen = Seen()
        before = len(outside.fetched)
        visitor = Visitor(browser, f"{outside.url}/bare", outside, Seen())
        visitor.page.on("dialog", lambda dialog, seen=seen: seen.ran.append(dialog.message))
        visitor.page.goto(f"{outside.url}/bare/{number}")
        visitor.page.wait_for_timeout(SETTLED)
        visitor.close()
        mine = [path for path in outside.fetched[before:] if str(number) in path]
        did += bool(seen.ran or mine)
    outside.fetched.clear()
    return did


def campaign(browser: Any, vectors: Sequence[str] = VECTORS, *, every: int = 1) -> Seen:
    """Open every page that shows a payload of these vectors, or each so many of them."""
    chosen = list(payloads(vectors))
    seen = Seen()
    with ExitStack() as held:
        outside = held.enter_context(elsewhere())
        home = Path(held.enter_context(tempfile.TemporaryDirectory()))
        settings = collection(home, chosen, outside.url)
        written = iter([p for p in chosen if p.context == "written"])

        def write(passages: list[dict[str, Any]]) -> list[tuple[str, list[int]]]:
            said = next(written, chosen[0]).words(outside.url)
            first = passages[0]["number"]
            cited = [p["number"] for p in passages if "7元素" in p["text"]][:1] or [first]
            told = ("商務部は中重希土類の7元素を輸出許可の対象にした。", cited)
            return [told, told, (f"商務部は{said}を対象にした。", cited)]

        model = held.enter_context(serving_model(Sentences(write)))
        served = Settings(settings.corpus, settings.index, model_url=model.url, model="m")
        knowledge = KnowledgeBase(served)
        wire = held.enter_context(serving(create_app(knowledge)))
        visitor = Visitor(browser, f"http://127.0.0.1:{wire.port}", outside, seen)
        held.callback(visitor.close)
        for path in list(addresses(knowledge, chosen, outside.url))[::every]:
            visitor.open(path)
        _manuscript(visitor, outside, [p for p in chosen if p.context == "manuscript"])
        for one in [p for p in chosen if p.context == "text"][::every]:
            _composed(visitor, outside, one)
    return seen


def _manuscript(visitor: Visitor, outside: Elsewhere, chosen: Sequence[Payload]) -> None:
    """All payloads as quotations of a manuscript."""
    before = len(outside.fetched)
    visitor.open("/verify")
    visitor.page.fill(
        "textarea[name=text]",
        "\n".join(f"報告は「{p.words(outside.url)}」と書く。" for p in chosen),
    )
    visitor.page.locator("form.manuscript button[type=submit]").first.click()
    visitor.page.wait_for_selector("form.manuscript")
    visitor.look("/verify", before)


def _composed(visitor: Visitor, outside: Elsewhere, one: Payload) -> None:
    """An answer of the model that quotes a payload, and the page after it."""
    before = len(outside.fetched)
    question = f"第{one.label}号により輸出許可の対象になったのは何か。"
    visitor.open(f"/?{urlencode({'q': question})}")
    if visitor.page.locator("section.composed").count():
        visitor.page.wait_for_selector("section.composed[data-state]")
    visitor.look("/", before)


@contextmanager
def chromium() -> Iterator[Any]:
    """The Chromium of this machine. Raises SystemExit where there is none."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise SystemExit(f"no browser on the PATH: looked for {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    """Run the campaign and print what was seen; 1 when anything was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1, metavar="N", help="every Nth vector")
    vectors = VECTORS[:: parser.parse_args().each]
    with chromium() as browser:
        with elsewhere() as outside:
            did = unguarded(browser, outside, vectors)
        print(f"vectors   {len(vectors)}, of which {did} act in a page that guards nothing")
        seen = campaign(browser, vectors)
    given = {one.number for one in payloads(vectors)}
    shown = seen.shown & given
    print(f"payloads  {len(given)}, of which {len(shown)} were shown as words")
    print(f"pages     {seen.pages}")
    print(f"ran       {len(seen.ran)}")
    print(f"fetched   {len(seen.fetched)} from elsewhere")
    print(f"markup    {len(seen.markup)} elements, attributes or links")
    print(f"policy    {len(seen.stopped)} times needed")
    for harm in seen.harm[:20]:
        print(harm, file=sys.stderr)
    return 1 if seen.harm or len(shown) < len(given) / 2 else 0


if __name__ == "__main__":
    sys.exit(main())
