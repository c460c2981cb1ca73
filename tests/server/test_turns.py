"""Costly requests wait for each other, not the others for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.server.turns import Turns
from tests.server.wire import LONGEST, problem, serving

TEXT = {"text": "報告は「輸出許可」と書く。"}
FORM = (
    b"POST /verify HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nContent-Length: 6\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=a"
)


def held(turns: Turns, hold: Callable[[], None]) -> Route:
    """What takes a turn for as long as it is held."""

    async def answer(request: Request) -> Response:
        await turns.take(hold)
        return Response()

    return Route("/held", answer)


def test_costly_requests_leave_room_for_others(knowledge: KnowledgeBase) -> None:
    app = create_app(knowledge)
    app.state.manuscripts = Turns(1, 2, "manuscripts")
    go, begun = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go.wait(LONGEST)

    app.router.routes.insert(0, held(app.state.manuscripts, hold))
    with serving(app) as wire, ThreadPoolExecutor(3) as pool:
        first = pool.submit(wire.get, b"/held")
        assert begun.wait(LONGEST)
        waiting = [pool.submit(wire.post, "/api/v1/verify/manuscript", TEXT) for _ in range(2)]
        until = time.monotonic() + LONGEST
        while app.state.manuscripts._limiter.statistics().tasks_waiting < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        busy = wire.post("/api/v1/verify/manuscript", TEXT)
        assert "2 manuscripts are waiting" in problem(busy, 503, "busy")["detail"]
        assert busy.headers["retry-after"] == "5"
        page = wire.send(FORM)
        assert (page.status_code, "text/html" in page.headers["content-type"]) == (503, True)
        assert wire.post("/api/v1/verify", {"quote": "許可"}).status_code == 200
        go.set()
        assert first.result().status_code == 200
        assert [one.result().status_code for one in waiting] == [200, 200]


def test_many_pictures_hold_no_threads(knowledge: KnowledgeBase) -> None:
    app = create_app(knowledge)
    go, begun = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        begun.release()
        assert go.wait(LONGEST)

    app.router.routes.insert(0, held(app.state.pictures, hold))
    with serving(app) as wire, ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(wire.get, b"/held") for _ in range(60)]
        for _ in range(2):
            assert begun.acquire(timeout=LONGEST)
        assert wire.get(b"/api/v1/search?q=%E8%A8%B1%E5%8F%AF").status_code == 200
        go.set()
        statuses = [one.result().status_code for one in asked]
    assert set(statuses) <= {200, 503} and statuses.count(200) >= 2
