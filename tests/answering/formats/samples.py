"""Sources with metadata of every kind, and quotations of them."""

from __future__ import annotations

import datetime
from base64 import b32encode
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from kb.answering.citations import cite, quoted
from kb.domain import Block, BlockKind, Document, Section
from kb.quotation import Quoted

DAY = datetime.date(2026, 11, 25)
BODY = "希土類の輸出には許可が要る。\n\n"
NOTE = "注3 許可は商務部が出す。\n\n"
TABLE = "国\t量\n中国\t100\n"
TEXT = BODY + NOTE + TABLE
REPORT: Mapping[str, Any] = {
    "id": "doi2026", "type": "report", "title": "希土類の輸出管理",
    "author": [{"family": "土居", "given": "健市"}], "publisher": "地経学研究所",
    "issued": {"date-parts": [[2026, 1, 3]]}, "language": "ja",
}  # fmt: skip


def source(
    metadata: Mapping[str, Any], *, pages: bool = True, name: bytes = b"0123456789"
) -> Document:
    return Document(
        "d" + b32encode(name).decode().lower(), "報告.pdf", "ab" * 32, "pdf", metadata, TEXT,
        (
            Block(BlockKind.PARAGRAPH, 0, len(BODY)),
            Block(BlockKind.NOTE, len(BODY), len(BODY + NOTE), marker="3"),
            Block(BlockKind.TABLE, len(BODY + NOTE), len(TEXT)),
        ),
        (Section(("希土類の輸出管理", "許可の制度"), 0, len(TEXT)),),
        (0, len(BODY)) if pages else (), ("ii", "1") if pages else (),
    )  # fmt: skip


def quote(document: Document, words: str) -> Quoted:
    start = TEXT.index(words)
    return quoted(document, cite(document, start, start + len(words), number=1, passage=None))


def cited(metadata: Mapping[str, Any] = REPORT, *, pages: bool = True) -> Quoted:
    return quote(source(metadata, pages=pages), "希土類の輸出には許可が要る。")


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)
signs = st.text(st.sampled_from("\\{}%&$#_^~\"'@,;-= andAZ希土09（）「」"), min_size=1, max_size=25)
text = words | signs
date_parts = st.lists(
    st.tuples(st.integers(1, 9999)) | st.tuples(st.integers(1500, 2100), st.integers(1, 12))
    | st.tuples(st.integers(1500, 2100), st.integers(1, 12), st.integers(1, 28)),
    min_size=1, max_size=1,
)  # fmt: skip
junk = st.none() | st.integers() | st.booleans() | text | st.lists(text, max_size=2)
names = st.lists(
    st.fixed_dictionaries({"family": text, "given": text})
    | st.fixed_dictionaries({"literal": text}),
    max_size=4,
)  # fmt: skip
TYPES = [
    "article", "article-journal", "article-magazine", "article-newspaper", "bill", "book",
    "chapter", "dataset", "legal_case", "legislation", "manuscript", "paper-conference",
    "post-weblog", "report", "speech", "standard", "thesis", "treaty", "webpage",
]  # fmt: skip
items = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "title": text},
    optional={
        "id": text, "author": names, "issued": st.builds(lambda d: {"date-parts": d}, date_parts),
        "publisher": text, "container-title": text, "volume": text, "issue": text,
        "number": text, "URL": st.just("https://example.jp/a_b/{x}?q=%E5%B8%8C&y=1#頁") | text,
        "DOI": st.just("10.1000/a_b(2)"), "page": st.just("10-25"), "language": st.just("ja"),
    },
)  # fmt: skip
damaged = st.dictionaries(
    st.sampled_from(
        ["id", "type", "title", "author", "issued", "publisher", "URL", "page", "DOI", "number"]
    ),
    junk
    | st.dictionaries(text, junk, max_size=2)
    | st.lists(st.dictionaries(text, junk, max_size=2), max_size=2),
)  # fmt: skip
