"""What can be set: one frozen value, read from the environment, with its defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of Kido.

    `encoder` is "bundled" or the name or path of a sentence-transformers model, with the
    prefixes that it wants before queries and passages (None: what its family is known to
    use). `glossary` is a file of further concepts (see kb/language/glossary). Sizes are in
    bytes, lengths in characters. Reading one file may take `max_reading_seconds` of a core and
    `max_reading_bytes` of memory (see docs/reliability.md). Many documents are prepared
    in `workers` processes (0: one for each core). `keep_versions` is how many earlier
    versions of each document stay, so that old citations can still be shown; `keep_previous` is 0
    to keep no second generation on the disk, which serves where a file of the newest is damaged;
    `max_ledger_citations` is how many quotations the ledger keeps in all (see
    kb/indexing/ledger.py). A manuscript may have `max_manuscript_characters` and
    `max_manuscript_quotations`; of a larger collection than `max_scan_characters` only as much is
    read for a quotation that the index does not find.

    `max_requests_a_minute` is how many requests another machine may send (0: any number);
    `allowed_hosts` are names, with commas between, that a server answers for besides local ones.
    `follow` is 1 for a server that only follows an index: it writes nothing to its folder.

    `log` is "text" or "json": how the server writes its log (json: a line for each request).

    `model_url` is the base address of a language model that composes answers (see
    docs/model.md); without it there is none. `model_timeout` is in seconds, `model_calls` how
    many answers it may compose at a time; `model_proxy` is the only proxy that is used, and
    `model_plain_http` is 1 to let questions cross the network unencrypted.
    """

    corpus: Path = Path("corpus")
    index: Path = Path("index")
    encoder: str = "bundled"
    glossary: Path | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    max_file_bytes: int = 200 * 1024 * 1024
    max_reading_seconds: int = 20
    max_reading_bytes: int = 1 << 30
    max_question_characters: int = 1000
    max_results: int = 100
    workers: int = 0
    keep_versions: int = 20
    keep_previous: int = 1
    max_ledger_citations: int = 1_000_000
    max_manuscript_characters: int = 200_000
    max_manuscript_quotations: int = 1_000
    max_scan_characters: int = 20_000_000
    max_requests_a_minute: int = 1_200
    allowed_hosts: str = ""
    follow: int = 0
    log: str = "text"
    model_url: str | None = None
    model: str = ""
    model_key: str | None = field(default=None, repr=False)
    model_timeout: int = 30
    model_calls: int = 4
    model_proxy: str | None = None
    model_plain_http: int = 0


PREFIX = "KIDO_"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from variables named KIDO_ and the field (`KIDO_ENCODER=cl-nagoya/ruri-v3-30m`).

    Raises ValueError naming the variable when a number is not one.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for f in fields(Settings):
        raw = environment.get(PREFIX + f.name.upper())
        if raw is None:
            continue
        if f.type in ("int", int):
            if not raw.isdecimal():
                raise ValueError(
                    f"{PREFIX}{f.name.upper()} is {raw!r}: give a whole number, or unset it"
                )
            values[f.name] = int(raw)
        elif f.type in ("Path", Path, "Path | None"):
            values[f.name] = Path(raw)
        else:
            values[f.name] = raw
    return Settings(**values)  # type: ignore[arg-type]
