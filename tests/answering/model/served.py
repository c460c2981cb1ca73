"""A real HTTP server on this machine that plays language models of every character."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/v1/chat/completions"


class Request(BaseHTTPRequestHandler):
    """One request to the model; `play` of its server answers it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Note the request and have it answered."""
        length = int(self.headers.get("content-length", "0"))
        body = json.loads(self.rfile.read(length)) if length else {}
        self.server.seen.append(Seen("POST", self.path, dict(self.headers.items()), body))
        self.close_connection = True
        with suppress(BrokenPipeError, ConnectionResetError):  # the caller has had enough
            self.server.play(self, body)

    def do_GET(self) -> None:
        """Note the request; nothing is got."""
        self.server.seen.append(Seen("GET", self.path, dict(self.headers.items()), {}))
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        """Send the head of an answer that ends with the connection."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, value: object) -> None:
        """Send one server-sent event."""
        data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def say(self, text: str, size: int = 7) -> None:
        """Send a text in pieces."""
        for at in range(0, len(text), size):
            self.event({"choices": [{"delta": {"content": text[at : at + size]}}]})

    def stop(self, reason: str = "stop") -> None:
        """End the answer as servers do."""
        self.event({"choices": [{"delta": {}, "finish_reason": reason}]})
        self.event("[DONE]")


@dataclass(frozen=True)
class Seen:
    """A request that reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The question and the passages that the model was shown."""
        found: dict[str, Any] = json.loads(self.body["messages"][-1]["content"])
        return found


Play = Callable[[Request, dict[str, Any]], None]


class Server(ThreadingHTTPServer):
    """Answers as `play` does, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, play: Play) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.play = play
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        """The base address of the model."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving(play: Play) -> Iterator[Server]:
    """A model that is there until the end of the block."""
    server = Server(play)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class Sentences:
    """A model that answers with what `write` makes of the passages: (text, citations)."""

    write: Callable[[list[dict[str, Any]]], Sequence[tuple[str, Sequence[Any]]]]
    shown: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request, body: dict[str, Any]) -> None:
        """Answer one request."""
        data = json.loads(body["messages"][-1]["content"])
        self.shown = data["passages"]
        request.begin()
        request.say(written(self.write(self.shown)))
        request.stop()


def written(sentences: Sequence[tuple[str, Sequence[Any]]]) -> str:
    """Sentences in the form that a model is asked for."""
    return json.dumps(
        {"sentences": [{"text": text, "citations": list(n)} for text, n in sentences]},
        ensure_ascii=False,
    )
