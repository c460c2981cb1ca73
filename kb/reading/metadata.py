"""The collection's metadata: CSL-JSON as Zotero exports it, and ISO dates out of it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kb.errors import MetadataError
from kb.issue_dates import issue_date

LIBRARY = "library.json"


def read_library(corpus: Path) -> dict[str, dict[str, Any]]:
    """The CSL-JSON items of `corpus/library.json` by the path of the file they describe.

    An item names its file, relative to the corpus, in `custom.file`, or in Zotero's
    `note` as "file: NAME". Items that name none are left out. No file gives no items.
    Raises MetadataError naming the file, what was found and what is accepted.
    """
    path = corpus / LIBRARY
    if not path.is_file():
        return {}
    try:
        items = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise MetadataError(
            f"{path} is not valid JSON in UTF-8 ({error}); export it again as CSL JSON"
        ) from error
    if not isinstance(items, list):
        raise MetadataError(
            f"{path} holds a {type(items).__name__} at the top; CSL JSON is a list of items"
        )
    library: dict[str, dict[str, Any]] = {}
    for i, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise MetadataError(f"{path}: item {i} is a {type(item).__name__}, not an object")
        if name := _file_of(item):
            library[name] = item
    return library


def _file_of(item: Mapping[str, Any]) -> str | None:
    custom = item.get("custom")
    name = custom.get("file") if isinstance(custom, dict) else None
    if not isinstance(name, str):
        note = item.get("note")
        lines = note.splitlines() if isinstance(note, str) else []
        name = next((ln[5:].strip() for ln in lines if ln.lower().startswith("file:")), None)
    if not name:
        return None
    return unicodedata.normalize("NFC", str(PurePosixPath(name.replace("\\", "/"))))


def issued(metadata: Mapping[str, Any]) -> str | None:
    """The date of issue as 2025, 2025-11 or 2025-11-13; None when it is not given."""
    numbers = issue_date(metadata)
    if not numbers:
        return None
    return "-".join(f"{n:04d}" if i == 0 else f"{n:02d}" for i, n in enumerate(numbers))


def publisher(metadata: Mapping[str, Any]) -> str | None:
    """The body that published a report, or else the periodical that it appeared in."""
    value = metadata.get("publisher") or metadata.get("container-title")
    return str(value) if value else None


def authors(metadata: Mapping[str, Any]) -> list[str]:
    """The authors' names as they are written, family name first in Japanese."""
    people = metadata.get("author")
    names: list[str] = []
    for person in people if isinstance(people, list) else []:
        if not isinstance(person, dict):
            continue
        name = person.get("literal") or " ".join(
            str(person[key]) for key in ("family", "given") if person.get(key)
        )
        if name:
            names.append(str(name))
    return names
