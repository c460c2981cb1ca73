"""What a reader may use besides the bytes of a file: OCR, and passwords."""

from __future__ import annotations

from dataclasses import dataclass, field

# How the warnings begin that name pages which OCR might read.
EMPTY_PAGES = "pages without text"
UNREADABLE_PAGES = "pages that cannot be read"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """`ocr` says whether pages without text are read from their pictures; `passwords` are
    tried on files that are protected by one, and are shown in no message.
    """

    ocr: bool = False
    passwords: tuple[str, ...] = field(default=(), repr=False)

    def may_read_more(self, warnings: tuple[str, ...]) -> bool:
        """Whether a document that was read with these warnings may gain by OCR."""
        unread = (EMPTY_PAGES, UNREADABLE_PAGES)
        return self.ocr and any(warning.startswith(unread) for warning in warnings)


PLAIN = ReadingOptions()  # what is read without any means
