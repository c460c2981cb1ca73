"""`kb serve`: one server of an index, or one of several that follow it."""

from __future__ import annotations

import gc
import ipaddress
import os
import re
import socket
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kb import __version__
from kb.cli_options import Encoder, Index, settings_of
from kb.errors import KidoError, NoIndex
from kb.keys import Keys

_NAME = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*")  # as browsers send it, so in ASCII


def serve(
    index: Index = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    encoder: Encoder = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the reports, where the index does not say (default: corpus/)."
        ),
    ] = None,
    follow: Annotated[
        bool,
        typer.Option("--follow", help="Write nothing; serve what another makes, when complete."),
    ] = False,
    reuse_port: Annotated[
        bool, typer.Option("--reuse-port", help="Let further servers listen on the same port.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Answer for this name, too, such as that of a proxy; more than once for more.",
        ),
    ] = None,
) -> None:
    """Serve the web page and the HTTP API."""
    # Before NumPy is imported: threads for its small products cost more than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import uvicorn
    from uvicorn.config import LOGGING_CONFIG

    from kb.assembly import KnowledgeBase
    from kb.following import Following
    from kb.server.app import create_app
    from kb.server.connections import BoundedConnection
    from kb.server.observing import log_as_json
    from kb.server.readying import readied

    settings = settings_of(index, encoder)
    if corpus is not None:
        settings = replace(settings, corpus=corpus)
    if follow:
        settings = replace(settings, follow=1)
    hosts = allowed_hosts([*settings.allowed_hosts.split(","), *(allow_host or [])])
    keys = Keys(settings.index)
    if not settings.follow:  # who follows takes nothing from anybody
        check_address(host, keys)
    if settings.log not in ("text", "json"):
        raise KidoError(f"KIDO_LOG is {settings.log!r}: give text or json, or unset it")
    knowledge = Following(settings) if settings.follow else KnowledgeBase(settings)
    missing = ""
    try:
        knowledge.warm()
    except NoIndex as error:
        if not (settings.follow or keys.all()):
            raise
        waits = "it is waited for" if settings.follow else "documents can be added over HTTP"
        missing = f"; {error.what}: {waits}"
    gc.freeze()  # what is loaded now stays, and each look through it for cycles takes 50 ms
    listener = _listener(host, port, reuse=reuse_port)
    if settings.log == "json":
        log_as_json()
    else:
        shown = f"[{host}]" if ":" in host else host
        port = listener.getsockname()[1]
        print(f"Kido {__version__} on http://{shown}:{port}{missing}", file=sys.stderr)
    app = create_app(knowledge, hosts=hosts)
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        log_level="warning",
        access_log=False,
        log_config=None if settings.log == "json" else LOGGING_CONFIG,
    )
    if isinstance(knowledge, Following):
        knowledge.start()
    server = uvicorn.Server(config)
    readied(app, lambda: server.started)
    server.run(sockets=[listener])


def _listener(host: str, port: int, *, reuse: bool) -> socket.socket:
    """A socket that listens. Raises KidoError where that is not possible."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise KidoError(
            f"{host} port {port} cannot be listened on ({error.strerror}); choose another with "
            "--host and --port"
        ) from error
    return listener


def allowed_hosts(given: Iterable[str]) -> frozenset[str]:
    """The names that a server answers for besides its own. Raises KidoError of what is none."""
    names = {name.strip().lower() for name in given} - {""}
    for name in sorted(names):
        if not _NAME.fullmatch(name):
            raise KidoError(
                f"{name!r} is no name of a host: give one such as kido.example.org to --allow-host "
                "or KIDO_ALLOWED_HOSTS, without scheme, port or *"
            )
    return frozenset(names)


def check_address(host: str, keys: Keys) -> None:
    """Whether a server may listen on an address. Raises KidoError: others need a key."""
    if _is_this_machine(host) or keys.all():
        return
    raise KidoError(
        f"{host} can be reached from other machines and no key has been made: "
        "run `kb key new` first, or leave --host out to serve this machine only"
    )


def _is_this_machine(host: str) -> bool:
    """Whether an address is reached from this machine only; a name may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
