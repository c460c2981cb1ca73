"""What a DOCX file says, read with python-docx and not through kb: the truth for its PDF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from lxml import etree

from benchmarks.reading_text import squeezed

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSEEN = frozenset(
    {qn("w:txbxContent"), qn("w:rt"), qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), _FALLBACK}
)
_HEADING = re.compile(r"(heading|見出し)\s*\d", re.IGNORECASE)
_CONTENTS = re.compile(r"(toc|目次)", re.IGNORECASE)
_KANJI_DIGITS = "〇一二三四五六七八九"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
_CONTEXT = 6  # characters before a call by which its place is known


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph of the body, of a cell or of a text box; `label` is its automatic number."""

    text: str
    label: str = ""
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote that the body calls, and the squeezed text between the last call and its own."""

    text: str
    before: str


@dataclass(slots=True)
class Truth:
    """The units of a DOCX file in its own order, and its footnotes."""

    units: list[Unit] = field(default_factory=list)
    footnotes: list[Footnote] = field(default_factory=list)

    @property
    def squeezed_units(self) -> list[str]:
        """The units as a text without layout has them."""
        return [s for s in (squeezed(u.label + u.text) for u in self.units) if s]


def read_truth(path: Path) -> Truth:
    """The truth of one file. Its table of contents and what nobody sees are left out."""
    document = docx.Document(str(path))
    notes = _note_texts(path)
    numbers = Numbering(document)
    truth = Truth()
    for element in _paragraphs(document.element.body):
        paragraph = Paragraph(element, document)
        styles = list(_styles(paragraph))
        label = numbers.label(element, styles)
        if any(_CONTENTS.match(style.name or "") for style in styles):
            continue
        text, calls = _text(element)
        if text.strip():
            truth.units.append(Unit(text, label, _is_heading(element, styles)))
        last = 0
        for note, offset in calls:
            if note in notes:
                before = squeezed(text[last:offset])[-_CONTEXT:]
                truth.footnotes.append(Footnote(notes[note], before))
            last = offset
    return truth


def _paragraphs(element: Any) -> Iterator[Any]:
    """All paragraphs in the order of the file; those of a text box after their anchor."""
    for child in element:
        if child.tag == _FALLBACK or child.tag in (qn("w:del"), qn("w:moveFrom")):
            continue
        if child.tag == qn("w:p"):
            yield child
        yield from _paragraphs(child)


def _text(paragraph: Any) -> tuple[str, list[tuple[str, int]]]:
    """What is seen of a paragraph, and the notes that it calls with their offsets."""
    pieces: list[str] = []
    calls: list[tuple[str, int]] = []
    for node in _seen(paragraph):
        if node.tag == qn("w:t"):
            pieces.append(node.text or "")
        elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
            pieces.append(" ")
        elif node.tag == qn("w:noBreakHyphen"):
            pieces.append("-")
        elif node.tag == qn("w:footnoteReference"):
            calls.append((node.get(qn("w:id")), sum(map(len, pieces))))
    return "".join(pieces), calls


def _seen(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _UNSEEN or child.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is not None:
            continue
        yield child
        yield from _seen(child)


def _styles(paragraph: Any) -> Iterator[Any]:
    """The style of a paragraph and those that it is based on."""
    style = paragraph.style
    while style is not None:
        yield style
        style = style.base_style


def _is_heading(element: Any, styles: list[Any]) -> bool:
    """Whether the paragraph's outline level, its own or its style's, makes it a heading.

    Without a level the name of the style decides: 見出し 2 is one, 見出し２本文 is body text.
    """
    for owner in (element, *(s.element for s in styles)):
        level = owner.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if level is not None:
            return int(level.get(qn("w:val"))) < 9
    return any(_HEADING.fullmatch(style.name or "") for style in styles[:1])


def _note_texts(path: Path) -> dict[str, str]:
    """The footnotes by their ids."""
    with ZipFile(path) as archive:
        if "word/footnotes.xml" not in archive.namelist():
            return {}
        root = etree.fromstring(archive.read("word/footnotes.xml"))
    return {
        str(note.get(qn("w:id"))): "".join(_text(p)[0] for p in note.iter(qn("w:p")))
        for note in root
        if note.get(qn("w:type")) is None
    }


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


class Numbering:
    """The automatic numbers of a DOCX file's paragraphs, which its text does not hold."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._list_of: dict[str, str] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for abstract in root.iter(qn("w:abstractNum")):
            name = abstract.get(qn("w:abstractNumId"))
            self._levels[name] = dict(map(_level, abstract.iter(qn("w:lvl"))))
        for number in root.findall(qn("w:num")):
            target = number.find(qn("w:abstractNumId")).get(qn("w:val"))
            self._list_of[number.get(qn("w:numId"))] = target

    def label(self, element: Any, styles: list[Any]) -> str:
        """The number or bullet that Word prints before the paragraph; it counts on."""
        name, level = _list_and_level(element, styles)
        target = self._list_of.get(name, "")
        levels = self._levels.get(target, {})
        if level not in levels:
            return ""
        counts = self._counts[target]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        return self._shown(levels, counts, level)

    def _shown(self, levels: dict[int, _Level], counts: dict[int, int], level: int) -> str:
        here = levels[level]
        if here.form == "bullet":
            return here.text

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            count = counts.get(at, levels[at].start if at in levels else 1)
            return formatted(count, levels[at].form if at in levels else "decimal")

        return re.sub(r"%(\d)", number, here.text)


def _level(element: Any) -> tuple[int, _Level]:
    def value(name: str, default: str) -> str:
        found = element.find(qn(name))
        return default if found is None else str(found.get(qn("w:val"), default))

    # A form that older programs do not know stands in mc:Choice.
    forms = [n.get(qn("w:val")) for n in element.iter(qn("w:numFmt"))]
    form = next((f for f in forms if f != "decimal"), "decimal")
    return int(element.get(qn("w:ilvl"))), _Level(
        form, value("w:lvlText", ""), int(value("w:start", "1"))
    )


def _list_and_level(element: Any, styles: list[Any]) -> tuple[str, int]:
    """The list that a paragraph belongs to, its own or its style's, and its depth there."""
    name, depth = None, None
    for owner in (element, *(s.element for s in styles)):
        number = owner.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if number is None:
            continue
        found, level = number.find(qn("w:numId")), number.find(qn("w:ilvl"))
        if name is None and found is not None:
            name = found.get(qn("w:val"))
        if depth is None and level is not None:
            depth = int(level.get(qn("w:val")))
    return name or "", depth or 0


def formatted(number: int, form: str) -> str:
    """A number in one of Word's forms; an unknown form is decimal."""
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman if form == "upperRoman" else roman.lower()
    if form in ("aiueo", "aiueoFullWidth"):
        return _AIUEO[(number - 1) % len(_AIUEO)]
    if form in ("japaneseCounting", "ideographDigital", "chineseCounting") and number < 20:
        tens, ones = divmod(number, 10)
        return ("十" if tens else "") + (_KANJI_DIGITS[ones] if ones else "")
    return str(number)


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        out += sign * (number // value)
        number %= value
    return out
