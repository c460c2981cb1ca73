"""Documents for tests: read from bytes, generated, and checked against the invariants."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from hypothesis import strategies as st

from kb.chunking import LABEL, passages_of
from kb.domain import CITABLE, Block, BlockKind, Document, page_at
from kb.errors import Reason, RejectedFile
from kb.reading.draft import Reading, to_document
from kb.reading.files import FileBytes, read_document

NAUGHTY = (
    "",
    "\0",
    "𠮷野家で𩸽を食べる",
    "か\u3099き\u3099く\u3099",
    "ｶﾞﾘｳﾑとｹﾞﾙﾏﾆｳﾑ",
    "㍿希土㌧①髙﨑",
    "e\u0301tude ﬁnale İstanbul ẞ",
    "👨\u200d👩\u200d👧と🏴\U000e0067\U000e007f",
    "\u202eabc\u202c \u2066def\u2069",
    "\ufeff\u200b\u00ad\u2060",
    "ﷺ" * 5,
    "각\u1100\u1161\u11a8",
    "\ufdd0\uffff\U0010ffff",
    "Z\u0351\u0352\u0353\u0354algo",
    "「" * 500 + "。",
    "。" * 300,
    "a" * 5000,
    "\t\t\t\n\r\n\v\f\u2028\u2029\x85",
)

SIGNS = (
    "希土類輸出規制年月日第章図表資料注がをにはでした、。「」（）()[]・■•-*#|:："
    "\t \u3000\n\n\n0123３①㈱髙𠮷かﾞｱabcXYZ.-\u00ad"
)

japanese = st.text(st.sampled_from(SIGNS), max_size=300)
anything = st.one_of(japanese, st.text(max_size=200), st.sampled_from(NAUGHTY))
decodable = anything.map(lambda text: text.encode("utf-8", "replace").decode("utf-8"))

_MARKDOWN = (
    "# 題\n\n",
    "## 節\n\n",
    "- 項目",
    "1. 順番",
    "\n\n",
    "\n",
    "| 甲 | 乙 |\n|---|---|\n| 一 | 二 |\n",
    "[^1]",
    "\n\n[^1]: 脚注である。\n",
    "---\n",
    "title: 題\n",
    "```\n",
    "> ",
    "<div>",
    "</div>",
    "<!--",
    "&#0;",
    "&nbsp;",
    "**",
    "`",
    "  \n",
    "    ",
    "![図](a.png)",
    "参考文献\n\n",
)
markdown = st.lists(st.one_of(st.sampled_from(_MARKDOWN), decodable), max_size=20).map("".join)

_TAGS = (
    "html head title body main article nav aside footer h1 h2 h3 p div span ul ol li table caption "
    "tr td th a b br hr script style figure figcaption font center ruby rt sup template svg form"
).split()
_MARKUP = (
    *(f"<{tag}>" for tag in _TAGS),
    *(f"</{tag}>" for tag in _TAGS),
    "<p class='share'>",
    "<li hidden>",
    "<!--",
    "-->",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "&#0;",
    "&#xD800;",
    "&nbsp;",
    "&amp",
    "<",
    ">",
    '<meta charset="utf-8">',
    '<td colspan="9999">',
)
html = st.lists(st.one_of(st.sampled_from(_MARKUP), decodable), max_size=30).map("".join)


def read(data: bytes | str, path: str = "report.txt") -> Document:
    """The document in `data`, as if it stood at `path` in a collection."""
    raw = data.encode() if isinstance(data, str) else data
    return read_document(path, FileBytes(raw, hashlib.sha256(raw).hexdigest()), {})


def laid_out(reading: Reading) -> Document:
    """The document of what a format reader gave."""
    return to_document(reading, path="a.txt", sha256="0" * 64, format="text", metadata={})


def text_of(document: Document, block: Block) -> str:
    """The text of a block without the white space around it."""
    return document.text[block.start : block.end].strip()


def texts(document: Document, kind: BlockKind) -> list[str]:
    """The texts of the blocks of one kind."""
    return [text_of(document, b) for b in document.blocks if b.kind is kind]


def outline(document: Document) -> list[tuple[str, str]]:
    """The kind and text of each block."""
    return [(b.kind.value, text_of(document, b)) for b in document.blocks]


def indexed(document: Document) -> list[str]:
    """The texts of the passages."""
    return [document.text[p.start : p.end] for p in passages_of(document)]


def rejection(data: bytes | str, path: str) -> tuple[Reason, str]:
    """Why the file is refused; fails when it is read."""
    try:
        read(data, path)
    except RejectedFile as rejected:
        return rejected.reason, rejected.message
    raise AssertionError(f"{path} was read")


def check_structure(document: Document) -> None:
    """Blocks tile the text, sections cover it, pages come from `page_starts`."""
    text, blocks, sections = document.text, document.blocks, document.sections
    assert [b.start for b in blocks] == [0, *(b.end for b in blocks[:-1])][: len(blocks)]
    assert (blocks[-1].end if blocks else 0) == len(text)
    assert all(text_of(document, b) for b in blocks)
    assert [s.start for s in sections] == [0, *(s.end for s in sections[:-1])][: len(sections)]
    assert (sections[-1].end if sections else 0) == len(text)
    assert all(s.start < s.end for s in sections)
    assert list(document.page_starts) == sorted(document.page_starts)
    assert len(document.page_starts) == len(document.page_labels)
    for block in blocks:
        assert block.page == page_at(document.page_starts, block.start)
        assert (block.level > 0) == (block.kind is BlockKind.HEADING)
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            section = next(s for s in sections if s.start == block.start)
            assert section.heading_path[-1] == " ".join(text_of(document, block).split())
    assert 0.0 <= document.quality <= 1.0


def check_passages(document: Document) -> None:
    """Passages are spans without white space around them, of citable blocks of one section."""
    passages = passages_of(document)
    assert all(a.end <= b.start for a, b in pairwise(passages))
    assert len({p.id for p in passages}) == len(passages)
    for p in passages:
        quote = document.text[p.start : p.end]
        assert quote
        assert quote == quote.strip()
        section = next(s for s in document.sections if s.start <= p.start < s.end)
        assert p.end <= section.end
        assert p.heading_path == section.heading_path
        held = [b for b in document.blocks if b.start < p.end and p.start < b.end]
        assert {b.kind for b in held} <= CITABLE
        sources = p.kind is BlockKind.REFERENCE and {b.kind for b in held} == {BlockKind.NOTE}
        assert sources or p.kind in {b.kind for b in held}
        assert (p.first_page, p.last_page) == (
            document.page_at(p.start),
            document.page_at(p.end - 1),
        )
    held_offsets = {i for p in passages for i in range(p.start, p.end)}
    for block in document.blocks:
        if block.kind in CITABLE:
            left_out = [i for i in range(block.start, block.end) if i not in held_offsets]
            rest = "".join(document.text[i] for i in left_out).strip()
            body = block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            label = body and len(rest) < LABEL
            assert not rest or (label and not any(c in rest for c in "。．！？!?"))
