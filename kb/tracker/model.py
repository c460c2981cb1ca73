"""The tracker's values: what is drawn from one document, and the rows of its four tables.

Every value carries the spans of the stored texts that say it; a cell that nothing says is
empty. Dates are ISO as far as they are known (2023, 2023-07, 2023-07-03).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum


class MeasureType(StrEnum):
    """What kind of control a measure is."""

    QUOTA = "quota"
    DUTY = "duty"
    LICENCE = "licence"
    BAN = "ban"
    MINIMUM_PRICE = "minimum-price"
    TECHNOLOGY = "technology-control"
    TRACEABILITY = "traceability"
    EXTRATERRITORIAL = "extraterritorial"
    REGULATION = "regulation"
    PRODUCTION = "production-control"
    TAX_REBATE = "tax-rebate"
    EXPORT_STOP = "export-stop"


class Stage(StrEnum):
    """The stages of a dispute in the WTO, in their order."""

    CONSULTATIONS = "consultations"
    PANEL = "panel-established"
    PANEL_REPORT = "panel-report"
    APPEAL = "appeal"
    APPELLATE_REPORT = "appellate-report"
    ADOPTION = "adoption"
    COMPLIANCE = "compliance"

    @property
    def cell(self) -> str:
        """The name of the cell that has its date."""
        return self.value.replace("-", "_")


DATED = frozenset(
    {"announced", "in_force", "suspended", "suspended_until", "revoked", "date", "target_year"}
    | {stage.cell for stage in Stage}
)
"""The cells that have dates."""


class ResponseType(StrEnum):
    """What kind of answer a country gives to controls of others."""

    STOCKPILE = "stockpile"
    DIVERSIFICATION = "diversification"
    RECYCLING = "recycling"
    SUBSTITUTION = "substitution"
    INVESTMENT = "investment"
    DOMESTIC = "domestic-supply"
    PRICE_SUPPORT = "price-support"
    STANDARDS = "standards"
    WTO_ACTION = "wto-action"
    LAW = "law-or-strategy"


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A span of a stored text that says something."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class DrawnCell:
    """A value that one place of a document gives to a cell."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one place of a document says of a measure, a dispute or a response.

    `table` is measures, disputes or responses.
    """

    table: str
    cells: tuple[DrawnCell, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a cell, each once, in the order of the text."""
        return tuple(dict.fromkeys(cell.value for cell in self.cells if cell.name == name))

    def one(self, name: str) -> str | None:
        """The first value of a cell, None when nothing gives one."""
        return next((cell.value for cell in self.cells if cell.name == name), None)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as the reports state it, with every place that does."""

    value: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """The values of a cell: none when nothing is said.

    `conflicting` says that sources give values of which only one can hold; they then stand
    side by side.
    """

    values: tuple[Stated, ...] = ()
    conflicting: bool = False

    def __iter__(self) -> Iterator[str]:
        return (stated.value for stated in self.values)

    def __bool__(self) -> bool:
        return bool(self.values)

    @property
    def first(self) -> str | None:
        """The first value; None when there is none."""
        return self.values[0].value if self.values else None


_EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `id` is made of what the row is, so that it stays the same."""

    id: str

    def cells(self) -> dict[str, Cell]:
        """The cells by name, in their order."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "id"}

    def evidence(self) -> tuple[Evidence, ...]:
        """Every place that says something of the row, each once."""
        places = (e for cell in self.cells().values() for s in cell.values for e in s.evidence)
        return tuple(dict.fromkeys(places))


@dataclass(frozen=True, slots=True)
class Measure(Row):
    """A control: who implements it, whom it affects, what kind it is, and when it held.

    Countries, minerals and bodies are ids of the glossary; `affected` is `all` where a report
    says that every destination is meant.
    """

    implementer: Cell = _EMPTY
    affected: Cell = _EMPTY
    type: Cell = _EMPTY
    minerals: Cell = _EMPTY
    instrument: Cell = _EMPTY
    body: Cell = _EMPTY
    announced: Cell = _EMPTY
    in_force: Cell = _EMPTY
    suspended: Cell = _EMPTY
    suspended_until: Cell = _EMPTY
    revoked: Cell = _EMPTY
    reason: Cell = _EMPTY
    status: Cell = _EMPTY

    @property
    def date(self) -> str | None:
        """The first date that is known of it: announced, else in force, else suspended."""
        dates = (self.announced, self.in_force, self.suspended, self.revoked)
        return next((min(cell) for cell in dates if cell), None)


@dataclass(frozen=True, slots=True)
class Dispute(Row):
    """A dispute in the WTO: its numbers, its parties, what was at issue, its stages, findings.

    The stages' dates are cells of their own. `findings` has values such as
    `gatt-article-11: violation`.
    """

    numbers: Cell = _EMPTY
    complainants: Cell = _EMPTY
    respondent: Cell = _EMPTY
    third_parties: Cell = _EMPTY
    minerals: Cell = _EMPTY
    measures: Cell = _EMPTY
    articles: Cell = _EMPTY
    consultations: Cell = _EMPTY
    panel_established: Cell = _EMPTY
    panel_report: Cell = _EMPTY
    appeal: Cell = _EMPTY
    appellate_report: Cell = _EMPTY
    adoption: Cell = _EMPTY
    compliance: Cell = _EMPTY
    findings: Cell = _EMPTY

    @property
    def date(self) -> str | None:
        """The first date that is known of it."""
        return min((d for stage in Stage for d in self.stage(stage)), default=None)

    def stage(self, stage: Stage) -> Cell:
        """The dates of a stage."""
        cell: Cell = getattr(self, stage.cell)
        return cell


@dataclass(frozen=True, slots=True)
class Response(Row):
    """What a country or bloc does about controls of others, or about its dependence.

    `amount` is quoted letter for letter; `measure` names what it answers, as it is written.
    """

    country: Cell = _EMPTY
    type: Cell = _EMPTY
    instrument: Cell = _EMPTY
    actor: Cell = _EMPTY
    partner: Cell = _EMPTY
    minerals: Cell = _EMPTY
    amount: Cell = _EMPTY
    target: Cell = _EMPTY
    target_year: Cell = _EMPTY
    date: Cell = _EMPTY
    measure: Cell = _EMPTY


@dataclass(frozen=True, slots=True)
class Assertion:
    """That reports state a value of a cell, and what the others say of the same cell.

    `documents` state it; `agree` are those of the others whose value is the same or as far as
    it is known the same, `conflict` those whose value cannot hold at the same time.
    """

    id: str
    table: str
    row: str
    cell: str
    value: str
    evidence: tuple[Evidence, ...]
    documents: tuple[str, ...]
    agree: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The four tables of a collection."""

    measures: tuple[Measure, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    responses: tuple[Response, ...] = ()
    assertions: tuple[Assertion, ...] = field(default=())
