"""The question sets of the quality benchmark: passages, questions, and which passage is right."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.passages import Given
from kb.language.tokens import analyse

HELD_OUT_EVERY = 50  # rows of kyoto.ja-en that no training reads
LAW_ARTICLES = 20_000
LOWEST = 0.15  # share of the questions that have the fewest words of their passage

_DIVISION = re.compile(r"第[0-9一二三四五六七八九十百千]+(編|章|節|款|目)|附則|別表")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Passages with questions, each with the id of the one passage that answers it."""

    name: str
    passages: tuple[Given, ...]
    questions: tuple[tuple[str, str], ...]


def question_sets(data: Path) -> dict[str, Callable[[], QuestionSet]]:
    """The sets by name, read when asked for."""
    return {
        "jaquad.dev": lambda: _retrieval(data, "jaquad.dev"),
        "jsquad.valid": lambda: _retrieval(data, "jsquad.valid"),
        "niilc.dev": lambda: _niilc(data),
        "law caption": lambda: _law(data),
        "English to Japanese": lambda: _translations(data),
    }


def overlaps(questions: QuestionSet) -> list[float]:
    """The share of each question's words of meaning that its passage has."""
    texts = {given.id: f"{given.context}\n{given.text}" for given in questions.passages}
    shares = []
    for question, passage in questions.questions:
        asked = _words(question)
        shares.append(len(asked & _words(texts[passage])) / len(asked) if asked else 0.0)
    return shares


def _words(text: str) -> frozenset[str]:
    return frozenset(token.form for token in analyse(text).words if token.content)


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a set."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def _retrieval(data: Path, name: str) -> QuestionSet:
    passages = tuple(
        Given(row["id"], row.get("title", ""), row["text"])
        for row in rows_of(data / f"{name}.corpus.jsonl.gz")
    )
    questions = tuple(
        (row["text"], row["doc_id"]) for row in rows_of(data / f"{name}.queries.jsonl.gz")
    )
    return QuestionSet(name, passages, questions)


def _niilc(data: Path) -> QuestionSet:
    """Questions and the sentences that answer them, under their page and section."""
    passages: dict[str, Given] = {}
    questions: list[tuple[str, str]] = []
    for row in rows_of(data / "niilc.dev.jsonl.gz"):
        if not row["evidence"].strip():
            continue
        context = "\n".join([row["page"], row["section"]])
        given = passages.setdefault(
            row["evidence"], Given(str(len(passages)), context, row["evidence"])
        )
        questions.append((row["text"], given.id))
    return QuestionSet("niilc.dev", tuple(passages.values()), tuple(questions))


def _law(data: Path) -> QuestionSet:
    """The caption of an article of law, and the article without caption and name of the law."""
    passages: list[Given] = []
    questions: list[tuple[str, str]] = []
    seen: set[str] = set()
    for number, row in enumerate(rows_of(data / "law.articles.jsonl.gz")):
        if number % 9 or len(passages) == LAW_ARTICLES:
            continue
        passages.append(Given(str(number), "", row["text"]))
        caption = row["headings"][-1] if row["headings"] else ""
        if len(caption) > 5 and not _DIVISION.match(caption) and caption not in seen:
            seen.add(caption)
            questions.append((caption, str(number)))
    return QuestionSet("law caption", tuple(passages), tuple(questions))


def _translations(data: Path) -> QuestionSet:
    """English sentences and their Japanese originals, of rows that no training reads."""
    passages: list[Given] = []
    questions: list[tuple[str, str]] = []
    seen: set[str] = set()
    with gzip.open(data / "kyoto.ja-en.tsv.gz", "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            japanese, _, english = line.rstrip("\n").partition("\t")
            if number % HELD_OUT_EVERY or not english or {japanese, english} & seen:
                continue
            seen.update((japanese, english))
            passages.append(Given(str(number), "", japanese))
            if number % (2 * HELD_OUT_EVERY) == 0:  # on the others the reranker was learned
                questions.append((english[:1000], str(number)))
    return QuestionSet("English to Japanese", tuple(passages), tuple(questions))
