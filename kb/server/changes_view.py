"""What a run changed, in words: one line, a list of lines, and the parts of its page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kb.answering.word_diff import word_diff
from kb.changes import AffectedCitation, Change, FactRow
from kb.quotation import DiffPart
from kb.server.present import span_url
from kb.server.tracker_view import TrackerWords
from kb.server.words import Words
from kb.tracker.model import Cell, Dispute, Measure, Response, Row, Stated

_ROWS: Mapping[str, type[Row]] = {
    "measures": Measure, "disputes": Dispute, "responses": Response,
}  # fmt: skip
TABLES = {"measures": "規制", "disputes": "WTOの紛争", "responses": "各国の対応"}
SIGNS = {"gone": "なくなった", "changed": "文が変わった", "back": "元に戻った"}
WHATS = {"new": "新しい行", "more": "書き足された行", "gone": "なくなった行"}
_SHOWN = 40  # lines of one kind in a feed
_COUNTED = (
    ("gone", "なくなった引用"), ("changed", "文が変わった引用"), ("moved", "位置が変わった引用"),
    ("back", "元に戻った引用"), ("new_facts", "追跡表の新しい行"),
    ("more_facts", "追跡表の書き足された行"), ("gone_facts", "追跡表のなくなった行"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CitationView:
    """A citation that a run changed; `diff` leads from what was cited to what stands there."""

    citation: AffectedCitation
    sign: str
    diff: tuple[DiffPart, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value that a row has since, and where it is stated."""

    text: str
    quote: str
    url: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A row that a run changed, with its new values by the names of their cells."""

    row: FactRow
    name: str
    table: str
    what: str
    url: str | None
    cells: tuple[tuple[str, tuple[ValueView, ...]], ...]


def summary(change: Change, said: Words) -> str:
    """A change in one line."""
    if change.rebuilt:
        return said("すべての資料を読み直しました")
    counts = [
        (said("追加"), len(change.added)),
        (said("更新"), len(change.updated)),
        (said("削除"), len(change.removed)),
        (said("取り込めなかったファイル"), len(change.rejected)),
    ]
    return ", ".join(f"{name} {count}" for name, count in counts if count) or said("変更なし")


def effects(change: Change, said: Words) -> list[tuple[str, int]]:
    """What a change meant for citations and the tracker: what is counted, and how many."""
    counts = change.effects.counts
    return [(said(name), counts[code]) for code, name in _COUNTED if counts.get(code)]


def lines(change: Change, said: Words) -> list[str]:
    """What a change did to each file."""
    found = []
    for name, paths in (
        (said("追加"), () if change.rebuilt else change.added),
        (said("更新"), change.updated),
        (said("削除"), change.removed),
    ):
        found += [f"{name}: {path}" for path in paths]
    return found + [
        f"{said('取り込めなかったファイル')}: {r.path} ({said.reason(r.reason)})"
        for r in change.rejected
    ]


def feed_lines(change: Change, said: Words, tracker: TrackerWords | None) -> list[str]:
    """All that a change did, a line for each file, citation and row."""
    found = lines(change, said)
    found += [f"{name}: {count}" for name, count in effects(change, said)]
    for one in change.effects.citations[:_SHOWN]:
        arrow = f" → {_line(one.now)}" if one.now else ""
        found.append(
            f"{said('引用')} {said(SIGNS[one.status])}: {one.title}: {_line(one.quote)}{arrow}"
        )
    for fact in facts(change, tracker)[:_SHOWN] if tracker else ():
        values = [f"{label} {', '.join(v.text for v in values)}" for label, values in fact.cells]
        found.append(f"{fact.what}: {fact.name}" + (f" ({'; '.join(values)})" if values else ""))
    return found


def citations(change: Change, said: Words, documents: Collection[str]) -> list[CitationView]:
    """The citations that a change affected; links lead to `documents`, those there are now."""
    return [
        CitationView(
            one, said(SIGNS[one.status]),
            tuple(word_diff(one.quote, one.now)) if one.now and one.status == "changed" else (),
            _place(one) if one.document_id in documents else None,
        )
        for one in change.effects.citations
    ]  # fmt: skip


def _place(one: AffectedCitation) -> str | None:
    if one.document_id is None or one.start is None or one.end is None:
        return None
    return span_url(one.document_id, one.start, one.end)


def facts(
    change: Change,
    tracker: TrackerWords,
    *,
    rows: Iterable[str] = (),
    documents: Iterable[str] = (),
) -> list[FactView]:
    """The rows of the tracker that a change affected.

    `rows` and `documents` are those that there are now, which links lead to.
    """
    known, open_ones = frozenset(rows), frozenset(documents)
    return [
        FactView(
            row,
            tracker.name(_row(row)) or tracker.words(TABLES[row.table]),
            tracker.words(TABLES[row.table]),
            tracker.words(WHATS[row.what]),
            _address(row) if row.row in known else None,
            _cells(row, tracker, open_ones),
        )
        for row in change.effects.facts
    ]


def _address(row: FactRow) -> str:
    numbers = row.named.get("numbers", ())
    if row.table == "disputes" and numbers:
        return f"/disputes/{numbers[0]}"
    return f"/tracker/{row.table}#{row.row}"


def _cells(
    row: FactRow, tracker: TrackerWords, documents: frozenset[str]
) -> tuple[tuple[str, tuple[ValueView, ...]], ...]:
    found: dict[str, list[ValueView]] = {}
    for v in row.values:
        url = span_url(v.document_id, v.start, v.end) if v.document_id in documents else ""
        view = ValueView(tracker.value(v.cell, v.value), v.quote, url)
        found.setdefault(v.cell, []).append(view)
    return tuple((tracker.cell_label(name), tuple(values)) for name, values in found.items())


def _row(row: FactRow) -> Row:
    """A row of the tables with the cells that name it."""
    cells: dict[str, Cell] = {
        name: Cell(tuple(Stated(value, ()) for value in values))
        for name, values in row.named.items()
    }
    return _ROWS[row.table](row.row, **cells)


def _line(text: str) -> str:
    return " ".join(text.split())


def older(changes: Sequence[Change], said: Words) -> list[tuple[Change, str, str]]:
    """The runs with what each did, in a line each for the files and for what it meant."""
    return [
        (one, summary(one, said), ", ".join(f"{n} {c}" for n, c in effects(one, said)))
        for one in changes
    ]
