"""`kb facts` as people and programs call it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.test_cli import kb, result


def test_measures_are_shown_with_how_many_places_state_them(corpus_index: Path) -> None:
    ran = kb("facts", "--index", corpus_index, "--mineral", "gallium", "--type", "licence")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("1 measures, as stated in the reports")
    assert "announced         2023-07-03" in ran.stdout


def test_tables_are_json_and_csv_with_citation_ids(corpus_index: Path) -> None:
    body = result("facts", "disputes", "--index", corpus_index)
    assert body["basis"] == "as stated in the reports"
    ids = {c for row in body["disputes"] for cell in row.values() if isinstance(cell, dict)
           for stated in cell["values"] for c in stated["citations"]}  # fmt: skip
    lines = list(csv.DictReader(io.StringIO(
        kb("facts", "disputes", "--csv", "--index", corpus_index).stdout
    )))  # fmt: skip
    assert [line["id"] for line in lines] == [row["id"] for row in body["disputes"]]
    assert {c for line in lines for c in line["adoption_citations"].split()} <= ids
    cited = kb("cite", next(iter(sorted(ids))), "--index", corpus_index)
    assert (cited.returncode, cited.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rumours",), "there is no table 'rumours'"),
        (("disputes", "--in-force-on", "2024-10-01"), "--in-force-on is for the table measures"),
        (("--in-force-on", "soon"), "--in-force-on is 'soon': give a day"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_exit_code_2(
    corpus_index: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = kb("facts", *arguments, "--index", corpus_index)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
