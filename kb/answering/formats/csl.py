"""CSL-JSON 1.0: what Zotero, pandoc and citation processors read.

The item is the one of the collection's metadata, with the date of access and, in `note`, the
quotations; `custom.citations` has what a citation cluster wants (`locator`, `label`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kb.answering.formats.entry import Entry, Locator, one_line, remark
from kb.domain import BlockKind

_NAMES = ("author", "editor", "translator", "collection-editor", "container-author", "recipient")
_DATES = ("issued", "event-date", "original-date", "submitted")
_TEXTS = (
    "abstract annote archive archive_location authority call-number chapter-number citation-label "
    "collection-number collection-title container-title container-title-short dimensions division "
    "DOI edition event-title event-place genre ISBN ISSN issue jurisdiction keyword language "
    "license medium number number-of-pages number-of-volumes original-publisher original-title "
    "page page-first part PMCID PMID publisher publisher-place references reviewed-title scale "
    "section source status supplement title title-short URL version volume volume-title"
).split()


def csl_json(entries: Sequence[Entry]) -> str:
    """The entries as a list of CSL-JSON items."""
    return json.dumps([_item(entry) for entry in entries], ensure_ascii=False, indent=1) + "\n"


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.key, "type": entry.type, "title": entry.title}
    for name in _TEXTS:
        if name != "title" and (text := one_line(entry.item.get(name))):
            item[name] = text
    for name in _NAMES:
        if names := _names(entry.item.get(name)):
            item[name] = names
    if entry.issued:
        item["issued"] = {"date-parts": [list(entry.issued)]}
    for name in _DATES[1:]:
        value = entry.item.get(name)
        if isinstance(value, dict) and isinstance(value.get("date-parts"), list):
            item[name] = {"date-parts": value["date-parts"]}
    if entry.accessed is not None:
        d = entry.accessed
        item["accessed"] = {"date-parts": [[d.year, d.month, d.day]]}
    item["note"] = "\n".join(remark(locator) for locator in entry.locators)
    if entry.pages and "page" not in item:
        item["page"] = entry.pages
    item["custom"] = {"citations": [_citation(entry, locator) for locator in entry.locators]}
    return item


def _names(value: object) -> list[dict[str, str]]:
    names = []
    for person in value if isinstance(value, list) else []:
        if isinstance(person, dict):
            name = {str(k): text for k, v in person.items() if (text := one_line(v))}
            if name.keys() & {"family", "given", "literal"}:
                names.append(name)
    return names


def _citation(entry: Entry, locator: Locator) -> dict[str, Any]:
    """A quotation as the cite of a citation cluster, with the id that Kido knows it by."""
    cite: dict[str, Any] = {
        "id": entry.key, "citation_id": locator.citation_id, "quote": locator.quote,
    }  # fmt: skip
    if locator.pages:
        cite |= {"locator": locator.pages, "label": "page"}
    elif locator.heading:
        cite |= {"locator": locator.heading, "label": "section"}
    if locator.kind is BlockKind.NOTE and locator.marker:
        cite["suffix"] = f"n. {locator.marker}"
    return cite
