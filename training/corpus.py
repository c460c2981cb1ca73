"""First stage: writes the training texts and the weak pairs, with everything held out left out."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from training import sources

PASSAGE = 400
"""Characters of a passage in training: that of Kido's own passages."""

LONGEST_LAW = 600
"""Characters read of one statute article; read whole, statutes are more than half of the text."""

CROPS_PER_SOURCE = {"kyoto": 60_000, "docs": 50_000, "law": 40_000, "news": 10_000}
SHORTEST_CROPPED = 120
FEWEST_SENTENCES = 3
SHORTEST_CROP = 8
LONGEST_CROP = 120
SHORTEST_SECTION = 20
SHORTEST_SIDE = 2
WITH_TITLE = 0.7
FROM_START = 0.5
KYOTO_TRANSLATIONS = 300_000
DOMAIN_REPEATS = 12
JSTS_SIMILAR = 4.0
JSTS_REPEATS = 8
SYNONYM_REPEATS = 4
QUESTION_REPEATS = 2

_SENTENCE = re.compile(r"[^。\n]+[。\n]?")


@dataclass(frozen=True)
class Pair:
    """Two texts that mean related things, and the kind of relation."""

    kind: str
    left: str
    right: str


def write_texts(data: Path, path: Path) -> None:
    """One text a line: what the tokenizer and the word vectors are learned from.

    A line holding a tab is a translation, Japanese first.
    """
    with path.open("w", encoding="utf-8") as stream:
        for section in sources.sections(data):
            limit = LONGEST_LAW if section.source == "law" else len(section.text)
            head = section.headings[-1] if section.headings else section.title
            for text in (head, *section.text[:limit].split("\n")):
                _write_line(stream, text)
        question_set = sources.retrieval(data, "jaquad.train")
        for passage in question_set.passages.values():
            for text in passage.split("\n"):
                _write_line(stream, text)
        for question, _ in question_set.questions:
            _write_line(stream, question)
        for pair in sources.jsts_training(data):
            _write_line(stream, pair.first)
        for group in [*sources.synonyms(data), *sources.domain_terms() * DOMAIN_REPEATS]:
            _write_line(stream, " ".join(group))
        for japanese, english in _translations(data):
            stream.write(f"{_flat(japanese)}\t{_flat(english)}\n")


def write_pairs(data: Path, path: Path, seed: int) -> dict[str, int]:
    """The weak pairs as JSON lines; returns how many there are of each kind."""
    generator = random.Random(seed)
    counts: dict[str, int] = {}
    with path.open("w", encoding="utf-8") as stream:
        for pair in _pairs(data, generator):
            if min(len(pair.left), len(pair.right)) < SHORTEST_SIDE or pair.left == pair.right:
                continue
            counts[pair.kind] = counts.get(pair.kind, 0) + 1
            line = [pair.kind, pair.left, pair.right]
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    return counts


def _write_line(stream: TextIO, text: str) -> None:
    flat = _flat(text)
    if len(flat) > 1:
        stream.write(flat + "\n")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _translations(data: Path) -> Iterator[tuple[str, str]]:
    yield from sources.kyoto_training_pairs(data)
    yield from sources.python_pairs(data)


def _pairs(data: Path, generator: random.Random) -> Iterator[Pair]:
    yield from _question_pairs(data, generator)
    yield from _section_pairs(data, generator)
    yield from _translation_pairs(data, generator)
    yield from _synonym_pairs(data, generator)
    for scored in sources.jsts_training(data) * JSTS_REPEATS:
        if scored.score >= JSTS_SIMILAR:
            yield Pair("similar", scored.first, scored.second)


def _question_pairs(data: Path, generator: random.Random) -> Iterator[Pair]:
    question_set = sources.retrieval(data, "jaquad.train")
    for question, passage in question_set.questions * QUESTION_REPEATS:
        yield Pair("question", question, _window(question_set.passages[passage], generator))


def _section_pairs(data: Path, generator: random.Random) -> Iterator[Pair]:
    by_source: dict[str, list[sources.Section]] = {}
    for section in sources.sections(data):
        by_source.setdefault(section.source, []).append(section)
    for source, found in by_source.items():
        for section in found:
            heading = _heading(section, generator)
            if heading and len(section.text) >= SHORTEST_SECTION:
                yield Pair(f"heading.{source}", heading, _window(section.text, generator))
        long = [section.text for section in found if len(section.text) >= SHORTEST_CROPPED]
        for text in generator.choices(long, k=CROPS_PER_SOURCE[source]):
            yield from _crop(source, text, generator)


def _translation_pairs(data: Path, generator: random.Random) -> Iterator[Pair]:
    kyoto = list(sources.kyoto_training_pairs(data))
    for japanese, english in generator.sample(kyoto, min(KYOTO_TRANSLATIONS, len(kyoto))):
        yield Pair("english.kyoto", english[: 2 * PASSAGE], japanese[:PASSAGE])
    for japanese, english in sources.python_pairs(data):
        yield Pair("english.python", english[: 2 * PASSAGE], japanese[:PASSAGE])


def _synonym_pairs(data: Path, generator: random.Random) -> Iterator[Pair]:
    for group in list(sources.synonyms(data)) * SYNONYM_REPEATS:
        yield Pair("synonym", *generator.sample(group, 2))
    for group in sources.domain_terms() * DOMAIN_REPEATS:
        yield Pair("domain", *generator.sample(group, 2))


def _heading(section: sources.Section, generator: random.Random) -> str:
    """What stands above a section, as somebody might ask for it; the title is left out at times."""
    if not section.headings:
        return section.title
    last = section.headings[-1]
    if section.source == "law" or generator.random() < WITH_TITLE:
        return f"{section.title} {last}"
    return " ".join(section.headings[-2:])


def _window(text: str, generator: random.Random) -> str:
    """At most a passage of the text, from the beginning half of the time."""
    if len(text) <= PASSAGE:
        return text
    start = 0 if generator.random() < FROM_START else generator.randrange(len(text) - PASSAGE)
    return text[start : start + PASSAGE]


def _crop(source: str, text: str, generator: random.Random) -> Iterator[Pair]:
    """One sentence against the rest of the passage that it was taken from."""
    sentences = [match.group() for match in _SENTENCE.finditer(_window(text, generator))]
    if len(sentences) < FEWEST_SENTENCES:
        return
    chosen = generator.randrange(len(sentences))
    rest = "".join(sentences[:chosen] + sentences[chosen + 1 :])
    if SHORTEST_CROP <= len(sentences[chosen].strip()) <= LONGEST_CROP:
        yield Pair(f"crop.{source}", sentences[chosen].strip(), rest)
