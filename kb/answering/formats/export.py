"""Citations in the format that is asked for, with its media type and a file name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from kb.answering.formats.annotation import web_annotations
from kb.answering.formats.bibtex import bibtex
from kb.answering.formats.chicago import chicago
from kb.answering.formats.csl import csl_json
from kb.answering.formats.entry import Entry, Locator, entries
from kb.answering.formats.ris import ris
from kb.answering.formats.sist02 import sist02
from kb.errors import InvalidQuestion
from kb.quotation import Export, Quoted

FORMATS = ("csl", "bibtex", "ris", "text", "annotation")
STYLES: dict[str, Callable[[Entry, Locator], str]] = {"sist02": sist02, "chicago": chicago}
_FILES = {
    "csl": ("application/vnd.citationstyles.csl+json", ".json"),
    "bibtex": ("application/x-bibtex; charset=utf-8", ".bib"),
    "ris": ("application/x-research-info-systems; charset=utf-8", ".ris"),
    "text": ("text/plain; charset=utf-8", ".txt"),
    "annotation": ('application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"', ".jsonld"),
}


def format_citations(
    quoted: Sequence[Quoted],
    format: str,
    *,
    style: str = "sist02",
    accessed: datetime.date | None = None,
    base_url: str = "",
) -> Export:
    """Citations in one of `FORMATS`; `style` is one of `STYLES` and counts for `text` only.

    Reference managers get one entry for each source, with all its quotations in the notes;
    `text` is one footnote a line, in the order of the citations. `accessed` is the day on which
    the sources were looked at. Raises InvalidQuestion for a format or style that there is not.
    """
    if format not in FORMATS:
        raise InvalidQuestion(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
    if style not in STYLES:
        raise InvalidQuestion(f"there is no style {style!r}; there are {', '.join(STYLES)}")
    if format == "annotation":
        text = web_annotations(quoted, base_url=base_url)
    elif format == "text":
        text = "".join(f"{footnote(one, style, accessed)}\n" for one in quoted)
    else:
        write = {"csl": csl_json, "bibtex": bibtex, "ris": ris}[format]
        text = write(entries(quoted, accessed=accessed))
    media_type, suffix = _FILES[format]
    name = f"kido-{quoted[0].citation.id}" if len(quoted) == 1 else "kido-citations"
    return Export(text, media_type, name + suffix)


def footnote(quoted: Quoted, style: str = "sist02", accessed: datetime.date | None = None) -> str:
    """The footnote of one citation, on one line."""
    (entry,) = entries([quoted], accessed=accessed)
    return STYLES[style](entry, entry.locators[0])
