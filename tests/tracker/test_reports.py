"""What the tracker holds of the real reports: the controls of 2023 to 2025, and DS431."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kb import inspection
from kb.domain import Document
from kb.language.glossary.matching import load_glossary
from kb.reading.options import PLAIN
from kb.tracker.cells import agree
from kb.tracker.drawing import facts_of, mentions_of
from kb.tracker.merging import tables_of
from kb.tracker.model import Row, Stage, Tables

SEVEN = {
    "samarium", "gadolinium", "terbium", "dysprosium", "lutetium", "scandium", "yttrium",
}  # fmt: skip
FIVE = {"holmium", "erbium", "thulium", "europium", "ytterbium"}
# kind, minerals that are among its own, and a date that agrees with one of its dates
CONTROLS: Sequence[tuple[str, set[str], str]] = (
    ("licence", {"gallium", "germanium"}, "2023-09"),
    ("licence", {"graphite"}, "2023-12"),
    ("technology-control", {"rare-earths"}, "2023-12-21"),
    ("licence", {"antimony", "superhard"}, "2024-09"),
    ("regulation", {"rare-earths"}, "2024-10-01"),
    ("licence", {"graphite"}, "2024-10"),
    ("ban", {"gallium", "germanium", "antimony", "superhard"}, "2024-12"),
    ("licence", {"tungsten", "tellurium", "bismuth", "molybdenum", "indium"}, "2025-02"),
    ("licence", SEVEN, "2025-04-04"),
    ("licence", FIVE, "2025-10"),
    ("extraterritorial", {"rare-earths"}, "2025-10"),
    ("technology-control", {"rare-earths"}, "2025-10-09"),
)


@pytest.fixture(scope="module")
def reports(shared: Path) -> Mapping[str, Document]:
    paths = sorted((shared / "reports").glob("*.txt"))
    read = [inspection.inspect_file(path, PLAIN, max_bytes=10**8) for path in paths]
    return {document.id: document for document in read}


@pytest.fixture(scope="module")
def tracked(reports: Mapping[str, Document]) -> Tables:
    glossary = load_glossary()
    return tables_of(
        (d.id, facts_of(d, glossary, mentions_of(d, glossary))) for d in reports.values()
    )


def dates(row: Row) -> list[str]:
    cells = row.cells()
    return [date for name in ("announced", "in_force") for date in cells[name]]


@pytest.mark.parametrize(("kind", "minerals", "date"), CONTROLS)
def test_each_control_is_held_with_date_minerals_and_a_citation(
    tracked: Tables, reports: Mapping[str, Document], kind: str, minerals: set[str], date: str
) -> None:
    found = [
        row for row in tracked.measures
        if kind in set(row.type) and minerals <= set(row.minerals)
        and any(agree(date, other) for other in dates(row))
    ]  # fmt: skip
    assert len(found) == 1
    assert list(found[0].implementer) == ["china"]
    for place in found[0].evidence():
        assert reports[place.document_id].text[place.start : place.end].strip()


def test_the_ban_of_2024_names_the_united_states(tracked: Tables) -> None:
    (ban,) = [row for row in tracked.measures if "gallium" in set(row.minerals)
              and "ban" in set(row.type)]  # fmt: skip
    assert list(ban.affected) == ["united-states"]


def test_only_the_measures_of_october_2025_are_suspended(tracked: Tables) -> None:
    suspended = [row for row in tracked.measures if "suspended" in set(row.status)]
    assert len(suspended) >= 2
    for row in suspended:
        assert all(agree("2025-10", date) for date in dates(row))


def test_the_dispute_has_five_stages_and_findings_per_article(tracked: Tables) -> None:
    (dispute,) = tracked.disputes
    expected = {
        Stage.CONSULTATIONS: "2012-03-13", Stage.PANEL: "2012-07", Stage.PANEL_REPORT: "2014-03-26",
        Stage.APPELLATE_REPORT: "2014-08-07", Stage.ADOPTION: "2014-08-29",
    }  # fmt: skip
    for stage, date in expected.items():
        assert list(dispute.stage(stage)) == [date]
        assert dispute.stage(stage).values[0].evidence
    assert set(dispute.complainants) == {"japan", "united-states", "eu"}
    assert set(dispute.findings) == {
        "gatt-article-11: violation", "protocol-11-3: violation", "protocol-1-2: violation",
        "protocol-5-1: violation", "gatt-article-20: not justified",
        "gatt-article-20g: not justified",
    }  # fmt: skip


def test_no_row_has_the_id_of_another(tracked: Tables) -> None:
    rows: list[Row] = [*tracked.measures, *tracked.disputes, *tracked.responses]
    assert len({row.id for row in rows}) == len(rows)
    assert len({one.id for one in tracked.assertions}) == len(tracked.assertions)
