"""What all formats share: a bibliographic entry made of a CSL-JSON item and quotations of it.

Metadata comes from files that people edit, so nothing in it is taken to be there or to be
of the right type; what cannot be used is left out.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.domain import BlockKind
from kb.issue_dates import issue_date
from kb.quotation import Quoted, Source

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々〇\U00020000-\U0003ffff]")
_KEY = re.compile(r"[A-Za-z0-9_:.-]+")
PERIODICALS = frozenset({"article-journal", "article-magazine", "article-newspaper"})
WEB = frozenset({"webpage", "post", "post-weblog"})


@dataclass(frozen=True, slots=True)
class Name:
    """A person (family and given name) or a body (`literal`)."""

    family: str = ""
    given: str = ""
    literal: str = ""

    @property
    def plain(self) -> str:
        """As it is written: 土居健市, Marie Curie, 経済産業省."""
        if self.literal:
            return self.literal
        gap = "" if is_japanese(self.family + self.given) else " "
        names = (self.family, self.given) if not gap else (self.given, self.family)
        return gap.join(name for name in names if name)

    @property
    def inverted(self) -> str:
        """The family name first: 土居健市, Curie, Marie."""
        if self.literal or is_japanese(self.family + self.given):
            return self.plain
        return ", ".join(name for name in (self.family, self.given) if name)


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in its source a quotation stands; `pages` as printed, such as iv or 12–13."""

    citation_id: str
    quote: str
    pages: str | None
    marker: str | None
    kind: BlockKind
    heading: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A source with the quotations of it; texts are one line each, absent ones empty.

    `issued` is year, month and day as far as they are known.
    """

    key: str
    type: str
    title: str
    authors: tuple[Name, ...]
    issued: tuple[int, ...]
    fields: Mapping[str, str]
    locators: tuple[Locator, ...]
    item: Mapping[str, Any]
    accessed: datetime.date | None

    def text(self, name: str) -> str:
        """A variable of the CSL-JSON item, such as publisher or URL; empty when absent."""
        return self.fields.get(name, "")

    @property
    def pages(self) -> str:
        """The pages of all quotations, each once, in their order."""
        return ", ".join(dict.fromkeys(x.pages for x in self.locators if x.pages))


_FIELDS = (
    "publisher publisher-place container-title collection-title volume issue number page edition "
    "URL DOI ISBN ISSN language genre section"
).split()


def entries(quoted: Iterable[Quoted], *, accessed: datetime.date | None) -> list[Entry]:
    """One entry for each source, in the order in which the sources are first cited.

    Quotations of two versions of a document are quotations of two sources.
    """
    groups: dict[tuple[str, str], list[Quoted]] = {}
    for one in quoted:
        groups.setdefault((one.source.id, one.source.sha256), []).append(one)
    keys: set[str] = set()
    made = []
    for group in groups.values():
        source = group[0].source
        key = _key(source)
        if key in keys:
            key = f"{key}-{source.id[1:7]}-{source.sha256[:6]}"
        keys.add(key)
        made.append(_entry(key, source, group, accessed))
    return made


def _entry(
    key: str, source: Source, group: Sequence[Quoted], accessed: datetime.date | None
) -> Entry:
    item = source.metadata
    return Entry(
        key=key,
        type=one_line(item.get("type")) or "document",
        title=one_line(item.get("title")) or one_line(source.path),
        authors=_names(item.get("author")),
        issued=issue_date(item),
        fields={name: text for name in _FIELDS if (text := one_line(item.get(name)))},
        locators=tuple(_locator(one) for one in group),
        item=item,
        accessed=accessed,
    )


def _locator(quoted: Quoted) -> Locator:
    c = quoted.citation
    pages = c.page_label
    if pages is None and c.first_page is not None:
        pages = (
            str(c.first_page) if c.last_page == c.first_page else f"{c.first_page}–{c.last_page}"
        )
    heading = one_line(c.heading_path[-1]) if c.heading_path else None
    if heading is not None and _bare(heading) == _bare(quoted.source.title):
        heading = None
    return Locator(
        c.id, one_line(c.quote), one_line(pages) or None, one_line(c.marker) or None, c.kind,
        heading,
    )  # fmt: skip


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _key(source: Source) -> str:
    """A key that BibTeX and citation processors take: the item's own id if it will do."""
    own = one_line(source.metadata.get("id"))
    return own if _KEY.fullmatch(own) and len(own) <= 80 else f"kido-{source.id[1:11]}"


def _names(value: object) -> tuple[Name, ...]:
    names = []
    for person in value if isinstance(value, list) else []:
        if not isinstance(person, dict):
            continue
        literal, family, given = (one_line(person.get(k)) for k in ("literal", "family", "given"))
        family = " ".join(x for x in (one_line(person.get("non-dropping-particle")), family) if x)
        if literal:
            names.append(Name(literal=literal))
        elif family and given:
            names.append(Name(family, given))
        elif family or given:
            names.append(Name(literal=family or given))
    return tuple(names)


def one_line(value: object) -> str:
    """A text or number on one line without control characters; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    kept = (
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in str(value)
        if unicodedata.category(c) != "Cs"
    )  # fmt: skip
    return " ".join("".join(kept).split(" ")).strip()


def iso_date(parts: Sequence[int]) -> str:
    """2025-04-04 as far as it is known."""
    return "-".join(f"{n:04d}" if i == 0 else f"{n:02d}" for i, n in enumerate(parts))


def is_japanese(text: str) -> bool:
    """Whether a text has Japanese letters."""
    return _JAPANESE.search(text) is not None


def note_name(marker: str) -> str:
    """A note by its marker: 注12 for 12, and the marker itself where it says so already."""
    return f"注{marker}" if marker.isdecimal() else marker


def place_of(locator: Locator) -> str:
    """Where a quotation stands, in the words of a note: p. 12, 注3."""
    parts = []
    if locator.pages:
        parts.append(f"{'pp.' if spans_pages(locator.pages) else 'p.'} {locator.pages}")
    if locator.kind is BlockKind.NOTE and locator.marker:
        parts.append(note_name(locator.marker))
    elif locator.kind is BlockKind.TABLE:
        parts.append("表")
    if not locator.pages and locator.heading:
        parts.insert(0, f"「{locator.heading}」")
    return ", ".join(parts)


def spans_pages(pages: str) -> bool:
    """Whether printed pages are several: 12–13."""
    return any(c in pages for c in "–,")


def remark(locator: Locator) -> str:
    """The note by which a reference manager keeps a quotation: its place and its words."""
    return " ".join(part for part in (place_of(locator), f"「{locator.quote}」") if part)
