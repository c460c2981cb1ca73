"""Markdown: headings, lists, tables, footnotes and front matter as blocks and metadata."""

from __future__ import annotations

import datetime
import re
from functools import reduce
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from kb.domain import BlockKind
from kb.reading.draft import Draft, Reading, draft
from kb.reading.encodings import decode
from kb.reading.furniture import mark_furniture
from kb.reading.html import html_drafts
from kb.reading.lines import joined
from kb.reading.patterns import CAPTION


def read_markdown(data: bytes) -> Reading:
    """The reading of a Markdown file. Raises RejectedFile when it cannot be decoded."""
    decoded = decode(data)
    parser = MarkdownIt("commonmark").enable("table").enable("strikethrough")
    parser.use(footnote_plugin).use(front_matter_plugin)
    tokens = parser.parse(decoded.text)
    reader = _Reader()
    warnings = [decoded.warning] if decoded.warning else []
    for i, token in enumerate(tokens):
        if token.type == "front_matter":
            reader.metadata, warning = _front_matter(token.content)
            warnings += [warning] if warning else []
        else:
            reader.take(token, tokens[i - 1] if i else None)
    return Reading(
        tuple(_marked(reader.drafts, reader.notes)),
        metadata=reader.metadata,
        warnings=tuple(warnings),
    )


def _marked(body: list[Draft], notes: list[Draft]) -> list[Draft]:
    """Body and footnotes; these are the entries of a 参考文献 that holds nothing else."""
    if body and body[-1].kind is BlockKind.HEADING:
        return mark_furniture([*body, *notes])
    return [*mark_furniture(body), *notes]


class _Reader:
    """Follows the flat token stream and keeps what it is inside of."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.notes: list[Draft] = []
        self.metadata: dict[str, Any] = {}
        self._lists: list[tuple[bool, int]] = []
        self._item_begins = False
        self._row: list[str] | None = None
        self._rows: list[str] = []
        self._note: str | None = None

    def take(self, token: Token, previous: Token | None) -> None:
        """Take the next block token."""
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            start = int(token.attrGet("start") or 1)
            self._lists.append((kind.startswith("ordered"), start))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._item_begins = True
        elif kind == "footnote_open":
            self._note = str(token.meta.get("label") or token.meta.get("id", 0) + 1)
        elif kind == "footnote_close":
            self._note = None
        elif kind == "table_open":
            self._rows = []
        elif kind == "tr_open":
            self._row = []
        elif kind == "tr_close":
            self._rows.append("\t".join(self._row or []))
            self._row = None
        elif kind == "table_close":
            self.drafts.append(draft(BlockKind.TABLE, "\n".join(self._rows)))
        elif kind in ("fence", "code_block"):
            self.drafts.append(draft(BlockKind.PARAGRAPH, token.content.strip()))
        elif kind == "html_block":
            self.drafts.extend(html_drafts(token.content))
        elif kind == "inline":
            self._inline(token, previous)

    def _inline(self, token: Token, previous: Token | None) -> None:
        text = _plain(token)
        if not text:
            if self._row is not None:
                self._row.append("")
            return
        if self._row is not None:
            self._row.append(text.replace("\n", ""))
        elif self._note is not None:
            self.notes.append(draft(BlockKind.NOTE, text, marker=self._note))
        elif previous is not None and previous.type == "heading_open":
            level = int(previous.tag[1:])
            self.drafts.append(draft(BlockKind.HEADING, text, level=level))
        elif self._lists:
            self.drafts.append(draft(BlockKind.LIST_ITEM, self._bullet() + text))
        elif CAPTION.match(text) and len(text) <= 80 and not text.endswith("。"):
            self.drafts.append(draft(BlockKind.CAPTION, text))
        else:
            self.drafts.append(draft(BlockKind.PARAGRAPH, text))

    def _bullet(self) -> str:
        if not self._item_begins:
            return ""
        self._item_begins = False
        ordered, number = self._lists[-1]
        if not ordered:
            return "• "
        self._lists[-1] = (True, number + 1)
        return f"{number}. "


def _plain(token: Token) -> str:
    """The text of an inline token as it is read: no markup, lines of a paragraph joined."""
    out = ""
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            out += child.content
        elif child.type == "softbreak":
            out += "\0"
        elif child.type == "hardbreak":
            out += "\n"
        elif child.type == "footnote_ref":
            out += f"[{child.meta.get('label') or child.meta.get('id', 0) + 1}]"
        elif child.type == "image":
            out += child.content
        elif child.type == "html_inline" and re.match(r"<br\s*/?>", child.content, re.IGNORECASE):
            out += "\n"
    return _join_lines(out).strip()


def _join_lines(text: str) -> str:
    return reduce(joined, text.split("\0"))


def _front_matter(content: str) -> tuple[dict[str, Any], str | None]:
    """CSL-JSON fields of a YAML front matter, and a warning when it cannot be read."""
    try:
        fields = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, f"its front matter is not valid YAML ({str(error).splitlines()[0]})"
    if not isinstance(fields, dict):
        return {}, None
    metadata: dict[str, Any] = {}
    if isinstance(title := fields.get("title"), str):
        metadata["title"] = title
    if author := fields.get("author"):
        names = author if isinstance(author, list) else [author]
        metadata["author"] = [{"literal": str(name)} for name in names]
    if isinstance(publisher := fields.get("publisher"), str):
        metadata["publisher"] = publisher
    date = fields.get("date")
    if isinstance(date, datetime.date):
        metadata["issued"] = {"date-parts": [[date.year, date.month, date.day]]}
    elif isinstance(date, int) and 1000 <= date <= 9999:
        metadata["issued"] = {"date-parts": [[date]]}
    return metadata, None
