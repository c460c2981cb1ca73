"""The dates of a span of a document, reckoned with what the document says before it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from kb.domain import BlockKind, Document, ResolvedDate
from kb.issue_dates import issue_date
from kb.language.dates import Before, DateMention, before_of, dates_in

MAX_BEFORE = 1500  # characters of the same section that a date may lean on
_TEXT = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
# What is published in the first months of a year was often written in the year before.
_FIRST_SAFE_MONTH = 3


def dates_of(document: Document, start: int, end: int) -> list[DateMention]:
    """The dates that a span of the stored text names, with offsets in the stored text.

    A date leans on those before it in the span and, where there are none, on what the
    paragraphs before it say, as far back as the section goes and at most `MAX_BEFORE`
    characters; notes, tables and captions give no dates to the text. 本年 and 昨年 are reckoned
    from the document's date of issue unless it is of the first two months of a year.
    """
    issued = issue_day(document.metadata)
    before = None
    if any(m.inferred or m.year is None for m in _probe(document.text[start:end])):
        before = _before(document, start)
    mentions = dates_in(document.text[start:end], before=before, issued=issued)
    return [replace(m, start=m.start + start, end=m.end + start) for m in mentions]


def resolved_dates(document: Document, start: int, end: int) -> tuple[ResolvedDate, ...]:
    """Those dates of a span that a reader has to infer: 同年10月, 令和6年, 翌年."""
    return tuple(
        ResolvedDate(m.start, m.end, document.text[m.start : m.end], m.edtf)
        for m in dates_of(document, start, end)
        if m.inferred and m.year is not None
    )


def issue_day(metadata: Mapping[str, Any]) -> date | None:
    """The day, or first day of the month, of issue in a CSL-JSON item.

    None where it is not known to the month, or so early in the year that the text may well
    have been written in the year before.
    """
    known = issue_date(metadata)
    if len(known) < 2 or known[1] < _FIRST_SAFE_MONTH:
        return None
    year, month, day = (*known, 1)[:3]
    return date(year, month, day)


def _probe(text: str) -> list[DateMention]:
    """The dates of a text as they would be if some date stood before it."""
    return dates_in(text, before=Before(DateMention(0, 0, 2000, 1, 1)))


def _before(document: Document, start: int) -> Before | None:
    """The date that a date at `start` leans on: the last of the text before it."""
    section = document.section_at(start)
    first = max(section.start if section else 0, start - MAX_BEFORE)
    blocks = document.blocks
    at = bisect_right([b.start for b in blocks], start) - 1
    if at < 0 or blocks[at].kind not in _TEXT:
        # Inside a note or table only what the block itself says before counts.
        first = max(first, blocks[at].start) if at >= 0 else start
        text = document.text[first:start]
        return before_of(dates_in(text), text, None, goes_on=True)
    known = None
    for i, block in enumerate(blocks[: at + 1]):
        if block.end > first and block.kind in _TEXT:
            text = document.text[max(block.start, first) : min(block.end, start)]
            known = before_of(dates_in(text, before=known), text, known, goes_on=i == at)
    return known
