"""Footnotes in the style of SIST 02, the Japanese standard for references.

Source: 科学技術情報流通技術基準 SIST 02:2007 「参照文献の書き方」 (JST): authors parted by
"; ", elements closed by ". " and parted by ", ", the date of access as (参照 2026-11-25).
"""

from __future__ import annotations

from kb.answering.formats.entry import PERIODICALS, WEB, Entry, Locator, iso_date, place_of


def sist02(entry: Entry, locator: Locator) -> str:
    """The footnote for one quotation of a source."""
    authors = "; ".join(name.inverted for name in entry.authors)
    container, publisher = entry.text("container-title"), entry.text("publisher")
    place, date = place_of(locator), iso_date(entry.issued)
    if entry.type in WEB:
        said = [f'"{entry.title}"', container or publisher, _listed(date, place)]
    elif entry.type in PERIODICALS:
        volume, issue = entry.text("volume"), entry.text("issue") or entry.text("number")
        facts = _listed(
            date, volume and f"vol. {volume}", issue and f"no. {issue}", place
        )  # fmt: skip
        said = [entry.title, container or publisher, facts]
    else:
        series, number = container or entry.text("collection-title"), entry.text("number")
        inside = f"({', '.join(x for x in (series, number) if x)})" if series or number else ""
        facts = _listed(publisher, date, inside, place)
        said = [entry.title, entry.text("edition"), facts]
    # The publisher that is the author is not said twice.
    said = [part for part in (authors, *said) if part]
    text = "".join(f"{part}{_stop(part)}" for part in said).strip()
    return " ".join(part for part in (text, _access(entry)) if part)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _stop(part: str) -> str:
    return " " if part.endswith((".", "。", "?", "!", "？", "！")) else ". "


def _access(entry: Entry) -> str:
    address = entry.text("URL") or (entry.text("DOI") and f"https://doi.org/{entry.text('DOI')}")
    if not address:
        return ""
    seen = f", (参照 {entry.accessed.isoformat()})" if entry.accessed else ""
    return f"{address}{seen}."
