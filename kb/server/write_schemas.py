"""The shapes of the calls that change the collection."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from kb.server.schemas import Accepted, RejectionOut, Text

Name = Field(None, max_length=1000, description="What the file is called, such as 報告書.pdf.")


class UploadParameters(Accepted):
    """Under which name a file is added, and what becomes of one with the same name."""

    name: Text | None = Name
    replace: bool = Field(False, description="Whether a file of the same name is replaced.")


class ReportOut(BaseModel):
    """What a run of ingestion did with each file."""

    generation: str
    added: list[str]
    updated: list[str]
    unchanged: list[str]
    removed: list[str]
    rejected: list[RejectionOut]
    warnings: dict[str, list[str]]
    passages: int
    seconds: float
    duplicates: dict[str, str] = Field(description="From a file to the one with the same bytes.")


class JobOut(BaseModel):
    """A run of ingestion in the background. Times are UTC in ISO 8601."""

    id: str
    state: Literal["waiting", "running", "finished", "failed", "interrupted"]
    created: str
    ended: str | None
    done: int = Field(description="New and changed files that have been read.")
    total: int = Field(description="New and changed files in all; 0 while that is not known.")
    file: str = Field(description="The file that is being read.")
    error: str | None
    report: ReportOut | None
    url: str


class UploadOut(BaseModel):
    """A file that was added, durably, and the job that makes it searchable."""

    path: str
    document_id: str
    replaced: bool
    job: JobOut


class RemovedOut(BaseModel):
    """The files that were removed, and the job that takes them out of the index."""

    paths: list[str]
    job: JobOut


class AffectedCitationOut(BaseModel):
    """A citation that was given out and that a run changed."""

    id: str
    status: Literal["changed", "gone", "back"]
    document: str = Field(description="The path of the file that was cited.")
    title: str
    quote: str = Field(description="What was cited, its first 300 characters.")
    now: str | None = Field(description="What stands in its place, at these offsets.")
    document_id: str | None
    start: int | None
    end: int | None


class FactValueOut(BaseModel):
    """A value that the tracker has since, with the first place that states it."""

    cell: str
    value: str
    citation: str = Field(description="A citation id.")
    document_id: str
    start: int
    end: int
    quote: str


class FactRowOut(BaseModel):
    """A row of the tracker that a run changed."""

    table: Literal["measures", "disputes", "responses"]
    row: str
    what: Literal["new", "more", "gone"]
    named: dict[str, list[str]] = Field(description="The values of the cells that name the row.")
    date: str | None
    values: list[FactValueOut] = Field(description="Those that are new.")


class EffectsOut(BaseModel):
    """What a run meant for what was cited and for the tracker.

    `counts` has the citations that were moved, changed, gone or back, and the rows that are
    new_facts, more_facts or gone_facts; what there is none of is left out.
    """

    counts: dict[str, int]
    citations: list[AffectedCitationOut] = Field(description="The first 60, without moved ones.")
    facts: list[FactRowOut] = Field(description="The first 60.")
    unseen: int = Field(description="Citations that were too many to be followed.")


class ChangeOut(BaseModel):
    """What one run of ingestion changed, files by their paths; `at` is UTC in ISO 8601."""

    at: str
    generation: str
    rebuilt: bool = Field(description="All was read again, so that every file counts as added.")
    added: list[str]
    updated: list[str]
    removed: list[str]
    rejected: list[RejectionOut] = Field(description="Those that were not rejected before.")
    duplicates: dict[str, str]
    passages: int
    effects: EffectsOut


class ChangesOut(BaseModel):
    """What the last runs changed, the newest first."""

    generation: str
    changes: list[ChangeOut]


_ID = "j5f0c2b7d9e8a41633d7c0b5e9f2a1846"
_WAITING: dict[str, Any] = {
    "id": _ID, "state": "waiting", "created": "2026-07-03T09:00:00+00:00", "ended": None,
    "done": 0, "total": 0, "file": "", "error": None, "report": None,
    "url": f"/api/v1/jobs/{_ID}",
}  # fmt: skip
_FINISHED: dict[str, Any] = {
    **_WAITING, "state": "finished", "ended": "2026-07-03T09:00:04+00:00", "done": 1, "total": 1,
    "report": {
        "generation": "g00000013", "added": ["2026-licensing.md"], "updated": [],
        "unchanged": ["april-2025-licensing.md"], "removed": [],
        "rejected": [{"path": "x.pdf", "reason": "encrypted", "message": "it has a password"}],
        "warnings": {}, "passages": 412, "seconds": 3.2, "duplicates": {},
    },
}  # fmt: skip
EXAMPLES: dict[str, Any] = {
    "upload": {
        "path": "2026-licensing.md", "document_id": "d5t4bmyqnxkzc2vha", "replaced": False,
        "job": _WAITING,
    },
    "remove_document": {"paths": ["2026-licensing.md"], "job": _WAITING},
    "reindex": _WAITING,
    "job": _FINISHED,
    "changes": {
        "generation": "g00000013",
        "changes": [
            {
                "at": "2026-07-03T09:00:04+00:00", "generation": "g00000013", "rebuilt": False,
                "added": ["2026-licensing.md"], "updated": [], "removed": [], "rejected": [],
                "duplicates": {}, "passages": 412,
                "effects": {
                    "counts": {"gone": 1}, "facts": [], "unseen": 0,
                    "citations": [
                        {
                            "id": "chylhv7xwcuc4kczfaaaaalyaaaofc2lze7d56", "status": "gone",
                            "document": "old.md", "title": "旧版", "quote": "審査は45日である。",
                            "now": None, "document_id": None, "start": None, "end": None,
                        }
                    ],
                },
            }
        ],
    },
}  # fmt: skip
EVENTS_EXAMPLE = (
    'event: job\ndata: {"state": "running", "done": 1, "total": 3, …}\n\n'
    'event: job\ndata: {"state": "finished", "done": 3, "total": 3, …}\n\n'
)
