"""What the commands share: their common options, and how they open an index."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.errors import KidoError
from kb.settings import Settings, from_environment

Index = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index (default: index/).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Encoder = Annotated[
    str | None,
    typer.Option("--encoder", help="Name or path of a sentence-transformers model."),
]


def settings_of(index: Path | None, encoder: str | None = None) -> Settings:
    """The settings of the environment with the options of a command. Raises KidoError."""
    try:
        settings = from_environment()
    except ValueError as error:
        raise KidoError(str(error)) from error
    if index is not None:
        settings = replace(settings, index=index)
    if encoder is not None:
        settings = replace(settings, encoder=encoder)
    return settings


def day_of(option: str, value: str) -> datetime.date:
    """The day that an option gives. Raises KidoError where it is none."""
    try:
        return datetime.date.fromisoformat(value)
    except ValueError as error:
        raise KidoError(f"{option} is {value!r}: give a day such as 2024-10-01") from error


def print_json(value: object) -> None:
    """Print a value as JSON for people and programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


@contextmanager
def view_of(settings: Settings) -> Iterator[Any]:
    """The newest generation of the index that the settings name."""
    from kb.assembly import KnowledgeBase  # heavy imports only where they are needed

    with KnowledgeBase(settings).view() as view:
        yield view
