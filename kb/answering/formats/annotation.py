"""The W3C Web Annotation Data Model (2017): selectors, and annotations as JSON-LD.

A TextPositionSelector counts code points of the stored text, a TextQuoteSelector has the
words themselves with those before and after, so that other programs find them again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kb.quotation import Quoted

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
AROUND = 32  # characters of prefix and suffix


def selectors(quoted: Quoted) -> list[dict[str, Any]]:
    """The selectors of a quotation: by its words and by its place."""
    c = quoted.citation
    return [
        {
            "type": "TextQuoteSelector", "exact": c.quote,
            "prefix": quoted.prefix[-AROUND:], "suffix": quoted.suffix[:AROUND],
        },
        {"type": "TextPositionSelector", "start": c.start, "end": c.end},
    ]  # fmt: skip


def web_annotations(quoted: Sequence[Quoted], *, base_url: str) -> str:
    """One annotation, or a page of several, as JSON-LD.

    `base_url` is the address of the server, without a slash at its end; without it, ids and
    sources are URNs.
    """
    made = [_annotation(one, base_url) for one in quoted]
    value: dict[str, Any]
    if len(made) == 1:
        value = {"@context": CONTEXT, **made[0]}
    else:
        value = {"@context": CONTEXT, "type": "AnnotationPage", "items": made}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _annotation(quoted: Quoted, base_url: str) -> dict[str, Any]:
    c, source = quoted.citation, quoted.source
    if base_url:
        here = f"{base_url}/api/v1/citations/{c.id}?format=annotation"
        text = f"{base_url}/api/v1/documents/{source.id}/text"
    else:
        here, text = f"urn:kido:citation:{c.id}", f"urn:kido:document:{source.id}"
    target: dict[str, Any] = {"source": text, "selector": selectors(quoted)}
    if c.first_page is not None and source.format == "pdf":
        target["selector"].append(
            {
                "type": "FragmentSelector", "conformsTo": "http://tools.ietf.org/rfc/rfc3778",
                "value": f"page={c.first_page}",
            }
        )  # fmt: skip
    return {
        "id": here, "type": "Annotation", "motivation": "highlighting",
        "body": {"type": "TextualBody", "value": source.title, "purpose": "identifying"},
        "target": target,
    }  # fmt: skip
