"""The commands around quotations: `kb cite`."""

from __future__ import annotations

import datetime
import sys
from typing import Annotated

import typer

from kb.cli_options import Encoder, Index, settings_of, view_of
from kb.errors import KidoError


def cite(
    ids: Annotated[list[str], typer.Argument(help="Ids of citations, as `kb ask` prints them.")],
    format: Annotated[
        str, typer.Option("--format", help="csl, bibtex, ris, text or annotation.")
    ] = "text",
    style: Annotated[
        str, typer.Option("--style", help="The style of footnotes: sist02 or chicago.")
    ] = "sist02",
    accessed: Annotated[
        str | None,
        typer.Option("--accessed", help="Day of access, such as 2026-11-25 (default: today)."),
    ] = None,
    index: Index = None,
    encoder: Encoder = None,
) -> None:
    """Write citations for a paper or a reference manager."""
    day = _day(accessed)
    with view_of(settings_of(index, encoder)) as view:
        exported = view.quotations.export(ids, format, style=style, accessed=day)
    # As bytes: the line ends of RIS are part of the format.
    sys.stdout.flush()
    sys.stdout.buffer.write(exported.text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _day(value: str | None) -> datetime.date:
    if value is None:
        return datetime.datetime.now().astimezone().date()
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise KidoError(f"--accessed is {value!r}: give a day such as 2026-11-25") from error
