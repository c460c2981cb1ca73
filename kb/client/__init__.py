"""A typed client of the HTTP API: `from kb.client import Client`.

It needs httpx (`pip install "kido-kb[client]"`) and nothing of the server.
"""

from kb.client.calls import Client
from kb.client.errors import (
    ApiError,
    IndexUnavailable,
    InvalidRequest,
    NotFound,
    TooLarge,
    Unreachable,
)

__all__ = [
    "ApiError",
    "Client",
    "IndexUnavailable",
    "InvalidRequest",
    "NotFound",
    "TooLarge",
    "Unreachable",
]
