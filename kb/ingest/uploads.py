"""Files that come into a corpus from outside: names checked, written whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import time
import unicodedata
from contextlib import suppress
from pathlib import Path, PurePosixPath

from kb.durable import is_failure, not_stored, storing, sync
from kb.errors import (
    AlreadyThere,
    IndexUnavailable,
    InvalidUpload,
    NotFound,
    RejectedFile,
    UploadTooLarge,
)
from kb.failpoints import reach
from kb.ingest.scan import scan
from kb.reading.files import format_of

_NOTHING = "nothing was added"
_LONGEST = 200  # bytes of a name
_PART = re.compile(r"\.[0-9a-f]{16}\.part")
_ABANDONED = 3600.0  # seconds since the last byte
_FORBIDDEN = frozenset('/\\<>:"|?*')
# Names that mean a device on Windows, where a corpus may be copied to.
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in "0123456789")]
)


def checked_name(name: str) -> str:
    """The name, in NFC, under which a file may be put at the top of a corpus.

    Raises InvalidUpload: it leads elsewhere, is hidden, cannot be read, or is of no known format.
    """
    name = unicodedata.normalize("NFC", name)
    if not name.strip():
        raise InvalidUpload("the file has no name; give it one that ends as its format does")
    if len(name.encode("utf-8", "replace")) > _LONGEST:
        raise InvalidUpload(f"the name is too long: {_LONGEST} bytes are accepted")
    bad = next((c for c in name if c in _FORBIDDEN or unicodedata.category(c)[0] == "C"), None)
    if "\ufffd" in name:  # what stands for bytes that are no UTF-8
        bad = "\ufffd"
    if bad is not None:
        raise InvalidUpload(
            f"the name has the character U+{ord(bad):04X}; give a plain name without a folder"
        )
    if name.startswith((".", "~$", " ")) or name.endswith((".", " ")):
        raise InvalidUpload(f"the name {name!r} is hidden or ends in a dot or space; change it")
    if PurePosixPath(name).name.partition(".")[0].strip().upper() in _DEVICES:
        raise InvalidUpload(f"{name!r} is the name of a device on some systems; change it")
    try:
        format_of(name)
    except RejectedFile as rejection:
        raise InvalidUpload(f"{name!r}: {rejection.message}") from rejection
    return name


class Upload:
    """A file that is being received, beside where it will be; hidden until it is complete.

    Use it in a `with` block, which removes what was not put in place.
    """

    def __init__(self, corpus: Path, *, max_bytes: int) -> None:
        self._corpus = corpus
        self._max_bytes = max_bytes
        self._part = corpus / f".{secrets.token_hex(8)}.part"
        self.size = 0
        _sweep(corpus)
        try:
            reach("upload.open")
            self._file = self._part.open("xb")
        except OSError as error:
            if is_failure(error):
                raise not_stored(error, corpus, _NOTHING) from error
            raise IndexUnavailable(
                f"{corpus} cannot be written ({error.strerror}); check the folder of the reports"
            ) from error

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):  # what could not be written cannot be on closing either
            self._file.close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes. Raises UploadTooLarge when they are more than is read, NotStored."""
        self.size += len(data)
        if self.size > self._max_bytes:
            raise UploadTooLarge(
                f"the file has more than {self._max_bytes} bytes (KIDO_MAX_FILE_BYTES)"
            )
        with storing(self._corpus, _NOTHING):
            reach("upload.write")
            self._file.write(data)

    def put(self, name: str, *, replace: bool) -> tuple[str, bool]:
        """Make the file part of the corpus, durably: its path, and whether it replaced one.

        Raises InvalidUpload, NotStored, and AlreadyThere unless `replace` is set.
        """
        name = checked_name(name)
        if self.size == 0:
            raise InvalidUpload("the file is empty; send the report itself")
        with storing(self._corpus, _NOTHING):
            self._file.flush()
            reach("upload.fsync")
            os.fsync(self._file.fileno())
        folded = name.casefold()
        same = [f for f in scan(self._corpus) if f.path.casefold() == folded]
        if same and not replace:
            raise AlreadyThere(f"the collection has a file {same[0].path!r}: ask to replace it")
        with storing(self._corpus, _NOTHING):
            reach("upload.rename")
            if same:
                name = same[0].path
                self._part.replace(same[0].location)
            else:
                try:
                    os.link(self._part, self._corpus / name)
                except FileExistsError as error:
                    raise AlreadyThere(f"the collection has a file {name!r}") from error
        with storing(self._corpus, "the file may be there or not"):
            reach("upload.renamed")
            sync(self._corpus)
            reach("upload.synced")
        return name, bool(same)


def remove(corpus: Path, paths: frozenset[str]) -> tuple[str, ...]:
    """Remove files of a corpus, durably, by the paths that the index has for them.

    Raises NotFound when none of them is there any more, NotStored.
    """
    found = [file for file in scan(corpus) if file.path in paths]
    if not found:
        raise NotFound(f"{min(paths)!r} is no longer in the folder of the reports; index again")
    for file in found:
        with storing(file.location, "not all files were removed"):
            reach("removal.unlink")
            file.location.unlink(missing_ok=True)
            reach("removal.unlinked")
            sync(file.location.parent)
    return tuple(file.path for file in found)


def _sweep(corpus: Path) -> None:
    """Remove what uploads left that were cut off with their server, long ago."""
    for part in corpus.glob(".*.part"):
        if not _PART.fullmatch(part.name):
            continue
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()
