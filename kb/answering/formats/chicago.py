"""Footnotes in the Chicago style (notes and bibliography), as plain text.

Source: The Chicago Manual of Style, 17th edition, chapter 14 (full notes). Titles that would
be set in italics stand plain, and in 『』 where they are Japanese; articles and web pages
stand in quotation marks.
"""

from __future__ import annotations

from collections.abc import Sequence

from kb.answering.formats.entry import PERIODICALS, WEB, Entry, Locator, is_japanese, spans_pages
from kb.domain import BlockKind
from kb.language.date_patterns import MONTHS


def chicago(entry: Entry, locator: Locator) -> str:
    """The footnote for one quotation of a source."""
    if entry.type in PERIODICALS:
        said = _in_periodical(entry, _place(locator))
    elif entry.type in WEB:
        site = _listed(entry.text("container-title"), entry.text("publisher"))
        said = _listed(_part(entry.title), site, _date(entry.issued), _place(locator))
    else:
        said = _listed(_work(entry), _place(locator))
    text = _listed(_authors(entry), said, _access(entry))
    return text if text.endswith((".", "?", "!", "。", "？", "！")) else f"{text}."


def _in_periodical(entry: Entry, place: str) -> str:
    """Title, periodical with its number, date and place; a journal's date in brackets."""
    number = entry.text("issue") or entry.text("number")
    name = _set_off(entry.text("container-title") or entry.text("publisher"))
    name = " ".join(part for part in (name, entry.text("volume")) if part)
    work = _listed(name, number and f"no. {number}")
    date = _date(entry.issued)
    if entry.type != "article-journal":
        return _listed(_part(entry.title), work, date, place)
    work = " ".join(part for part in (work, date and f"({date})") if part)
    return ": ".join(part for part in (_listed(_part(entry.title), work), place) if part)


def _work(entry: Entry) -> str:
    """A work of its own: title, series and number, with place, publisher and date."""
    house = ": ".join(x for x in (entry.text("publisher-place"), entry.text("publisher")) if x)
    series = entry.text("container-title") or entry.text("collection-title")
    number = entry.text("number")
    series = " ".join(part for part in (series, number and f"no. {number}") if part)
    facts = _listed(house, _date(entry.issued))
    named = _listed(_set_off(entry.title), series)
    return f"{named} ({facts})" if facts else named


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _authors(entry: Entry) -> str:
    names = [name.plain for name in entry.authors]
    if len(names) > 3:
        return f"{names[0]} et al."
    if len(names) == 3:
        return f"{names[0]}, {names[1]}, and {names[2]}"
    return " and ".join(names)


def _part(title: str) -> str:
    return f"「{title}」" if is_japanese(title) else f"“{title}”"


def _set_off(title: str) -> str:
    return f"『{title}』" if is_japanese(title) else title


def _date(parts: Sequence[int]) -> str:
    if not parts:
        return ""
    if len(parts) == 1:
        return str(parts[0])
    month = MONTHS[parts[1] - 1]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{month} {parts[2]}, {parts[0]}"


def _place(locator: Locator) -> str:
    """The page (a note on it as 12n3, CMOS 14.157); without pages the heading it is under."""
    marker = (locator.marker or "") if locator.kind is BlockKind.NOTE else ""
    digits = "".join(c for c in marker if c.isdecimal())
    note = marker and f"n. {digits or marker}"
    if not locator.pages:
        return _listed(note, f"under “{locator.heading}”" if locator.heading else "")
    if digits and not spans_pages(locator.pages):
        return f"{locator.pages}n{digits}"
    return _listed(locator.pages, note, "table" if locator.kind is BlockKind.TABLE else "")


def _access(entry: Entry) -> str:
    address = entry.text("URL") or (entry.text("DOI") and f"https://doi.org/{entry.text('DOI')}")
    if not address or entry.accessed is None:
        return address
    day = entry.accessed
    return f"accessed {_date((day.year, day.month, day.day))}, {address}"
