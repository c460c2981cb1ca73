"""Where templates, static files and words are: the `web/` folder of the checkout, or KIDO_WEB."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kb.errors import KidoError

VARIABLE = "KIDO_WEB"


class AssetsMissing(KidoError):
    """The folder with the templates and static files was not found."""


def web_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder that holds `templates/`, `static/` and `locale/`. Raises AssetsMissing."""
    environment = os.environ if environment is None else environment
    given = environment.get(VARIABLE)
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "web"
    missing = [name for name in ("templates", "static", "locale") if not (folder / name).is_dir()]
    if missing:
        raise AssetsMissing(
            f"{folder} has no folder {' and no folder '.join(missing)}; "
            f"run Kido from its checkout, or set {VARIABLE} to the web/ folder of one"
        )
    return folder
