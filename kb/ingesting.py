"""Settings to an ingestion, and the parts that it shares with `kb.assembly`.

What only readers of an index need is not imported here: `kb ingest` is run often, by hand and by
timers, and mostly finds nothing new.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kb import cores
from kb.changes import Effects
from kb.chunking import CHUNKER_VERSION
from kb.domain import IngestReport
from kb.encoding.encoder import Encoder
from kb.encoding.loading import load_encoder
from kb.errors import KidoError
from kb.indexing.generation import Generation
from kb.ingest.build import Ingestion, Progress
from kb.language.glossary.matching import Glossary, load_glossary
from kb.language.tokens import dictionary_version
from kb.reading.confinement import Limits
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Sandbox
from kb.settings import Settings
from kb.tracker import TRACKER_VERSION

if TYPE_CHECKING:
    from kb.ingest.finish import Finisher
    from kb.ingest.workers import Finishing


def versions(glossary: Glossary) -> str:
    """What the rows of an index depend on besides the files, the encoder and Sudachi."""
    return f"chunks {CHUNKER_VERSION}, concepts {glossary.digest}, facts {TRACKER_VERSION}"


def ingestion(
    settings: Settings,
    *,
    options: ReadingOptions = PLAIN,
    progress: Progress | None = None,
    held: frozenset[str] = frozenset(),
    cluster: str | None = None,
) -> Ingestion:
    """The ingestion of the settings' corpus into their index; it leaves `held` files alone.

    `cluster` is the address of a Dask scheduler whose workers prepare the documents.

    Raises EncoderError, and KidoError where OCR is wanted and not installed.
    """
    if options.ocr:
        from kb.reading.ocr import INSTALL, is_available  # needs a reader of PDF files

        if not is_available():
            raise KidoError(INSTALL)
    encoder = encoder_of(settings)
    glossary = load_glossary(settings.glossary)
    return Ingestion(
        corpus=settings.corpus,
        index=settings.index,
        encoder=encoder,
        tokenizer=dictionary_version(),
        versions=versions(glossary),
        glossary=glossary,
        max_file_bytes=settings.max_file_bytes,
        options=options,
        held=held,
        keep_versions=settings.keep_versions,
        keep_previous=bool(settings.keep_previous),
        progress=progress or (lambda done, total, path: None),
        sandbox=(sandbox := sandbox_of(settings)),
        finishing=partial(_finishing, settings, options, sandbox, cluster),
        follow=partial(_effects, settings),
    )


def _effects(
    settings: Settings, before: Generation, current: Generation, report: IngestReport | None
) -> Effects:
    from kb.effects import effects_of  # needs the tracker, and is needed after a change only

    limit = settings.max_ledger_citations
    return effects_of(settings.index, before, current, report, max_citations=limit)


def _finishing(
    settings: Settings, options: ReadingOptions, sandbox: Sandbox, cluster: str | None
) -> Finishing:
    """What prepares documents: the workers of a cluster where one is named; else this process
    for few, and one process for each core for many.
    """
    from kb.ingest.workers import Processes

    # What is of no use there is not sent to other processes, let alone machines.
    given = replace(settings, model_url=None, model_key=None, model_proxy=None)
    make = partial(finisher, given, options)
    if cluster is not None:
        from kb.ingest.cluster import Cluster

        return Cluster(cluster, make)
    count = settings.workers or cores.available()
    return Processes(make, count, partial(finisher, settings, options, sandbox))


def finisher(
    settings: Settings, options: ReadingOptions, sandbox: Sandbox | None = None
) -> Finisher:
    """What prepares documents in this process, or with a sandbox of its own beside others.

    What has no vector yet is encoded by the one that writes: in this process since it knows the
    vectors that are kept, with a sentence-transformers model since that takes all cores by itself.
    """
    from kb.encoding.static import StaticEncoder
    from kb.ingest.finish import Finisher

    encoder = encoder_of(settings)
    return Finisher(
        encoder,
        load_glossary(settings.glossary),
        sandbox or sandbox_of(settings, children=1),
        options,
        encodes=sandbox is None and isinstance(encoder, StaticEncoder),
    )


def sandbox_of(settings: Settings, *, stays: bool = False, children: int | None = None) -> Sandbox:
    """What reads files of anyone within the settings' limits; with one process that `stays`."""
    seconds = settings.max_reading_seconds
    limits = Limits(settings.max_reading_bytes, cpu=seconds, wall=seconds + seconds // 2)
    return Sandbox(limits, children=1 if stays else children, stays=stays)


def encoder_of(settings: Settings) -> Encoder:
    """The encoder that the settings name. Raises EncoderError when it cannot be had."""
    return load_encoder(
        settings.encoder,
        query_prefix=settings.query_prefix,
        passage_prefix=settings.passage_prefix,
    )
