"""Who may write: pages of this server and programs, with a key."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starlette.requests import Request

from kb.keys import Key, Keys
from kb.server.problems import (
    BUSY,
    KEY_REQUIRED,
    READ_ONLY,
    TOO_MANY,
    Problem,
    Refused,
)
from kb.server.security import LOCAL_HOSTS, foreign

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase

WRONG_KEYS = 20  # from one address in a minute
MAX_UPLOADS = 4  # at a time
_ADDRESSES = 1000  # that are remembered
_MINUTE = 60.0


class Writers:
    """Checks what writing requests come with, and how many come at once."""

    def __init__(self, knowledge: KnowledgeBase, hosts: tuple[str, ...] = ()) -> None:
        self._keys = Keys(knowledge.settings.index)
        self.follows = bool(knowledge.settings.follow)
        self._hosts = LOCAL_HOSTS | {host.lower() for host in hosts}
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._uploads = 0

    @property
    def any(self) -> bool:
        """Whether there is a key, so that writing is possible at all."""
        return not self.follows and bool(self._keys.all())

    def admit(self, request: Request, secret: str | None = None) -> Key:
        """The key of a request that may write: `secret`, else that of its Authorization.

        Raises Refused: of a foreign origin, no key made yet, none sent, a wrong one, too many.
        """
        if (problem := foreign(request.scope, self._hosts)) is not None:
            raise Refused(problem)
        if secret is None:
            scheme, _, secret = request.headers.get("authorization", "").partition(" ")
            secret = secret.strip() if scheme.lower() == "bearer" else ""
        if self.follows:
            raise Refused(
                Problem(READ_ONLY, "this server follows an index that another one writes; ask that")
            )
        if not self.any:
            raise Refused(
                Problem(READ_ONLY, "no key has been made: `kb key new` on the server makes one")
            )
        address = request.client.host if request.client else ""
        self._check_rate(address)
        key = self._keys.holder(secret)
        if key is None:
            if secret:
                self._note_wrong(address)
            what = "this key is not known" if secret else "send a key"
            raise Refused(
                Problem(
                    KEY_REQUIRED,
                    f"{what}; the header is `Authorization: Bearer KEY`",
                    headers={"WWW-Authenticate": 'Bearer realm="kido"'},
                )
            )
        return key

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Take one of the places of uploads. Raises Refused when all are taken."""
        with self._lock:
            if self._uploads >= MAX_UPLOADS:
                raise Refused(
                    Problem(
                        BUSY,
                        f"{MAX_UPLOADS} files are being received; send this one again later",
                        headers={"Retry-After": "5"},
                    )
                )
            self._uploads += 1
        try:
            yield
        finally:
            with self._lock:
                self._uploads -= 1

    def _check_rate(self, address: str) -> None:
        now = time.monotonic()
        with self._lock:
            times = self._wrong.get(address, deque())
            while times and now - times[0] > _MINUTE:
                times.popleft()
            if len(times) < WRONG_KEYS:
                return
            wait = str(max(1, round(_MINUTE - (now - times[0]))))
        raise Refused(
            Problem(TOO_MANY, f"{WRONG_KEYS} wrong keys in a minute", headers={"Retry-After": wait})
        )

    def _note_wrong(self, address: str) -> None:
        with self._lock:
            self._wrong.setdefault(address, deque(maxlen=WRONG_KEYS)).append(time.monotonic())
            self._wrong.move_to_end(address)
            if len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)


def writers_of(request: Request) -> Writers:
    """What checks the writing requests of an application."""
    writers: Writers = request.app.state.writers
    return writers


def writer(request: Request) -> Key:
    """The key that a request came with. Raises Refused."""
    return writers_of(request).admit(request)
