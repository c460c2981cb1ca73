"""What the campaigns of `benchmarks.torture` share: a collection that tells its edition, children.

Every document of the collection names its edition, and all are rewritten for the next one, so
that an answer or an index of two generations shows at once. Work is done in forked children of a
process that has loaded all it needs and opened nothing: each costs a fraction of a second.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kb import failpoints
from kb.assembly import KnowledgeBase, View
from kb.domain import Document, IngestReport
from kb.encoding.encoder import Encoder
from kb.errors import RejectedFile
from kb.indexing import connections, copies
from kb.ingest.build import Ingestion
from kb.ingest.duplicates import sketch_of
from kb.ingesting import ingestion
from kb.language.glossary.matching import load_glossary
from kb.language.questions import take_apart
from kb.language.tokens import analyse
from kb.reading.files import FileBytes, read_document
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Job, Sandbox
from kb.settings import Settings

QUESTION = "審査日数の上限は何日か。"
_MINERALS = ("ネオジム", "ジスプロシウム", "テルビウム", "サマリウム", "ガドリニウム", "ルテチウム",
             "スカンジウム", "イットリウム", "ランタン", "セリウム", "ユウロピウム")  # fmt: skip
_ENCODERS: list[Encoder] = []  # the one that is loaded
_RUNS: dict[Settings, Ingestion] = {}  # those that have it, and have not been run
_EDITION = re.compile(r"第([0-9]+)版")


def text_of(number: int, edition: int) -> str:
    """Document `number` of an edition."""
    mineral = _MINERALS[number % len(_MINERALS)]
    return (
        f"# {mineral}の輸出審査の手引 その{number}\n\n"
        f"第{edition}版の手引によると、{mineral}の審査日数の上限は{edition}日である。"
        f"申請の窓口は商務部に置かれ、書類は{number + 2}通を要する。\n\n"
        f"## 備考\n\n第{edition}版では、{mineral}を含む磁石も許可の対象になる。\n"
    )


def editions_in(text: str) -> set[int]:
    """The editions that a text names."""
    return {int(found) for found in _EDITION.findall(text)}


class Here(Sandbox):
    """Reads files in this process: reading has fences of its own, and what is tried is writing."""

    def read(
        self,
        path: str,
        data: FileBytes,
        metadata: Mapping[str, Any],
        options: ReadingOptions = PLAIN,
    ) -> Document:
        """The document in the bytes of a file."""
        return read_document(path, data, metadata, options)

    def read_all(
        self, jobs: Iterable[Job], options: ReadingOptions = PLAIN
    ) -> Iterator[Document | RejectedFile]:
        """What is read of each file, in their order."""
        for job in jobs:
            try:
                yield self.read(job.path, job.data, job.metadata, options)
            except RejectedFile as rejection:
                yield rejection


@dataclass
class Home:
    """A collection of editions and its index, in one folder."""

    folder: Path
    documents: int = 10
    edition: int = 0
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.settings = replace(
            Settings(), corpus=self.folder / "資料", index=self.folder / "索引", keep_versions=1
        )
        self.corpus.mkdir(parents=True)
        self.names = {f"手引{number:02}.md" for number in range(self.documents)}

    @property
    def corpus(self) -> Path:
        """The folder of the reports."""
        return self.settings.corpus

    @property
    def index(self) -> Path:
        """The folder of the index."""
        return self.settings.index

    def write_next(self) -> int:
        """Rewrite every document for the next edition, and give its number."""
        self.edition += 1
        for number, name in enumerate(sorted(self.names)):
            (self.corpus / name).write_text(text_of(number, self.edition), encoding="utf-8")
        return self.edition

    def add_one(self) -> None:
        """Add a document to the edition that there is."""
        name = f"補{self.edition:05}.md"
        (self.corpus / name).write_text(text_of(len(self.names), self.edition), encoding="utf-8")
        self.names.add(name)

    def files(self) -> dict[str, str]:
        """The digest of each file that the collection has."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.corpus.iterdir()
            if not path.name.startswith(".")
        }

    def ingest(self, settings: Settings | None = None) -> IngestReport:
        """Bring the index up to the collection, in this process."""
        wanted = settings or self.settings
        run = _RUNS.get(wanted) or ingestion(wanted)
        return replace(run, sandbox=Here(), finishing=None).run()

    def opened(self) -> KnowledgeBase:
        """The index as a server opens it."""
        return KnowledgeBase(self.settings, encoder=_ENCODERS[0] if _ENCODERS else None)


def warm(home: Home) -> None:
    """Load what children need; no index is opened and no thread started.

    Files are taken over, and stores written as one, however small they are.
    """
    import faiss  # noqa: F401

    import kb.effects
    import kb.ingest.adding
    import kb.ingest.files
    import kb.ingest.finish
    import kb.ingest.kept  # noqa: F401

    connections.LEAST = copies.WORTH = 0
    sketch_of(read_document("a.md", FileBytes("# 準備\n\n準備をする。".encode(), "0" * 64), {}))
    analyse(QUESTION)
    take_apart(QUESTION, load_glossary(home.settings.glossary))
    _RUNS[home.settings] = ingestion(home.settings)
    _ENCODERS.append(_RUNS[home.settings].encoder)
    _ENCODERS[0].encode_queries([QUESTION])
    gc.freeze()  # or each child copies all pages of objects that it looks at


def served(view: View) -> dict[str, str]:
    """The digest of each file that a view has, after a look at every document's text.

    Raises AssertionError where documents are of several editions, or passages there twice.
    """
    editions: set[int] = set()
    found = {}
    for summary in view.summaries():
        document = view.document(summary.id)
        editions |= editions_in(document.text)
        assert summary.path not in found, f"{summary.path} is there twice"
        found[summary.path] = summary.sha256
    hits = view.search("審査の手引", limit=100).hits
    places = [(hit.passage.document_id, hit.passage.start) for hit in hits]
    assert len(places) == len(set(places)), "a passage is found twice"
    assert len(editions) <= 1, f"editions {sorted(editions)} are mixed"
    return found


@dataclass(frozen=True)
class Told:
    """What a child told until its end, whether it was killed, and its error."""

    lines: tuple[Any, ...]
    killed: bool
    error: str | None
    seconds: float


Tell = Callable[[Any], None]


@dataclass
class Child:
    """A child that works."""

    pid: int
    pipe: int
    began: float

    def ended(self, *, kill_after: float | None = None, longest: float = 600.0) -> Told:
        """Wait for its end, or kill it after some seconds since it began.

        One that takes longer than `longest` seconds is killed, which counts as its error.
        """
        data, late = bytearray(), False
        limit = kill_after
        while True:
            left = (longest if limit is None else limit) - (time.monotonic() - self.began)
            ready, _, _ = select.select([self.pipe], [], [], max(0.0, left))
            if not ready:
                late = limit is None
                os.kill(self.pid, signal.SIGKILL)
                limit = 10 * longest  # until its end of the pipe is closed
            elif chunk := os.read(self.pipe, 65_536):
                data += chunk
            else:
                break
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        lines = [json.loads(line) for line in data.split(b"\n")[:-1]]
        errors = [line["error"] for line in lines if isinstance(line, dict) and "error" in line]
        if late:
            errors.append(f"it took longer than {longest:.0f} s")
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if status and not killed and not errors:
            errors.append(f"it ended with status {status}")
        kept = tuple(line for line in lines if not (isinstance(line, dict) and "error" in line))
        seconds = time.monotonic() - self.began
        return Told(kept, killed, errors[0] if errors else None, seconds)


def begun(work: Callable[[Tell], None], *, arm: str = "") -> Child:
    """Have a child do some work, with failpoints armed.

    What it tells is an acknowledgement: it has left the child when `tell` returns.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _in_child(work, arm, writing)
    os.close(writing)
    return Child(child, reading, time.monotonic())


def forked(work: Callable[[Tell], None], *, arm: str = "", kill_after: float | None = None) -> Told:
    """Have a child do some work until its end, or until it is killed after some seconds."""
    return begun(work, arm=arm).ended(kill_after=kill_after)


def _in_child(work: Callable[[Tell], None], arm: str, writing: int) -> None:
    def tell(value: Any) -> None:
        os.write(writing, json.dumps(value, ensure_ascii=False).encode() + b"\n")

    code = 0
    try:
        failpoints.arm(arm)
        work(tell)
    except BaseException:
        tell({"error": traceback.format_exc()})
        code = 1
    finally:
        os._exit(code)
