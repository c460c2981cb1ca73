"""`kb key`: the keys with which documents are added and removed over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from kb.cli_options import AsJson, Index, print_json, settings_of
from kb.keys import Keys

app = typer.Typer(no_args_is_help=True)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Who or what the key is for.")] = "",
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and show it, this once."""
    key, secret = Keys(settings_of(index).index).new(name)
    if as_json:
        print_json({"id": key.id, "name": key.name, "made": key.made, "key": secret})
    else:
        print(secret)
        typer.echo(f"key {key.id}; it is shown this once, only its hash is kept", err=True)


@app.command("list")
def list_(index: Index = None, as_json: AsJson = False) -> None:
    """Show which keys there are, not the keys themselves."""
    keys = Keys(settings_of(index).index).all()
    if as_json:
        print_json([{"id": key.id, "name": key.name, "made": key.made} for key in keys])
        return
    for key in keys:
        print(f"{key.id}  {key.made}  {key.name}")
    if not keys:
        print("there are no keys: the server is read-only (`kb key new` makes one)")


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The id that `kb key list` shows.")],
    index: Index = None,
) -> None:
    """Let a key open nothing any more, from the next request on."""
    key = Keys(settings_of(index).index).revoke(key_id)
    print(f"revoked {key.id} {key.name}".rstrip())
