"""The errors that Kido raises on purpose; each message says what was found and what to do."""

from __future__ import annotations

from enum import StrEnum


class KidoError(Exception):
    """Base of all errors that a person is meant to read; `str(error)` is one clear line."""


class Reason(StrEnum):
    """Why a file of the corpus was not indexed (stable codes, shown in tables and the API)."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    MISNAMED = "misnamed"
    NO_TEXT = "no_text"
    UNKNOWN_SUFFIX = "unknown_suffix"
    UNDECODABLE = "undecodable"
    CHANGED_WHILE_READING = "changed_while_reading"
    TOO_LARGE = "too_large"
    TOO_COSTLY = "too_costly"
    CRASHED = "crashed"


class RejectedFile(KidoError):
    """A file that cannot be indexed: a stable `reason` code and a sentence for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class MetadataError(KidoError):
    """The CSL-JSON metadata file of a corpus is not what it should be."""


class EncoderError(KidoError):
    """A text encoder could not be loaded or does not fit the index."""


class IndexUnavailable(KidoError):
    """There is no index, it is locked, or it was written by a version that cannot be read."""


class NoIndex(IndexUnavailable):
    """There is no index yet."""

    @property
    def what(self) -> str:
        """What was found, without what to do."""
        return str(self).partition(": ")[0]


class NotStored(KidoError):
    """Something could not be written: the disk is full or fails. What was there is as it was."""


class IndexLocked(IndexUnavailable):
    """Another process is writing the index."""


class IndexDamaged(KidoError):
    """A file of the index does not have the checksum that its manifest states."""


class NotFound(KidoError):
    """An id that is not in the current generation."""


class InvalidQuestion(KidoError):
    """A question, query or filter that cannot be answered as it is (empty, too long…)."""


class GlossaryError(KidoError):
    """A glossary file is not what it should be; the message names its line."""


class InvalidUpload(KidoError):
    """A file that is not taken into the corpus: its name or its size."""


class AlreadyThere(KidoError):
    """The corpus holds a file of this name, and it was not said that it is to be replaced."""


class UploadTooLarge(InvalidUpload):
    """A file that has more bytes than are read."""
