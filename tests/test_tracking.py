"""The tracker of a generation: time axis, matrix, passages of an article, citations."""

from __future__ import annotations

import csv
import io

import pytest

from kb.answering.citations import parse_citation_id
from kb.assembly import KnowledgeBase
from kb.fact_tables import Citations, as_csv
from kb.tracker.model import Cell, Evidence, Measure, Stated


def test_marks_are_the_dated_events_in_the_order_of_time(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        marks = view.tracker.marks()
        assert [mark.date for mark in marks] == sorted(mark.date for mark in marks)
        assert {mark.lane for mark in marks} == {"measures", "disputes", "responses"}
        rows = {row.id: row for row in (*view.tracker.measures(), *view.tracker.disputes(),
                                        *view.tracker.responses())}  # fmt: skip
        for mark in marks:
            assert mark.date in set(rows[mark.row].cells()[mark.cell])
            assert mark.evidence


def test_the_matrix_counts_each_row_under_its_country_and_kind(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        matrix = view.tracker.matrix()
        assert matrix["china"]["licence"]
        measures = {row.id: row for row in view.tracker.measures()}
        for row in matrix["china"]["licence"]:
            assert "licence" in set(measures[row].type)
        assert "stockpile" not in matrix["china"]
        assert matrix["japan"]


def test_passages_on_an_article_name_it(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        found = view.tracker.passages_on("protocol-11-3")
        assert found
        assert all("11条3項" in text or "11.3" in text for _, text in found)
        assert view.tracker.passages_on("no-such-law") == []


def test_notes_and_literature_come_after_what_a_report_says(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        for dispute in ("ds431", "ds394"):
            found = [passage for passage, _ in view.tracker.passages_on(dispute)]
            of: dict[str, list[bool]] = {}
            for passage in found:
                last = passage.heading_path[-1] if passage.heading_path else ""
                of.setdefault(passage.document_id, []).append(last == "参考文献")
            assert all(listed == sorted(listed) for listed in of.values())


def test_a_cited_span_is_the_stored_text_and_its_id_leads_back(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        for row in view.tracker.measures()[:5]:
            for place in row.evidence():
                span = view.tracker.cited(place)
                document, start, end, _ = parse_citation_id(span.id)
                assert (document, start, end) == (place.document_id, place.start, place.end)
                assert view.document(document).text[start:end] == span.quote
                assert view.quotations.quoted(span.id).citation.quote == span.quote


@pytest.mark.parametrize("before", ["", " ", "\u200b", "\u3000", "\ufeff \u202e"])
@pytest.mark.parametrize("sign", "=+-@|\t\r\n＝＋－＠﹦﹢﹣﹫％")
def test_a_file_for_spreadsheets_holds_no_formula(
    knowledge: KnowledgeBase, before: str, sign: str
) -> None:
    formula = f'{before}{sign}HYPERLINK("x")'
    with knowledge.view() as view:
        document = view.summaries()[0].id
        reason = Cell((Stated(formula, (Evidence(document, 0, 3),)),))
        text = as_csv("measures", [Measure("t1", reason=reason)], Citations(view.tracker))
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["reason"] == f"'{formula}"


def test_a_file_for_spreadsheets_leaves_other_text_alone(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        evidence = (Evidence(view.summaries()[0].id, 0, 3),)
        for said in ("", "許可", " 許可=", "2025-04-04", "a+b", "「=1」"):
            measure = Measure("t1", reason=Cell((Stated(said, evidence),)))
            text = as_csv("measures", [measure], Citations(view.tracker))
            assert next(csv.DictReader(io.StringIO(text)))["reason"] == said
