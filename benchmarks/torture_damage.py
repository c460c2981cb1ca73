"""Damage to every file of an index: found before it is parsed, named, survived and mended.

A bit is turned in each 4 KiB of each file and in each byte of its first hundred; files are
truncated, filled with zeros, deleted, and exchanged with those of the generation before. Each time
opening must fail with an error that names the file. Of one case of each kind for each file, a
server must answer from the generation before, and the next run must make the index whole again,
with the same answers as before the damage.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.torture_home import QUESTION, Home, Tell, forked, warm
from kb.assembly import View
from kb.errors import IndexDamaged, IndexUnavailable
from kb.index_errors import index_errors
from kb.indexing.generation import CURRENT, PREVIOUS, open_current

_BLOCK = 4096
_HEADER = 100  # bytes
_QUERIES = (QUESTION, "磁石の許可", "申請の窓口", "ルテチウム")


def campaign(folder: Path, points: int, seed: int) -> Counter[str]:
    """Damage an index in every way, and count "undetected", "unnamed", "not served", "not rebuilt"
    and "different" cases. `points` is how many are served and mended; 0 for one of each kind.
    """
    home, counts = Home(folder), Counter[str]()
    warm(home)
    for step in (home.write_next, home.write_next, home.add_one):
        step()
        told = forked(lambda tell: tell(home.ingest().generation))
        assert told.error is None, told.error
    whole = folder / "whole"
    shutil.copytree(home.index, whole)
    (answers,) = forked(lambda tell: tell(_answers(home))).lines
    (names,) = forked(lambda tell: tell(_files(home.index))).lines
    for name in names:
        told = forked(partial(_found, home.index, name, seed))
        counts.update(dict(told.lines[0]) if told.error is None else {"undetected": 1})
        if told.error is not None:
            print(told.error, file=sys.stderr)
    cases = [(name, kind) for name in names for kind in ("bit", "cut", "zeros", "gone", "swapped")]
    if points:
        cases = random.Random(seed).sample(cases, min(points, len(cases)))
    for name, kind in cases:
        chance = random.Random(f"{seed} {name} {kind}")
        content = (whole / name).read_bytes()
        damaged = dict(_damages(content, _of_before(whole, name), chance)).get(kind, content)
        if damaged == content:
            continue  # the two generations have the same file
        _write(home.index / name, damaged)
        served = forked(partial(_served, home))
        counts["served"] += 1
        if served.error is not None:
            counts["not served"] += 1
            print(f"{name} {kind}: {served.error}", file=sys.stderr)
        mended = forked(partial(_mended, home, answers))
        for what in ("not rebuilt", "different") if mended.error is not None else mended.lines:
            counts[what] += 1
            print(f"{name} {kind}: {what} {mended.error or ''}", file=sys.stderr)
        counts["mended"] += 1
        shutil.rmtree(home.index)
        shutil.copytree(whole, home.index)
    return +counts


def _files(index: Path) -> list[str]:
    """The files that the current generation depends on."""
    current = open_current(index)
    below = sorted(p for p in current.directory.rglob("*") if p.is_file())
    files = [str(p.relative_to(index)) for p in below if p.name != "lease" and p.suffix != ".lock"]
    return [CURRENT, *files]


def _damages(
    content: bytes, other: bytes | None, chance: random.Random
) -> Iterator[tuple[str, bytes | None]]:
    """Kinds of damage with what the file then holds; None where it is gone."""
    places = [*range(min(_HEADER, len(content)))]
    places += [chance.randrange(at, min(at + _BLOCK, len(content)))
               for at in range(0, len(content), _BLOCK)]  # fmt: skip
    for place in places:
        turned = bytearray(content)
        turned[place] ^= 1 << chance.randrange(8)
        yield "bit", bytes(turned)
    for length in (0, 1, len(content) // 2, len(content) - 1):
        yield "cut", content[:length]
    yield "zeros", bytes(len(content))
    at = chance.randrange(0, len(content), _BLOCK)
    yield "zeros", content[:at] + bytes(len(content[at : at + _BLOCK])) + content[at + _BLOCK :]
    yield "gone", None
    if other is not None:
        yield "swapped", other


def _of_before(index: Path, name: str) -> bytes | None:
    """The same file of the generation before; None where it has none."""
    if name == CURRENT:
        return (index / PREVIOUS).read_bytes()[:9] + (index / CURRENT).read_bytes()[9:]
    current, before = ((index / n).read_text().split()[0] for n in (CURRENT, PREVIOUS))
    kind = Path(name).suffix
    same = index / name.replace(current, before)
    others = [same] if same.exists() else sorted(same.parent.glob(f"*{kind}")) if kind else []
    return others[0].read_bytes() if others else None


def _found(index: Path, name: str, seed: int, tell: Tell) -> None:
    """Whether each damage to a file is found when the index is opened, and the file named."""
    counts: Counter[str] = Counter()
    path = index / name
    content = path.read_bytes()
    other = _of_before(index, name)
    for kind, damaged in _damages(content, other, random.Random(f"{seed} {name}")):
        if damaged == content:
            continue
        _write(path, damaged)
        counts["damages"] += 1
        try:
            open_current(index)
            counts["undetected"] += 1
            print(f"undetected: {name} {kind}", file=sys.stderr)
        except (IndexDamaged, IndexUnavailable) as error:
            if path.name not in str(error):
                counts["unnamed"] += 1
                print(f"unnamed: {name} {kind}: {error}", file=sys.stderr)
    path.write_bytes(content)
    tell(sorted(counts.items()))


def _write(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


def _served(home: Home, tell: Tell) -> None:
    """Start the reading side: it must answer, from the generation before."""
    before = (home.index / PREVIOUS).read_text().split()[0]
    with home.opened().view() as view:
        assert view.generation == before, f"{view.generation} answers, not {before}"
        assert view.ask(QUESTION).citations, "there is no answer"


def _mended(home: Home, answers: Any, tell: Tell) -> None:
    """Run ingestion: the index must be whole, and answer as it did."""
    home.ingest()
    if errors := index_errors(home.settings):
        tell("not rebuilt")
        print(errors, file=sys.stderr)
    elif _answers(home) != answers:
        tell("different")


def _answers(home: Home) -> list[Any]:
    """What the index answers, with the scores of its hits."""
    with home.opened().view() as view:
        return [_answer(view, query) for query in _QUERIES]


def _answer(view: View, query: str) -> Any:
    hits = [[hit.passage.id, hit.score] for hit in view.search(query, limit=20).hits]
    answer = view.ask(query)
    return [hits, answer.text, [citation.id for citation in answer.citations]]
