"""A typed client of the HTTP API: `from kb.client import Client`.

It needs httpx (`pip install "kido-kb[client]"`) and nothing of the server.
"""

from kb.client.calls import Client
from kb.client.errors import (
    AlreadyThere,
    ApiError,
    Busy,
    IndexUnavailable,
    InvalidRequest,
    KeyRequired,
    NotFound,
    TooLarge,
    Unreachable,
)

__all__ = [
    "AlreadyThere",
    "ApiError",
    "Busy",
    "Client",
    "IndexUnavailable",
    "InvalidRequest",
    "KeyRequired",
    "NotFound",
    "TooLarge",
    "Unreachable",
]
