"""Which files a corpus holds."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kb.errors import IndexUnavailable
from kb.reading.metadata import LIBRARY

# What systems and synchronizers leave in folders; no report has such a name.
_SYSTEM_NAMES = frozenset({"Thumbs.db", "desktop.ini", "Icon\r"})


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file of the corpus: its path relative to it (NFC, forward slashes) and where it is."""

    path: str
    location: Path


def scan(corpus: Path) -> list[CorpusFile]:
    """The files below `corpus` in the order of their paths.

    Hidden files and folders, files of the system, and the metadata file at the top are
    left out. Links to folders are not followed, so that no loop is.
    Raises IndexUnavailable when `corpus` is not a folder that can be read.
    """
    if not corpus.is_dir():
        raise IndexUnavailable(
            f"{corpus} is not a folder: give the folder of the reports (kb ingest FOLDER)"
        )
    if not os.access(corpus, os.R_OK | os.X_OK):
        raise IndexUnavailable(f"{corpus} cannot be read; check its permissions")
    files: list[CorpusFile] = []
    for folder, folders, names in os.walk(corpus):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            location = Path(folder) / name
            path = unicodedata.normalize("NFC", location.relative_to(corpus).as_posix())
            if name.startswith((".", "~$")) or name in _SYSTEM_NAMES or path == LIBRARY:
                continue
            files.append(CorpusFile(path, location))
    return sorted(files, key=lambda file: file.path)
