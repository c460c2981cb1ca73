"""Segments of postings without the passages that are gone, merged by tantivy instead of written.

Merging copies what is there, which takes a quarter of the time of writing passages anew. tantivy
counts what was deleted no longer once that is merged away, so that scores are those of an index
that never had it; one number it only estimates is set to what it is (`kb.indexing.segment_counts`).
"""

from __future__ import annotations

import json
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

from kb.indexing.lexical import (
    FACETS,
    FEWEST,
    FIELDS,
    FIRST_FIELD,
    META,
    Row,
    Rows,
    first_and_last,
    merge_without,
)
from kb.indexing.rows import tokens_in
from kb.indexing.segment_counts import Counts, OtherLayout, bounds, length_bytes

Segment: TypeAlias = Mapping[str, Any]
"""What tantivy's `meta.json` says of a segment."""
Removed: TypeAlias = Sequence[tuple[int, Sequence[int]]]
"""Rows in order, each with how many tokens it had of each field and how many facets."""


def name_of(segment: Segment) -> str:
    """How the names of a segment's files begin."""
    return str(segment["segment_id"]).replace("-", "")


def pruned(
    directory: Path,
    segments: Sequence[Segment],
    removed: Removed,
    *,
    meta: Mapping[str, Any],
    put: Callable[[Segment, Path], None],
    rows_of: Callable[[int, int], Rows],
) -> list[Segment] | None:
    """Segments with the passages of others that are not `removed`, written into `directory`.

    `meta` is what tantivy says of their index, `put` copies the files of a segment into a folder,
    `rows_of` gives the passages that are left from one row to another. None where a segment would
    have too few passages, or does not look as is known here: then its passages are to be written
    anew. Raises OSError, and IndexDamaged where `put` does.
    """
    found: list[tuple[Path, Segment]] = []
    rows = [row for row, _ in removed]
    with ExitStack() as folders:
        for segment in segments:
            folder = directory / f"merging-{name_of(segment)}"
            folder.mkdir()
            folders.callback(shutil.rmtree, folder, ignore_errors=True)
            put(segment, folder)
            said = json.dumps({**meta, "segments": [segment], "opstamp": 0})
            (folder / META).write_text(said, encoding="utf-8")
            first, last = first_and_last(folder)
            here = removed[bisect_left(rows, first) : bisect_right(rows, last)]
            made = segment if not here else _merged(folder, segment, here, (first, last), rows_of)
            if made is None:
                return None
            found.append((folder, made))
        for folder, made in found:
            for path in folder.glob(f"{name_of(made)}.*"):
                path.rename(directory / path.name)
    return [made for _, made in found]


def _merged(
    folder: Path,
    segment: Segment,
    removed: Removed,
    ends: tuple[int, int],
    rows_of: Callable[[int, int], Rows],
) -> Segment | None:
    left = int(segment["max_doc"]) - len(removed)
    if left < 2 * FEWEST:
        return None
    last = _last_rows(rows_of, *ends)
    if len(last) < FEWEST:
        return None
    try:
        counts = _counts(folder, segment)
        merge_without(folder, [row for row, _ in removed], last)
        (made,) = json.loads((folder / META).read_text(encoding="utf-8"))["segments"]
        if made["max_doc"] != left or made["deletes"]:
            return None
        for lost in (tokens for _, tokens in removed):
            counts = [a - b for a, b in zip(counts, lost, strict=True)]
        _set_counts(folder / name_of(made), counts, last)
    except (OtherLayout, ValueError):
        return None
    return dict(made)


def _last_rows(rows_of: Callable[[int, int], Rows], first: int, last: int) -> list[Row]:
    """The last `FEWEST` passages that are left from one row to another."""
    span, found = 2 * FEWEST, list[Row]()
    while len(found) < FEWEST and span < 2 * (last - first + 1) + 2 * FEWEST:
        found = list(rows_of(max(first, last - span), last))
        span *= 4
    return found[-FEWEST:]


def _counts(folder: Path, segment: Segment) -> list[int]:
    counts = Counts(folder / f"{name_of(segment)}.idx")
    return [counts.of(FIRST_FIELD + n) for n in range(len((*FIELDS, FACETS)))]


def _set_counts(segment: Path, exact: Sequence[int], last: Sequence[Row]) -> None:
    """Set the numbers of tokens of a merged segment.

    Raises OtherLayout where they are not estimated as they are expected to be, or cannot be right.
    """
    counts = Counts(segment.with_suffix(".idx"))
    of_last = [tokens_in(texts) for _, _, *texts in last]
    for n, count in enumerate(exact):
        lengths = length_bytes(segment.with_suffix(".fieldnorm"), FIRST_FIELD + n)
        written = sum(tokens[n] for tokens in of_last)
        least, most = bounds(lengths[: -len(last)])
        if counts.of(FIRST_FIELD + n) != least + written or not least <= count - written <= most:
            raise OtherLayout(f"{segment} has other numbers of tokens than are expected")
        counts.set(FIRST_FIELD + n, count)
    counts.write()
