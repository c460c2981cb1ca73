"""What other programs read out of the formats is what was in the metadata."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import pytest
import rispy
from hypothesis import given
from pybtex.database import BibliographyData, parse_string

from kb.answering.formats.bibtex import TYPES as BIBTEX_TYPES
from kb.answering.formats.entry import one_line
from kb.answering.formats.export import FORMATS, STYLES, format_citations
from kb.answering.formats.ris import TYPES as RIS_TYPES
from tests.answering.formats.samples import DAY, REPORT, cited, damaged, items, quote, source

COMMANDS = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~", r"\textasciicircum{}": "^",
    **{f"\\{c}": c for c in "&%$#_"},
}  # fmt: skip
COMMAND = re.compile("|".join(map(re.escape, COMMANDS)))


def printed(field: str) -> str:
    """What TeX prints of a field: its commands as letters, without guarding braces."""
    pieces = re.split(COMMAND, field)
    letters = [COMMANDS[found] for found in COMMAND.findall(field)]
    pieces = [re.sub("[{}]", "", piece) for piece in pieces]
    return "".join(a + b for a, b in zip(pieces, [*letters, ""], strict=True))


def squeezed(value: object) -> str:
    return " ".join(str(value).split())


def bibtex_of(metadata: Any, **options: Any) -> Any:
    text = format_citations([cited(metadata, **options)], "bibtex", accessed=DAY).text
    data: BibliographyData = parse_string(text, "bibtex")
    (entry,) = data.entries.values()
    return entry


def ris_of(metadata: Any, **options: Any) -> dict[str, Any]:
    text = format_citations([cited(metadata, **options)], "ris", accessed=DAY).text
    (entry,) = rispy.loads(text, skip_unknown_tags=False)
    return dict(entry)


@given(items)
def test_bibtex_holds_the_metadata(item: dict[str, Any]) -> None:
    entry = bibtex_of(item)
    expected = one_line(item["title"]) or "報告.pdf"
    assert squeezed(printed(entry.fields["title"])) == squeezed(expected)
    assert entry.type == BIBTEX_TYPES.get(item["type"], "misc")
    if publisher := one_line(item.get("publisher")):
        field = {"techreport": "institution", "phdthesis": "school"}.get(entry.type, "publisher")
        assert squeezed(printed(entry.fields[field])) == squeezed(publisher)
    if "issued" in item:
        assert int(entry.fields["year"]) == item["issued"]["date-parts"][0][0]
    assert entry.fields["urldate"] == "2026-11-25"
    assert "「希土類の輸出には許可が要る。」" in entry.fields["note"]


@given(items)
def test_ris_holds_the_metadata(item: dict[str, Any]) -> None:
    entry = ris_of(item)
    assert entry["type_of_reference"] == RIS_TYPES.get(item["type"], "GEN")
    assert squeezed(entry["title"]) == squeezed(one_line(item["title"]) or "報告.pdf")
    for name, field in (("publisher", "publisher"), ("container-title", "secondary_title")):
        assert squeezed(entry.get(field, "")) == squeezed(one_line(item.get(name)))
    literal = [one_line(p["literal"]) for p in item.get("author", []) if "literal" in p]
    assert {squeezed(name) for name in literal if name} <= set(
        map(squeezed, entry.get("authors", []))
    )
    assert entry["access_date"] == "2026/11/25/"
    assert entry["notes"] == ["p. ii 「希土類の輸出には許可が要る。」"]


@given(items)
def test_csl_json_is_the_item_with_the_date_of_access(item: dict[str, Any]) -> None:
    text = format_citations([cited(item)], "csl", accessed=DAY).text
    (made,) = json.loads(text)
    assert made["type"] == item["type"]
    assert made["accessed"] == {"date-parts": [[2026, 11, 25]]}
    for name in ("publisher", "container-title", "DOI", "language"):
        assert made.get(name, "") == one_line(item.get(name))
    assert made["custom"]["citations"][0]["locator"] == "ii"


@given(damaged)
def test_no_metadata_is_too_damaged_for_any_format(item: dict[str, Any]) -> None:
    for name in FORMATS:
        for style in STYLES:
            made = format_citations([cited(item)], name, style=style, accessed=DAY)
            assert made.text.endswith("\n")
    assert bibtex_of(item).fields["title"]
    assert ris_of(item)["title"]


def test_a_citation_processor_reads_the_csl_json() -> None:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
    from citeproc.source.json import CiteProcJSON

    made = json.loads(format_citations([cited()], "csl", accessed=DAY).text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of each variable that it does not know
        read = CiteProcJSON(made)
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, read)
        bibliography.register(Citation([CitationItem("doi2026")]))
        (line,) = map(str, bibliography.bibliography())
    assert "土居" in line and "2026" in line and "希土類の輸出管理" in line


def test_names_of_people_and_bodies() -> None:
    people = [
        {"family": "土居", "given": "健市"}, {"family": "Curie", "given": "Marie"},
        {"literal": "Ministry of Economy, Trade and Industry"},
    ]  # fmt: skip
    item = {**REPORT, "author": people}
    persons = bibtex_of(item).persons["author"]
    assert [person.last_names for person in persons] == [
        ["土居"], ["Curie"], ["{Ministry of Economy, Trade and Industry}"],
    ]  # fmt: skip
    assert [person.first_names for person in persons] == [["健市"], ["Marie"], []]
    assert ris_of(item)["authors"] == [
        "土居, 健市", "Curie, Marie", "Ministry of Economy, Trade and Industry",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "bibtex", "ris"),
    [
        ([2026], ("2026", None), "2026///"),
        ([2026, 1], ("2026", "jan"), "2026/01//"),
        ([2026, 2, 28], ("2026", "feb"), "2026/02/28/"),
        ([2026, 2, 31], ("2026", "feb"), "2026/02//"),
        (["2026", "13"], ("2026", None), "2026///"),
    ],
)
def test_dates_as_far_as_they_are_known(
    parts: list[Any], bibtex: tuple[str, str | None], ris: str
) -> None:
    item = {**REPORT, "issued": {"date-parts": [parts]}}
    text = format_citations([cited(item)], "bibtex").text
    month = re.search(r"month = (\w+)", text)
    assert (bibtex_of(item).fields["year"], month[1] if month else None) == bibtex
    assert ris_of(item)["date"] == ris


def test_pages_of_the_quotations_unless_the_source_has_its_own() -> None:
    assert (bibtex_of(REPORT).fields["pages"], ris_of(REPORT)["start_page"]) == ("ii", "ii")
    own = {**REPORT, "page": "10-25"}
    assert bibtex_of(own).fields["pages"] == "10-25"
    assert (ris_of(own)["start_page"], ris_of(own)["end_page"]) == ("10", "25")
    assert "start_page" not in ris_of(REPORT, pages=False)
    assert ris_of(REPORT, pages=False)["notes"] == [
        "「許可の制度」 「希土類の輸出には許可が要る。」"
    ]


def test_one_entry_for_each_source_with_all_its_quotations() -> None:
    one, two = source(REPORT), source({**REPORT, "title": "別の報告"}, name=b"9876543210")
    quotes = [
        quote(one, "希土類の輸出"),
        quote(two, "許可が要る"),
        quote(one, "許可は商務部が出す"),
    ]
    entries = rispy.loads(format_citations(quotes, "ris", accessed=DAY).text)
    assert [entry["title"] for entry in entries] == ["希土類の輸出管理", "別の報告"]
    assert entries[0]["notes"] == ["p. ii 「希土類の輸出」", "p. 1, 注3 「許可は商務部が出す」"]
    assert entries[0]["start_page"] == "ii, 1"
    made = parse_string(format_citations(quotes, "bibtex", accessed=DAY).text, "bibtex")
    assert len(made.entries) == 2  # keys that are the same in the metadata are told apart
    assert [len(i["custom"]["citations"]) for i in json.loads(format_citations(quotes, "csl").text)
            ] == [2, 1]  # fmt: skip


def test_lines_of_ris_are_as_the_format_wants_them() -> None:
    item = {**REPORT, "title": "二行の\n題\r\nER  - \n"}
    made = format_citations([cited(item)], "ris", accessed=DAY)
    lines = made.text.split("\r\n")
    assert lines[-1] == "" and lines[-2] == "ER  - "
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines[:-1])
    assert sum(line.startswith("ER") for line in lines) == 1
