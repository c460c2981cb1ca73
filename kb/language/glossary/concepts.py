"""The glossary's data files: concepts with their names, one a line.

    # a comment
    [category]
    id | 日本語名; 別名 | English name; alias | 中文名; 别名 | 上位語; broader term

Names are parted by semicolons; the first of a language is shown to people. A field may be
empty, but a concept has at least one name. The last field may be left out: it has terms
that hold for the concept and for others too (バルト三国 for エストニア), by which a question
may ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import GlossaryError

DATA = Path(__file__).parent / "data"
_ADDING = "everyday.txt"  # adds names to concepts of the other files, so it is read last

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_CATEGORY = re.compile(r"\[([a-z][a-z-]*)\]")
_FORM = "id | 日本語名; 別名 | English name; alias | 中文名; 别名 | 上位語"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing with its names in three languages; `category` says what kind of thing it is,
    `broader` are terms that hold for it and for others too.
    """

    id: str
    category: str
    japanese: tuple[str, ...]
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    broader: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, those of Japanese first."""
        return (*self.japanese, *self.english, *self.chinese)


def read_concepts(path: Path) -> Iterator[Concept]:
    """The concepts of a file. Raises GlossaryError naming the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GlossaryError(f"{path} cannot be read ({error})") from error
    category = ""
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if match := _CATEGORY.fullmatch(stripped):
            category = match[1]
            continue
        yield _concept(stripped, category, f"{path}, line {number}")


def _concept(line: str, category: str, where: str) -> Concept:
    fields = [field.strip() for field in line.split("|")]
    if len(fields) not in (4, 5):
        raise GlossaryError(f"{where}: {len(fields)} fields parted by |; a line is {_FORM}")
    if not _ID.fullmatch(fields[0]):
        raise GlossaryError(
            f"{where}: the id is {fields[0]!r}; use small Latin letters, digits and hyphens"
        )
    if not category:
        raise GlossaryError(f"{where}: no [category] stands above it")
    names = [tuple(n for name in f.split(";") if (n := name.strip())) for f in fields[1:]]
    if not any(names[:3]):
        raise GlossaryError(f"{where}: {fields[0]} has no name; a line is {_FORM}")
    return Concept(fields[0], category, *names)


def all_concepts(extra: Path | None = None) -> tuple[Concept, ...]:
    """The concepts that ship with those of a user's file, whose lines add names to known ids.

    Raises GlossaryError.
    """
    shipped = sorted(DATA.glob("*.txt"), key=lambda path: (path.name == _ADDING, path.name))
    paths = [*shipped, *([extra] if extra is not None else [])]
    return tuple(_merged(concept for path in paths for concept in read_concepts(path)))


def _merged(concepts: Iterable[Concept]) -> Iterable[Concept]:
    merged: dict[str, Concept] = {}
    for concept in concepts:
        known = merged.get(concept.id)
        if known is None:
            merged[concept.id] = concept
            continue
        merged[concept.id] = Concept(
            known.id,
            known.category,
            tuple(dict.fromkeys([*known.japanese, *concept.japanese])),
            tuple(dict.fromkeys([*known.english, *concept.english])),
            tuple(dict.fromkeys([*known.chinese, *concept.chinese])),
            tuple(dict.fromkeys([*known.broader, *concept.broader])),
        )
    return merged.values()
