"""From the source of an HTML page to its tree."""

from __future__ import annotations

import re
from typing import Any

from lxml import html as lxml_html

_OF_HEADS = frozenset(
    "base basefont bgsound link meta noscript object script style template title".split()
)


def parsed(source: str) -> Any:
    """The root of a page that is decoded already. Raises what lxml raises of what is none."""
    # lxml refuses a str with an XML encoding declaration; the marks are those of kb.reading.html.
    source = re.sub(r"^\s*<\?xml[^>]*\?>|[\x02-\x04]", "", source)
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
    root = lxml_html.document_fromstring(source.encode("utf-8"), parser=parser)
    _begin_body(root)
    return root


def _begin_body(root: Any) -> None:
    """Let the body begin where browsers let it: at the first element that no head may have.

    libxml2 leaves elements that are younger than it, such as article, in the head of a page that
    does not say where its body begins.
    """
    head, body = root.find("head"), root.find("body")
    if head is None:
        return
    children = list(head)
    first = next((i for i, e in enumerate(children) if e.tag not in _OF_HEADS), len(children))
    misplaced = children[first:]
    if misplaced and body is None:
        body = root.makeelement("body")
        head.addnext(body)
    for place, element in enumerate(misplaced):
        body.insert(place, element)
