"""The tracker's rows as its pages show them: cells in words, each value with its citations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.server.present import span_url
from kb.server.words import Words
from kb.tracker.model import DATED, Cell, Dispute, Evidence, Measure, Response, Row

if TYPE_CHECKING:
    from kb.assembly import View

KINDS: Mapping[str, str] = {
    "quota": "輸出割当", "duty": "輸出税", "licence": "輸出許可制", "ban": "輸出禁止",
    "minimum-price": "最低輸出価格", "technology-control": "技術の規制",
    "traceability": "追跡の義務", "extraterritorial": "域外適用", "regulation": "法令",
    "production-control": "生産の管理", "tax-rebate": "還付の廃止", "export-stop": "輸出の停止",
    "stockpile": "備蓄", "diversification": "調達先の分散", "recycling": "再資源化",
    "substitution": "代替・使用削減", "investment": "投資", "domestic-supply": "国内供給",
    "price-support": "価格の下支え", "standards": "規格・基準", "wto-action": "WTOでの行動",
    "law-or-strategy": "法律・戦略",
}  # fmt: skip
CONTROLS = tuple(KINDS)[:12]
"""The kinds of measures; the others are kinds of responses."""
CELLS: Mapping[str, str] = {
    "implementer": "実施国", "affected": "対象国", "type": "種類", "minerals": "鉱物",
    "instrument": "法令・文書", "body": "担当機関", "announced": "発表", "in_force": "施行",
    "suspended": "停止", "suspended_until": "停止の期限", "revoked": "廃止", "reason": "理由",
    "status": "状態", "numbers": "事件番号", "complainants": "申立国", "respondent": "被申立国",
    "third_parties": "第三国参加", "measures": "争われた措置", "articles": "争われた条文",
    "consultations": "協議要請", "panel_established": "パネル設置", "panel_report": "パネル報告書",
    "appeal": "上訴", "appellate_report": "上級委員会報告書", "adoption": "報告書の採択",
    "compliance": "勧告の履行", "findings": "判断", "country": "国・地域", "actor": "主体",
    "partner": "相手国", "amount": "金額・規模", "target": "目標", "target_year": "目標年",
    "date": "時期", "measure": "何への対応か",
}  # fmt: skip
CODES: Mapping[str, str] = {
    "in-force": "施行中", "suspended": "停止中", "revoked": "廃止", "announced": "発表のみ",
    "all": "すべての国", "violation": "違反", "no-violation": "違反なし",
    "not justified": "正当化されない", "justified": "正当化される",
}  # fmt: skip
_VERBATIM = frozenset({"reason", "amount", "target", "measure"})
MOST_LINKS = 4  # citations beside one value
MOST_NAMES = 3  # minerals in the name of a row


@dataclass(frozen=True, slots=True)
class Link:
    """A citation beside a value: where it opens, and what is read there."""

    url: str
    quote: str
    title: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a cell in words; `verbatim` says that it stands so in a report."""

    text: str
    verbatim: bool
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell that says something; `conflicting` that the reports differ."""

    name: str
    label: str
    values: tuple[Value, ...]
    conflicting: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """A row with its name and its cells."""

    id: str
    name: str
    what: str
    date: str | None
    cells: tuple[CellView, ...]

    def cell(self, name: str) -> CellView | None:
        """A cell by its name; None when nothing says it."""
        return next((cell for cell in self.cells if cell.name == name), None)


class TrackerWords:
    """Puts rows of the tracker of one view into the words of one language."""

    def __init__(self, view: View, words: Words) -> None:
        self._view = view
        self.words = words

    def concept(self, value: str) -> str:
        """A country, mineral, law or body by the name that it has in the glossary."""
        concept = self._view.concept(value)
        if concept is None:
            return self.words(CODES.get(value, value))
        names = concept.english if self.words.language == "en" else concept.japanese
        return names[0] if names else value

    def kind(self, code: str) -> str:
        """A kind of measure or response."""
        return self.words(KINDS.get(code, code))

    def value(self, cell: str, value: str) -> str:
        """A value of a cell."""
        if cell in _VERBATIM or cell == "numbers":
            return value
        if cell in DATED:
            return self.words.date(value) or value
        if cell in ("type", "measures"):
            return self.kind(value)
        if cell == "findings":
            what, _, found = value.partition(": ")
            return f"{self.concept(what)}: {self.words(CODES.get(found, found))}"
        return self.concept(value)

    def link(self, evidence: Evidence) -> Link:
        """The link to a place that says something."""
        document = self._view.document(evidence.document_id)
        return Link(
            span_url(evidence.document_id, evidence.start, evidence.end),
            document.text[evidence.start : evidence.end],
            document.title,
        )

    def cell(self, name: str, cell: Cell) -> CellView:
        """A cell in words."""
        return CellView(
            name,
            self.words(CELLS[name]),
            tuple(
                Value(
                    self.value(name, stated.value),
                    name in _VERBATIM,
                    tuple(map(self.link, stated.evidence[:MOST_LINKS])),
                )
                for stated in cell.values
            ),
            cell.conflicting,
        )

    def row(self, row: Measure | Dispute | Response) -> RowView:
        """A row in words, without its empty cells."""
        cells = tuple(self.cell(name, cell) for name, cell in row.cells().items() if cell)
        date = row.date.first if isinstance(row, Response) else row.date
        return RowView(row.id, self.name(row), self.what(row), date, cells)

    def what(self, row: Row) -> str:
        """Of what a row is, without who and which kind: its instruments and minerals."""
        if isinstance(row, Measure | Response):
            return " ".join(filter(None, (self._joined(row.instrument), self._minerals(row))))
        return self.name(row)

    def name(self, row: Row) -> str:
        """What a row is called: who, of what, which kind; or the numbers of a dispute."""
        if isinstance(row, Dispute):
            return "・".join(row.numbers) or self._joined(row.complainants)
        if isinstance(row, Measure):
            parts = [self._joined(row.implementer), self._minerals(row)]
            instrument = self._joined(row.instrument) if not row.minerals else ""
            parts += [instrument or self._kinds(row.type)]
        elif isinstance(row, Response):
            what = self._joined(row.instrument) or self._minerals(row)
            parts = [self._joined(row.country), what, self._kinds(row.type)]
        else:
            return row.id
        return " ".join(part for part in parts if part)

    def short_name(self, row: Row) -> str:
        """The name of a row without its country, for the lanes of the time axis."""
        if isinstance(row, Measure) and row.minerals:
            return f"{self._minerals(row)} {self._kinds(row.type)}"
        return self.name(row)

    def _kinds(self, cell: Cell) -> str:
        return self._and(self.kind(code) for code in list(cell)[:2])

    def _minerals(self, row: Measure | Response) -> str:
        names = [self.concept(value) for value in row.minerals]
        if len(names) > MOST_NAMES:
            rest = self.words("ほか{count}", count=len(names) - 2)
            return f"{self._and(names[:2])}{rest}"
        return self._and(names)

    def _joined(self, cell: Cell) -> str:
        return self._and(self.concept(value) for value in list(cell)[:2])

    def _and(self, names: Iterable[str]) -> str:
        return ("・" if self.words.language == "ja" else ", ").join(names)

    def cell_label(self, name: str) -> str:
        """What a cell is called."""
        return self.words(CELLS.get(name, name))


def by_country(
    matrix: Mapping[str, Mapping[str, Sequence[str]]], kinds: Sequence[str]
) -> list[tuple[str, list[int], int]]:
    """The countries with the rows that each has of each kind, and of all, the most first."""
    rows = []
    for country, cells in matrix.items():
        counts = [len(cells.get(kind, ())) for kind in kinds]
        every = {row for ids in cells.values() for row in ids}
        rows.append((country, counts, len(every)))
    return sorted(rows, key=lambda row: (-row[2], row[0]))
