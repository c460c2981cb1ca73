"""Small collections of reports in a folder, and what an index of them holds."""

from __future__ import annotations

import atexit
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.domain import Hit, IngestReport
from kb.encoding.encoder import Encoder
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import open_current
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.ingest.build import Ingestion
from kb.ingest.workers import Finishing
from kb.language.glossary.matching import load_glossary
from kb.ranking.weights import Weights
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Sandbox
from kb.search import Searcher
from tests.encoders import PairEncoder

REPORT = """# 希土類の輸出管理

2025年4月4日、商務部は中重希土類の7元素を輸出許可の対象にした。これは即日施行された。
許可の申請は商務部が受け付け、審査には45日かかるとされる。

## 日本の対応

日本は豪州の鉱山に出資し、重希土類の調達先を広げた。備蓄も60日分から180日分に増やした。
"""
MAGNETS = """# 永久磁石の需要

ネオジム磁石は電気自動車の駆動用モーターに使われ、1台に約2キロを要する。
ジスプロシウムは磁石の耐熱性を高めるために加えられる。
"""
PANEL = """# 紛争処理の経過

世界貿易機関の小委員会は、輸出税と数量制限が協定に反すると判断した。
上級委員会は2014年8月7日に報告書を配布した。
"""
SANDBOX = Sandbox(stays=True)  # one for all tests, so that each need not start a process
atexit.register(SANDBOX.close)


@dataclass
class Workshop:
    """A corpus in a folder beside its index."""

    home: Path
    encoder: Encoder = field(default_factory=PairEncoder)
    versions: str = "chunks 1"
    tokenizer: str = "sudachi"
    max_file_bytes: int = 1_000_000
    keep_versions: int = 20
    keep_previous: bool = True
    options: ReadingOptions = PLAIN
    sandbox: Sandbox = SANDBOX
    held: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.corpus = self.home / "資料"
        self.index = self.home / "索引"
        self.corpus.mkdir(parents=True)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def describe(self, items: Mapping[str, Mapping[str, Any]]) -> None:
        """Write library.json: the CSL-JSON item of each file."""
        listed = [{**item, "custom": {"file": name}} for name, item in items.items()]
        self.write("library.json", json.dumps(listed, ensure_ascii=False))

    def ingest(self, *, finishing: Finishing | None = None) -> IngestReport:
        return Ingestion(
            corpus=self.corpus,
            index=self.index,
            encoder=self.encoder,
            tokenizer=self.tokenizer,
            versions=self.versions,
            glossary=load_glossary(),
            max_file_bytes=self.max_file_bytes,
            keep_versions=self.keep_versions,
            keep_previous=self.keep_previous,
            options=self.options,
            sandbox=self.sandbox,
            held=self.held,
            finishing=None if finishing is None else lambda: finishing,
        ).run()

    def store(self) -> Store:
        return Store(open_current(self.index).store)

    def searcher(self, weights: Weights | None = None) -> Searcher:
        current = open_current(self.index)
        return Searcher(
            current.name,
            Store(current.store),
            LexicalIndex(current.postings),
            DenseIndex(current.vectors),
            self.encoder,
            load_glossary(),
            weights,
        )

    def paths(self) -> list[str]:
        return [summary.path for summary in self.store().summaries()]

    def find(self, query: str) -> list[Hit]:
        return list(self.searcher().search(query).hits)
