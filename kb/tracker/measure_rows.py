"""Measures in the rows of tables: one date and what was done, or columns of dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kb.domain import BlockKind
from kb.language.glossary.concepts import Concept
from kb.tracker import measure_words as w
from kb.tracker.measure_parts import (
    LAWS,
    SAME_DAY,
    Part,
    bodies,
    cell,
    instruments,
    is_traded,
    kind_of,
    minerals_of,
    reach,
    role_of,
)
from kb.tracker.model import Drawn, DrawnCell, MeasureType
from kb.tracker.statements import Statement

_ANNOUNCEMENTS = re.compile(r"公告日|公布日|発表日|公表日")
_ENTRIES = re.compile(r"施行日|実施日|発効日|効力の発生")


def measures_of_row(
    statement: Statement, concepts: Mapping[str, Concept], countries: frozenset[str]
) -> Iterator[Drawn]:
    """The measure of a table row: one date, or columns that say what their dates are."""
    roles = [_role_of_column(name) for name in statement.header]
    text = statement.text
    whole = replace(statement, header=(), kind=BlockKind.PARAGRAPH)
    if any(roles):
        drawn = _of_columns(statement, roles, concepts, countries)
        if drawn is not None:
            yield drawn
        return
    if len(statement.dates) != 1 or statement.dates[0].year is None:
        return
    columns = text.split("\t")
    wide = [column for column in columns if len(column) > 6]
    if not wide:
        return
    told = wide[0]
    begin = text.index(told)
    for piece, at in _pieces(told, begin):
        date = statement.dates[0]
        part = Part(
            at, at + len(piece), date,
            tuple(w.types_in(piece)),
            tuple(m for m in statement.named(at, at + len(piece))
                  if is_traded(m, text, concepts)),
            tuple(m for m in statement.named(at, at + len(piece)) if m.concept in LAWS),
        )  # fmt: skip
        role = role_of(piece + "\n")
        if not part.told or role is None or w.UNSURE.search(piece):
            continue
        kind = kind_of(text, [part])
        minerals = minerals_of([part])
        if kind is None or not (minerals or part.laws):
            continue
        cells_of = [cell(whole, "type", kind.value), cell(whole, "implementer", "china")]
        cells_of += [cell(whole, "minerals", name) for name in minerals]
        cells_of.append(cell(whole, role, date.iso))
        cells_of += reach(whole, piece)
        cells_of += instruments(whole, at, at + len(piece))
        yield Drawn("measures", tuple(cells_of))


def _pieces(text: str, begin: int) -> Iterator[tuple[str, int]]:
    """The things that one cell tells of, parted by spaces between sentences without stops."""
    at = 0
    for match in re.finditer(r"(?<=[更止施に]) (?=[^ ])|(?<=ほか)、", text):
        yield text[at : match.start()], begin + at
        at = match.end()
    yield text[at:], begin + at


def _role_of_column(name: str) -> str | None:
    if _ANNOUNCEMENTS.search(name):
        return w.ANNOUNCED
    return w.IN_FORCE if _ENTRIES.search(name) else None


def _of_columns(
    statement: Statement,
    roles: Sequence[str | None],
    concepts: Mapping[str, Concept],
    countries: frozenset[str],
) -> Drawn | None:
    text = statement.text
    spans = []
    at = 0
    for column in text.split("\t"):
        spans.append((at, at + len(column)))
        at += len(column) + 1
    cells: list[DrawnCell] = []
    last: str | None = None
    for (start, end), role in zip(spans, roles, strict=False):
        if role is None:
            continue
        date = next((d.iso for d in statement.dates if start <= d.start < end and d.year), None)
        if date is None and SAME_DAY.match(text[start:end].strip()):
            date = last
        if date is not None:
            cells.append(cell(statement, role, date))
            last = date
    named = [m for m in statement.mentions if is_traded(m, text, concepts)]
    part = Part(0, len(text), None, minerals=tuple(named))
    kind = next((t for t, cue in w.TYPES.items() if cue.search(text)), None)
    minerals = minerals_of([part])
    if not cells or not (minerals or kind):
        return None
    above = " ".join(statement.above)
    if kind is None:
        kind = next((t for t, cue in w.TYPES.items() if cue.search(above)), None)
    if kind is None:
        kind = MeasureType.LICENCE if any("公告" in name for name in statement.header) else None
    if kind is None:
        return None
    cells.append(cell(statement, "type", kind.value))
    cells.append(cell(statement, "implementer", "china"))
    cells += [cell(statement, "minerals", name) for name in minerals]
    cells += reach(statement, text)
    cells += instruments(statement, 0, len(text))
    cells += bodies(statement, 0, len(text), "china")
    return Drawn("measures", tuple(cells))
