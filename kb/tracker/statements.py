"""The statements of a document: its sentences and table rows, with what each names.

Dates lean on those before them, also in the blocks before, so that 同年8月 is
read; concepts come with their places.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kb.domain import Block, BlockKind, Document
from kb.language.dates import Before, DateMention, before_of, dates_in
from kb.language.dating import issue_day
from kb.language.glossary.matching import Mention
from kb.language.sentences import sentence_spans
from kb.reading import metadata
from kb.tracker.press_dates import LONGEST, counted_from_issue

_READ = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE})
_NOTES = frozenset({BlockKind.NOTE, BlockKind.REFERENCE})
_REACH = 1500  # characters between a year and a date that leans on it
_ENACTED = re.compile(r"[0-9]{4}年制定の")  # 同年 never means this year
# 同年下半期 and 前年に比べて are measures of time, not days of acts
_HALF = re.compile(
    r"\s*の?(下半期|上半期|度|産|分|同じ期間|の間|代|同期|同月|比|に比べ|より[^。、]{1,6}(多|少|増|減)|水準)"
)
_NUMBER = re.compile(r"第[0-9]+号")  # 公告2024年第33号: the year is part of a number
_CELL = re.compile(r"\t|\s*\|\s*")
_YEAR = re.compile(r"\s*((?:19|20)[0-9]{2})\s*年?\s*$")
_MONTH = re.compile(r"\s*(1[0-2]|[1-9])\s*月?\s*$")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or table row: `text` is `document.text[start:end]`.

    Mentions and dates count from the start of the statement. `headings` are the concepts named
    above it, `above` the heading texts, `header` the cells of the first
    row of its table. `issued` is the date of the document.
    """

    text: str
    start: int
    end: int
    kind: BlockKind
    mentions: tuple[Mention, ...]
    dates: tuple[DateMention, ...]
    headings: frozenset[str] = frozenset()
    heading: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    issued: str | None = None

    def named(self, start: int = 0, end: int | None = None) -> list[Mention]:
        """The mentions that begin in `text[start:end]`."""
        stop = len(self.text) if end is None else end
        return [m for m in self.mentions if start <= m.start < stop]


@dataclass(frozen=True, slots=True)
class Told:
    """A block of a document that may tell something, with what it names, where in the document.

    `dates` and `mentions` are those of the block, `headings`, `heading` and `above` as in
    `Statement`.
    """

    document: Document
    block: Block
    mentions: Sequence[Mention]
    dates: Sequence[DateMention]
    headings: frozenset[str]
    heading: tuple[str, ...]
    above: tuple[str, ...]
    issued: str | None

    @property
    def tabular(self) -> bool:
        """Whether its statements are the rows of a table, which has its dates in columns."""
        start, end = self.block.start, self.block.end
        return self.block.kind is BlockKind.TABLE and "\t" in self.document.text[start:end]

    @property
    def dated(self) -> bool:
        """Whether a statement of it may have a date with a year."""
        return self.tabular or any(date.year for date in self.dates)

    @property
    def empty(self) -> bool:
        """Whether it has no statements."""
        return not self.document.text[self.block.start : self.block.end].strip()

    def statements(self) -> Iterator[Statement]:
        """Its sentences, or its rows where it is a table."""
        above = (self.headings, self.heading, self.above)
        if self.tabular:
            yield from _rows(self.document, self.block, self.mentions, self.dates, above)
            return
        text = self.document.text
        for start, end in sentence_spans(text, self.block.start, self.block.end):
            yield Statement(
                text[start:end], start, end, self.block.kind,
                _mentions(self.mentions, start, end), _dates(self.dates, start, end), *above, (),
                self.issued,
            )  # fmt: skip


def told_by(
    document: Document, mentions: Sequence[Mention], named_in: Callable[[str], tuple[str, ...]]
) -> Iterator[Told]:
    """The blocks of a document that hold its statements, in order; `mentions` are those of its
    text, by place.

    `named_in` gives the concepts that a heading names. Notes and references are left out; see
    `notes_of`.
    """
    issued = metadata.issued(document.metadata)
    dates = _dates_of(document, issued)
    dated = [d.start for d in dates]
    places = [m.start for m in mentions]
    begins = [section.start for section in document.sections]
    at, path = -1, ()  # type: int, tuple[str, ...]
    heads: frozenset[str] = frozenset()
    nearest: tuple[str, ...] = ()
    for block in document.blocks:
        if block.kind not in _READ:
            continue
        if (section := bisect_right(begins, block.start) - 1) != at:
            at, path = section, document.sections[section].heading_path if section >= 0 else ()
            heads = frozenset(name for heading in path for name in named_in(heading))
            nearest = named_in(path[-1]) if path else ()
        yield Told(
            document, block,
            mentions[bisect_left(places, block.start) : bisect_left(places, block.end)],
            dates[bisect_left(dated, block.start) : bisect_left(dated, block.end)],
            heads, nearest, path, issued,
        )  # fmt: skip


def parts_at_dates(
    text: str, dates: Sequence[DateMention], acted: Callable[[str], bool]
) -> Iterator[tuple[int, int, DateMention | None]]:
    """The parts of a sentence, each with its date; none where there is no date.

    A part begins at its date, or before it at the comma that ends the act of the date before
    (`acted` says whether a piece of text tells of an act); and where ほか、 adds another thing on
    the same date.
    """
    starts: list[tuple[int, DateMention | None]] = []
    before: DateMention | None = None
    for date in dates:
        if before is None:
            starts.append((0, date))
        else:
            comma = text.rfind("、", before.end, date.start)
            ended = comma > 0 and acted(text[before.end : comma + 1])
            starts.append((comma + 1 if ended else date.start, date))
        before = date
    for match in re.finditer("ほか、", text):
        known = [date for at, date in starts if at < match.start()]
        if known and all(at != match.end() for at, _ in starts):
            starts.append((match.end(), known[-1]))
    starts.sort(key=lambda item: item[0])
    for i, (start, own) in enumerate(starts):
        end = starts[i + 1][0] if i + 1 < len(starts) else len(text)
        if start < end:
            yield start, end, own


def notes_of(document: Document) -> Iterator[tuple[str, int, int]]:
    """The notes and references of a document, each with its span."""
    for block in document.blocks:
        if block.kind in _NOTES:
            text = document.text[block.start : block.end].rstrip()
            if text:
                yield text, block.start, block.start + len(text)


def _dates_of(document: Document, issued: str | None) -> list[DateMention]:
    """The dates of a document without its notes, which lean on those before them.

    Paragraphs lean on those before them as `dates_in` has it, also across headings, but on no
    year that was named more than `_REACH` characters before.
    """
    day = issue_day(document.metadata)
    printed = _day_of_issue(issued) if len(document.text) <= LONGEST else None
    found: list[DateMention] = []
    known: Before | None = None
    anchor = -1  # where a year was named last
    for block in document.blocks:
        if block.kind not in _READ and block.kind is not BlockKind.HEADING:
            continue
        text = document.text[block.start : block.end]
        text = _ENACTED.sub(lambda m: "〼" * len(m[0]), text)
        if block.start - anchor > _REACH:
            known = None
        mentions = dates_in(text, before=known, issued=day)
        if printed is not None and anchor < 0:
            mentions = counted_from_issue(text, mentions, printed)
        if block.kind is not BlockKind.TABLE:
            known = before_of(mentions, text, known, goes_on=False)
        for date in mentions:
            if not date.inferred and date.year is not None:
                anchor = block.start + date.start
            if re.search("代|半期", text[date.start : date.end]) or (
                date.month is None
                and (_HALF.match(text, date.end) or _NUMBER.match(text, date.end))
            ):
                continue
            placed = replace(date, start=date.start + block.start, end=date.end + block.start)
            found.append(placed if printed is not None else _not_after(placed, issued))
    return found


def _day_of_issue(issued: str | None) -> datetime.date | None:
    """The day on which a document was issued; None where only its month or year is known."""
    try:
        return datetime.date.fromisoformat(issued or "")
    except ValueError:
        return None


def _not_after(date: DateMention, issued: str | None) -> DateMention:
    """A date whose year was taken from the text before it, in a year that can be meant.

    A month without a year after 2026年1月 means October of the year before when the document
    was issued before October 2026.
    """
    if issued is None or not date.inferred or date.year is None or date.month is None:
        return date
    return replace(date, year=date.year - 1) if date.iso[: len(issued)] > issued else date


def _mentions(mentions: Sequence[Mention], start: int, end: int) -> tuple[Mention, ...]:
    return tuple(
        [
            Mention(concept, first - start, last - start, nested)
            for concept, first, last, nested in mentions
            if start <= first and last <= end
        ]
    )


def _dates(dates: Sequence[DateMention], start: int, end: int) -> tuple[DateMention, ...]:
    return tuple(
        replace(d, start=d.start - start, end=d.end - start)
        for d in dates
        if start <= d.start and d.end <= end
    )


def _rows(
    document: Document,
    block: Block,
    mentions: Sequence[Mention],
    dates: Sequence[DateMention],
    above: tuple[frozenset[str], tuple[str, ...], tuple[str, ...]],
) -> Iterator[Statement]:
    """The rows of a table; years and months in columns of their own become dates."""
    lines = []
    at = block.start
    for line in document.text[block.start : block.end].split("\n"):
        if line.strip():
            lines.append((line.rstrip(), at))
        at += len(line) + 1
    if not lines:
        return
    header = tuple(cell.strip() for cell in _CELL.split(lines[0][0]))
    dated = _columns_of_dates(header, lines[1:])
    for i, (line, start) in enumerate(lines[1:]):
        end = start + len(line)
        found = (dated[i] if dated is not None else ()) or _dates(dates, start, end)
        yield Statement(
            line, start, end, block.kind, _mentions(mentions, start, end), found,
            *above, header,
        )  # fmt: skip


def _columns_of_dates(
    header: Sequence[str], lines: Sequence[tuple[str, int]]
) -> list[tuple[DateMention, ...]] | None:
    """The date of each row of a table whose first columns are year and month, or year alone.

    A cell that several rows share stands once; where rows are set in the middle of it, its
    year stands late: a row whose month comes after that of the next row, though its year is
    new, belongs to the year before.
    """
    if not header or header[0] not in ("年", "年月", "年度", "時期"):
        return None
    with_months = len(header) > 1 and header[1] == "月"
    years: list[int | None] = []
    months: list[int | None] = []
    widths: list[int] = []
    for line, _ in lines:
        cells = _CELL.split(line)
        year = month = None
        used = 0
        if match := _YEAR.match(cells[0]):
            year, used = int(match[1]), 1
        elif not cells[0].strip() and len(cells) > 1:
            used = 1  # an empty cell under the year of the rows before
        if with_months and len(cells) > used and (match := _MONTH.match(cells[used])):
            month, used = int(match[1]), used + 1
        years.append(year)
        months.append(month)
        widths.append(sum(len(cell) + 1 for cell in cells[:used]))
    if with_months:
        for i, year in enumerate(years[:-1]):
            this, following = months[i], months[i + 1]
            late = this is not None and following is not None and following < this
            if year is not None and late and years[i + 1] is None:
                years[i], years[i + 1] = None, year
    found: list[tuple[DateMention, ...]] = []
    year = month = None
    for given, one, width in zip(years, months, widths, strict=True):
        if given is not None:
            year, month = given, None
        month = one if one is not None else month
        known = year is not None and (month is not None or not with_months)
        found.append((DateMention(0, width, year, month, inferred=True),) if known else ())
    return found
