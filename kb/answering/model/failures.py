"""Why a language model's answer is not used: stable codes, shown in answers and the API."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """What went wrong with the model, so that the answer was extracted instead."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REDIRECTED = "redirected"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    CUT = "cut"
    UNVERIFIED = "unverified"


class ModelFailure(Exception):
    """The model gave nothing that can be used; `detail` is for the log."""

    def __init__(self, reason: Failure, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
