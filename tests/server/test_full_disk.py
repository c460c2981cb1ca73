"""A disk that is full or fails: writes are refused with 507 and go on later, reads are answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import failpoints
from tests.ingest.corpora import MAGNETS
from tests.server.desk import Desk, opened
from tests.server.wire import problem


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("full")) as one:
        yield one


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def left(folder: Path) -> list[str]:
    """What is hidden in a folder."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("point", ["upload.open", "upload.write", "upload.fsync", "upload.rename"])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_file_that_cannot_be_kept_is_refused_and_leaves_nothing(
    desk: Desk, point: str, error: str
) -> None:
    failpoints.arm(f"{point}={error}")
    refused = problem(desk.add("磁石.md", MAGNETS), 507, "no-space")
    assert "nothing was added" in refused["detail"]
    assert ("make room" in refused["detail"]) == (error == "ENOSPC")
    assert desk.paths() == ["管理.md"]
    assert left(desk.corpus) == [] and not (desk.corpus / "磁石.md").exists()


def test_a_job_that_cannot_be_noted_is_not_begun_and_the_next_one_is(desk: Desk) -> None:
    failpoints.arm("job.fsync=ENOSPC")
    refused = problem(desk.call("POST", "/api/v1/reindex"), 507, "no-space")
    assert "no job was begun" in refused["detail"]
    assert desk.paths() == ["管理.md"]
    failpoints.arm("")
    answered = desk.call("POST", "/api/v1/reindex")
    assert answered.status_code == 202
    assert desk.finished(answered.headers["location"])["state"] == "finished"


def test_a_removal_that_fails_is_said(desk: Desk) -> None:
    failpoints.arm("removal.unlink=EIO")
    listed = desk.call("GET", "/api/v1/documents", key="")
    document = listed.content.decode().split('"id":"')[1].split('"')[0]
    refused = problem(desk.call("DELETE", f"/api/v1/documents/{document}"), 507, "no-space")
    assert "not all files were removed" in refused["detail"]
    assert desk.paths() == ["管理.md"]


def test_answers_are_given_where_their_citations_cannot_be_kept(desk: Desk) -> None:
    failpoints.arm("ledger.write=ENOSPC")
    asked = desk.call(
        "POST", "/api/v1/ask", '{"question": "許可の審査は何日か。"}'.encode(), key="",
        Content_Type="application/json",
    )  # fmt: skip
    assert asked.status_code == 200 and b'"answered"' in asked.content
