"""HTML: the main content of a page as blocks, its menus as boilerplate, its metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from kb.domain import BlockKind
from kb.errors import Reason, RejectedFile
from kb.reading.draft import Draft, Reading, draft
from kb.reading.encodings import decode
from kb.reading.furniture import mark_furniture
from kb.reading.patterns import BULLET, CAPTION, note_marker

_SILENT = frozenset(
    "script style noscript template iframe object svg math canvas head select button input "
    "textarea audio video map datalist dialog".split()
)
_CHROME = frozenset({"nav", "aside", "footer", "form", "menu"})
_CHROME_NAME = re.compile(
    r"(^|[-_ ])(nav|navi|menu|breadcrumbs?|topicpath|sidebar|share|sharing|sns|social|newsletter|mailmag|subscribe"
    r"|signup|author-?(box|bio|profile)?|profile|related|recommend|ranking|banner|ads?|advert\w*|cookie|pager|pagination"
    r"|footer|copyright|comments?|toc|skip)([-_ ]|$)",
    re.IGNORECASE,
)
_CHROME_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search"})
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BLOCKS = (
    frozenset(
        "p div section article main header blockquote pre address figure figcaption center fieldset "
        "ul ol li dl dt dd table caption hr details summary body".split()
    )
    | set(_HEADINGS)
    | _CHROME
)
MAX_DEPTH = 400  # a page nested deeper is an attack, not a report


@dataclass(slots=True)
class _Walk:
    """The blocks found so far and the text of the one that is open."""

    drafts: list[Draft] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)

    def flush(self, kind: BlockKind, level: int = 0, prefix: str = "") -> None:
        text = _tidy("".join(self.buffer))
        self.buffer.clear()
        if not text:
            return
        if kind is BlockKind.PARAGRAPH and CAPTION.match(text) and len(text) < 80:
            kind = BlockKind.CAPTION
        marker = note_marker(text) if kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) else None
        if marker is not None and (marker.startswith("注") or text.startswith(("[", "［"))):
            self.drafts.append(draft(BlockKind.NOTE, text, marker=marker))
            return
        if prefix and not BULLET.match(text):
            text = prefix + text
        self.drafts.append(draft(kind, text, level=level))


def read_html(data: bytes) -> Reading:
    """The reading of an HTML page. Raises RejectedFile when it cannot be decoded or parsed."""
    decoded = decode(data, declared=True)
    try:
        root = _parsed(decoded.text)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise RejectedFile(
            Reason.DAMAGED, f"it is not readable as HTML ({error}); save the page again"
        ) from error
    metadata = _metadata(root)
    drafts = _with_title(_drafts(root), metadata.get("title", ""))
    warnings = (decoded.warning,) if decoded.warning else ()
    return Reading(tuple(mark_furniture(drafts)), metadata=metadata, warnings=warnings)


def html_drafts(source: str) -> list[Draft]:
    """The blocks of a piece of HTML such as stands in Markdown; none where it has no text."""
    try:
        return _drafts(_parsed(source))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []


def _parsed(source: str) -> Any:
    # lxml refuses a str with an XML encoding declaration; the text is already decoded.
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
    return lxml_html.document_fromstring(source.encode("utf-8"), parser=parser)


def _drafts(root: Any) -> list[Draft]:
    walk = _Walk()
    body = root.find("body")
    main = _main(root)
    _visit(body if body is not None else root, walk, BlockKind.PARAGRAPH, main, main is None, 0)
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


def _main(root: Any) -> Any | None:
    """The element that holds the page's own text, when the page marks one."""
    for path in ("//main", "//*[@role='main']", "//article", "//*[@itemprop='articleBody']"):
        found = root.xpath(path)
        if len(found) == 1 or (found and path == "//article"):
            best = max(found, key=lambda e: len(e.text_content()))
            if len(best.text_content().strip()) >= 200:
                return best
    return None


def _is_chrome(element: Any) -> bool:
    if element.tag in _CHROME or element.get("role") in _CHROME_ROLES:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return element.tag not in ("body", "html", "main", "article") and bool(
        _CHROME_NAME.search(names)
    )


def _visit(
    element: Any, walk: _Walk, kind: BlockKind, main: Any | None, inside: bool, depth: int
) -> None:
    """Walk one element; `inside` says whether it belongs to the page's main content."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _SILENT:
        return
    if depth > MAX_DEPTH:
        raise RejectedFile(
            Reason.DAMAGED, f"its elements are nested more than {MAX_DEPTH} deep; save it as text"
        )
    inside = inside or element is main
    here: BlockKind = BlockKind.BOILERPLATE if not inside or _is_chrome(element) else kind
    if here is BlockKind.BOILERPLATE and kind is not BlockKind.BOILERPLATE:
        walk.flush(kind)
    if here is BlockKind.BOILERPLATE and (element is not main):
        kind_inside: BlockKind = (
            BlockKind.PARAGRAPH if main is not None and _contains(element, main) else here
        )
    else:
        kind_inside = here
    if tag == "br":
        walk.buffer.append("\n")
        return
    if tag == "table" and kind_inside is BlockKind.PARAGRAPH and _is_data_table(element):
        walk.flush(kind_inside)
        _table(element, walk)
        return
    if tag not in _BLOCKS:
        walk.buffer.append(element.text or "")
        for child in element:
            _visit(child, walk, kind_inside, main, inside, depth + 1)
            walk.buffer.append(child.tail or "")
        return
    _block(element, walk, kind_inside, main, inside, depth)


def _contains(element: Any, main: Any) -> bool:
    return any(ancestor is element for ancestor in main.iterancestors())


def _block(
    element: Any, walk: _Walk, kind: BlockKind, main: Any | None, inside: bool, depth: int
) -> None:
    tag = element.tag
    outer = kind if inside and not _is_link_list(element) else BlockKind.BOILERPLATE
    walk.flush(outer)
    own, level, prefix = outer, 0, ""
    if outer is not BlockKind.BOILERPLATE:
        if tag in _HEADINGS:
            own, level = BlockKind.HEADING, _HEADINGS[tag]
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


def _is_link_list(element: Any) -> bool:
    """Whether a paragraph is nothing but links, at least two: [トップ] [資料一覧]."""
    links = element.xpath("./a|./font/a|./span/a") if element.tag == "p" else []
    if len(links) < 2:
        return False
    linked = sum(c.isalnum() for link in links for c in str(link.text_content()))
    return linked == sum(c.isalnum() for c in str(element.text_content()))


def _bullet(element: Any) -> str:
    parent = element.getparent()
    if element.tag != "li":
        return ""
    if parent is not None and parent.tag == "ol":
        return f"{1 + sum(1 for s in element.itersiblings('li', preceding=True))}. "
    return "• "


def _is_data_table(table: Any) -> bool:
    """A table of data and not of layout: no table inside, no cell with a page of text."""
    if table.xpath(".//table"):
        return False
    cells = table.xpath(".//td|.//th")
    return bool(cells) and max(len(c.text_content()) for c in cells) <= 600


def _table(table: Any, walk: _Walk) -> None:
    for caption in table.xpath("./caption"):
        walk.drafts.append(draft(BlockKind.CAPTION, _tidy(caption.text_content())))
    rows = []
    for row in table.xpath(".//tr"):
        cells = ["".join(_tidy(c.text_content()).split("\n")) for c in row.xpath("./td|./th")]
        if any(cells):
            rows.append("\t".join(cells))
    if rows:
        walk.drafts.append(draft(BlockKind.TABLE, "\n".join(rows)))


def _tidy(text: str) -> str:
    """White space as a browser shows it; a line break in Japanese source is no space."""
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in text.split("\n")]
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
        for key, value in (
            ("ld:title", item.get("headline")),
            ("ld:date", item.get("datePublished")),
            ("ld:author", author),
        ):
            if isinstance(value, str):
                found.setdefault(key, value)
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
