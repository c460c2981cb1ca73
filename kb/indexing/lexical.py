"""The lexical legs: BM25 postings in tantivy over the tokens that the store holds.

Tokens come ready, parted by spaces, so tantivy only splits at white space. The only
module that imports tantivy.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

import tantivy
from tantivy import Occur, Query

from kb.errors import IndexDamaged
from kb.failpoints import reach

META = "meta.json"  # in which tantivy says what an index is made of
FIELDS = ("words", "compounds", "bigrams", "concepts")
FACETS = "facets"  # looked in, never scored
_ANALYZER = "kido_spaces"
MANY = 20_000  # passages from which tokens that stand in more than this share of them are
_COMMON = 0.3  # left out where others choose: half of the work for tokens that tell nothing
FREQUENCIES = 65_536  # tokens whose frequency is kept
_HEAP = 256_000_000  # bytes of the writer's buffer at most; each time it is full makes a segment,
# and a search goes through all of them
_SMALL_HEAP = 15_000_000  # the least that tantivy takes
_OTHERS = 7  # segments that tantivy merges with another
FEWEST = _OTHERS * (_OTHERS + 1) // 2
"""Passages of which those segments are made, so that each has another size."""
FIRST_FIELD = 2
"""The number of the first of `FIELDS` in the schema; the others and the facets follow."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    builder.add_unsigned_field("document", stored=False, indexed=True, fast=False)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field(FACETS, tokenizer_name=_ANALYZER, index_option="basic")
    return builder.build()


@contextmanager
def _lockable(directory: Path) -> Iterator[Path]:
    """Where the files of `directory` can be opened: tantivy makes a lock beside them, so for a
    folder in which nothing may be written it is a passing one that has links to them.
    """
    if os.access(directory, os.W_OK):
        yield directory
        return
    with TemporaryDirectory(prefix="kido-postings-") as folder:
        for path in directory.resolve().iterdir():
            if not path.name.endswith(".lock"):
                Path(folder, path.name).symlink_to(path)
        yield Path(folder)


def _with_analyzer(index: tantivy.Index) -> tantivy.Index:
    """The analyzer is not kept in the files: it is registered on every open."""
    index.register_tokenizer(
        _ANALYZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    )
    return index


Row: TypeAlias = tuple[int, int, str, str, str, str, str]
"""A passage as postings have it: row, document row, the tokens of each field, facets."""
Rows: TypeAlias = Iterable[Row]


def write_postings(directory: Path, rows: Rows) -> None:
    """Write an index of some passages into the folder `directory`, which it makes.

    One thread writes, so that the same rows always give the same order. Raises OSError when they
    cannot be written.
    """
    reach("postings.write")
    with _disk_errors(directory):
        _write(directory, rows)
    reach("postings.written")


@contextmanager
def _disk_errors(directory: Path) -> Iterator[None]:
    """Raises OSError for what tantivy has a ValueError for."""
    try:
        yield
    except (ValueError, OSError) as error:
        full = "os error 28" in str(error) or getattr(error, "errno", None) == errno.ENOSPC
        code = errno.ENOSPC if full else getattr(error, "errno", None) or errno.EIO
        raise OSError(code, os.strerror(code), str(directory)) from error


def _write(directory: Path, rows: Rows) -> None:
    directory.mkdir(parents=True)
    with _writing(tantivy.Index(_schema(), path=str(directory)), _HEAP) as writer:
        for row in rows:
            writer.add_document(_posting(row))
        reach("postings.commit")
        writer.commit()


@contextmanager
def _writing(index: tantivy.Index, heap: int) -> Iterator[tantivy.IndexWriter]:
    """A writer of one thread, whose work is done or given up at the end."""
    writer = _with_analyzer(index).writer(heap_size=heap, num_threads=1)
    try:
        yield writer
    except BaseException:
        # Its thread would go on making files in a folder that the caller is about to remove.
        with suppress(ValueError, OSError):
            writer.wait_merging_threads()
        raise
    writer.wait_merging_threads()


def _posting(row: Row) -> tantivy.Document:
    number, document, *texts = row
    posting = tantivy.Document()
    posting.add_unsigned("row", number)
    posting.add_unsigned("document", document)
    for name, text in zip((*FIELDS, FACETS), texts, strict=True):
        posting.add_text(name, text)
    return posting


def first_and_last(directory: Path) -> tuple[int, int]:
    """The rows of the first and the last passage of an index of one segment."""
    searcher = tantivy.Index.open(str(directory)).searcher()
    ends = [tantivy.DocAddress(0, 0), tantivy.DocAddress(0, searcher.num_docs - 1)]
    first, last = (int(str(row)) for row in searcher.fast_field_values("row", ends))
    return first, last


def merge_without(directory: Path, removed: Sequence[int], last: Sequence[Row]) -> None:
    """Have tantivy merge an index of one segment into one that lacks the rows `removed`.

    `last` are its last `FEWEST` passages that stay. tantivy merges eight segments of about the
    same size and no fewer, so these become seven small ones, from the larger to the smaller since
    it has them follow each other by size, and it is told that the large one is small. Raises
    OSError when it cannot be written.
    """
    reach("postings.write")
    with _disk_errors(directory):
        with _writing(tantivy.Index.open(str(directory)), _SMALL_HEAP) as writer:
            gone = [*removed, *(row[0] for row in last)]
            query = Query.term_set_query(_schema(), "row", gone)
            writer.delete_documents_by_query(query)
            writer.commit()
            rows = iter(last)
            for size in range(_OTHERS, 0, -1):
                for row in islice(rows, size):
                    writer.add_document(_posting(row))
                writer.commit()
        path = directory / META
        meta = json.loads(path.read_text(encoding="utf-8"))
        if len(meta["segments"]) > 1:
            large = max(meta["segments"], key=lambda segment: int(segment["max_doc"]))
            large["deletes"]["num_deleted_docs"] = large["max_doc"] - 1
            path.write_text(json.dumps(meta), encoding="utf-8")
            reach("postings.commit")
            with _writing(tantivy.Index.open(str(directory)), _SMALL_HEAP) as writer:
                writer.commit()
    reach("postings.written")


class LexicalIndex:
    """The postings of one generation, for reading from any number of threads."""

    def __init__(self, directory: Path, *, many: int = MANY) -> None:
        try:
            with _lockable(directory) as folder:
                self._index = _with_analyzer(tantivy.Index.open(str(folder)))
                self._index.config_reader(reload_policy="manual")
        except (ValueError, OSError) as error:
            raise IndexDamaged(
                f"{directory} cannot be opened ({error}); run `kb ingest` to build it again"
            ) from error
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._many = many
        self._averages: dict[str, float] = {}
        self._frequency = lru_cache(maxsize=FREQUENCIES)(self._searcher.doc_freq)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def search(
        self,
        terms: Mapping[str, Sequence[str]],
        weights: Mapping[str, float],
        *,
        limit: int,
        alternatives: Sequence[Sequence[tuple[str, str, float]]] = (),
        documents: Sequence[int] | None = None,
        facets: Sequence[Sequence[str]] = (),
    ) -> list[tuple[int, float]]:
        """The passages with the highest weighted sum of the fields' BM25 scores.

        `terms` are the query's tokens of each field; of each group of `alternatives` (field,
        token, weight) only the best one counts. `documents` are the only document rows to
        look in; of each group of `facets` a passage must have one. Gives (row, score), best
        first, at most `limit`. Among many passages, tokens that stand in a large part of them
        count only where the query has no others.
        """
        query = self._sum(self._telling(terms), weights, alternatives)
        if query is None or limit < 1 or (documents is not None and not documents):
            return []
        if documents is not None:
            query = _and(query, self._any_of("document", documents))
        for group in facets:
            query = _and(query, self._any_facet(group))
        return self._run(query, limit)

    def document_frequency(self, field: str, term: str) -> int:
        """In how many passages a token stands."""
        return int(self._frequency(field, term))

    def average_length(self, field: str, term: str) -> float:
        """How many tokens of a field passages have on average, as tantivy counts it; `term` is one
        that stands in a passage.
        """
        if field not in self._averages:
            query = self._term(field, term)
            (_, address), *_ = self._searcher.search(query, 1, count=False).hits
            said = query.explain(self._searcher, address).to_json()
            self._averages[field] = _value_of(json.loads(said), "avgdl,")
        return self._averages[field]

    def _telling(self, terms: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
        """The tokens that choose passages."""
        if len(self) < self._many:
            return terms
        most = _COMMON * len(self)
        rare = {
            field: [token for token in tokens if self.document_frequency(field, token) <= most]
            for field, tokens in terms.items()
        }
        return rare if any(rare.values()) else terms

    def _run(self, query: Query, limit: int) -> list[tuple[int, float]]:
        hits = self._searcher.search(query, limit, count=False).hits
        if not hits:
            return []
        scores, addresses = zip(*hits, strict=True)
        rows = self._searcher.fast_field_values("row", list(addresses))
        return list(zip(cast("list[int]", rows), scores, strict=True))  # each passage has a row

    def _sum(
        self,
        terms: Mapping[str, Sequence[str]],
        weights: Mapping[str, float],
        alternatives: Sequence[Sequence[tuple[str, str, float]]] = (),
    ) -> Query | None:
        parts = [
            (Occur.Should, _boosted(self._term(field, term), weights[field]))
            for field in FIELDS
            if weights.get(field, 0.0) > 0.0
            for term in dict.fromkeys(terms.get(field, ()))
        ]
        for group in alternatives:
            options = [_boosted(self._term(field, t), weight) for field, t, weight in group]
            parts.append((Occur.Should, Query.disjunction_max_query(options)))
        return Query.boolean_query(parts) if parts else None

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, index_option="freq")

    def _any_of(self, field: str, values: Sequence[int]) -> Query:
        anything = Query.term_set_query(self._schema, field, list(map(int, values)))
        return Query.const_score_query(anything, 0.0)

    def _any_facet(self, tokens: Sequence[str]) -> Query:
        options = [
            (Occur.Should, Query.term_query(self._schema, FACETS, token, index_option="basic"))
            for token in tokens
        ]
        return Query.const_score_query(Query.boolean_query(options), 0.0)


def _value_of(explained: Mapping[str, Any], name: str) -> float:
    """A number of tantivy's explanation of a score, by how its description begins."""
    if explained["description"].startswith(name):
        return float(explained["value"])
    return next(
        (found for part in explained.get("details", ()) if (found := _value_of(part, name))), 0.0
    )


def _boosted(query: Query, weight: float) -> Query:
    return query if weight == 1.0 else Query.boost_query(query, weight)


def _and(a: Query, b: Query) -> Query:
    return Query.boolean_query([(Occur.Must, a), (Occur.Must, b)])
