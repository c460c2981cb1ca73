"""Postings in parts: each holds the passages of a range of rows, and is never written again.

    postings/parts.json     the parts in the order of their rows
    postings/meta.json      what tantivy reads: the segments of all parts
    postings/ID.*           the files of a segment

To tantivy they are one index: a search adds up the statistics of its segments, so that the scores
are those of an index that was written at once. tantivy goes on counting what is removed from an
index, so a part that held removed passages is merged without them (`kb.indexing.pruning`), or
written anew where few are left; new passages become a new part, together with those before that are
small. So a run writes what it changed and little more.
"""

from __future__ import annotations

import json
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import cores
from kb.indexing.lexical import META, Rows, write_postings
from kb.indexing.pruning import Removed, Segment, name_of, pruned

PARTS = "parts.json"
FULL = 60_000
"""Passages that a part of a small index has at most: with many small parts a search takes longer,
with few large ones the removal of a document does."""
_PARTS = 4  # of that size, from which on parts are larger instead of more
_RATIO = 4  # times as many passages as a part may have that is written anew with its neighbour
_WORTH = 4  # parts have a part of the size of a full one, from which it is not written anew


@dataclass(frozen=True, slots=True)
class Part:
    """The passages with rows from `first` to `last`, and how many they are.

    `segments` is what tantivy says of them; none where the part is still to be written. `removed`
    is what they hold besides, and are still to be merged without.
    """

    first: int
    last: int
    passages: int
    segments: tuple[Segment, ...] = ()
    removed: Removed = ()

    @property
    def names(self) -> tuple[str, ...]:
        """How the names of the part's files begin."""
        return tuple(map(name_of, self.segments))

    @property
    def is_kept(self) -> bool:
        """Whether the part stays as it is."""
        return bool(self.segments) and not self.removed


def parts_in(directory: Path) -> list[Part]:
    """The parts of the postings in a folder."""
    values = json.loads((directory / PARTS).read_text(encoding="utf-8"))
    return [Part(**{**value, "segments": tuple(value["segments"])}) for value in values]


def full(passages: int) -> int:
    """How many passages a part has at most in an index of so many."""
    return max(FULL, passages // _PARTS)


def planned(
    parts: Iterable[Part],
    *,
    removed: Removed,
    last_row: int,
    added: Sequence[int],
    full: int,
) -> list[Part]:
    """The parts that are to be, those that are not kept still to be written or merged.

    The rows of `removed` and `added` are in order; all added ones are after `last_row`, and none
    of the passages that are left is.
    """
    found: list[Part] = []
    rows_removed = [row for row, _ in removed]
    for part in parts:
        start = bisect_left(rows_removed, part.first)
        end = bisect_right(rows_removed, part.last, start)
        left = part.passages - (end - start)
        if start == end:
            found.append(part)
        elif left:
            merged = left * _WORTH >= full
            found.append(
                Part(
                    part.first,
                    min(part.last, last_row),
                    left,
                    part.segments if merged else (),
                    tuple(removed[start:end]) if merged else (),
                )
            )
    for at in range(0, len(added), full):
        rows = added[at : at + full]
        found.append(Part(rows[0], rows[-1], len(rows)))
    joined: list[Part] = []
    for part in found:
        while joined and _belong(joined[-1], part, full):
            before = joined.pop()
            part = Part(before.first, part.last, before.passages + part.passages)
        joined.append(part)
    return joined


def _belong(a: Part, b: Part, full: int) -> bool:
    """Whether two neighbours are written anew as one part."""
    if a.passages + b.passages > full or (a.segments and b.segments):
        return False
    if a.segments or b.segments:
        old, new = (a, b) if a.segments else (b, a)
        return old.passages <= _RATIO * new.passages
    return True


def write_parts(
    directory: Path,
    parts: Sequence[Part],
    rows_of: Callable[[int, int], Rows],
    put: Callable[[Segment, Path], None],
) -> None:
    """Write or merge the parts that are not kept, and write the files that make all one index.

    The files of those that are kept are in `directory` already. `rows_of` gives the postings of the
    rows from one to another, in order, in any thread; `put` copies the files of a segment that is
    to be merged into a folder. Raises OSError when they cannot be written, and what `put` does.
    """
    directory.mkdir(exist_ok=True)
    missing = [part for part in parts if not part.is_kept]
    if not parts:
        missing = [Part(1, 0, 0)]  # tantivy is asked how an index without passages looks

    def write(part: Part) -> tuple[Part, dict[str, Any] | None]:
        if part.removed and (made := merge(part)) is not None:
            return Part(part.first, part.last, part.passages, tuple(made)), None
        folder = directory / f"rows{part.first}"
        write_postings(folder, rows_of(part.first, part.last))
        said = _meta(folder)
        whole = Part(part.first, part.last, part.passages, tuple(said["segments"]))
        for path in folder.iterdir():
            if path.name.startswith(whole.names):
                path.rename(directory / path.name)
        shutil.rmtree(folder)
        return whole, said

    def merge(part: Part) -> list[Segment] | None:
        def left(first: int, last: int) -> Rows:  # what came since may have the last numbers
            return rows_of(first, min(last, part.last))

        return pruned(
            directory, part.segments, part.removed,
            meta=_meta(directory), put=put, rows_of=left,
        )  # fmt: skip

    with ThreadPoolExecutor(cores.available()) as threads:
        written = list(threads.map(write, missing))
    new = {part.first: part for part, _ in written}
    whole = [new.get(part.first, part) for part in parts]
    meta = next((said for _, said in written if said is not None), None) or _meta(directory)
    meta["segments"] = [segment for part in whole for segment in part.segments]
    meta["opstamp"] = 0
    (directory / META).write_text(json.dumps(meta, indent=2), encoding="utf-8")
    listed = [
        {"first": p.first, "last": p.last, "passages": p.passages, "segments": p.segments}
        for p in whole
    ]
    (directory / PARTS).write_text(json.dumps(listed, indent=1), encoding="utf-8")


def _meta(directory: Path) -> dict[str, Any]:
    """What tantivy says of an index."""
    found: dict[str, Any] = json.loads((directory / META).read_text(encoding="utf-8"))
    return found
