"""Japanese words for English ones: a table learned from sentence pairs (`training/`)."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "english.tsv.gz"

_WORD = re.compile(r"[a-z][a-z'’.-]*[a-z]|[a-z]")
# Words that every sentence has: their translations would be chance.
EMPTY = frozenset(
    "a an the of in on at to for from by with and or but not no nor so as than that this these "
    "those it its he she they we you i his her their our your my me him them us who whom whose "
    "which what when where why how is are was were be been being am do does did done has have "
    "had having will would shall should can could may might must there here if then because "
    "while until about into over under between among through during before after also only such "
    "any some each every all both other another more most much many very too just s t".split()
)


def english_words(text: str) -> list[str]:
    """The words of an English text that carry meaning, in lower case, in their order."""
    words = (match.group().removesuffix("'s") for match in _WORD.finditer(text.lower()))
    return [word for word in words if word not in EMPTY]


def write_table(path: Path, table: Mapping[str, Mapping[str, float]]) -> None:
    """Write a table of translations with their probabilities; equal tables give equal bytes."""
    lines = (
        "\t".join([word, *(f"{other} {p:.3f}" for other, p in translations.items())])
        for word, translations in table.items()
    )
    held = io.BytesIO()
    with gzip.GzipFile(fileobj=held, mode="wb", mtime=0, filename="") as stream:
        stream.write(("\n".join(lines) + "\n").encode())
    path.write_bytes(held.getvalue())


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """The lines of the table that ships, by English word; a line is taken apart when asked for."""
    with gzip.open(TABLE, "rt", encoding="utf-8") as stream:
        return dict(line.rstrip("\n").split("\t", 1) for line in stream)


def english_vocabulary() -> tuple[str, ...]:
    """The English words of the table that ships."""
    return tuple(_table())


@lru_cache(maxsize=4096)
def translations(word: str) -> tuple[tuple[str, float], ...]:
    """Japanese words (normalized short units) for an English word, with their probabilities.

    An inflected form that the table lacks has those of its stem; an unknown word has none.
    """
    for form in _forms(word):
        if (line := _table().get(form)) is not None:
            entries = (entry.rsplit(" ", 1) for entry in line.split("\t"))
            return tuple((other, float(probability)) for other, probability in entries)
    return ()


def _forms(word: str) -> list[str]:
    forms = [word, word.replace("-", "")]
    for suffix, instead in (
        ("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", "e"), ("ed", ""),
        ("ing", "e"), ("ing", ""), ("ly", ""),
    ):  # fmt: skip
        if word.endswith(suffix) and len(word) > len(suffix) + 2:
            forms.append(word.removesuffix(suffix) + instead)
    return forms
