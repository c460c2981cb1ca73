"""What changed in the collection, as JSON and as a feed."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import asdict
from xml.etree import ElementTree as Xml

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from kb.changes import recent
from kb.errors import IndexDamaged, IndexUnavailable
from kb.server.api import knowledge_of, no_parameters
from kb.server.changes_view import feed_lines, summary
from kb.server.rendering import pages_of
from kb.server.tracker_view import TrackerWords
from kb.server.write_schemas import ChangesOut

ATOM = "http://www.w3.org/2005/Atom"
_SPACE = uuid.UUID("6d1c35a0-8a0b-4c53-9f6b-2f6a0f6e1f4d")

router = APIRouter(prefix="/api/v1", tags=["v1"])
feed = APIRouter(include_in_schema=False)


@router.get("/changes", summary="What changed", dependencies=[Depends(no_parameters)])
def changes(request: Request) -> ChangesOut:
    """What the last runs of ingestion changed, the newest first; runs without changes are not."""
    knowledge = knowledge_of(request)
    with knowledge.view() as view:
        found = recent(knowledge.settings.index)
        return ChangesOut.model_validate(
            {"generation": view.generation, "changes": [asdict(one) for one in found]}
        )


@feed.api_route("/changes.atom", methods=["GET", "HEAD"])
def changes_atom(request: Request) -> Response:
    """The same as an Atom feed (RFC 4287), in the language of the reader."""
    knowledge = knowledge_of(request)
    found = recent(knowledge.settings.index)
    said = pages_of(request).words(request)
    tracker: TrackerWords | None = None
    with suppress(IndexUnavailable, IndexDamaged), knowledge.view() as view:
        tracker = TrackerWords(view, said)
    root = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": said.language})
    base = str(request.base_url)
    _add(root, "id", _urn(base))
    _add(root, "title", said("収録資料の変更") + " – Kido")
    _add(root, "updated", found[0].at if found else "1970-01-01T00:00:00+00:00")
    Xml.SubElement(root, "link", {"href": f"{base}changes"})
    Xml.SubElement(root, "link", {"rel": "self", "href": f"{base}changes.atom"})
    _add(Xml.SubElement(root, "author"), "name", "Kido")
    for change in found:
        entry = Xml.SubElement(root, "entry")
        _add(entry, "id", _urn(f"{base}{change.generation} {change.at}"))
        _add(entry, "title", summary(change, said))
        _add(entry, "updated", change.at)
        Xml.SubElement(entry, "link", {"href": f"{base}changes/{change.generation}"})
        _add(entry, "content", "\n".join(feed_lines(change, said, tracker)))
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type="application/atom+xml")


def _add(parent: Xml.Element, name: str, text: str) -> None:
    # XML has no place for control characters, which names of files may have.
    clean = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
    Xml.SubElement(parent, name).text = clean


def _urn(what: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, what)}"
