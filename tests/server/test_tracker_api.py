"""The tracker over HTTP: shapes, citations, filters, files, and what is refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.server import shapes
from tests.server.shapes import departures
from tests.server.wire import problem

SHAPES = {
    "measures": shapes.MEASURES, "disputes": shapes.DISPUTES, "responses": shapes.RESPONSES,
    "assertions": shapes.ASSERTIONS,
}  # fmt: skip


def table(client: TestClient, name: str, **parameters: Any) -> dict[str, Any]:
    response = client.get(f"/api/v1/tracker/{name}", params=parameters)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    assert departures(body, SHAPES[name]) == []
    return body


def values(row: dict[str, Any], cell: str) -> list[str]:
    return [stated["value"] for stated in row[cell]["values"]]


@pytest.mark.parametrize("name", SHAPES)
def test_each_table_has_its_shape_and_says_on_what_it_rests(client: TestClient, name: str) -> None:
    body = table(client, name)
    assert body["basis"] == "as stated in the reports"
    assert body[name]
    assert client.get("/healthz").json()["generation"] == body["generation"]


@pytest.mark.parametrize("name", ["measures", "disputes", "responses"])
def test_every_value_has_citations_that_open(client: TestClient, name: str) -> None:
    body = table(client, name)
    spans = {span["id"]: span for span in body["citations"]}
    named = [
        c for row in body[name] for cell in row.values() if isinstance(cell, dict)
        for stated in cell["values"] for c in stated["citations"]
    ]  # fmt: skip
    assert named
    assert set(named) == set(spans)
    for span in list(spans.values())[:12]:
        text = client.get(
            f"/api/v1/documents/{span['document_id']}/text",
            params={"start": span["start"], "end": span["end"]},
        ).json()["text"]
        assert text == span["quote"]
        citation = client.get(f"/api/v1/citations/{span['id']}").json()
        assert (citation["quote"], citation["url"]) == (span["quote"], span["url"])


def test_measures_by_country_mineral_kind_and_time(client: TestClient) -> None:
    everything = table(client, "measures")["measures"]
    gallium = table(client, "measures", mineral="gallium", type="licence")["measures"]
    assert [values(row, "announced") for row in gallium] == [["2023-07-03"]]
    assert [row for row in everything if "gallium" in values(row, "minerals")
            and values(row, "type") == ["licence"]] == gallium  # fmt: skip
    late = table(client, "measures", **{"from": "2025-01", "to": "2025-03"})["measures"]
    assert late
    assert len(late) < len(everything)
    assert table(client, "measures", country="japan", type="quota")["measures"] == []


def test_measures_that_were_in_force_on_a_day(client: TestClient) -> None:
    def instruments(day: str) -> set[str]:
        rows = table(client, "measures", in_force_on=day)["measures"]
        return {value for row in rows for value in values(row, "instrument")}

    assert "law-rare-earth" not in instruments("2024-09-30")
    assert "law-rare-earth" in instruments("2024-10-01")
    assert "公告2023年第23号" in instruments("2023-08-01")
    assert "公告2023年第23号" not in instruments("2023-07-02")


def test_the_dispute_on_rare_earths_has_its_stages_and_findings(client: TestClient) -> None:
    (row,) = [
        row for row in table(client, "disputes")["disputes"] if "DS431" in values(row, "numbers")
    ]
    assert values(row, "numbers") == ["DS431", "DS432", "DS433"]
    assert values(row, "consultations") == ["2012-03-13"]
    assert values(row, "panel_established") == ["2012-07-23"]
    assert values(row, "panel_report") == ["2014-03-26"]
    assert values(row, "appellate_report") == ["2014-08-07"]
    assert values(row, "adoption") == ["2014-08-29"]
    assert set(values(row, "complainants")) == {"japan", "united-states", "eu"}
    assert {"gatt-article-11: violation", "protocol-11-3: violation"} <= set(
        values(row, "findings")
    )


def test_assertions_belong_to_rows_of_the_other_tables(client: TestClient) -> None:
    rows = {
        row["id"] for name in ("measures", "disputes", "responses")
        for row in table(client, name)[name]
    }  # fmt: skip
    found = table(client, "assertions")["assertions"]
    assert {one["row"] for one in found} == rows
    assert any(one["agree"] for one in found)
    only = table(client, "assertions", mineral="gallium")["assertions"]
    assert only
    assert len(only) < len(found)


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_is_a_file_with_citation_ids(client: TestClient, name: str) -> None:
    response = client.get(f"/api/v1/tracker/{name}", params={"format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="{name}.csv"' in response.headers["content-disposition"]
    assert response.headers["kido-generation"]
    lines = list(csv.DictReader(io.StringIO(response.text)))
    plain = table(client, name)
    assert [line["id"] for line in lines] == [row["id"] for row in plain[name]]
    known = {span["id"] for span in plain["citations"]}
    for line in lines:
        cited = {c for column, text in line.items() if column.endswith("citations")
                 for c in text.split()}  # fmt: skip
        assert cited
        assert cited <= known


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("measures", {"country": "中国"}),
        ("measures", {"in_force_on": "2024-13-01"}),
        ("measures", {"from": "last year"}),
        ("measures", {"format": "xml"}),
        ("disputes", {"in_force_on": "2024-01-01"}),
        ("responses", {"limit": "3"}),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: TestClient, name: str, parameters: dict[str, str]
) -> None:
    problem(client.get(f"/api/v1/tracker/{name}", params=parameters), 422, "invalid-request")


def test_the_whole_calendar_can_be_asked_for(client: TestClient) -> None:
    dated = table(client, "measures", **{"from": "1990", "to": "2100"})["measures"]
    assert dated
    for until in ("9999", "9999-12", "9999-12-31"):
        found = table(client, "measures", **{"from": "0001", "to": until})["measures"]
        assert found == dated


def test_an_unknown_table_is_not_found(client: TestClient) -> None:
    problem(client.get("/api/v1/tracker/rumours"), 404, "not-found")
