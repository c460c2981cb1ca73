"""A digest of all that ingestion keeps of the files of some folders.

    python -m benchmarks.ingest_digest FOLDER ... [--each]

Passages with their tokens, bigrams, concepts, marks, facets and vectors, facts, the structure and
text of the documents, warnings and what documents are compared by: everything that is written into
a store, as `Finished` has it. Two versions of the code that give the same digest make the same
index of the same files; `--each` prints one a file, to find the one that differs.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from kb.encoding.loading import load_encoder
from kb.errors import RejectedFile
from kb.ingest.finish import Finisher
from kb.ingest.scan import scan
from kb.language.glossary.matching import load_glossary
from kb.reading.files import read_bytes, read_document
from kb.reading.metadata import read_library
from kb.reading.sandbox import Sandbox


def main() -> None:
    """Print a digest for each folder, and how many files and passages it is of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args()
    finisher = Finisher(load_encoder(), load_glossary(), Sandbox(children=1))
    for folder in options.folders:
        print(digest_of(folder, finisher, each=options.each), folder, flush=True)


def digest_of(folder: Path, finisher: Finisher, *, each: bool = False) -> str:
    """The digest of one folder's files, those that are rejected with their reason."""
    items = read_library(folder)
    total, files, passages = hashlib.sha256(), 0, 0
    for file in scan(folder):
        try:
            data = read_bytes(folder / file.path, max_bytes=1 << 30)
            found = finisher.finish(read_document(file.path, data, items.get(file.path, {})))
            kept = found.to_bytes()
            passages += len(found.passages)
        except RejectedFile as rejection:
            kept = str(rejection.reason).encode()
        if each:
            print(hashlib.sha256(kept).hexdigest()[:16], file.path)
        total.update(kept)
        files += 1
    return f"{total.hexdigest()[:16]}  {files:,} files, {passages:,} passages:"


if __name__ == "__main__":
    main()
