"""`kb backup` and `kb restore`: whole, checked copies of an index."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli_options import AsJson, Index, print_json, settings_of

if TYPE_CHECKING:
    from kb.backup import Copied


def backup(
    destination: Annotated[Path, typer.Argument(help="Folder that is to be made.")],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Copy the index while it is served, and check the copy; a backup can be served itself."""
    from kb.backup import back_up

    _print(back_up(settings_of(index), destination), destination, as_json)


def restore(
    source: Annotated[Path, typer.Argument(help="A backup.")],
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Check a backup and make it the current state of the index; citations are added up."""
    from kb.backup import restore as run

    settings = settings_of(index)
    _print(run(settings, source), settings.index, as_json)


def _print(copied: Copied, where: Path, as_json: bool) -> None:
    if as_json:
        print_json(asdict(copied))
        return
    print(
        f"{where}: {copied.documents} documents, {copied.passages} passages and "
        f"{copied.citations} citations in {copied.generation}, {copied.bytes:,} bytes, checked"
    )
