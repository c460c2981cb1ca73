"""Backups: a copy of an index that is whole and checked, made while it is read and written.

A backup is an index: the current generation, the ledger of citations, the keys (hashes only) and
the notes of what changed. Jobs belong to a server and stay behind; so do the reports, whose whole
text is in the generation, but not their files.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kb import changes, keys
from kb.durable import storing, sync
from kb.errors import IndexDamaged, IndexUnavailable, KidoError
from kb.index_errors import index_errors
from kb.indexing import checksums
from kb.indexing import generation as generations
from kb.indexing.disk import disk_errors
from kb.indexing.ledger import FILE as LEDGER
from kb.indexing.ledger import Ledger
from kb.settings import Settings


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restored index holds."""

    generation: str
    documents: int
    passages: int
    citations: int
    bytes: int


def back_up(settings: Settings, destination: Path) -> Copied:
    """Copy the index into the folder `destination`, which appears when the copy is checked.

    Readers and a run of ingestion go on meanwhile. Raises KidoError when the folder is there
    already, IndexUnavailable, IndexDamaged, NotStored.
    """
    if destination.exists():
        raise KidoError(f"{destination} is there already; give a folder that is to be made")
    partial = destination.with_name(destination.name + ".part")
    generation, held = generations.open_leased(settings.index)
    try:
        with held, storing(destination, "there is no backup"), disk_errors(destination):
            shutil.rmtree(partial, ignore_errors=True)
            _copy_generation(generation, partial / "generations" / generation.name)
            generations.point(partial, generation)
            Ledger(settings.index, limit=0).copy_to(partial / LEDGER)
            _copy_small(settings.index, partial, (changes.FILE, keys.FILE))
            _check(settings, partial)
            for path in (*partial.rglob("*"), partial):
                sync(path)
            partial.rename(destination)
            sync(destination.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return _copied(destination, generation)


def restore(settings: Settings, source: Path) -> Copied:
    """Make a backup the current generation of the index, which may be served meanwhile.

    Citations of the backup's ledger are added to those of the index; keys are taken over where
    there are none. Raises KidoError when `source` is no whole backup, IndexLocked, NotStored.
    """
    _check(settings, source)
    generation, held = generations.open_leased(source)
    with held, generations.writer_lock(settings.index):
        before: generations.Generation | None
        try:
            before = generations.open_current(settings.index)
        except (IndexUnavailable, IndexDamaged):
            before = generations.open_previous(settings.index)
        name = max(generations.next_name(settings.index), generation.name)
        with (
            storing(settings.index, "the index is as before"),
            disk_errors(settings.index),
            generations.built(settings.index) as directory,
        ):
            _copy_files(generation, directory)
            files = generation.manifest.files
            _compare(directory, files)  # a checksum of the copy's own would be right for any
            manifest = replace(generation.manifest, generation=name, files={})
            fallback = before if settings.keep_previous else None
            made = generations.publish(
                settings.index, directory, manifest, fallback=fallback, taken=files
            )
            Ledger(settings.index, limit=settings.max_ledger_citations).add_from(source / LEDGER)
            missing = [n for n in (changes.FILE, keys.FILE) if not (settings.index / n).exists()]
            _copy_small(source, settings.index, missing)
    return _copied(settings.index, made)


def _check(settings: Settings, index: Path) -> None:
    if errors := index_errors(replace(settings, index=index)):
        raise IndexDamaged(f"{index} is no whole index: {errors[0]}")


def _copied(index: Path, generation: generations.Generation) -> Copied:
    manifest = generation.manifest
    return Copied(
        generation.name,
        manifest.documents,
        manifest.passages,
        len(Ledger(index, limit=0)),
        sum(size for _, size in manifest.files.values()),
    )


def _copy_generation(generation: generations.Generation, directory: Path) -> None:
    """A generation as it is, with its manifest and an empty lease."""
    directory.mkdir(parents=True)
    _copy_files(generation, directory)
    for name in (generations.MANIFEST, generations.LEASE):
        shutil.copyfile(generation.directory / name, directory / name)


def _copy_files(generation: generations.Generation, directory: Path) -> None:
    for name in generation.manifest.files:
        (directory / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(generation.directory / name, directory / name)


def _compare(directory: Path, files: Mapping[str, tuple[str, int]]) -> None:
    """Raises IndexDamaged where a file that was copied is not what it was."""
    found = checksums.digests_read([directory / name for name in files])
    for name, (digest, _), own in zip(files, files.values(), found, strict=True):
        if own != digest:
            raise IndexDamaged(f"{name} is another once it is copied; check both disks")


def _copy_small(source: Path, target: Path, names: Iterable[str]) -> None:
    """Files that are replaced whole, so that a copy of one is whole too; for the owner only."""
    for name in names:
        if (source / name).is_file():
            data = (source / name).read_bytes()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(target / name, flags, 0o600), "wb") as file:
                file.write(data)
                os.fsync(file.fileno())
