"""The shapes of the HTTP contract, written down once more apart from the code that makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Either:
    """A value of one of several shapes."""

    shapes: tuple[Any, ...]


@dataclass(frozen=True)
class Keyed:
    """An object with any names, all of whose values have one shape."""

    value: Any


def maybe(shape: Any) -> Either:
    """The shape, or null."""
    return Either((shape, type(None)))


def departures(value: Any, shape: Any, at: str = "$") -> list[str]:
    """Where `value` is not of `shape`: a type, [shape], an object with just these fields."""
    if isinstance(shape, Either):
        found = [departures(value, one, at) for one in shape.shapes]
        return [] if [] in found else found[0]
    if isinstance(shape, type):
        return [] if type(value) is shape else [f"{at} is {value!r}, not {shape.__name__}"]
    if isinstance(shape, list):
        if type(value) is not list:
            return [f"{at} is {value!r}, not a list"]
        parts = [departures(one, shape[0], f"{at}[{i}]") for i, one in enumerate(value)]
        return [departure for part in parts for departure in part]
    if type(value) is not dict:
        return [f"{at} is {value!r}, not an object"]
    fields = dict.fromkeys(value, shape.value) if isinstance(shape, Keyed) else shape
    if set(fields) != set(value):
        return [f"{at} differs in the fields {sorted(set(fields) ^ set(value))}"]
    parts = [departures(value[name], fields[name], f"{at}.{name}") for name in fields]
    return [departure for part in parts for departure in part]


DOCUMENT = {
    "id": str, "path": str, "title": str, "publisher": maybe(str), "published": maybe(str),
    "format": str,
}  # fmt: skip
PLACE = {
    "start": int, "end": int, "heading_path": [str], "first_page": maybe(int),
    "last_page": maybe(int), "page_label": maybe(str),
}  # fmt: skip
HIT = {
    "rank": int, "score": float, "scores": Keyed(float), "document": DOCUMENT,
    "passage": {**PLACE, "id": str, "document_id": str, "text": str}, "highlights": [[int]],
    "also_in": [str],
}  # fmt: skip
CITATION = {
    **PLACE, "number": int, "id": str, "document": DOCUMENT, "quote": str, "url": str, "ocr": bool,
    "kind": str, "marker": maybe(str), "header": maybe({"start": int, "end": int, "text": str}),
    "dates": [{"start": int, "end": int, "text": str, "iso": str}],
}  # fmt: skip
ITEM = {
    **DOCUMENT, "authors": [str], "characters": int, "passages": int, "pages": int,
    "quality": float, "warnings": [str], "aliases": [str], "near_duplicates": [str],
}  # fmt: skip

SEARCH = {
    "generation": str, "query": str, "hits": [HIT],
    "facets": Keyed([{"value": str, "count": int}]),
}  # fmt: skip
ASK = {
    "generation": str, "question": str, "outcome": str, "text": str,
    "value": maybe({"text": str, "citation": int, "start": int, "end": int}),
    "statements": [{"text": str, "citations": [int]}], "citations": [CITATION],
    "disagreements": [{"about": str, "values": [{"value": str, "citations": [int], "note": str}]}],
    "related": [HIT], "composed_by": str, "fallback": maybe(str),
}  # fmt: skip
DOCUMENTS = {
    "generation": str, "documents": [ITEM],
    "rejected": [{"path": str, "reason": str, "message": str}],
}  # fmt: skip
ONE_DOCUMENT = {
    **ITEM, "generation": str, "sha256": str, "metadata": Keyed(Either((str, int, list, dict))),
    "blocks": [
        {
            "kind": str, "start": int, "end": int, "page": maybe(int), "level": int,
            "marker": maybe(str), "call": maybe([int]),
        }
    ],
    "sections": [{"heading_path": [str], "start": int, "end": int}],
    "page_list": [
        {
            "number": int, "label": maybe(str), "start": int, "reader": maybe(str),
            "odd_share": maybe(float),
        }
    ],
}  # fmt: skip
TEXT = {"generation": str, "text": str, "start": int, "end": int, "length": int}
SELECTOR = Either(
    (
        {"type": str, "exact": str, "prefix": str, "suffix": str},
        {"type": str, "start": int, "end": int},
    )
)
NOW = {**PLACE, "id": str, "document": DOCUMENT, "quote": str, "url": str}
ONE_CITATION = {
    **CITATION, "generation": str, "status": str, "superseded": bool, "selector": [SELECTOR],
    "now": maybe(NOW), "diff": [{"kind": str, "text": str}],
}  # fmt: skip
EXPORT = {"generation": str, "citations": [ONE_CITATION]}
DIFF = [{"kind": str, "text": str}]
MATCH = {
    **PLACE, "document": DOCUMENT, "text": str, "url": str, "citation_id": str,
    "differences": [{"kind": str, "quote": str, "text": str}],
}  # fmt: skip
FOUND = {
    "verdict": str, "matches": [MATCH], "complete": bool,
    "closest": maybe({**MATCH, "similarity": float, "diff": DIFF}),
}  # fmt: skip
VERIFY = {**FOUND, "generation": str}
CHECKED = {
    **FOUND, "start": int, "end": int, "depth": int, "quote": str, "citation_id": maybe(str),
    "footnote": maybe(str),
}  # fmt: skip
MANUSCRIPT = {"generation": str, "quotations": [CHECKED]}
HEALTH = {"status": str, "version": str, "generation": str, "documents": int}
CELL = {"values": [{"value": str, "citations": [str]}], "conflicting": bool}
SPAN = {"id": str, "document_id": str, "start": int, "end": int, "quote": str, "url": str}


def table(name: str, row: Any) -> dict[str, Any]:
    """The shape of one of the tracker's tables."""
    return {"generation": str, "basis": str, name: [row], "citations": [SPAN]}


def row(*cells: str) -> dict[str, Any]:
    """The shape of a row with these cells."""
    return {"id": str, **dict.fromkeys(cells, CELL)}


MEASURES = table("measures", row(
    "implementer", "affected", "type", "minerals", "instrument", "body", "announced", "in_force",
    "suspended", "suspended_until", "revoked", "reason", "status",
))  # fmt: skip
DISPUTES = table("disputes", row(
    "numbers", "complainants", "respondent", "third_parties", "minerals", "measures", "articles",
    "consultations", "panel_established", "panel_report", "appeal", "appellate_report",
    "adoption", "compliance", "findings",
))  # fmt: skip
RESPONSES = table("responses", row(
    "country", "type", "instrument", "actor", "partner", "minerals", "amount", "target",
    "target_year", "date", "measure",
))  # fmt: skip
ASSERTIONS = table("assertions", {
    "id": str, "table": str, "row": str, "cell": str, "value": str, "documents": [str],
    "agree": [str], "conflict": [str], "citations": [str],
})  # fmt: skip

REPORT = {
    "generation": str, "added": [str], "updated": [str], "unchanged": [str], "removed": [str],
    "rejected": [{"path": str, "reason": str, "message": str}], "warnings": Keyed([str]),
    "passages": int, "seconds": float, "duplicates": Keyed(str),
}  # fmt: skip
JOB = {
    "id": str, "state": str, "created": str, "ended": maybe(str), "done": int, "total": int,
    "file": str, "error": maybe(str), "report": maybe(REPORT), "url": str,
}  # fmt: skip
UPLOAD = {"path": str, "document_id": str, "replaced": bool, "job": JOB}
REMOVED = {"paths": [str], "job": JOB}
CHANGES = {
    "generation": str,
    "changes": [
        {
            "at": str, "generation": str, "rebuilt": bool, "added": [str], "updated": [str],
            "removed": [str], "rejected": [{"path": str, "reason": str, "message": str}],
            "duplicates": Keyed(str), "passages": int,
            "effects": {
                "counts": Keyed(int), "unseen": int,
                "citations": [
                    {
                        "id": str, "status": str, "document": str, "title": str, "quote": str,
                        "now": maybe(str), "document_id": maybe(str), "start": maybe(int),
                        "end": maybe(int),
                    }
                ],
                "facts": [
                    {
                        "table": str, "row": str, "what": str, "named": Keyed([str]),
                        "date": maybe(str),
                        "values": [
                            {
                                "cell": str, "value": str, "citation": str, "document_id": str,
                                "start": int, "end": int, "quote": str,
                            }
                        ],
                    }
                ],
            },
        }
    ],
}  # fmt: skip
