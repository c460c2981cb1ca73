"""The Python client's calls that write, against a server that has a key."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kb.client import AlreadyThere, Client, InvalidRequest, KeyRequired, NotFound, TooLarge
from tests.ingest.corpora import MAGNETS
from tests.server.desk import LARGEST, opened


def test_a_document_is_added_and_removed_by_the_client(tmp_path: Path) -> None:
    with opened(tmp_path) as desk, Client(f"http://127.0.0.1:{desk.port}", key=desk.key) as client:
        with Client(f"http://127.0.0.1:{desk.port}") as reader, pytest.raises(KeyRequired):
            reader.reindex()
        added = client.upload(io.BytesIO(MAGNETS.encode()), "磁石.md")
        job = client.wait(added.job)
        assert job.report is not None and job.report.added == ("磁石.md",)
        assert added.document_id in {document.id for document in client.documents()}
        with pytest.raises(AlreadyThere):
            client.upload(b"x", "磁石.md")
        assert client.upload(MAGNETS.encode(), "磁石.md", replace=True).replaced
        with pytest.raises(InvalidRequest):
            client.upload(b"x", "../x.md")
        with pytest.raises(TooLarge):
            client.upload(b"x" * (LARGEST + 1), "x.md")
        with pytest.raises(NotFound):
            client.job("none")
        gone = client.remove(added.document_id)
        assert gone.paths == ("磁石.md",)
        report = client.wait(gone.job).report
        assert report is not None and added.document_id not in {d.id for d in client.documents()}
