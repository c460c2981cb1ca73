"""What can go wrong with a call, made of the problem documents (RFC 9457) of the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A call that the server did not answer as it was asked to.

    `type` is the stable URI of the kind of problem, `errors` says where in the request.
    """

    def __init__(
        self, status: int, type: str, detail: str, errors: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.type = type
        self.detail = detail
        self.errors = errors


class NotFound(ApiError):
    """There is no such id (404)."""


class InvalidRequest(ApiError):
    """What was asked for is not valid (422)."""


class TooLarge(ApiError):
    """The request is too large (413)."""


class IndexUnavailable(ApiError):
    """There is no index to answer from, or it is damaged (503)."""


class KeyRequired(ApiError):
    """The call needs a key, or another one, or the server has none (401, 403)."""


class AlreadyThere(ApiError):
    """There is a file of this name (409)."""


class Busy(ApiError):
    """Too much is asked for at once; try again later (429, and 503 of type busy)."""


class Unreachable(ApiError):
    """No server answered in time; its status is 0."""


_KINDS: Mapping[int, type[ApiError]] = {
    401: KeyRequired,
    403: KeyRequired,
    404: NotFound,
    409: AlreadyThere,
    413: TooLarge,
    429: Busy,
    422: InvalidRequest,
    503: IndexUnavailable,
}


def of_problem(status: int, body: Any) -> ApiError:
    """The error of a response; `body` is its JSON, or None where it had none."""
    known = body if isinstance(body, dict) else {}
    kind = str(known.get("type", "about:blank"))
    error = Busy if kind == "/problems/busy" else _KINDS.get(status, ApiError)
    return error(
        status,
        kind,
        str(known.get("detail", f"the server answered with status {status}")),
        tuple(known.get("errors") or ()),
    )
