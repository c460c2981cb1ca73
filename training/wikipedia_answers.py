"""Questions of jaquad.train for the weights of sentences: every few, on a part of the articles.

A sentence is right when it stands in the question's paragraph and holds one of its answers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.passages import Given, build, searcher
from kb.answering.evidence import NAMES, row_of
from kb.answering.gathering import gather
from kb.encoding.loading import load_encoder
from kb.language.glossary.matching import load_glossary
from training import sources

ARTICLES = 4  # one in so many is read
EVERY = 12  # of their questions is asked


def wikipedia(data: Path) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """The features of each question's sentences, and which of them are right."""
    encoder, glossary = load_encoder(), load_glossary()
    corpus = list(sources.rows(data / "jaquad.train.corpus.jsonl.gz"))
    titles = set(sorted({row["title"] for row in corpus})[::ARTICLES])
    given = [Given(r["id"], r["title"], r["text"]) for r in corpus if r["title"] in titles]
    ids = {passage.id for passage in given}
    queries = [
        q for q in sources.rows(data / "jaquad.train.queries.jsonl.gz") if q["doc_id"] in ids
    ]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), given, encoder, glossary)
        search = searcher(Path(folder), encoder, glossary)
        for query in queries[::EVERY]:
            sentences = gather(search, query["text"], {}).sentences
            rows = np.array([row_of(s.features) for s in sentences], np.float64)
            right = [
                s.unit.found.passage.document_id == query["doc_id"]
                and any(answer in s.text for answer in query["answers"])
                for s in sentences
            ]
            found.append((rows.reshape(len(rows), len(NAMES)), np.array(right, np.bool_)))
    return found
