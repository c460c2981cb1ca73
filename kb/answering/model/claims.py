"""Reads what a model writes, as it arrives: sentences with citation numbers, strictly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from kb.answering.model.failures import Failure, ModelFailure

MAX_CLAIMS = 12
MAX_LENGTH = 4_000  # characters of one claim as JSON
MAX_HEAD = 64_000  # and of what comes before the claims
# What models write before and after, though they were asked not to: their thoughts, a fence.
_HEAD = re.compile(
    r'\s*(?:<think>.*?</think>\s*)?(?:```(?:json)?\s*)?\{\s*"sentences"\s*:\s*\[', re.DOTALL
)
_TAIL = re.compile(r"\s*\}\s*(?:```\s*)?")
_GAP = re.compile(r"\s*(?P<comma>,?)\s*")

SCHEMA: dict[str, Any] = {
    "name": "cited_sentences",
    "strict": True,
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["sentences"],
        "properties": {
            "sentences": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["text", "citations"],
                    "properties": {
                        "text": {"type": "string"},
                        "citations": {"type": "array", "items": {"type": "integer"}},
                    },
                },
            }
        },
    },
}
"""What the model is asked for, and `ClaimReader` accepts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that a model wrote, and the numbers that it cites for it; not checked yet."""

    text: str
    citations: tuple[int, ...]


class ClaimReader:
    """Takes pieces of `{"sentences": [{"text": …, "citations": […]}, …]}` in any division."""

    def __init__(self) -> None:
        self._buffer = ""
        self._state = "head"
        self._count = 0

    def feed(self, piece: str) -> list[Claim]:
        """The claims that are complete with this piece. Raises ModelFailure (malformed)."""
        self._buffer += piece
        found: list[Claim] = []
        if self._state == "head" and "[" in piece:  # the last sign of a head
            self._take_head()
        while self._state == "items" and (claim := self._next()) is not None:
            found.append(claim)
        return found

    def close(self) -> None:
        """Say that nothing follows. Raises ModelFailure when something is missing or left over."""
        if self._state != "tail":
            raise _malformed("it ends before its sentences do")
        if not _TAIL.fullmatch(self._buffer):
            raise _malformed("something follows its sentences")

    def _take_head(self) -> None:
        if match := _HEAD.match(self._buffer):
            self._buffer = self._buffer[match.end() :]
            self._state = "items"
        elif len(self._buffer) > MAX_HEAD:
            raise _malformed("it does not begin with sentences")

    def _next(self) -> Claim | None:
        gap = _GAP.match(self._buffer)
        assert gap is not None
        at = gap.end()
        following = self._buffer[at : at + 1]
        if not following:
            return None
        if following == "]" and not gap["comma"]:
            self._buffer, self._state = self._buffer[at + 1 :], "tail"
            return None
        if following != "{" or (self._count > 0) != bool(gap["comma"]):
            raise _malformed("its sentences are no list of objects")
        try:
            value, end = _DECODER.raw_decode(self._buffer, at)
        except json.JSONDecodeError as error:
            if len(self._buffer) - at > MAX_LENGTH:
                raise _malformed("a sentence without an end") from error
            return None  # the rest is still to come
        except (ValueError, RecursionError) as error:
            raise _malformed("a value that cannot be read") from error
        self._buffer = self._buffer[end:]
        self._count += 1
        if self._count > MAX_CLAIMS:
            raise _malformed(f"more than {MAX_CLAIMS} sentences")
        return _claim(value)


_DECODER = json.JSONDecoder()


def _claim(value: Any) -> Claim:
    if not isinstance(value, dict) or set(value) != {"text", "citations"}:
        raise _malformed("a sentence has text and citations, and nothing else")
    text, citations = value["text"], value["citations"]
    if not isinstance(text, str):
        raise _malformed("the text of a sentence is no text")
    if not isinstance(citations, list) or any(type(n) is not int for n in citations):
        raise _malformed("citations are whole numbers")
    return Claim(text, tuple(dict.fromkeys(citations)))


def _malformed(what: str) -> ModelFailure:
    return ModelFailure(Failure.MALFORMED, what)
