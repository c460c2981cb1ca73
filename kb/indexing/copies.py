"""Files that a generation takes over from the one before, without a second copy of each run.

Most of an index stays as it is from run to run. Its files never change, so a new generation could
link those of the one before; but of the two that are kept one is there in case a file of the other
is damaged, so these two share none. There are two copies of each such file, and the generations
have them by turns: a new one links the files of the one that is about to go. Where that has not
got a file, since the last run made it, the copy is in `spare/`, put there after that run; where
there is none, or it is damaged, the file is copied.

A second copy whose checksum was not compared of late (`kb.indexing.verified`) is compared when it
is taken; what a disk lost of it since is found when the new generation is opened, and the one
before then serves.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kb.durable import sync
from kb.errors import IndexDamaged
from kb.failpoints import reach
from kb.indexing import checksums
from kb.indexing.generation import LOG, VECTORS, Generation
from kb.indexing.verified import Verified

_FOLDER = "spare"
WORTH = 1_000_000
"""Bytes from which a file has a second copy; smaller ones are copied when they are wanted."""
_ROOM = 3  # times the size of a file has to be free for a second copy of it
_PASSING = frozenset({VECTORS, LOG})  # written by every run


@dataclass(frozen=True, slots=True)
class Source:
    """Where a new generation of `index` takes files of `before` from, which has been checked.

    `leaving` is the generation that goes when the new one is published, if there is one: that
    before `before`, or `before` itself where none is kept. `verified` notes what is compared.
    """

    index: Path
    before: Generation
    leaving: Generation | None
    verified: Verified

    def put(self, names: Sequence[str], directory: Path) -> dict[str, tuple[str, int]]:
        """Put files into the folder of a new generation, and say what a manifest says of them.

        Raises OSError, and IndexDamaged where a file is not what it was.
        """
        stated = {name: self.before.manifest.files[name] for name in names}
        for name, (digest, _) in stated.items():
            own, target = self.before.directory / name, directory / name
            target.parent.mkdir(exist_ok=True)
            reach("files.link")
            second = self._second(name)
            if second is None or not (self._is_whole(second, digest) and _linked(second, target)):
                shutil.copy2(own, target)
                if not self.verified.has(target, digest):
                    raise _damaged(own)
        return stated

    def _is_whole(self, second: Path, digest: str) -> bool:
        """Whether a second copy has its checksum; one that a disk cannot read has none."""
        with suppress(OSError):
            return self.verified.has(second, digest)
        return False

    def check(self, name: str, path: Path | None = None) -> None:
        """Compare a file that is read, or a copy of it, with its checksum, noted or not.

        What a run makes of a file has a checksum of its own, by which damage to the file could not
        be found any more. Raises IndexDamaged, OSError.
        """
        own = self.before.directory / name
        if checksums.digest(path or own) != self.before.manifest.files[name][0]:
            raise _damaged(own)

    def _second(self, name: str) -> Path | None:
        """What should be the second copy of a file; None where there is none."""
        digest, size = self.before.manifest.files[name]
        own = self.before.directory / name
        paths = [self.index / _FOLDER / _spare(name, digest)]
        if self.leaving is not None and self.leaving.manifest.files.get(name) == (digest, size):
            paths.insert(0, self.leaving.directory / name)
        for path in paths:
            with suppress(OSError):
                shared = self.leaving is not self.before and path.samefile(own)
                if path.stat().st_size == size and os.access(path, os.R_OK) and not shared:
                    return path
        return None


def provide(index: Path, made: Generation, kept: Generation | None, verified: Verified) -> None:
    """Make the second copies of the files of a new generation that `kept` has not got.

    `kept` is the one that is kept beside it, if there is one already. What cannot be written, or
    would take the last of the room, is copied by the run that wants it.
    """
    wanted = _missing(made.manifest.files, kept.manifest.files if kept is not None else {})
    with suppress(OSError):
        for path in (index / _FOLDER).glob("*"):
            if path.name not in wanted:
                path.unlink()
        for spare, name in wanted.items():
            target = index / _FOLDER / spare
            _write(made.directory / name, target)
            if target.exists() and not verified.has(target, made.manifest.files[name][0]):
                target.unlink()
        if not wanted:
            drop(index)


def spares(index: Path) -> list[Path]:
    """The second copies that there are beside the generations."""
    return sorted((index / _FOLDER).glob("*"))


def drop(index: Path) -> None:
    """Remove what second copies there are beside the generations."""
    shutil.rmtree(index / _FOLDER, ignore_errors=True)


def _damaged(path: Path) -> IndexDamaged:
    return IndexDamaged(
        f"{path} does not have the checksum in its manifest; run `kb ingest` to build it again"
    )


def _missing(
    files: Mapping[str, tuple[str, int]], there: Mapping[str, tuple[str, int]]
) -> dict[str, str]:
    """What the second copies are called that are worth it and missing, with the files' names."""
    return {
        _spare(name, digest): name
        for name, (digest, size) in files.items()
        if size >= WORTH and name not in _PASSING and there.get(name) != (digest, size)
    }


def _spare(name: str, digest: str) -> str:
    """The name of the second copy of a file; files with the same bytes have each their own."""
    return f"{digest[:16]}-{Path(name).name}"


def _write(source: Path, target: Path) -> None:
    """Copy a file under a name that it has when it is complete; nothing is left otherwise."""
    size = source.stat().st_size
    if target.exists() or shutil.disk_usage(source).free < _ROOM * size:
        return
    target.parent.mkdir(exist_ok=True)
    partial = target.with_name(target.name + ".part")
    try:
        reach("spare.write")
        shutil.copy2(source, partial)
        sync(partial)  # a note of it may outlive a loss of power, and then its bytes have to
        partial.replace(target)
        reach("spare.written")
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _linked(source: Path, target: Path) -> bool:
    """Whether a file could be linked; some file systems have no links."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True
