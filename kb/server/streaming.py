"""Answers as they come about: the extracted one at once, then what a model says and is verified."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from kb.domain import Answer
from kb.server import present
from kb.server import schemas as s
from kb.server.api import knowledge_of, no_parameters

MEDIA_TYPE = "text/event-stream"
EXAMPLE = (
    'event: answer\ndata: {"outcome": "answered", "composed_by": "extraction", …}\n\n'
    'event: statement\ndata: {"text": "…", "citations": [1], "sources": [{"quote": "…", …}]}\n\n'
    'event: end\ndata: {"outcome": "answered", "composed_by": "model", …}\n\n'
)

T = TypeVar("T")

router = APIRouter(prefix="/api/v1", tags=["v1"])


@router.post(
    "/ask/stream",
    summary="Ask a question, and get the answer as it comes about",
    dependencies=[Depends(no_parameters)],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: `answer` (the extracted answer), `statement` "
            "(each verified one of the model) and `end` (the whole answer, as `ask` gives it).",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
)
def ask_stream(request: Request, body: s.AskIn) -> StreamingResponse:
    """The extracted answer at once; then, where a model is set up, what it says and is verified.

    Nothing that is not verified is ever sent. The answer at the end is the one that counts.
    """
    with knowledge_of(request).view() as view:
        presenter = present.Presenter(view)
        steps = view.composing(
            body.question, limit=body.limit, filters=present.filters_of(body.filters)
        )
        # Before the response begins, so that a question that is none gets its problem.
        extracted = next(steps)
    assert isinstance(extracted, Answer)

    def events() -> Iterator[bytes]:
        last = extracted
        yield event("answer", presenter.answer(extracted))
        if body.compose:
            for step in ahead(steps):
                if isinstance(step, Answer):
                    last = step
                    continue
                yield event(
                    "statement",
                    s.StatementSaid(
                        text=step.statement.text,
                        citations=list(step.statement.citations),
                        sources=[presenter.citation(c) for c in step.citations],
                    ),
                )
        yield event("end", presenter.answer(last))

    return StreamingResponse(events(), media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


def ahead(steps: Iterator[T]) -> Iterator[T]:
    """The same steps, taken in a thread of their own as fast as they come.

    What they hold, such as a place with the model, is free when they are over, however slowly
    they are read here, and soon after who reads them is gone.
    """
    # An answer has at most as much as kb.answering.model.endpoint reads, so nothing is bounded.
    ready: queue.SimpleQueue[T | BaseException | None] = queue.SimpleQueue()
    gone = threading.Event()

    def take() -> None:
        try:
            for step in steps:
                ready.put(step)
                if gone.is_set():
                    break
            ready.put(None)
        except BaseException as error:
            ready.put(error)
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()

    threading.Thread(target=take, daemon=True, name="composing").start()
    try:
        while (step := ready.get()) is not None:
            if isinstance(step, BaseException):
                raise step
            yield step
    finally:
        gone.set()


def event(name: str, value: BaseModel) -> bytes:
    """A server-sent event; JSON has no line ends, so that its data is one line."""
    return f"event: {name}\ndata: {value.model_dump_json()}\n\n".encode()
