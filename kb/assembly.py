"""Settings to working objects: the only place where the parts are put together.

Its half that writes is `kb.ingesting`, so that a run that finds nothing new loads little.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kb.answering.answerer import Answerer
from kb.answering.lookup import Lookup
from kb.answering.model.composing import RELATED, Composer, Said
from kb.answering.weights import AnsweringWeights
from kb.domain import (
    Answer,
    Citation,
    Document,
    Filters,
    Outcome,
    Passage,
    Rejection,
    SearchResults,
    Version,
)
from kb.encoding.encoder import Encoder
from kb.errors import EncoderError, IndexDamaged, IndexUnavailable, NotFound
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import (
    Generation,
    checksum_errors,
    lease,
    open_leased,
    open_previous,
)
from kb.indexing.ledger import Ledger
from kb.indexing.lexical import LexicalIndex
from kb.indexing.rows import DocumentSummary
from kb.indexing.store import Store
from kb.ingest.scan import scan
from kb.ingesting import encoder_of, sandbox_of, versions
from kb.ingesting import ingestion as ingestion
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import load_glossary
from kb.language.tokens import analyse, dictionary_version
from kb.newest import WAIT, Newest
from kb.page_images import page_image
from kb.quotation import Verification
from kb.quoting import Quotations
from kb.reading.sandbox import Sandbox
from kb.search import Searcher, checked_query
from kb.settings import Settings
from kb.tracking import Tracker
from kb.verifying import Verifier

log = logging.getLogger("kb.assembly")


def composer_of(settings: Settings) -> Composer | None:
    """What has the settings' model compose answers; None without one.

    Raises KidoError when it is not said which model, or its address cannot be used.
    """
    if not settings.model_url:
        return None
    from kb.answering.model.endpoint import Endpoint  # an HTTP client, only where it is used

    endpoint = Endpoint(
        settings.model_url,
        settings.model,
        key=settings.model_key,
        timeout=float(settings.model_timeout),
        proxy=settings.model_proxy,
        plain_http=bool(settings.model_plain_http),
    )
    mentions = load_glossary(settings.glossary).mentions
    return Composer(endpoint, mentions, calls=settings.model_calls)


class View:
    """One complete generation, opened for reading; safe for use from several threads."""

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        settings: Settings,
        composer: Composer | None = None,
        drawing: Sandbox | None = None,
    ) -> None:
        manifest = generation.manifest
        if manifest.encoder != encoder.name:
            raise EncoderError(
                f"the index was made with the encoder {manifest.encoder}, but {encoder.name} is "
                "set: run `kb ingest` with the same setting, or unset KIDO_ENCODER"
            )
        if manifest.tokenizer != dictionary_version():
            raise IndexUnavailable(
                f"the index was made with {manifest.tokenizer}, but {dictionary_version()} is "
                "installed: run `kb ingest` to build it again"
            )
        glossary = load_glossary(settings.glossary)
        if manifest.settings != versions(glossary):
            raise IndexUnavailable(
                "the index was made with other rules or another glossary: run `kb ingest` with the "
                "same setting (KIDO_GLOSSARY)"
            )
        self.generation = generation.name
        self.manifest = manifest
        self._settings = settings
        self._store = Store(generation.store)
        lexical = LexicalIndex(generation.postings)
        self._searcher = Searcher(
            generation.name,
            self._store,
            lexical,
            DenseIndex(generation.vectors),
            encoder,
            glossary,
        )
        self._answerer = Answerer(self._searcher)
        self._composer = composer
        self._drawing = drawing or sandbox_of(settings, stays=True)
        # Not a method of the view: it would refer to itself, and its lease would not end with it.
        document_of = self._answerer.document
        lookup = Lookup(self._store, lexical)
        self.quotations = Quotations(
            self._store,
            document_of,
            self._searcher.summaries,
            lookup,
            Ledger(settings.index, limit=0 if settings.follow else settings.max_ledger_citations),
        )
        self.verifier = Verifier(
            generation.name,
            document_of,
            self._searcher.summaries,
            lookup,
            settings,
            self.quotations.issue,
        )
        self.tracker = Tracker(
            self._store, self._searcher.facets, document_of, self.quotations.issue
        )

    def search(self, query: str, *, limit: int = 10, filters: Filters = Filters()) -> SearchResults:
        """The best passages for a query. Raises InvalidQuestion."""
        query = checked_query(query, limit=self._settings.max_question_characters)
        return self._searcher.search(query, limit=self._limit(limit), filters=filters)

    def ask(self, question: str, *, limit: int = 10, filters: Filters = Filters()) -> Answer:
        """The answer to a question. Raises InvalidQuestion."""
        question = checked_query(question, limit=self._settings.max_question_characters)
        answer = self._answerer.ask(question, limit=self._limit(limit), filters=filters)
        self.quotations.issue(answer.citations)
        return answer

    def check(self, question: str) -> None:
        """Whether a question can be asked. Raises InvalidQuestion."""
        checked_query(question, limit=self._settings.max_question_characters)

    def answers(self, question: str) -> bool:
        """Whether there is an answer to a question; nothing counts as cited by that.

        Raises InvalidQuestion.
        """
        question = checked_query(question, limit=self._settings.max_question_characters)
        return self._answerer.ask(question, limit=1).outcome is Outcome.ANSWERED

    @property
    def composes(self) -> bool:
        """Whether a language model is set up to compose answers."""
        return self._composer is not None

    def composing(
        self, question: str, *, limit: int = 10, filters: Filters = Filters()
    ) -> Iterator[Said | Answer]:
        """The extracted answer; then, if a model is set up, what it says that is verified, one
        statement after the other; and last the whole answer. Raises InvalidQuestion.
        """
        extracted = self.ask(question, limit=limit, filters=filters)
        yield extracted
        if self._composer is not None:
            related = self.ask(question, limit=RELATED, filters=filters).related
            for said in self._composer.composing(extracted, related, self.document):
                self.quotations.issue(said.citations)
                yield said

    def composed(self, question: str, *, limit: int = 10, filters: Filters = Filters()) -> Answer:
        """The answer, by the model if one is set up and what it says holds; the extracted one
        otherwise. Raises InvalidQuestion.
        """
        *_, answer = self.composing(question, limit=limit, filters=filters)
        assert isinstance(answer, Answer)
        return answer

    def answerer(self, weights: AnsweringWeights) -> Answerer:
        """An answerer with other weights than those that ship, for those who learn them."""
        return Answerer(self._searcher, weights)

    def _limit(self, limit: int) -> int:
        return max(1, min(limit, self._settings.max_results))

    def summaries(self) -> Sequence[DocumentSummary]:
        """All documents in the order of their paths."""
        return list(self._searcher.summaries.values())

    def summary(self, document_id: str) -> DocumentSummary:
        """One document without its text. Raises NotFound."""
        try:
            return self._searcher.summaries[document_id]
        except KeyError:
            raise NotFound(f"there is no document {document_id!r} in the index") from None

    def document(self, document_id: str) -> Document:
        """One document with its text. Raises NotFound."""
        return self._answerer.document(document_id)

    def passage(self, passage_id: str) -> Passage:
        """One passage by its id. Raises NotFound."""
        row = self._store.row_of(passage_id)
        if row is None:
            raise NotFound(f"there is no passage {passage_id[:60]!r} in the index")
        return self._store.passages([row])[row][0]

    def version(self, document_id: str, sha256: str) -> Document:
        """An earlier version of a document, by the digest of its file. Raises NotFound."""
        return self._store.version(document_id, sha256)

    def versions_of(self, document_id: str) -> Sequence[Version]:
        """The earlier versions of a document that are kept, the newest first."""
        return self._store.versions_of(document_id)

    def rejected(self) -> Sequence[Rejection]:
        """The files of the corpus that could not be indexed, with their reasons."""
        return self._store.rejected()

    def citation(self, citation_id: str) -> Citation:
        """The citation of an id as it stands now, or as it was where it no longer does.

        Raises NotFound for an id that was never given out.
        """
        return self.quotations.quoted(citation_id).citation

    def verify(self, quote: str, document_id: str | None = None) -> Verification:
        """Whether a quotation stands in the collection, or in one document of it.

        Raises InvalidQuestion (empty or too long), NotFound (no such document).
        """
        return self.verifier.verify(quote, document_id)

    def original(self, document_id: str) -> bytes:
        """The bytes of a document's file, when it is still what was indexed. Raises NotFound."""
        data = self.original_file(document_id).read_bytes()
        if hashlib.sha256(data).hexdigest() != self.summary(document_id).sha256:
            raise NotFound(f"the original of {document_id} is being changed")
        return data

    def original_file(self, document_id: str) -> Path:
        """Where a document's file is, when it is still what was indexed. Raises NotFound."""
        summary = self.summary(document_id)
        path = _location(self.corpus, summary.path)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise NotFound(f"the original of {summary.path} is no longer there") from error
        if digest != summary.sha256:
            raise NotFound(f"the original of {summary.path} has changed since it was indexed")
        return path

    @property
    def corpus(self) -> Path:
        """The folder of the files: that of the run, or the set one where this machine has none."""
        folder = Path(self.manifest.corpus)
        return folder if folder.is_dir() else self._settings.corpus

    def facet_totals(self, name: str) -> Mapping[str, int]:
        """How many passages have each value of a facet of passages, the most frequent first."""
        return self._searcher.facets.totals(name)

    def concept(self, concept_id: str) -> Concept | None:
        """A concept of the glossary, by the id that facets have as their value."""
        return self._searcher.concept(concept_id)

    def page_image(
        self, document_id: str, number: int, span: tuple[int, int] | None = None
    ) -> bytes:
        """A page of a PDF as PNG, counted from 1, with a span marked on it. Raises NotFound."""
        document = self.document(document_id)
        data = self.original(document_id)
        return page_image(document, data, number, span, sandbox=self._drawing)


class KnowledgeBase:
    """An index that is served: always one complete generation, the newest there is.

    `encoder` is that of the settings, where it is loaded already.
    """

    def __init__(self, settings: Settings, *, encoder: Encoder | None = None) -> None:
        self.settings = settings
        self._encoder = encoder or encoder_of(settings)
        self._composer = composer_of(settings)
        self._drawing = sandbox_of(settings, stays=True)  # starts nothing until a page is drawn
        self._newest = Newest(settings.index, self._open)

    @contextmanager
    def view(self) -> Iterator[View]:
        """The newest generation; it stays whole for the caller while others take its place.

        Raises IndexUnavailable or IndexDamaged when none can be opened. A damaged or
        missing new generation does not end the service of the one that is open, nor does one
        that takes long to open.
        """
        yield self._current()

    def take_up(self) -> None:
        """Wait until the newest generation is open, however long that takes.

        Raises IndexUnavailable or IndexDamaged when none can be opened.
        """
        self._current(wait=threading.TIMEOUT_MAX)

    def warm(self) -> None:
        """Open the index, dictionaries and encoder now, so that the first question is not slow."""
        self.take_up()
        load_glossary(self.settings.glossary).mentions("準備")
        analyse("準備")
        self._encoder.encode_queries(["準備"])

    def _current(self, *, wait: float = WAIT) -> View:
        return self._newest.current(wait=wait)

    def _open(self, another: bool) -> View:
        """The current generation; where that is damaged and no other is open, the one before."""
        try:
            generation, held = open_leased(self.settings.index)
            if errors := checksum_errors(generation):
                held.close()
                raise IndexDamaged(f"{errors[0]}; run `kb ingest` to build the index again")
        except IndexDamaged as damage:
            previous = None if another else open_previous(self.settings.index)
            if previous is None:
                raise
            log.warning("%s; until then %s answers", damage, previous.name)
            generation, held = previous, ExitStack()
            held.enter_context(lease(previous))
        try:
            view = View(generation, self._encoder, self.settings, self._composer, self._drawing)
        except BaseException:
            held.close()
            raise
        # The lease ends when the last reader of the view has let go of it.
        weakref.finalize(view, held.close)
        return view


def _location(corpus: Path, path: str) -> Path:
    """Where a file of the corpus is: its name on the disk may be in another Unicode form."""
    direct = corpus / path
    if direct.exists() or not corpus.is_dir():
        return direct
    return next((file.location for file in scan(corpus) if file.path == path), direct)
