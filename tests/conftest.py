"""What tests share: an index of the shipped corpus, the real reports where they are present."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kb.assembly import KnowledgeBase, ingestion
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SHARED = Path(os.environ.get("KIDO_SHARED", ROOT.parent / "shared"))

# The same examples on every run; `HYPOTHESIS_PROFILE=explore` looks further.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.register_profile(
    "explore", parent=settings.get_profile("fixed"), derandomize=False, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shipped collection."""
    return CORPUS


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the shipped collection."""
    index = tmp_path_factory.mktemp("corpus-index")
    ingestion(replace(Settings(), corpus=CORPUS, index=index)).run()
    return index


@pytest.fixture(scope="session")
def knowledge(corpus_index: Path) -> Iterator[KnowledgeBase]:
    """The shipped collection, opened for reading."""
    yield KnowledgeBase(replace(Settings(), corpus=CORPUS, index=corpus_index))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real reports and documents; tests that need it skip where it is absent."""
    if not (SHARED / "reports").is_dir():
        pytest.skip(f"the real reports are not at {SHARED} (set KIDO_SHARED to their folder)")
    return SHARED
