"""What the first pages need, made right after the start while nobody waits for it yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import FastAPI

from kb.errors import IndexDamaged, IndexUnavailable
from kb.server.examples import WRITTEN, Examples
from kb.server.rendering import Pages
from kb.server.words import LANGUAGES

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase


_LATER = 1.0  # seconds in which a reader who was waiting for the start has the processor
_EVERY = 0.05  # seconds between two looks at whether the server has started


def readied(
    app: FastAPI, started: Callable[[], bool] = lambda: True, *, later: float = _LATER
) -> threading.Thread:
    """A thread, started here, that waits until the server has started, so that it starts no later,
    and then loads the templates and asks a question, so that what is made only once is made;
    `later`, in seconds, it looks for the questions that the first page offers.
    """
    thread = threading.Thread(
        target=_ready, args=(app, started, later), name="readying", daemon=True
    )
    thread.start()
    return thread


def _ready(app: FastAPI, started: Callable[[], bool], later: float) -> None:
    while True:
        time.sleep(_EVERY)
        if started():
            break
    knowledge: KnowledgeBase = app.state.knowledge
    pages: Pages = app.state.pages
    examples: Examples = app.state.examples
    pages.compile()
    # Without an index there is nothing to ask, and who asks is told so.
    with suppress(IndexUnavailable, IndexDamaged), knowledge.view() as view:
        view.answers(WRITTEN["ja"][0])
        time.sleep(later)
        for language in LANGUAGES:
            examples.of(view, pages.catalogues[language])
