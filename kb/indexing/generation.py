"""Generations: complete, immutable states of an index, checked by their manifest.

    index/
      CURRENT                 name of the generation that serves and its manifest's SHA-256
      PREVIOUS                the same of the one before, which serves if that one is damaged
      lock                    held by the one process that writes
      generations/NAME/       manifest.json, store.sqlite, postings/, vectors.faiss, lease
      spare/                  second copies of files for the next generation (`kb.indexing.copies`)
      verified, doubted       which files the writer need not check again (`kb.indexing.verified`)

A new generation is built beside the others and becomes the current one by renaming
CURRENT over; a reader holds a shared lock on `lease` and keeps its generation from being
removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from kb.durable import replace_file, sync
from kb.errors import IndexDamaged, IndexLocked, IndexUnavailable, NoIndex
from kb.failpoints import reach
from kb.indexing import checksums
from kb.indexing.verified import Verified, doubt, to_note

# Raised whenever generations written before can no longer be read.
INDEX_FORMAT = 4

STORE = "store.sqlite"
LOG = "store.sqlite-wal"  # what changed since that was written (`kb.indexing.connections`)
POSTINGS = "postings"
VECTORS = "vectors.faiss"
MANIFEST = "manifest.json"
LEASE = "lease"
_NAME = re.compile(r"g\d{8}")
_NAMED = re.compile(r"(g\d{8}) ([0-9a-f]{64})\n")
_BUILDING = "building"
CURRENT = "CURRENT"
PREVIOUS = "PREVIOUS"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of. `files` maps relative paths to (checksum, bytes)."""

    format: int
    generation: str
    encoder: str
    dimensions: int
    tokenizer: str
    settings: str
    corpus: str
    documents: int
    passages: int
    files: dict[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete generation on disk whose files have the checksums of its manifest."""

    directory: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Such as g00000012; later ones compare greater."""
        return self.manifest.generation

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.directory / STORE

    @property
    def postings(self) -> Path:
        """The folder of the lexical index."""
        return self.directory / POSTINGS

    @property
    def vectors(self) -> Path:
        """The FAISS file."""
        return self.directory / VECTORS


def current_name(index: Path) -> str | None:
    """The name of the generation that serves; None when there is no index."""
    current = _named(index / CURRENT)
    return current[0] if current else None


def _named(path: Path) -> tuple[str, str] | None:
    """The generation that a file names, and the digest of its manifest; None without the file."""
    try:
        content = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{path} cannot be read ({error})") from error
    found = _NAMED.fullmatch(content)
    if found is None:
        raise IndexDamaged(
            f"{path} holds {content[:40]!r} and not the name of a generation; "
            "run `kb ingest` to build the index again"
        )
    return found[1], found[2]


def open_current(index: Path, *, verify: bool = True) -> Generation:
    """The current generation, its files checked against the manifest unless told not to.

    Raises IndexUnavailable when there is none or its format is another, IndexDamaged when
    a file is missing or has another checksum.
    """
    current = _named(index / CURRENT)
    if current is None and (index / PREVIOUS).exists():
        raise IndexDamaged(
            f"{index / CURRENT} is missing; run `kb ingest` to build the index again"
        )
    if current is None:
        raise NoIndex(f"there is no index in {index}: run `kb ingest CORPUS --index {index}` first")
    return _opened(index, current, verify=verify)


def open_previous(index: Path, *, verify: bool = True) -> Generation | None:
    """The generation that served before the current one; None without one that is whole."""
    try:
        previous = _named(index / PREVIOUS)
        return None if previous is None else _opened(index, previous, verify=verify)
    except (IndexDamaged, IndexUnavailable):
        return None


def _opened(index: Path, named: tuple[str, str], *, verify: bool) -> Generation:
    name, digest = named
    directory = index / "generations" / name
    generation = Generation(directory, _read_manifest(directory, digest))
    if verify and (errors := checksum_errors(generation)):
        raise IndexDamaged(f"{errors[0]}; run `kb ingest` to build the index again")
    return generation


def _read_manifest(directory: Path, digest: str) -> Manifest:
    path = directory / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(
            f"{path} cannot be read ({error.strerror}), which CURRENT names; "
            "run `kb ingest` to build the index again"
        ) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise IndexDamaged(
            f"{path} does not have the checksum in CURRENT; run `kb ingest` to build it again"
        )
    values = json.loads(data)
    if values.get("format") != INDEX_FORMAT:
        raise IndexUnavailable(
            f"{directory} has index format {values.get('format')}; this version reads "
            f"{INDEX_FORMAT}: run `kb ingest` to build the index again"
        )
    values["files"] = {name: (sha, size) for name, (sha, size) in values["files"].items()}
    return Manifest(**values)


def checksum_errors(generation: Generation, verified: Verified | None = None) -> list[str]:
    """One line for each file that is missing, changed, not to be read or not in the manifest.

    Checksums of files that are `verified` are not taken; those that are go into these notes. Where
    there are errors, the next run of ingestion relies on no notes.
    """
    errors = []
    right: list[tuple[Path, str]] = []  # as far as their sizes
    for name, (digest, size) in sorted(generation.manifest.files.items()):
        path = generation.directory / name
        if not path.is_file():
            errors.append(f"{path} is missing")
        elif path.stat().st_size != size:
            errors.append(_differs(path))
        elif verified is None or not verified.holds(path, digest):
            right.append((path, digest))
    states = [to_note(path) for path, _ in right]
    found = checksums.digests_read([path for path, _ in right])
    for (path, digest), state, own in zip(right, states, found, strict=True):
        if digest != own:
            errors.append(_differs(path) if own else f"{path} cannot be read")
        elif verified is not None:
            verified.note(state, digest)
    if not (generation.directory / LEASE).is_file():
        errors.append(f"{generation.directory / LEASE} is missing")
    known = {*generation.manifest.files, MANIFEST, LEASE}
    errors.extend(
        f"{generation.directory / name} does not belong to the generation"
        for name in _files_below(generation.directory)
        if name not in known
    )
    if errors:
        doubt(generation.directory.parent.parent)
    return errors


def _differs(path: Path) -> str:
    return f"{path} does not have the checksum in its manifest"


def has_whole_store(generation: Generation) -> bool:
    """Whether the files of a generation's store have the checksums that its manifest states."""
    files = {n: stated for n, stated in generation.manifest.files.items() if n in (STORE, LOG)}
    paths = [generation.directory / name for name in files]
    if STORE not in files or (generation.directory / LOG).exists() != (LOG in files):
        return False
    if not all(path.is_file() for path in paths):
        return False
    return checksums.digests_read(paths) == [digest for digest, _ in files.values()]


def _files_below(directory: Path) -> list[str]:
    """The files that belong to a generation; tantivy's own lock files do not."""
    return sorted(
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    )


@contextmanager
def lease(generation: Generation) -> Iterator[None]:
    """Keep a generation from being removed while it is read.

    Raises IndexDamaged when it was removed in the meantime; open the current one then.
    """
    path = generation.directory / LEASE
    try:
        file = path.open("rb")
    except OSError as error:
        raise IndexDamaged(f"{path} cannot be read ({error.strerror})") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(file.fileno()).st_nlink == 0:
            raise IndexDamaged(f"{path} was removed while it was waited for")
        yield


@contextmanager
def writer_lock(index: Path) -> Iterator[None]:
    """Be the one that writes. Raises IndexLocked when another process does."""
    try:
        index.mkdir(parents=True, exist_ok=True)
        file = (index / "lock").open("a+b")
    except OSError as error:
        raise IndexUnavailable(
            f"{index} cannot be written ({error.strerror}); choose another with --index"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexLocked(
                f"{index} is being written by another process; wait until it is done"
            ) from error
        yield


def new_directory(index: Path) -> Path:
    """An empty folder to build the next generation in; leftovers of a broken build go.

    The caller holds the writer lock. Raises OSError.
    """
    generations = index / "generations"
    generations.mkdir(exist_ok=True)
    directory = generations / _BUILDING
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir()
    return directory


@contextmanager
def built(index: Path) -> Iterator[Path]:
    """An empty folder to build the next generation in; what was not published goes."""
    directory = new_directory(index)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def next_name(index: Path) -> str:
    """The name that the next generation will have: after every one that exists."""
    names = [p.name for p in (index / "generations").glob("g*") if _NAME.fullmatch(p.name)]
    try:
        names.append(current_name(index) or "g00000000")
    except IndexDamaged:
        names.append("g00000000")
    return f"g{int(max(names)[1:]) + 1:08d}"


def publish(
    index: Path,
    directory: Path,
    manifest: Manifest,
    *,
    fallback: Generation | None = None,
    taken: Mapping[str, tuple[str, int]] = MappingProxyType({}),
) -> Generation:
    """Make a finished folder the current generation, durably, and remove what nobody reads.

    After this returns, the generation survives a crash at any later moment. `fallback` is a
    whole generation that is kept, to serve should this one be damaged. `taken` is what the
    manifest says of files that were taken over, as `files` does. Raises OSError.
    """
    (directory / LEASE).touch()
    made = [n for n in _files_below(directory) if n != LEASE and n not in taken]
    paths = [directory / name for name in made]
    sizes = [path.stat().st_size for path in paths]
    found = zip(made, zip(checksums.digests(paths), sizes, strict=True), strict=True)
    files = dict(sorted([*taken.items(), *found]))
    values = {**asdict(manifest), "files": files}
    data = json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True).encode()
    reach("manifest.write")
    (directory / MANIFEST).write_bytes(data)
    reach("manifest.written")
    for name in (*files, MANIFEST, LEASE):
        reach("files.fsync")
        sync(directory / name)
    for folder in [directory, *(p for p in directory.rglob("*") if p.is_dir())]:
        reach("folders.fsync")
        sync(folder)
    final = index / "generations" / manifest.generation
    reach("generation.rename")
    directory.rename(final)
    reach("generation.renamed")
    sync(final.parent)
    if fallback is not None:
        _name(index / PREVIOUS, fallback.name, (fallback.directory / MANIFEST).read_bytes())
    _name(index / CURRENT, manifest.generation, data)
    if fallback is None:
        (index / PREVIOUS).unlink(missing_ok=True)
    remove_unread(index, keep=manifest.generation)
    return Generation(final, Manifest(**{**values, "files": files}))


def point(index: Path, generation: Generation) -> None:
    """Let an index serve a generation whose files are there. Raises OSError."""
    _name(index / CURRENT, generation.name, (generation.directory / MANIFEST).read_bytes())


def _name(path: Path, generation: str, manifest: bytes) -> None:
    """Let a file name a generation, with the digest of its manifest."""
    content = f"{generation} {hashlib.sha256(manifest).hexdigest()}\n"
    replace_file(path, content.encode("ascii"), point=path.name.lower())


def remove_unread(index: Path, *, keep: str) -> None:
    """Remove the generations that no reader holds, but for `keep` and the previous one."""
    kept = {keep}
    with suppress(IndexDamaged):
        kept.update(_named(index / PREVIOUS) or ())
    for directory in (index / "generations").iterdir():
        if directory.name in kept or not _NAME.fullmatch(directory.name):
            continue
        try:
            reach("old.remove")
            with (directory / LEASE).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)  # a rest goes at a later run
            reach("old.removed")
        except FileNotFoundError:
            shutil.rmtree(directory, ignore_errors=True)
        except OSError:
            continue  # its last reader has not left, or the disk fails; a later run removes it


def open_leased(index: Path) -> tuple[Generation, ExitStack]:
    """The current generation with a lease on it, also while another run replaces it.

    Its files are not checked yet. Raises IndexUnavailable or IndexDamaged.
    """
    for _ in range(5):
        name = current_name(index)
        held = ExitStack()
        try:
            generation = open_current(index, verify=False)
            held.enter_context(lease(generation))
        except IndexDamaged:
            if current_name(index) == name:
                raise
            continue  # it was removed because a newer one took its place
        return generation, held
    raise IndexUnavailable(f"{index} changes too fast to be opened; try again")
