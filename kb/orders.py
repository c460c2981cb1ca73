"""What the process of a run of ingestion is told: one line of JSON on its stdin."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kb.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """A run: of which settings, whether with OCR and which passwords.

    `held` are files that are still being written: they stay as they are in the index.
    """

    settings: Settings
    ocr: bool = False
    passwords: tuple[str, ...] = ()
    held: frozenset[str] = frozenset()


def line_of(order: Order) -> str:
    """An order as a line; the process has no use for the key of a model."""
    settings = asdict(replace(order.settings, model_key=None))
    values = {
        "settings": {k: str(v) if isinstance(v, Path) else v for k, v in settings.items()},
        "ocr": order.ocr, "passwords": order.passwords, "held": sorted(order.held),
    }  # fmt: skip
    return json.dumps(values) + "\n"


def order_of(line: str) -> Order:
    """The order that a line gives."""
    values = json.loads(line)
    settings = values["settings"]
    for name in ("corpus", "index", "glossary"):
        settings[name] = None if settings[name] is None else Path(settings[name])
    return Order(
        Settings(**settings), values["ocr"], tuple(values["passwords"]), frozenset(values["held"])
    )
