"""What the tests of the server share: the application in this process, and on a real port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from tests.server.wire import ADDRESS, Wire, serving


@pytest.fixture(scope="session")
def client(knowledge: KnowledgeBase) -> TestClient:
    """A client of the shipped collection."""
    return TestClient(create_app(knowledge), base_url=ADDRESS)


@pytest.fixture(scope="session")
def wire(knowledge: KnowledgeBase) -> Iterator[Wire]:
    """A server of the shipped collection that can be sent any bytes."""
    with serving(create_app(knowledge)) as server:
        yield server
