"""Style sheets and scripts, at addresses that change with what they hold: browsers keep them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PREFIX = "/static"
_KEPT = "public, max-age=31536000, immutable"


class Static(StaticFiles):
    """The files of a folder. An address with the digest of its file is kept, others are asked
    for anew each time.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder = folder
        self._digests: dict[str, tuple[tuple[int, int], str]] = {}

    def address(self, name: str) -> str:
        """The address of a file as it is now. Raises OSError where there is none."""
        return f"{PREFIX}/{name}?v={self._digest(name)}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer to one request."""
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"]).get(b"v")
        if response.status_code < 400 and asked == [self._digest(path).encode()]:
            response.headers["Cache-Control"] = _KEPT
        return response

    def _digest(self, name: str) -> str:
        """The digest of a file, worked out again when the file was written to."""
        path = self._folder / name
        state = path.stat()
        written = state.st_mtime_ns, state.st_size
        known = self._digests.get(name)
        if known is None or known[0] != written:
            known = written, hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            self._digests[name] = known
        return known[1]
