"""CSL-JSON as Zotero exports it."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from kb.errors import MetadataError
from kb.reading.metadata import authors, issued, publisher, read_library

ITEM = {
    "id": "kido-1",
    "type": "report",
    "title": "希土の市場",
    "publisher": "希土編集室",
    "author": [{"family": "希土", "given": "太郎"}, {"literal": "編集室"}],
    "issued": {"date-parts": [["2025", 11, "7"]]},
}


def library(folder: Path, content: object) -> dict[str, dict[str, Any]]:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    (folder / "library.json").write_text(text, encoding="utf-8")
    return read_library(folder)


@pytest.mark.parametrize(
    "naming",
    [
        {"custom": {"file": "報告/ガリウム.pdf"}},
        {"custom": {"file": "./報告/ガリウム.pdf"}},
        {"custom": {"file": "報告\\ガリウム.pdf"}},
        {"custom": {"file": unicodedata.normalize("NFD", "報告/ガリウム.pdf")}},
        {"note": "読了\nfile: 報告/ガリウム.pdf\n"},
        {"note": "File:報告/ガリウム.pdf"},
    ],
)
def test_an_item_is_found_by_the_file_it_names(tmp_path: Path, naming: dict[str, Any]) -> None:
    item = {**ITEM, **naming}
    assert library(tmp_path, [item]) == {"報告/ガリウム.pdf": item}


def test_items_that_name_no_file_are_left_out(tmp_path: Path) -> None:
    others = [{**ITEM, "note": "読了"}, {**ITEM, "custom": {"file": 3}}, {**ITEM, "custom": []}, {}]
    assert library(tmp_path, others) == {}


def test_a_collection_needs_no_library(tmp_path: Path) -> None:
    assert read_library(tmp_path) == {}


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert library(tmp_path, "\ufeff[]") == {}


@pytest.mark.parametrize("content", ["{", "[1,]", "", "[" * 100_000])
def test_what_is_not_json_is_said_with_the_file_and_what_to_do(
    tmp_path: Path, content: str
) -> None:
    with pytest.raises(MetadataError) as caught:
        library(tmp_path, content)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'library.json'} is not valid JSON in UTF-8 (")
    assert message.endswith("; export it again as CSL JSON")


def test_another_encoding_is_said_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "library.json").write_bytes('[{"title": "希土"}]'.encode("cp932"))
    with pytest.raises(MetadataError, match=r"library\.json is not valid JSON in UTF-8"):
        read_library(tmp_path)


@pytest.mark.parametrize(
    ("content", "kind"), [({}, "dict"), (3, "int"), ('"a"', "str"), (None, "NoneType")]
)
def test_a_file_that_is_no_list_is_said_with_what_is_accepted(
    tmp_path: Path, content: object, kind: str
) -> None:
    with pytest.raises(MetadataError) as caught:
        library(tmp_path, content)
    path = tmp_path / "library.json"
    assert str(caught.value) == f"{path} holds a {kind} at the top; CSL JSON is a list of items"


def test_an_item_that_is_no_object_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(MetadataError) as caught:
        library(tmp_path, [ITEM, "a"])
    assert str(caught.value) == f"{tmp_path / 'library.json'}: item 2 is a str, not an object"


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ({"date-parts": [[2025, 11, 7]]}, "2025-11-07"),
        ({"date-parts": [["2025", "11", "7"]]}, "2025-11-07"),
        ({"date-parts": [[2025, 11]]}, "2025-11"),
        ({"date-parts": [[2025]]}, "2025"),
        ({"date-parts": [[2025, 4], [2025, 6]]}, "2025-04"),
        ({"date-parts": [[2025, 1, 2, 3]]}, "2025-01-02"),
        ({"date-parts": []}, None),
        ({"date-parts": [[]]}, None),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": [["spring"]]}, None),
        ({"date-parts": [[0]]}, None),
        ({"date-parts": 2025}, None),
        ({"date-parts": {"0": 1}}, None),
        ({"raw": "2025"}, None),
        ("2025", None),
        (None, None),
    ],
)
def test_the_date_of_issue_is_as_exact_as_it_is_given(value: object, date: str | None) -> None:
    assert issued({"issued": value}) == date


def test_no_date_of_issue_is_none() -> None:
    assert issued({}) is None


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        (ITEM, "希土編集室"),
        ({"container-title": "通商研究"}, "通商研究"),
        ({"publisher": "", "container-title": "通商研究"}, "通商研究"),
        ({}, None),
    ],
)
def test_the_publisher_is_the_body_or_else_the_periodical(
    metadata: dict[str, Any], name: str | None
) -> None:
    assert publisher(metadata) == name


@pytest.mark.parametrize(
    ("people", "names"),
    [
        (ITEM["author"], ["希土 太郎", "編集室"]),
        ([{"family": "希土"}], ["希土"]),
        ([{}, "希土", None, {"literal": ""}], []),
        ("希土", []),
        (None, []),
    ],
)
def test_authors_are_named_family_first(people: object, names: list[str]) -> None:
    assert authors({"author": people}) == names
