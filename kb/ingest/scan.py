"""Which files a corpus holds."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import IndexUnavailable
from kb.reading.metadata import LIBRARY

# What systems and synchronizers leave in folders; no report has such a name.
_SYSTEM_NAMES = frozenset({"Thumbs.db", "desktop.ini", "Icon\r"})
# What programs add to the name of a file until they have written it, and to its copy before.
_UNFINISHED = (
    ".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp", ".swp", "~",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CorpusFile:
    r"""A file of the corpus: its path relative to it (NFC, forward slashes) and where it is.

    A name that is not UTF-8 has the odd bytes written as \x8f. `double` is set where
    another file has the same name in another Unicode form; `path` then is the name as it is.
    """

    path: str
    location: Path
    double: bool = False


def scan(corpus: Path) -> list[CorpusFile]:
    """The files below `corpus` in the order of their paths.

    Hidden files and folders, files of the system, files that are not finished by their names,
    and the metadata file at the top are left out, and so is what is no file (pipes, sockets).
    Links to folders are not followed, so that no loop is.
    Raises IndexUnavailable when `corpus` is not a folder that can be read, or a folder in it
    cannot be listed now: its files are not to be taken for removed.
    """
    if not corpus.is_dir():
        raise IndexUnavailable(
            f"{corpus} is not a folder: give the folder of the reports (kb ingest FOLDER)"
        )
    if not os.access(corpus, os.R_OK | os.X_OK):
        raise IndexUnavailable(f"{corpus} cannot be read; check its permissions")
    found: dict[str, list[Path]] = {}
    for name, location in _below(corpus, ""):
        found.setdefault(unicodedata.normalize("NFC", _readable(name)), []).append(location)
    found.pop(LIBRARY, None)
    files: list[CorpusFile] = []
    for path, locations in found.items():
        if len(locations) > 1:
            locations.sort(key=lambda place: (place != corpus / path, place))
        first, *doubles = locations
        files.append(CorpusFile(path, first))
        files += [
            CorpusFile(_readable(d.relative_to(corpus).as_posix()), d, double=True) for d in doubles
        ]
    return sorted(files, key=lambda file: file.path)


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """The names of the files below a folder, relative to where it began, and where they are."""
    try:
        with os.scandir(folder) as listed:
            entries = list(listed)
    except OSError as error:
        _not_listed(error)
        return
    for entry in entries:
        name = entry.name
        if name.startswith("."):
            continue
        if _is_folder(entry):
            if not entry.is_symlink():
                yield from _below(Path(entry.path), f"{prefix}{name}/")
        elif not (
            name.startswith("~$") or name in _SYSTEM_NAMES or name.lower().endswith(_UNFINISHED)
        ):
            location = Path(entry.path)
            if entry.is_file() or not location.exists():
                yield prefix + name, location


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _not_listed(error: OSError) -> None:
    """Folders that are closed to this user, or gone meanwhile, count as empty; others do not."""
    if not isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError):
        raise IndexUnavailable(
            f"{error.filename} cannot be listed ({error.strerror}); nothing was changed"
        ) from error


def _readable(path: str) -> str:
    if path.isascii():
        return path
    return os.fsencode(path).decode("utf-8", "backslashreplace")
