"""Which note is called where: markers in the body linked to the notes, both ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from kb.domain import Block, BlockKind

# （注12）, [27], 注3), ＊2 as they stand in the body. The brackets and the word 注 are part of
# what is called, so that an item (3) is no call of note [3].
_MARKER = re.compile(
    r"(?P<round>[(（])?(?P<square>[［\[])?\s*(?P<word>注\s*)?(?P<star>[＊*※]\s?)?"
    r"(?P<number>[0-9０-９]{1,3})\s*(?(round)[)）])(?(square)[］\]])"
)
_BODY = frozenset(
    {
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.HEADING,
        BlockKind.TABLE,
        BlockKind.CAPTION,
    }
)


def with_calls(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, each note with the span in the body where it is called.

    A note at the end of a chapter is called in that chapter: after the note before it that
    has the same marker. A note at the foot of a page may stand before the end of the
    sentence that calls it, so what comes after is looked at when nothing comes before.
    """
    if not any(block.kind is BlockKind.NOTE and block.marker for block in blocks):
        return tuple(blocks)
    calls: dict[str, list[tuple[int, int]]] = {}
    for block in blocks:
        if block.kind in _BODY:
            # What stands first in a block is its number; a call follows what it explains.
            for match in _MARKER.finditer(text, block.start + 1, block.end):
                if (key := _key(match)) is not None:
                    calls.setdefault(key, []).append(match.span())
    seen: dict[str, int] = {}
    linked: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.NOTE and block.marker:
            key = _note_key(text, block)
            call = _call_of(calls.get(key, ()), block.start, seen.get(key, 0))
            seen[key] = block.end
            block = replace(block, call=call)
        linked.append(block)
    return tuple(linked)


def _call_of(spans: Sequence[tuple[int, int]], note: int, since: int) -> tuple[int, int] | None:
    before = [span for span in spans if since <= span[0] < note]
    after = [span for span in spans if span[0] > note]
    return before[0] if before else (after[0] if after else None)


def _key(match: re.Match[str]) -> str | None:
    """What a marker calls: its form and number; None for a bare number, which calls nothing."""
    form = "注" if match["word"] else "*" if match["star"] else ""
    if not form and match["square"]:
        form = "["
    elif not form and match["round"]:
        form = "("
    return form + unicodedata.normalize("NFKC", match["number"]) if form else None


def _note_key(text: str, block: Block) -> str:
    """The same of the marker that a note begins with."""
    marker = unicodedata.normalize("NFKC", block.marker or "")
    number = "".join(c for c in marker if c.isdecimal())
    begins = text[block.start : block.start + 6].lstrip("-•・ \u3000")
    if "注" in marker:
        return "注" + number
    if begins[:1] in "*＊※":
        return "*" + number
    return ("(" if begins[:1] in "(（" else "[") + number
