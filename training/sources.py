"""Reads the data sets: a function for each, and what of them training must not see.

No other module knows file names or column orders. Of the evaluation sets training reads the
titles only, to leave out the Wikipedia articles that they were taken from.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality_sets import rows_of

HELD_OUT_EVERY = 50
"""Row numbers of kyoto.ja-en divisible by this are for evaluation only."""

AROUND = 2
"""Rows before and after a row in its window."""

JSTS_HELD_OUT_EVERY = 10
"""Row numbers of jsts.train divisible by this are for evaluation only."""

_CATEGORY = 7
_HEADWORD = 8


@dataclass(frozen=True)
class Section:
    """A piece of running text with what stands above it."""

    source: str
    title: str
    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Retrieval:
    """Questions, each with the one passage that answers it."""

    passages: dict[str, str]
    questions: list[tuple[str, str]]


@dataclass(frozen=True)
class Scored:
    """Two sentences and how alike people found them."""

    first: str
    second: str
    score: float


def retrieval(data: Path, name: str) -> Retrieval:
    """``jaquad.train``, ``jaquad.dev`` or ``jsquad.valid``."""
    passages = {row["id"]: row["text"] for row in rows_of(data / f"{name}.corpus.jsonl.gz")}
    questions = [
        (row["text"], row["doc_id"])
        for row in rows_of(data / f"{name}.queries.jsonl.gz")
        if row["doc_id"] in passages
    ]
    return Retrieval(passages, questions)


def evaluation_titles(data: Path) -> set[str]:
    """Titles of the evaluation passages: articles that training must not read."""
    return {
        row["title"]
        for name in ("jaquad.dev", "jsquad.valid")
        for row in rows_of(data / f"{name}.corpus.jsonl.gz")
    }


def sections(data: Path) -> Iterator[Section]:
    """Every text with headings: Kyoto articles, documentation, statutes, news."""
    dropped = evaluation_titles(data)
    for row in rows_of(data / "kyoto.sections.jsonl.gz"):
        if row["title"] not in dropped:
            yield Section("kyoto", row["title"], tuple(row["headings"]), row["text"])
    for path in sorted(data.glob("docs.*.jsonl.gz")):
        for row in rows_of(path):
            yield Section("docs", row["title"], tuple(row["headings"]), row["text"])
    for row in rows_of(data / "law.articles.jsonl.gz"):
        yield Section("law", row["title"], tuple(row["headings"]), row["text"])
    for row in rows_of(data / "wikinews.jsonl.gz"):
        yield Section("news", row["title"], (), row["text"])


def dropped_sentences(data: Path) -> set[str]:
    """Lines and sentences of the Kyoto articles that are dropped, to drop their translations."""
    titles = evaluation_titles(data)
    found: set[str] = set(titles)
    for row in rows_of(data / "kyoto.sections.jsonl.gz"):
        if row["title"] in titles:
            found.update(part.strip() for part in row["text"].replace("。", "。\n").split("\n"))
    return found - {""}


def kyoto_pairs(data: Path) -> Iterator[tuple[int, str, str]]:
    """Row number, Japanese and English sentence of the NICT Kyoto corpus; nothing left out."""
    with gzip.open(data / "kyoto.ja-en.tsv.gz", "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            japanese, _, english = line.rstrip("\n").partition("\t")
            yield number, japanese, english


def kyoto_training_pairs(data: Path) -> Iterator[tuple[str, str]]:
    """Translations for training: without the held-out rows and the dropped articles."""
    dropped = dropped_sentences(data)
    for number, japanese, english in kyoto_pairs(data):
        if number % HELD_OUT_EVERY == 0:
            dropped.update((japanese, english))
    for number, japanese, english in kyoto_pairs(data):
        if number % HELD_OUT_EVERY == 0 or not japanese or not english:
            continue
        if japanese not in dropped and english not in dropped:
            yield japanese, english


def kyoto_held_out_pairs(data: Path, limit: int) -> list[tuple[str, str]]:
    """At most ``limit`` evaluation translations, spread evenly, no sentence twice."""
    seen: set[str] = set()
    found = []
    for number, japanese, english in kyoto_pairs(data):
        if number % HELD_OUT_EVERY or not japanese or not english:
            continue
        if japanese not in seen and english not in seen:
            seen.update((japanese, english))
            found.append((japanese, english))
    step = max(1.0, len(found) / limit)
    return [found[int(index * step)] for index in range(min(limit, len(found)))]


def kyoto_windows(data: Path) -> list[tuple[str, str, str, str]]:
    """Held-out translations among their neighbours, of every second held-out row: row number,
    the Japanese sentences around it with its own, its own, and its English.

    For learning weights on questions that the encoder never saw; the other held-out rows
    stay for evaluation.
    """
    held = list(kyoto_pairs(data))
    found = []
    for number, japanese, english in held[HELD_OUT_EVERY :: 2 * HELD_OUT_EVERY]:
        if japanese and english:
            around = held[number - AROUND : number + AROUND + 1]
            found.append((str(number), "\n".join(text for _, text, _ in around), japanese, english))
    return found


def python_pairs(data: Path) -> Iterator[tuple[str, str]]:
    """Paragraphs of the Python documentation and their English source."""
    for row in rows_of(data / "python.ja-en.jsonl.gz"):
        if row["text"] and row["en"]:
            yield row["text"], row["en"]


def jsts_held_out(data: Path) -> list[Scored]:
    """The tenth of jsts.train that is kept for evaluation."""
    return [pair for number, pair in enumerate(_jsts(data)) if number % JSTS_HELD_OUT_EVERY == 0]


def jsts_training(data: Path) -> list[Scored]:
    """The rest of jsts.train, less the pairs that share a sentence with the held-out tenth."""
    kept = {text for pair in jsts_held_out(data) for text in (pair.first, pair.second)}
    return [pair for pair in _jsts(data) if pair.first not in kept and pair.second not in kept]


def _jsts(data: Path) -> list[Scored]:
    return [
        Scored(row["sentence1"], row["sentence2"], float(row["label"]))
        for row in rows_of(data / "jsts.train.jsonl.gz")
    ]


def synonyms(data: Path) -> Iterator[list[str]]:
    """Groups of words that mean the same, of two words or more; company names are left out."""
    group: list[str] = []
    with gzip.open(data / "sudachi.synonyms.txt.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            fields = line.rstrip("\n").split(",")
            if len(fields) <= _HEADWORD:
                if len(group) > 1:
                    yield group
                group = []
            elif fields[_CATEGORY] != "(企業名)" and fields[_HEADWORD] not in group:
                group.append(fields[_HEADWORD])
    if len(group) > 1:
        yield group


def domain_terms() -> list[list[str]]:
    """The groups of near-synonyms written for Kido."""
    path = Path(__file__).with_name("domain_terms.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines if line and not line.startswith("#")]


def jsick(data: Path) -> list[tuple[str, str, str]]:
    """Sentence pairs with their entailment label (the file's relatedness column is empty)."""
    with gzip.open(data / "jsick.train.tsv.gz", "rt", encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (row["sentence_A_Ja"], row["sentence_B_Ja"], row["entailment_label_Ja"])
            for row in reader
        ]
