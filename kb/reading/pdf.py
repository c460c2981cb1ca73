"""PDF: text by geometry through pypdfium2, structure through pypdf, the better of two readings."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2 as pdfium
from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from kb.domain import CITABLE, BlockKind, PageQuality
from kb.errors import KidoError, Reason, RejectedFile
from kb.reading.draft import Draft, Reading
from kb.reading.furniture import mark_furniture
from kb.reading.layout import drafts_from_lines
from kb.reading.lines import Line
from kb.reading.ocr import ocr_page
from kb.reading.options import EMPTY_PAGES, PLAIN, UNREADABLE_PAGES, ReadingOptions
from kb.reading.pdf_page import page_lines
from kb.reading.pdf_repair import odd_share
from kb.reading.pdf_runs import lines_of_runs, page_runs
from kb.reading.running_heads import mark_running_heads

# pypdf reports each oddity of a file to the log; what matters becomes a reason or a warning.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MAX_PAGES = 5000
DAMAGED = 0.01  # share of odd signs from which a page is read a second time, by pypdf
UNREADABLE = 0.3  # and from which the better reading is no text at all
UNSEEN = "pages with text that no reader sees (white, tiny or off the page), which is left out"
_FEW = 30  # characters; a page with fewer may owe them to a font that cannot be read


@dataclass(frozen=True, slots=True)
class _Page:
    """The reading of one page that was chosen."""

    lines: list[Line]
    quality: PageQuality
    problem: str = ""  # why OCR did not read it
    unseen: int = 0  # signs that were left out because no reader sees them


def read_pdf(
    data: bytes,
    options: ReadingOptions = PLAIN,
) -> Reading:
    """The reading of a PDF file.

    Each page is read by geometry (pypdfium2); one on which a hundredth of the signs are odd
    is read again by pypdf, and the reading with the smaller share is kept. Pages on which
    neither reads text are named in a warning and hold none, so that no garbage is indexed.
    Raises RejectedFile: encrypted (with a password that is not among those given), damaged (no page
    can be read), no_text (pictures of pages without a text layer), too_large.
    """
    structure = _Structure.of(data, options.passwords)
    document = _open(data, structure)
    try:
        count = len(document)
        if count > MAX_PAGES:
            raise RejectedFile(
                Reason.TOO_LARGE, f"it says it has {count} pages; at most {MAX_PAGES} are read"
            )
        pages = [
            _read_page(document, structure, number, ocr=options.ocr)
            for number in range(1, count + 1)
        ]
    finally:
        document.close()
    _reject_without_text(pages, ocr=options.ocr)
    lines = [line for page in mark_running_heads([p.lines for p in pages]) for line in page]
    return Reading(
        tuple(_with_body(mark_furniture(drafts_from_lines(lines)))),
        page_labels=structure.labels(count),
        metadata=structure.metadata(),
        warnings=tuple(_warnings(pages, ocr=options.ocr)),
        pages=tuple(page.quality for page in pages),
    )


def open_pdf(data: bytes, options: ReadingOptions = PLAIN) -> pdfium.PdfDocument:
    """A PDF file as pdfium has it, to draw its pages. Raises RejectedFile as `read_pdf` does."""
    return _open(data, _Structure.of(data, options.passwords))


def _with_body(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Headings are told by their looks; where that leaves none of the body, they are the body."""
    if any(draft.kind in CITABLE for draft in drafts):
        return drafts
    return [
        replace(draft, kind=BlockKind.PARAGRAPH, level=0)
        if draft.kind is BlockKind.HEADING
        else draft
        for draft in drafts
    ]


def _read_page(
    document: pdfium.PdfDocument, structure: _Structure, number: int, *, ocr: bool
) -> _Page:
    try:
        page = document[number - 1]
        lines, odd, unseen = page_lines(page, number)
        page.close()
    except Exception:  # one bad page must not cost the others; pypdf may still read it
        lines, odd, unseen = [], 1.0, 0
    best = replace(_page(lines, "pdfium", number, odd), unseen=unseen)
    if unseen and odd < DAMAGED:
        return best  # pypdf does not know what is seen
    if odd >= DAMAGED or best.quality.characters < _FEW:
        second = structure.read_again(number)
        better = second.quality.odd_share < odd and second.quality.characters >= 0.8 * (
            best.quality.characters
        )
        if better or (odd < DAMAGED and second.quality.characters > 2 * best.quality.characters):
            best = second if second.quality.odd_share <= max(odd, DAMAGED) else best
    if best.quality.odd_share >= UNREADABLE or not best.lines:
        return _picture(document, number, best.quality.odd_share, ocr=ocr)
    return best


def _picture(document: pdfium.PdfDocument, number: int, odd: float, *, ocr: bool) -> _Page:
    """The page as OCR reads it, or a page without text that says why."""
    unread = _page([], "none", number, odd)
    if not ocr:
        return unread
    try:
        return _page(ocr_page(document[number - 1], number), "ocr", number, 0.0)
    except (KidoError, pdfium.PdfiumError) as error:  # the other pages are still worth having
        return replace(unread, problem=f"OCR could not read page {number}: {error}")


def _page(lines: list[Line], reader: str, number: int, odd: float) -> _Page:
    characters = sum(len("".join(line.text.split())) for line in lines)
    reader = reader if characters or odd else "none"
    return _Page(lines, PageQuality(number, reader, characters, round(odd, 4)))


def _reject_without_text(pages: Sequence[_Page], *, ocr: bool) -> None:
    if any(page.lines for page in pages):
        return
    count = len(pages)
    which = f"none of its {count} pages has" if count > 1 else "its only page does not have"
    why, advice = "(a scan?)", "read it from its pictures with `kb ingest --ocr`"
    if any(page.quality.odd_share >= UNREADABLE for page in pages):
        why = "that can be read (its fonts do not say which characters they draw)"
    if ocr:
        problems = [page.problem for page in pages if page.problem]
        advice = problems[0] if problems else "and OCR found none in its pictures"
    raise RejectedFile(Reason.NO_TEXT, f"{which} text {why}; {advice}")


def _warnings(pages: Sequence[_Page], *, ocr: bool) -> list[str]:
    def numbers(kind: str, found: list[int]) -> list[str]:
        shown = ", ".join(map(str, found[:10]))
        rest = f" and {len(found) - 10} more" if len(found) > 10 else ""
        return [f"{kind}: {shown}{rest}"] if found else []

    tried = {page.quality.page for page in pages if ocr and not page.lines and not page.problem}
    unreadable = [p.quality.page for p in pages if p.quality.odd_share >= UNREADABLE]
    damaged = [
        p.quality.page for p in pages if DAMAGED <= p.quality.odd_share < UNREADABLE and p.lines
    ]
    empty = [p.quality.page for p in pages if not p.lines and p.quality.page not in unreadable]
    return [
        *numbers(UNREADABLE_PAGES, [n for n in unreadable if n not in tried]),
        *numbers("pages with damaged characters", damaged),
        *numbers(UNSEEN, [p.quality.page for p in pages if p.unseen]),
        *numbers(EMPTY_PAGES, [n for n in empty if n not in tried]),
        *numbers("pages on which OCR finds no text", sorted(tried)),
        *(page.problem for page in pages if page.problem),
    ]


def _open(data: bytes, structure: _Structure) -> pdfium.PdfDocument:
    """The document in pdfium. Raises RejectedFile (encrypted, damaged)."""
    if structure.encrypted:
        raise RejectedFile(
            Reason.ENCRYPTED,
            "it is protected by a password; give it with `--passwords FILE`, or save it without",
        )
    try:
        document = pdfium.PdfDocument(data, password=structure.password or None)
        len(document)
    except pdfium.PdfiumError as error:
        detail = structure.problem or str(error)
        raise RejectedFile(
            Reason.DAMAGED, f"it is damaged or cut short ({detail[:120]}); fetch or save it again"
        ) from error
    return document


def _password(reader: PdfReader, passwords: Sequence[str]) -> str | None:
    """The first password that opens a file, the empty one before all; None when none does."""
    if not reader.is_encrypted:
        return ""
    tried = ("", *passwords)
    return next((p for p in tried if reader.decrypt(p) != PasswordType.NOT_DECRYPTED), None)


class _Structure:
    """What pypdf knows of a file: encryption, page labels, metadata, a second reading."""

    def __init__(
        self, reader: PdfReader | None, *, password: str | None = "", problem: str = ""
    ) -> None:
        self._reader = reader
        self.password = password
        self.problem = problem

    @classmethod
    def of(cls, data: bytes, passwords: Sequence[str] = ()) -> _Structure:
        """The structure of a file, as far as it can be read."""
        try:
            reader = PdfReader(io.BytesIO(data))
            password = _password(reader, passwords)
        except (FileNotDecryptedError, DependencyError):
            return cls(None, password=None)
        except Exception as error:  # what a parser raises on a broken file is not limited
            problem = str(error).splitlines()[0] if str(error) else type(error).__name__
            return cls(None, problem=problem)
        return cls(reader, password=password)

    @property
    def encrypted(self) -> bool:
        """Whether no password that is known opens the file."""
        return self.password is None

    def labels(self, count: int) -> tuple[str, ...]:
        """What each page is called in print (i, ii, 1…), as the file's page labels say."""
        try:
            labels = [str(label) for label in self._reader.page_labels] if self._reader else []
        except Exception:  # damaged labels are no reason to lose the text
            labels = []
        return tuple(labels if len(labels) == count else map(str, range(1, count + 1)))

    def metadata(self) -> dict[str, Any]:
        """Title and author of the file; the date is when the file was made, so it is left out."""
        try:
            info = self._reader.metadata if self._reader else None
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

    def read_again(self, number: int) -> _Page:
        """A page as pypdf reads it; without lines where it cannot."""
        try:
            runs = page_runs(self._reader.pages[number - 1]) if self._reader else []
            lines = lines_of_runs(runs, number)
        except Exception:  # what a parser raises on a broken page is not limited
            return _page([], "pypdf", number, 1.0)
        return _page(lines, "pypdf", number, odd_share("".join(run.text for run in runs)))
