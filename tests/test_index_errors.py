"""What is said to be wrong with an index while a run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb import index_errors as module
from kb.index_errors import index_errors
from kb.indexing.generation import (
    LEASE,
    PREVIOUS,
    Generation,
    checksum_errors,
    open_previous,
    remove_unread,
)
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, Workshop


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    """An index with a generation before the current one."""
    work = Workshop(tmp_path)
    for name, text in (("磁石.md", MAGNETS), ("紛争.md", PANEL)):
        work.write(name, text)
        work.ingest()
    return work


def test_a_generation_that_a_run_removes_meanwhile_is_no_damage(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def while_a_run_publishes(generation: Generation) -> list[str]:
        looked.append(generation.name)
        if generation.name == "g00000001":
            (work.index / PREVIOUS).unlink()
            remove_unread(work.index, keep="g00000002")
        return checksum_errors(generation)

    monkeypatch.setattr(module, "checksum_errors", while_a_run_publishes)
    assert index_errors(replace(Settings(), index=work.index)) == []
    assert looked == ["g00000002", "g00000001"]


def test_a_generation_before_without_its_lease_is_damage(work: Workshop) -> None:
    previous = open_previous(work.index)
    assert previous is not None
    (previous.directory / LEASE).unlink()
    (error,) = index_errors(replace(Settings(), index=work.index))
    assert str(previous.directory / LEASE) in error
