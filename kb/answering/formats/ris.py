"""RIS, as Zotero, EndNote, Mendeley and CiNii write it: a tag and a value on each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb.answering.formats.entry import PERIODICALS, Entry, Name, remark

TYPES = {
    "article-journal": "JOUR", "article-magazine": "MGZN", "article-newspaper": "NEWS",
    "article": "JOUR", "bill": "BILL", "book": "BOOK", "chapter": "CHAP", "dataset": "DATA",
    "entry-encyclopedia": "ENCYC", "legal_case": "CASE", "legislation": "STAT",
    "manuscript": "UNPB", "paper-conference": "CPAPER", "post": "ELEC", "post-weblog": "BLOG",
    "regulation": "STAT", "report": "RPRT", "standard": "STAND", "thesis": "THES",
    "treaty": "STAT", "webpage": "ELEC",
}  # fmt: skip


def ris(entries: Sequence[Entry]) -> str:
    """The entries as an RIS file; lines end with CR and LF, values are one line each."""
    lines = [f"{tag}  - {value}" for entry in entries for tag, value in (*_tags(entry), ("ER", ""))]
    return "".join(f"{line}\r\n" for line in lines)


def _tags(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(entry.type, "GEN")
    yield "ID", entry.key
    yield "TI", entry.title
    for author in entry.authors:
        yield "AU", _name(author)
    if entry.issued:
        padded = (
            *(f"{n:04d}" if i == 0 else f"{n:02d}" for i, n in enumerate(entry.issued)),
            "",
            "",
        )
        yield "PY", padded[0]
        yield "DA", "/".join((*padded[:3], ""))
    for tag, name in (
        ("T2", "container-title"), ("T3", "collection-title"), ("PB", "publisher"),
        ("CY", "publisher-place"), ("VL", "volume"), ("ET", "edition"), ("UR", "URL"),
        ("DO", "DOI"), ("LA", "language"),
    ):  # fmt: skip
        if text := entry.text(name):
            yield tag, text
    number = entry.text("issue") or entry.text("number")
    if number:
        yield ("IS" if entry.type in PERIODICALS else "M1"), number
    if serial := entry.text("ISBN") or entry.text("ISSN"):
        yield "SN", serial
    first, _, last = (entry.text("page").replace("-", "–") or entry.pages).partition("–")
    if "," in first + last:  # several places: no range
        first, last = entry.pages, ""
    if first:
        yield "SP", first.strip()
    if last:
        yield "EP", last.strip()
    if entry.accessed is not None:
        yield "Y2", entry.accessed.strftime("%Y/%m/%d/")
    for locator in entry.locators:
        yield "N1", remark(locator)


def _name(name: Name) -> str:
    return name.literal or f"{name.family}, {name.given}"
