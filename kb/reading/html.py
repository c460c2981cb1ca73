"""HTML: the main content of a page as blocks, its menus as boilerplate, its metadata."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from kb.domain import BlockKind, Furigana
from kb.errors import Reason, RejectedFile
from kb.reading import html_content as parts
from kb.reading.draft import Draft, Piece, Reading, draft
from kb.reading.encodings import decode
from kb.reading.furniture import mark_furniture
from kb.reading.html_parsing import parsed
from kb.reading.html_unseen import without_unseen
from kb.reading.patterns import BULLET, CAPTION, NOTE_HEADING, note_marker

_CHROME = frozenset({"nav", "aside", "footer", "form", "menu"})
_CHROME_NAME = re.compile(
    r"(^|[-_ ])(nav|navi|menu|breadcrumbs?|topicpath|sidebar|share|sharing|sns|social|newsletter|mailmag|subscribe"
    r"|signup|author-?(box|bio|profile)?|profile|related|recommend|ranking|banner|ads?|advert\w*|cookie|pager|pagination"
    r"|footer|copyright|comments?|toc|skip)([-_ ]|$)",
    re.IGNORECASE,
)
_CHROME_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar tablist "
    "toolbar directory".split()
)
_BLOCKS = parts.HEADINGS.keys() | _CHROME | frozenset(
    "p div section article main header blockquote pre address figure figcaption center fieldset "
    "ul ol li dl dt dd table tr td th caption hr details summary body".split()
)  # fmt: skip
_BODY = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_TEXT_TAGS = frozenset("p li dd dt td th".split()) | parts.HEADINGS.keys()
MAX_DEPTH = 400  # a page nested deeper is an attack, not a report
_BREAK = "\u2028"  # a <br> in the text that is being collected
_RUBY = re.compile("\x02([^\x02-\x04]*)\x03([^\x02-\x04]*)\x04")  # base and furigana
_BASE = re.compile(r"(\d|(?<![A-Za-z])[A-Za-zμ]?[a-z])$")  # what has a power: 10, m, km
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_ARROWS = r"[\s↩↑⏎^\ufe0e\ufe0f]*"
_BACK_LINK = re.compile(rf"{_ARROWS}(戻る|本文へ(戻る)?|back)?{_ARROWS}$", re.IGNORECASE)
_NOTE_LIST = re.compile(r"(^|[-_ ])(foot|end)?notes?([-_ ]|$)|^doc-endnotes$", re.IGNORECASE)


@dataclass(slots=True)
class _Walk:
    """The blocks found so far, the text of the one that is open, and what is known of the page.

    `menus` are the elements that are boilerplate by their content, `notes` the elements that
    are notes with their numbers, `calls` the links to them.
    """

    content: parts.Content
    menus: frozenset[Any] = frozenset()
    notes: Mapping[Any, str] = field(default_factory=dict)
    calls: frozenset[Any] = frozenset()
    drafts: list[Draft] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    heading: str = ""

    def flush(self, kind: BlockKind, level: int = 0, prefix: str = "") -> None:
        """Close the open block; a paragraph is cut where its line breaks begin a new one."""
        raw = "".join(self.buffer)
        self.buffer.clear()
        if kind not in (BlockKind.PARAGRAPH, BlockKind.BOILERPLATE) or _BREAK not in raw:
            self._add(kind, raw, level, prefix)
            return
        for text, listed in _cut(raw):
            self._add(BlockKind.LIST_ITEM if listed and kind in _BODY else kind, text, level, "")

    def _add(self, kind: BlockKind, raw: str, level: int, prefix: str) -> None:
        text = _tidy(raw)
        plain = _RUBY.sub(r"\1", text)
        if not plain:
            return
        if kind is BlockKind.PARAGRAPH and CAPTION.match(plain) and len(plain) < 80:
            kind = BlockKind.CAPTION
        marker = note_marker(plain) if kind in _BODY else None
        if marker is not None and (marker.startswith("注") or plain.startswith(("[", "［"))):
            self.drafts.append(_draft(BlockKind.NOTE, text, marker=marker))
            return
        if prefix and not BULLET.match(plain):
            text = prefix + text
        self.drafts.append(_draft(kind, text, level))
        self.heading = plain if kind is BlockKind.HEADING else self.heading

    def note(self, element: Any, number: str) -> None:
        """A note with the number that calls it; its own number and way back are left out."""
        text = _RUBY.sub(r"\1", _tidy(_inline(element, self)))
        text = re.sub(r"^[↩↑^]\s*", "", _BACK_LINK.sub("", text))
        text = re.sub(rf"^[\[(（［]?\s*{number}(?!\d)\s*[\])）］.．:：]*\s*", "", text)
        if text:
            self.drafts.append(draft(BlockKind.NOTE, f"[{number}] {text}", marker=number))


def _draft(kind: BlockKind, text: str, level: int = 0, marker: str | None = None) -> Draft:
    """A draft of a text in which ruby is marked: its base stays, its furigana is noted."""
    furigana, out, at = [], "", 0
    for match in _RUBY.finditer(text):
        out += text[at : match.start()]
        if match[1] and match[2]:
            furigana.append(Furigana(len(out), len(out) + len(match[1]), match[2]))
        out += match[1]
        at = match.end()
    return Draft(kind, (Piece(out + text[at:]),), level, marker, furigana=tuple(furigana))


def _cut(raw: str) -> Iterator[tuple[str, bool]]:
    """A text with <br> as paragraphs and items: an empty line, an indent or a bullet begins one."""
    lines = raw.split(_BREAK)
    listed = sum(BULLET.match(line.strip()) is not None for line in lines) >= 2
    text, is_item = "", False
    for line in lines:
        item = listed and BULLET.match(line.strip()) is not None
        if item or not line.strip() or line.lstrip("\r\n \t").startswith("\u3000"):
            yield text, is_item
            text, is_item = "", item
        text += "\n" + line
    yield text, is_item


def read_html(data: bytes) -> Reading:
    """The reading of an HTML page. Raises RejectedFile when it cannot be decoded or parsed."""
    decoded = decode(data, declared=True)
    try:
        root, unseen = without_unseen(parsed(decoded.text))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise RejectedFile(
            Reason.DAMAGED, f"it is not readable as HTML ({error}); save the page again"
        ) from error
    metadata = _metadata(root)
    drafts = mark_furniture(_with_title(_drafts(root), metadata.get("title", "")))
    return Reading(tuple(drafts), (), metadata, tuple(filter(None, (decoded.warning, unseen))))


def html_drafts(source: str) -> list[Draft]:
    """The blocks of a piece of HTML such as stands in Markdown; none where it has no text."""
    try:
        return _drafts(parsed(source))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []


def _drafts(root: Any) -> list[Draft]:
    body = root if (found := root.find("body")) is None else found
    main = parts.main_element(root)
    content = parts.Content(body if main is None else main, "".join(root.xpath("//title//text()")))
    menus = content.boilerplate(marked=main is not None and main.tag != "main")
    walk = _Walk(content, menus, *parts.linked_notes(body))
    _visit(body, walk, BlockKind.PARAGRAPH, main, main is None, 0)
    walk.flush(BlockKind.PARAGRAPH if main is None else BlockKind.BOILERPLATE)
    return walk.drafts


def _with_title(drafts: list[Draft], title: str) -> list[Draft]:
    """Where a page has no h1, the paragraph that repeats its title is its first heading."""
    if any(d.kind is BlockKind.HEADING and d.level == 1 for d in drafts):
        return drafts
    for i, d in enumerate(drafts):
        if d.kind is BlockKind.PARAGRAPH and d.text == title:
            return [*drafts[:i], draft(BlockKind.HEADING, d.text, level=1), *drafts[i + 1 :]]
    return drafts


def _is_chrome(element: Any, walk: _Walk) -> bool:
    """Whether an element is no part of the text, by its tag, its names or its content."""
    if element in walk.menus or element.get("role") in _CHROME_ROLES or parts.is_hidden(element):
        return True
    inline = element.tag not in _BLOCKS
    if inline and any(a.tag in _TEXT_TAGS for a in element.iterancestors()):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}"
    named = element.tag not in ("body", "html", "main", "article") and _CHROME_NAME.search(names)
    return bool(element.tag in _CHROME or named) and not walk.content.holds_text(element)


def _visit(
    element: Any, walk: _Walk, kind: BlockKind, main: Any | None, inside: bool, depth: int
) -> None:
    """Walk one element; `inside` says whether it belongs to the page's main content."""
    tag = element.tag
    if not isinstance(tag, str) or tag in parts.SILENT:
        return
    if depth > MAX_DEPTH:
        raise RejectedFile(
            Reason.DAMAGED, f"its elements are nested more than {MAX_DEPTH} deep; save it as text"
        )
    inside = inside or element is main
    inline = tag not in _BLOCKS
    if inline and parts.is_hidden(element):
        return
    if tag in ("br", "ruby", "sup"):
        walk.buffer.append(_inline(element, walk))
        return
    around = main is not None and any(above is element for above in main.iterancestors())
    chrome = not around and _is_chrome(element, walk)
    here: BlockKind = BlockKind.BOILERPLATE if not inside or chrome else kind
    if here is BlockKind.BOILERPLATE and kind is not BlockKind.BOILERPLATE:
        walk.flush(kind)
    kind_inside: BlockKind = BlockKind.PARAGRAPH if around else here
    if not inline:
        if not (kind_inside in _BODY and _whole(element, walk, kind_inside)):
            _block(element, walk, kind_inside, main, inside, depth)
        return
    if element in walk.calls:
        walk.buffer.append(_inline(element, walk))
        return
    walk.buffer.append(element.text or "")
    for child in element:
        _visit(child, walk, kind_inside, main, inside, depth + 1)
        walk.buffer.append(child.tail or "")
    if chrome and kind is not BlockKind.BOILERPLATE:
        walk.flush(BlockKind.BOILERPLATE)


def _whole(element: Any, walk: _Walk, kind: BlockKind) -> bool:
    """Read a note or a table of data as one block; False for any other element."""
    if number := walk.notes.get(element) or _listed_note(element, walk):
        walk.flush(kind)
        walk.note(element, number)
        return True
    if element.tag == "table" and kind is BlockKind.PARAGRAPH and _is_data_table(element):
        walk.flush(kind)
        _table(element, walk)
        return True
    return False


def _listed_note(element: Any, walk: _Walk) -> str:
    """The number of an item of a numbered list under 脚注 or of a class that says so."""
    parent = element.getparent()
    if element.tag != "li" or parent is None or parent.tag != "ol":
        return ""
    near = (parent, parent.getparent())
    names = " ".join(f"{e.get('class', '')} {e.get('role', '')}" for e in near if e is not None)
    beside = walk.notes and any(item in walk.notes for item in parent)
    if not (beside or NOTE_HEADING.match(walk.heading.strip()) or _NOTE_LIST.search(names)):
        return ""
    return "" if note_marker(element.text_content()) else _number(element)


def _inline(element: Any, walk: _Walk) -> str:
    """The text of an element in one line: ruby marked, calls of notes as [1], hidden left out."""
    tag = element.tag
    if not isinstance(tag, str) or tag in parts.SILENT or parts.is_hidden(element):
        return ""
    if tag == "br":
        return _BREAK
    inner = [element.text or ""]
    for child in element:
        inner += (_inline(child, walk), child.tail or "")
    text = "".join(inner)
    if tag == "ruby":
        kana = "".join("".join(rt.itertext()) for rt in element.iter("rt"))
        text = f"\x02{_tidy(text)}\x03{''.join(kana.split())}\x04"
    elif tag == "sup" or element in walk.calls:
        plain = unicodedata.normalize("NFKC", text).strip()
        match = parts.CALL.fullmatch(plain)
        linked = element in walk.calls or any(a in walk.calls for a in element.iter("a"))
        power = tag == "sup" and _BASE.search("".join(walk.buffer[-2:])) is not None
        if match and (linked or not power) and next(element.iterancestors("sup"), None) is None:
            return "".join(f"[{n.strip()}]" for n in re.split("[,、]", match[1]))
        if power and re.fullmatch(r"[-+−]?\d+[-+−]?", plain):
            return plain.translate(_RAISED)
    elif tag in _BLOCKS:
        text = f"\n{text}\n"
    return text


def _block(
    element: Any, walk: _Walk, kind: BlockKind, main: Any | None, inside: bool, depth: int
) -> None:
    tag = element.tag
    outer = kind if inside else BlockKind.BOILERPLATE
    walk.flush(outer)
    own, level, prefix = outer, 0, ""
    if outer is not BlockKind.BOILERPLATE:
        if tag in parts.HEADINGS:
            own, level = BlockKind.HEADING, parts.HEADINGS[tag]
        elif tag in ("li", "dt", "dd"):
            own, prefix = BlockKind.LIST_ITEM, _bullet(element)
        elif tag in ("figcaption", "caption"):
            own = BlockKind.CAPTION
    walk.buffer.append(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag in _BLOCKS and own is BlockKind.LIST_ITEM:
            walk.flush(own, prefix=prefix)
        inner = own if own is BlockKind.LIST_ITEM and child.tag not in ("ul", "ol") else kind
        _visit(child, walk, inner, main, inside, depth + 1)
        walk.buffer.append(child.tail or "")
    walk.flush(own, level, prefix)


def _bullet(element: Any) -> str:
    parent = element.getparent()
    if element.tag != "li":
        return ""
    return f"{_number(element)}. " if parent is not None and parent.tag == "ol" else "• "


def _number(item: Any) -> str:
    """The number of an item of an <ol>, which may begin with another than 1."""
    first = (item.getparent().get("start") or "1").strip()
    before = sum(1 for _ in item.itersiblings("li", preceding=True))
    own = (item.get("value") or "").strip()
    return own if own.isdecimal() else str((int(first) if first.isdecimal() else 1) + before)


def _is_data_table(table: Any) -> bool:
    """A table of data and not of layout: two columns, no table or heading inside, short cells."""
    if table.get("role") in ("presentation", "none") or table.xpath(".//table|.//td//h1|.//td//h2"):
        return False
    widths = [len(row.xpath("./td|./th")) for row in table.iter("tr")]
    cells = table.xpath(".//td|.//th")
    if not cells or (max(widths) < 2 and not table.xpath(".//th|./caption")):
        return False
    return max(len(c.text_content()) for c in cells) <= 600


def _table(table: Any, walk: _Walk) -> None:
    for caption in table.xpath("./caption"):
        walk.drafts.append(_draft(BlockKind.CAPTION, _tidy(_inline(caption, walk))))
    rows = []
    for row in table.xpath(".//tr"):
        cells = [_RUBY.sub(r"\1", _tidy(_inline(c, walk))) for c in row.xpath("./td|./th")]
        if any(cells):
            rows.append("\t".join(cells))
    if rows:
        walk.drafts.append(draft(BlockKind.TABLE, "\n".join(rows)))


def _tidy(text: str) -> str:
    """White space as a browser shows it; a line break in Japanese source is no space."""
    lines = [re.sub(r"[ \t\r\f\v]+", " ", s).strip() for s in re.split(f"[\n{_BREAK}]", text)]
    out = ""
    for line in filter(None, lines):
        if out:
            out += " " if out[-1].isascii() and line[0].isascii() else ""
        out += line
    return out.replace("\u200b", "").replace("\ufeff", "").replace("\u00ad", "").strip()


def _metadata(root: Any) -> dict[str, Any]:
    """CSL-JSON fields from title, meta elements (Dublin Core, OpenGraph) and JSON-LD."""
    found: dict[str, str] = {}
    for meta in root.xpath("//meta[@content]"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        found.setdefault(name, _tidy(meta.get("content")))
    for item in _json_ld(root):
        author = item.get("author")
        author = author[0] if isinstance(author, list) and author else author
        if isinstance(author, dict):
            author = author.get("name")
        values = {"title": item.get("headline"), "date": item.get("datePublished")}
        for key, value in {**values, "author": author}.items():
            if isinstance(value, str):
                found.setdefault(f"ld:{key}", value)
    title = _first(found, "og:title", "ld:title", "citation_title", "dc.title") or "".join(
        root.xpath("//title//text()")
    )
    metadata: dict[str, Any] = {}
    if title and _tidy(title):
        metadata["title"] = _tidy(title)
    if author := _first(found, "author", "citation_author", "article:author", "ld:author"):
        metadata["author"] = [{"literal": author}]
    if site := _first(found, "og:site_name", "publisher", "dc.publisher"):
        metadata["publisher"] = site
    date = _first(found, "article:published_time", "date", "dc.date", "citation_date", "ld:date")
    if date and (match := re.match(r"(\d{4})[-/年](\d{1,2})(?:[-/月](\d{1,2}))?", date)):
        metadata["issued"] = {"date-parts": [[int(g) for g in match.groups() if g]]}
    if url := _first(found, "og:url"):
        metadata["URL"] = url
    return metadata


def _first(found: dict[str, str], *names: str) -> str | None:
    return next((found[name] for name in names if found.get(name)), None)


def _json_ld(root: Any) -> Iterator[dict[str, Any]]:
    for script in root.xpath("//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        items = data if isinstance(data, list) else [data]
        yield from (item for item in items if isinstance(item, dict))
