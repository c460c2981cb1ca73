"""PDF through pypdf: pages, labels and metadata; lines come from `pdf_lines`."""

from __future__ import annotations

import io
import logging
import math
import re
from typing import Any

from pypdf import PageObject, PasswordType, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from kb.errors import Reason, RejectedFile
from kb.reading.draft import Reading
from kb.reading.furniture import mark_furniture
from kb.reading.layout import drafts_from_lines
from kb.reading.lines import Line
from kb.reading.pdf_lines import Run, lines_of_runs, mark_running_heads

# pypdf reports each oddity of a file to the log; what matters becomes a reason or a warning.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MAX_PAGES = 5000


def read_pdf(data: bytes) -> Reading:
    """The reading of a PDF file.

    Raises RejectedFile: encrypted (with a password that is not empty), damaged (no page
    can be read), no_text (pictures of pages without a text layer).
    """
    reader = _open(data)
    try:
        count = len(reader.pages)
    except Exception as error:  # what a parser raises on a broken file is not limited
        raise _damaged(error) from error
    if count > MAX_PAGES:
        raise RejectedFile(
            Reason.TOO_LARGE, f"it says it has {count} pages; at most {MAX_PAGES} are read"
        )
    pages: list[list[Line]] = []
    unreadable: list[int] = []
    for number in range(1, count + 1):
        try:
            pages.append(lines_of_runs(_runs(reader.pages[number - 1]), number))
        except Exception:  # one bad page must not cost the others
            unreadable.append(number)
            pages.append([])
    if count and len(unreadable) == count:
        raise RejectedFile(Reason.DAMAGED, "none of its pages can be read; print it to a new PDF")
    empty = [n for n, lines in enumerate(pages, 1) if not lines and n not in unreadable]
    if not any(pages):
        raise RejectedFile(
            Reason.NO_TEXT,
            f"none of its {count} pages has text (a scan?); run OCR on it and add the result",
        )
    warnings = []
    if unreadable:
        warnings.append(f"pages that cannot be read: {_numbers(unreadable)}")
    if empty:
        warnings.append(f"pages without text: {_numbers(empty)}")
    lines = [line for page in mark_running_heads(pages) for line in page]
    return Reading(
        tuple(mark_furniture(drafts_from_lines(lines))),
        page_labels=_labels(reader, count),
        metadata=_metadata(reader),
        warnings=tuple(warnings),
    )


def _open(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(data))
        opened = not reader.is_encrypted or reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except DependencyError as error:
        raise RejectedFile(
            Reason.ENCRYPTED, f"its encryption is not supported ({error}); save it without"
        ) from error
    except FileNotDecryptedError:
        opened = False
    except Exception as error:  # what a parser raises on a broken file is not limited
        raise _damaged(error) from error
    if not opened:
        raise RejectedFile(
            Reason.ENCRYPTED, "it is protected by a password; save it without and add it again"
        )
    return reader


def _damaged(error: Exception) -> RejectedFile:
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return RejectedFile(
        Reason.DAMAGED, f"it is damaged or cut short ({detail[:120]}); fetch or save it again"
    )


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(map(str, pages[:10]))
    return shown + (f" and {len(pages) - 10} more" if len(pages) > 10 else "")


def _runs(page: PageObject) -> list[Run]:
    """The text runs of a page in the order of its content, with place and size in points."""
    runs: list[Run] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if not text.strip() and text.isascii():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        # The length of an em, also where the text is turned by a quarter.
        area = (tm[0] * tm[3] - tm[1] * tm[2]) * (cm[0] * cm[3] - cm[1] * cm[2])
        runs.append(Run(text, x, y, abs(size) * math.sqrt(abs(area))))

    page.extract_text(visitor_text=visit)
    return runs


def _labels(reader: PdfReader, count: int) -> tuple[str, ...]:
    """What each page is called in print (i, ii, 1…), as the file's page labels say."""
    try:
        labels = [str(label) for label in reader.page_labels]
    except Exception:  # damaged labels are no reason to lose the text
        labels = []
    if len(labels) != count:
        labels = [str(n) for n in range(1, count + 1)]
    return tuple(labels)


def _metadata(reader: PdfReader) -> dict[str, Any]:
    """Title and author of the file; the date is when the file was made, so it is left out."""
    try:
        info = reader.metadata
        title = str(info.title or "") if info else ""
        author = str(info.author or "") if info else ""
    except Exception:  # a damaged dictionary is no reason to lose the text
        return {}
    metadata: dict[str, Any] = {}
    # Word processors leave a file name here, which is no title.
    if title.strip() and not re.search(r"\.(docx?|indd|pptx?|xlsx?|pdf)$|^Microsoft", title):
        metadata["title"] = title.strip()
    if author.strip():
        metadata["author"] = [{"literal": author.strip()}]
    return metadata
