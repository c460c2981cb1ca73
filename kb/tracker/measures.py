"""Measures that a statement tells of: their kind, minerals, reach, instruments and dates.

A statement is parted at its dates. A date belongs to the act that follows it (公告し is an
announcement, 施行され an entry into force); parts that name no kind of measure of their own
go with the part before them, or with the one after when they come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kb.domain import BlockKind
from kb.language.dates import DateMention
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import Mention
from kb.tracker import measure_words as w
from kb.tracker.actors import actor
from kb.tracker.measure_parts import (
    LAWS,
    LEANS_ON_LAW,
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
from kb.tracker.measure_rows import measures_of_row
from kb.tracker.model import Drawn, DrawnCell, MeasureType
from kb.tracker.statements import Statement, parts_at_dates
from kb.tracker.suspensions import suspensions_in

_LEAST_REASON = 8  # characters that say why


def measures_in(
    statement: Statement, concepts: Mapping[str, Concept], countries: frozenset[str]
) -> Iterator[Drawn]:
    """The measures of which a statement tells with a date, one for each kind and date group."""
    if statement.kind is BlockKind.TABLE and statement.header:
        yield from measures_of_row(statement, concepts, countries)
        return
    if not any(date.year for date in statement.dates):
        return
    parts = _parts(statement, concepts)
    minerals: list[str] = []
    for group in _groups(parts):
        minerals = minerals_of(group) or minerals  # 希土類の割当は…、輸出税も…
        drawn = _drawn(statement, group, minerals, countries)
        if drawn is not None:
            yield drawn
    yield from suspensions_in(statement, countries)


def _parts(statement: Statement, concepts: Mapping[str, Concept]) -> list[Part]:
    text = statement.text
    cause = max((c.end() for c in w.CAUSE.finditer(text)), default=0)
    parts = []
    for start, end, date in parts_at_dates(
        text, statement.dates, lambda piece: role_of(piece) is not None
    ):
        begin = max(start, cause) if cause < end - 8 else start
        if date is not None and w.CAUSE_ENDS.search(text, date.end, end):
            date = None  # the part tells only of what caused the act
        named = statement.named(begin, end)
        parts.append(
            Part(
                start, end, None if _of_cause(text, date, cause, begin) else date,
                tuple(w.types_in(text[begin:end])),
                tuple(m for m in named if is_traded(m, text, concepts)),
                tuple(m for m in named if m.concept in LAWS
                      and not LEANS_ON_LAW.match(text, m.end)),
            )
        )  # fmt: skip
    return parts


def _of_cause(text: str, date: DateMention | None, cause: int, begin: int) -> bool:
    """Whether a date is that of what caused an act, and not set apart as that of the act."""
    if date is None or not date.start < cause <= begin:
        return False
    return re.match(r"(には)?、|から", text[date.end : date.end + 3]) is None


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that tell of one measure: one that says what it is, and those that lean on it."""
    groups: list[list[Part]] = []
    waiting: list[Part] = []
    for part in parts:
        if part.told and groups and _goes_on(groups[-1], part):
            groups[-1].append(part)
        elif part.told:
            groups.append([*waiting, part])
            waiting = []
        elif groups:
            groups[-1].append(part)
        else:
            waiting.append(part)
    return groups


def _goes_on(group: Sequence[Part], part: Part) -> bool:
    """Whether a part that names a kind of measure tells more of the one before it."""
    laws = {m.concept for p in group for m in p.laws}
    if MeasureType.REGULATION in part.types and not part.laws:
        return False
    if part.laws or laws:
        return bool(laws) and {m.concept for m in part.laws} <= laws and not part.minerals
    named = {m.concept for p in group for m in p.minerals}
    own = {m.concept for m in part.minerals}
    types = {t for p in group for t in p.types}
    return not own and bool(types & set(part.types)) and (bool(named) or not types)


def _drawn(
    statement: Statement, group: Sequence[Part], shared: Sequence[str], countries: frozenset[str]
) -> Drawn | None:
    text = statement.text
    start, end = group[0].start, group[-1].end
    cause = max((c.end() for c in w.CAUSE.finditer(text, 0, end)), default=0)
    span = text[max(start, cause) : end] if cause < end - 8 else text[start:end]
    if w.WTO_TALK.search(span) or w.UNSURE.search(span):
        return None
    dates = _dated_acts(text, group) or _shared_act(text, group)
    kind = kind_of(text, group)
    if kind is MeasureType.EXPORT_STOP and not dates:
        dates = _stopped(text, group)
    if not dates or (
        {role for role, _ in dates} <= {w.SUSPENDED, "suspended_until"}
        and w.SUSPENDS_MEASURE.search(text)
    ):
        return None  # `suspensions_in` tells which measure is meant
    if kind is None:
        return None
    since = cause if start < cause < end else start
    found = actor(text, statement.mentions, countries, start=since, end=end) or _topic(
        statement, countries, since
    )
    implementer = found[0] if found else _of_law(group) or _by_headings(statement, countries)
    if implementer is None or not (
        implementer == "china"
        or _own_export(span, implementer)
        or (found is not None and _of_producer(kind, span, minerals_of(group)))
    ):
        return None
    if kind is MeasureType.LICENCE and not minerals_of(group) and not w.named(kind, span):
        return None  # 輸出規制を強化した alone may be of anything
    minerals = minerals_of(group) or ([] if _of_law(group) else list(shared))
    cells = [cell(statement, "type", kind.value)]
    cells.append(cell(statement, "implementer", implementer))
    cells += [cell(statement, "minerals", name) for name in minerals]
    cells += [cell(statement, role, date) for role, date in dates]
    cells += reach(statement, span)
    cells += instruments(statement, start, end)
    cells += bodies(statement, start, end, implementer)
    cells += _reasons(statement, text[:end])
    known = minerals or any(cell.name == "instrument" for cell in cells)
    if not known and "rare-earths" not in statement.headings:
        return None
    return Drawn("measures", tuple(cells))


def _topic(statement: Statement, countries: frozenset[str], end: int) -> tuple[str, Mention] | None:
    """Who acts before a place of a statement, unless it is part of what caused the act."""
    text = statement.text
    found = actor(text, statement.mentions, countries, start=0, end=end)
    if found is None or text[found[1].end : end].find("は") in range(8):
        return found
    return None if w.CAUSE.search(text, found[1].end, end) else found


def _of_law(group: Sequence[Part]) -> str | None:
    return "china" if any(part.laws for part in group) else None


def _by_headings(statement: Statement, countries: frozenset[str]) -> str | None:
    """The one country that the headings name; China for export controls where none is named."""
    named = sorted(statement.headings & countries)
    return named[0] if len(named) == 1 else ("china" if not named or "china" in named else None)


def _own_export(text: str, implementer: str) -> bool:
    """Whether a country other than China is said to control its own exports."""
    return implementer == "united-states" and re.search(r"対中輸出|中国向け", text) is not None


def _of_producer(kind: MeasureType, text: str, minerals: Sequence[str]) -> bool:
    """Whether a country is said to keep back minerals that it has: not those of another's."""
    return (
        bool(minerals)
        and kind in (MeasureType.BAN, MeasureType.QUOTA, MeasureType.DUTY)
        and re.search(r"対[中米日]|向け|への輸出|中国|解除しない", text) is None
    )


def _dated_acts(text: str, group: Sequence[Part]) -> list[tuple[str, str]]:
    """The roles of the dates of a group: the act that follows each before the next date."""
    found: list[tuple[str, str]] = []
    waiting: list[str] = []
    for part in group:
        date = part.date
        if date is None or date.year is None:
            continue
        after = text[max(date.end, part.start) : part.end]
        if w.UNTIL.match(after):
            if any(role == w.SUSPENDED for role, _ in found) or w.ACTS[0][1].search(after):
                found.append(("suspended_until", date.iso))
            continue
        if w.AS_OF.match(after) or (w.REFERRED if part.told else w.WAS_MEANT).match(after):
            continue
        role = role_of(after)
        if (
            role in (None, w.ANNOUNCED, w.IN_FORCE)
            and w.FROM.match(after)
            and w.SINCE.search(after)
        ):
            if role == w.ANNOUNCED:
                found += [(w.ANNOUNCED, iso) for iso in waiting if len(iso) > 4]
                waiting = []
            found.append((w.IN_FORCE, date.iso))
            continue
        if role is None:
            waiting.append(date.iso)
            continue
        found += [(role, iso) for iso in waiting if role == w.IN_FORCE and len(iso) > 4]
        waiting = []
        found.append((role, date.iso))
        if (
            role != w.IN_FORCE
            and SAME_DAY.search(after)
            and (w.ACTS[3][1].search(after) or w.SINCE.search(after))
        ):
            found.append((w.IN_FORCE, date.iso))
    return found


def _stopped(text: str, group: Sequence[Part]) -> list[tuple[str, str]]:
    """The date of a stop of exports that nobody announced: when it is said to have come."""
    cue = w.TYPES[MeasureType.EXPORT_STOP]
    for part in group:
        date = part.date
        if date is not None and date.year is not None and cue.search(text, date.end, part.end):
            return [(w.IN_FORCE, date.iso)]
    return []


def _shared_act(text: str, group: Sequence[Part]) -> list[tuple[str, str]]:
    """The dates of 1998年に割当を、2000年に…を採用した: an act that several objects share."""
    last = group[-1]
    if last.date is None or not re.search(r"を、(そして、|また、)?$", text[: last.end]):
        return []
    role = role_of(text[last.end :])
    return [(role, last.date.iso)] if role is not None and last.date.year else []


def _reasons(statement: Statement, text: str) -> list[DrawnCell]:
    match = w.REASONS.search(text)
    if match is None:
        return []
    quoted = re.sub(r"^[0-9年月日]+(から|に|の|、)?", "", match["reason"].strip("　 "))
    return [cell(statement, "reason", quoted)] if len(quoted) >= _LEAST_REASON else []
