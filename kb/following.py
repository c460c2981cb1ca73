"""A server that follows an index which another process, or another machine, makes.

It writes nothing to the folder of the index, so any number may follow one folder that is shared,
or copies of it. A generation never changes, so a copy that is under way only has to be waited for:
it is served when every file of its manifest is there and has its checksum. Until then the one
before is served on. Opening goes on beside the readers, who never wait for it.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref

from kb.assembly import KnowledgeBase, View
from kb.errors import KidoError, NoIndex
from kb.indexing.generation import PREVIOUS, current_name, open_current
from kb.newest import WAIT
from kb.settings import Settings

log = logging.getLogger("kb.following")

EVERY = 1.0  # seconds between two looks
_SHARE = 4  # times as long as verifying took, is waited before what did not verify is tried again
_WARM = "希土類の輸出管理"


class Following(KnowledgeBase):
    """The newest complete generation that has arrived. It only goes forward.

    A server that runs never goes back to an earlier generation, whatever CURRENT says; one that is
    started takes what is there.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._view: View | None = None
        self._looking = threading.Lock()
        self._said = ""
        self._next = 0.0

    def start(self) -> None:
        """Look for new generations from now on, in a thread that ends with this object."""
        threading.Thread(
            target=_follow, args=(weakref.ref(self),), name="following", daemon=True
        ).start()

    def look(self) -> bool:
        """Take over a new generation if one is complete; whether one was taken over."""
        with self._looking:
            try:
                name = self._arrived()
                if name is None or time.monotonic() < self._next:
                    return False
                view = self._opened()
            except KidoError as error:
                self._say(str(error))
                return False
            except OSError as error:  # as a folder of a network gives
                self._say(f"{self.settings.index} cannot be read now ({error})")
                return False
            except Exception as error:  # or nobody would look any more
                self._say(f"{self.settings.index} cannot be opened now ({error!r})", error)
                return False
            self._view = view
            self._said, self._next = "", 0.0
            log.info("%s: generation %s is served", self.settings.index, view.generation)
            return True

    def _arrived(self) -> str | None:
        """The generation that CURRENT names, if it is newer and all its files are there."""
        name = current_name(self.settings.index)
        if name is None or (self._view and name == self._view.generation):
            return None
        if self._view and name < self._view.generation:
            self._say(
                f"{self.settings.index}: CURRENT names {name}, which is older than "
                f"{self._view.generation} that is served; start the server anew to go back to it"
            )
            return None
        if self._view is None and (self.settings.index / PREVIOUS).exists():
            return name  # where it is not complete, the one before it is opened
        generation = open_current(self.settings.index, verify=False)
        for path, (_, size) in generation.manifest.files.items():
            file = generation.directory / path
            if not file.is_file() or file.stat().st_size != size:
                self._say(f"{generation.directory}: {path} has not arrived yet")
                return None
        return name

    def _opened(self) -> View:
        """The generation, verified and warm; what does not verify is not tried at once again."""
        began = time.monotonic()
        try:
            view = self._open(self._view is not None)
        except Exception:
            now = time.monotonic()
            self._next = now + _SHARE * (now - began)
            raise
        view.search(_WARM, limit=1)
        return view

    def _current(self, *, wait: float = WAIT) -> View:
        if self._view is None:
            self.look()
        if self._view is None:
            raise NoIndex(
                f"there is no complete index in {self.settings.index} yet: it is served as soon "
                "as it has arrived"
            )
        return self._view

    def _say(self, what: str, error: Exception | None = None) -> None:
        if what != self._said:  # once, not at every look
            self._said = what
            log.warning("%s", what, exc_info=error)


def _follow(of: weakref.ref[Following]) -> None:
    while (following := of()) is not None:
        following.look()
        del following
        time.sleep(EVERY)
