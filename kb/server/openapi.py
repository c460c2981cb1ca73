"""The OpenAPI description: examples for every operation and problems for every error."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from kb.server.problems import (
    ALREADY_THERE,
    INDEX_UNAVAILABLE,
    INVALID_QUESTION,
    INVALID_REQUEST,
    KEY_REQUIRED,
    MEDIA_TYPE,
    NOT_FOUND,
    READ_ONLY,
    TOO_LARGE,
    Problem,
)
from kb.server.schemas import ProblemOut
from kb.server.write_schemas import EXAMPLES as WRITING_EXAMPLES

DESCRIPTION = (
    "A knowledge base of Japanese reports on rare-earth trade policy. Every answer is made of "
    "sentences that stand in the documents, each with a citation that can be opened. "
    "Offsets count Unicode code points; errors are RFC 9457 problem documents."
)
_REF = {
    "id": "d5t4bmyqnxkzc2vha", "path": "april-2025-licensing.md", "title": "七元素の許可制",
    "publisher": "Kido", "published": "2026-06-09", "format": "markdown",
}  # fmt: skip
_PLACE: dict[str, Any] = {
    "heading_path": ["七元素の許可制", "公告第18号の中身"],
    "first_page": None, "last_page": None, "page_label": None,
}  # fmt: skip
_QUOTE = "措置は相手国を問わない。"
_GENERATION = {"generation": "g000012"}
_URL = {"url": f"/documents/{_REF['id']}?start=642&end=654#cited"}
_CITATION = {
    "ocr": False, "dates": [],
    "number": 1, "id": "c7m2k4q6w3xtbnaf", "document": _REF, "start": 642, "end": 654,
    "quote": _QUOTE, **_PLACE, **_URL, "kind": "paragraph", "marker": None, "header": None,
}  # fmt: skip
_FOUND = {
    **_CITATION, **_GENERATION, "status": "same", "superseded": False, "now": None, "diff": [],
    "selector": [
        {
            "type": "TextQuoteSelector", "exact": _QUOTE,
            "prefix": "輸出業者は商務部の許可を得る。", "suffix": "対象は七元素である。",
        },
        {"type": "TextPositionSelector", "start": 642, "end": 654},
    ],
}  # fmt: skip
_HIT = {
    "rank": 1, "score": 0.91, "scores": {"lexical": 0.6, "dense": 0.31},
    "passage": {
        "id": "p3fjw2yq6zk4xtma", "document_id": _REF["id"], "start": 642, "end": 654,
        "text": _QUOTE, **_PLACE,
    },
    "document": _REF, "highlights": [[0, 2]], "also_in": [],
}  # fmt: skip
_ITEM = {
    **_REF, "authors": ["希土編集室"], "characters": 4210, "passages": 16, "pages": 0,
    "quality": 1.0, "warnings": [], "aliases": [], "near_duplicates": [],
}  # fmt: skip
_STATED = "2025年4月4日、7元素の輸出を許可制とした。"
_SPAN = {
    "id": _CITATION["id"], "document_id": _REF["id"], "start": 642, "end": 670, "quote": _STATED,
    "url": f"/documents/{_REF['id']}?start=642&end=670#cited",
}  # fmt: skip


def _row(id: str, names: str, **given: str) -> dict[str, Any]:
    """A row of the tracker with some of its cells filled."""
    cells: dict[str, Any] = {name: {"values": [], "conflicting": False} for name in names.split()}
    for name, value in given.items():
        cells[name]["values"] = [{"value": value, "citations": [_CITATION["id"]]}]
    return {"id": id, **cells}


def _tracked(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {**_GENERATION, "basis": "as stated in the reports", table: [row], "citations": [_SPAN]}


_EXACT = {
    "verdict": "exact", "closest": None, "complete": True,
    "matches": [
        {
            "document": _REF, "start": 642, "end": 654, "text": _QUOTE, **_PLACE, **_URL,
            "citation_id": _CITATION["id"], "differences": [],
        }
    ],
}  # fmt: skip
EXAMPLES: dict[str, Any] = {
    "search": {
        **_GENERATION, "query": "相手国", "hits": [_HIT],
        "facets": {
            "publisher": [{"value": "Kido", "count": 12}],
            "country": [{"value": "china", "count": 9}],
        },
    },
    "ask": {
        **_GENERATION, "question": "措置は日本にも及ぶか。", "outcome": "answered",
        "text": f"{_QUOTE}[1]", "value": None, "statements": [{"text": _QUOTE, "citations": [1]}],
        "citations": [_CITATION], "disagreements": [], "related": [],
        "composed_by": "extraction", "fallback": None,
    },
    "documents": {
        **_GENERATION, "documents": [_ITEM],
        "rejected": [{"path": "x.pdf", "reason": "encrypted", "message": "it has a password"}],
    },
    "document": {
        **_ITEM, **_GENERATION, "sha256": "9f86d081…", "metadata": {"title": _REF["title"]},
        "blocks": [
            {
                "kind": "heading", "start": 0, "end": 38, "page": None,
                "level": 1, "marker": None, "call": None,
            }
        ],
        "sections": [{"heading_path": ["七元素の許可制"], "start": 0, "end": 38}],
        "page_list": [],
    },
    "text": {**_GENERATION, "text": _QUOTE, "start": 642, "end": 654, "length": 4210},
    "citation": _FOUND,
    "export": {**_GENERATION, "citations": [_FOUND]},
    "verify": {**_GENERATION, **_EXACT},
    "manuscript": {
        **_GENERATION,
        "quotations": [
            {
                "start": 3, "end": 15, "depth": 1, "quote": _QUOTE, **_EXACT,
                "citation_id": _CITATION["id"],
                "footnote": "Kido. 七元素の許可制. Kido, 2026-06-09, 「公告第18号の中身」.",
            }
        ],
    },

    "measures": _tracked("measures", _row(
        "t6448e2c1a281",
        "implementer affected type minerals instrument body announced in_force suspended"
        " suspended_until revoked reason status",
        implementer="china", type="licence", minerals="samarium", in_force="2025-04-04",
        status="in-force",
    )),
    "disputes": _tracked("disputes", _row(
        "tfc208b538107",
        "numbers complainants respondent third_parties minerals measures articles consultations"
        " panel_established panel_report appeal appellate_report adoption compliance findings",
        numbers="DS431", respondent="china", adoption="2014-08-29",
        findings="gatt-article-11: violation",
    )),
    "responses": _tracked("responses", _row(
        "t32d2025a0744",
        "country type instrument actor partner minerals amount target target_year date measure",
        country="japan", type="investment", amount="2億5,000万ドル", date="2011-03",
    )),
    "assertions": _tracked("assertions", {
        "id": "a1f0c9d27b3e4", "table": "measures", "row": "t6448e2c1a281", "cell": "in_force",
        "value": "2025-04-04", "documents": [_REF["id"]], "agree": [], "conflict": [],
        "citations": [_CITATION["id"]],
    }),
    "healthz": {"status": "ok", "version": "0.1.0", **_GENERATION, "documents": 17},
    **WRITING_EXAMPLES,
}  # fmt: skip


def install(app: FastAPI) -> None:
    """Let `app` describe itself with examples and problems."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(generate())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def operation_id(name: str) -> str:
    """The id of an operation is the name of its function."""
    return name


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    schemas["Problem"] = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            responses["422"] = _problem("What was sent is not valid.", INVALID_REQUEST)
            if operation["operationId"] in ("ask", "ask_stream", "search", "verify", "manuscript"):
                responses["422"] = _problem("What was sent is not valid.", INVALID_QUESTION)
            if "{" in path or operation["operationId"] in ("verify", "export"):
                responses["404"] = _problem("There is no such id.", NOT_FOUND)
            responses["503"] = _problem("There is no index to answer from.", INDEX_UNAVAILABLE)
            if (example := EXAMPLES.get(operation["operationId"])) is not None:
                done = responses.get("200") or responses["202"]
                done["content"]["application/json"]["example"] = example
            if "security" in operation:
                responses["401"] = _problem("No key, or a wrong one.", KEY_REQUIRED)
                responses["403"] = _problem("No key is made, or a foreign origin.", READ_ONLY)
            if operation["operationId"] == "upload":
                responses["409"] = _problem("There is a file of this name.", ALREADY_THERE)
                responses["413"] = _problem("The file is too large.", TOO_LARGE)
    return schema


def _problem(description: str, kind: Any) -> dict[str, Any]:
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": Problem(kind, "one sentence on what is wrong here").body(),
    }
    return {"description": description, "content": {MEDIA_TYPE: content}}
