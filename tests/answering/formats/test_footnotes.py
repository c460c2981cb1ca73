"""Footnotes in SIST 02 and Chicago, W3C annotations, media types and file names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kb.answering.formats.export import FORMATS, footnote, format_citations
from kb.errors import InvalidQuestion
from tests.answering.formats.samples import DAY, REPORT, TEXT, cited, quote, source

URL = "https://example.jp/a"
W3C = "http://www.w3.org/ns/anno.jsonld"
MAGAZINE = {
    **REPORT, "type": "article-magazine", "container-title": "貿易月報", "number": "88", "URL": URL,
}  # fmt: skip
PAGE = {
    "type": "webpage", "title": "Rare earths", "author": [{"literal": "USGS"}], "URL": URL,
    "container-title": "usgs.gov", "issued": {"date-parts": [[2025, 4]]},
}  # fmt: skip
NEWS = {
    "type": "article-newspaper", "title": "Curbs widen", "container-title": "The Daily",
    "author": [{"family": "Curie", "given": "Marie"}, {"family": "Bohr", "given": "Niels"}],
    "issued": {"date-parts": [[2025, 10, 9]]},
}  # fmt: skip
JOURNAL = {**NEWS, "type": "article-journal", "volume": "12", "issue": "3"}


@pytest.mark.parametrize(
    ("item", "sist02", "chicago"),
    [
        (
            REPORT,
            "土居健市. 希土類の輸出管理. 地経学研究所, 2026-01-03, p. ii.",
            "土居健市, 『希土類の輸出管理』 (地経学研究所, January 3, 2026), ii.",
        ),
        (
            MAGAZINE,
            "土居健市. 希土類の輸出管理. 貿易月報. 2026-01-03, no. 88, p. ii. "
            f"{URL}, (参照 2026-11-25).",
            "土居健市, 「希土類の輸出管理」, 『貿易月報』, no. 88, January 3, 2026, ii, "
            f"accessed November 25, 2026, {URL}.",
        ),
        (
            PAGE,
            f'USGS. "Rare earths". usgs.gov. 2025-04, p. ii. {URL}, (参照 2026-11-25).',
            "USGS, “Rare earths”, usgs.gov, April 2025, ii, "
            f"accessed November 25, 2026, {URL}.",
        ),
        (
            NEWS,
            "Curie, Marie; Bohr, Niels. Curbs widen. The Daily. 2025-10-09, p. ii.",
            "Marie Curie and Niels Bohr, “Curbs widen”, The Daily, October 9, 2025, ii.",
        ),
        (
            JOURNAL,
            "Curie, Marie; Bohr, Niels. Curbs widen. The Daily. 2025-10-09, vol. 12, no. 3, p. ii.",
            "Marie Curie and Niels Bohr, “Curbs widen”, The Daily 12, no. 3 (October 9, 2025): ii.",
        ),
        ({}, "報告.pdf. p. ii.", "『報告.pdf』, ii."),
    ],
)  # fmt: skip
def test_footnotes(item: dict[str, Any], sist02: str, chicago: str) -> None:
    assert footnote(cited(item), "sist02", DAY) == sist02
    assert footnote(cited(item), "chicago", DAY) == chicago


def test_a_note_is_cited_as_a_note_and_a_row_as_of_a_table() -> None:
    document = source(REPORT)
    note = quote(document, "許可は商務部が出す。")
    assert (note.citation.marker, note.header) == ("3", None)
    assert footnote(note).endswith("2026-01-03, p. 1, 注3.")
    assert footnote(note, "chicago").endswith("January 3, 2026), 1n3.")
    row = quote(document, "中国\t100")
    assert (row.citation.marker, row.header) == (None, "国\t量")
    assert row.citation.header == (TEXT.index("国\t量"), TEXT.index("国\t量") + 3)
    assert footnote(row).endswith("p. 1, 表.")
    assert footnote(row, "chicago").endswith("1, table.")
    assert quote(document, "国\t量").citation.header is None


def test_without_pages_the_heading_says_where() -> None:
    unpaged = cited(pages=False)
    assert footnote(unpaged).endswith("2026-01-03, 「許可の制度」.")
    assert footnote(unpaged, "chicago").endswith("2026), under “許可の制度”.")


def test_several_footnotes_are_one_a_line_in_their_order() -> None:
    document = source(REPORT)
    quotes = [quote(document, words) for words in ("中国\t100", "輸出", "商務部")]
    lines = format_citations(quotes, "text").text.splitlines()
    assert lines == [footnote(one) for one in quotes]


def test_annotations_are_those_of_the_w3c() -> None:
    document = source(REPORT)
    one = json.loads(format_citations([quote(document, "許可は商務部が出す。")], "annotation",
                                      base_url="http://kido.test").text)  # fmt: skip
    assert one["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert one["type"] == "Annotation"
    assert one["target"]["source"] == f"http://kido.test/api/v1/documents/{document.id}/text"
    exact, position, page = one["target"]["selector"]
    assert exact["exact"] == TEXT[position["start"] : position["end"]] == "許可は商務部が出す。"
    assert TEXT[: position["start"]].endswith(exact["prefix"]) and exact["prefix"]
    assert TEXT[position["end"] :].startswith(exact["suffix"]) and exact["suffix"]
    assert page["value"] == "page=2"
    both = [quote(document, "輸出"), quote(document, "商務部")]
    found = json.loads(format_citations(both, "annotation").text)
    assert (found["type"], len(found["items"])) == ("AnnotationPage", 2)
    assert found["items"][0]["target"]["source"] == f"urn:kido:document:{document.id}"


@pytest.mark.parametrize(
    ("name", "media_type", "suffix"),
    [
        ("csl", "application/vnd.citationstyles.csl+json", ".json"),
        ("bibtex", "application/x-bibtex; charset=utf-8", ".bib"),
        ("ris", "application/x-research-info-systems; charset=utf-8", ".ris"),
        ("text", "text/plain; charset=utf-8", ".txt"),
        ("annotation", f'application/ld+json; profile="{W3C}"', ".jsonld"),
    ],
)  # fmt: skip
def test_media_types_and_file_names(name: str, media_type: str, suffix: str) -> None:
    one, two = cited(), quote(source(REPORT), "商務部")
    made = format_citations([one], name)
    assert (made.media_type, made.file_name) == (media_type, f"kido-{one.citation.id}{suffix}")
    assert format_citations([one, two], name).file_name == f"kido-citations{suffix}"


def test_what_there_is_not_is_said() -> None:
    with pytest.raises(InvalidQuestion, match=f"no format 'doc'; there are {', '.join(FORMATS)}"):
        format_citations([cited()], "doc")
    with pytest.raises(InvalidQuestion, match="no style 'apa'; there are sist02, chicago"):
        format_citations([cited()], "text", style="apa")
