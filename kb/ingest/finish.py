"""One file to all that the index keeps of it: read, cut, parted into words, encoded, compared.

The only step of ingestion that takes time, and the same wherever it runs: in this process, in
processes beside it, on another machine. It depends on the bytes, the metadata and the
versions alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from kb.domain import Document
from kb.encoding.encoder import Encoder
from kb.errors import RejectedFile
from kb.indexing.finished import Finished
from kb.ingest.duplicates import sketch_of
from kb.ingest.prepare import prepare
from kb.language.glossary.matching import Glossary
from kb.quality import with_quality_warnings
from kb.reading import metadata as library
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Job, Sandbox
from kb.tracker import drawing

_ENCODE_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Finisher:
    """Finishes documents. `encodes` says whether their passages are encoded at once; otherwise
    that is left to who writes, who may have some vectors already.
    """

    encoder: Encoder
    glossary: Glossary
    sandbox: Sandbox
    options: ReadingOptions = PLAIN
    encodes: bool = True

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        """What becomes of each file, in their order, while the next are read."""
        for document in self.sandbox.read_all(jobs, self.options):
            yield document if isinstance(document, RejectedFile) else self.finish(document)

    def finish(self, document: Document) -> Finished:
        """A document that was read, with all that is kept of it."""
        prepared = prepare(document, encoder_name=self.encoder.name, glossary=self.glossary)
        document = with_quality_warnings(document, known=prepared.known)
        sketch = sketch_of(document)
        vectors = b""
        if self.encodes and prepared.encoded:
            vectors = self.encoder.encode_passages(prepared.encoded).astype("<f2").tobytes()
        return Finished.of(
            document,
            prepared.rows,
            issued=library.issued(document.metadata),
            publisher=library.publisher(document.metadata),
            facts=drawing.to_json(prepared.facts),
            vectors=vectors,
            encoded=() if vectors else prepared.encoded,
            sentences=sketch.sentences,
            signature=sketch.signature,
        )


def encoded(finished: Finished, encoder: Encoder, known: Mapping[bytes, bytes]) -> Finished:
    """The document with its vectors: of those that are `known` by their keys none is made anew."""
    if finished.vectors or not finished.passages:
        return finished
    texts = dict(zip(finished.key_list(), finished.encoded, strict=True))
    missing = [key for key in texts if key not in known]
    made: dict[bytes, bytes] = dict(known)
    for i in range(0, len(missing), _ENCODE_BATCH):
        keys = missing[i : i + _ENCODE_BATCH]
        vectors = encoder.encode_passages([texts[key] for key in keys]).astype("<f2")
        made.update(zip(keys, map(np.ndarray.tobytes, vectors), strict=True))
    return replace(finished, vectors=b"".join(made[key] for key in finished.key_list()), encoded=())
