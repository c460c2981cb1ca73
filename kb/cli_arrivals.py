"""`kb ingest --watch` and `kb changes`: what arrives, and what it meant, in lines and as JSON."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.changes import Change, Effects, recent
from kb.cli_options import AsJson, Index, print_json, settings_of
from kb.orders import Order

_NAMES = ("added", "updated", "removed", "rejected")
_COUNTED: Mapping[str, str] = {
    "gone": "citations gone", "changed": "citations changed", "moved": "citations moved",
    "back": "citations restored", "new_facts": "new tracker rows",
    "more_facts": "tracker rows with more", "gone_facts": "tracker rows gone",
}  # fmt: skip


def watch_folder(order: Order, *, interval: float, still: float, as_json: bool) -> None:
    """Watch the folder of an order and print a line for each run."""
    from kb.watching import Ran, watch

    def say(ran: Ran) -> None:
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        if ran.report is None:
            again = "" if ran.again is None else f"; tried again in {ran.again:.0f} s"
            if as_json:
                _line({"at": now, "error": ran.error, "again": ran.again})
            else:
                print(f"{now} {ran.error}{again}", file=sys.stderr, flush=True)
            return
        report = ran.report
        effects = meant(order.settings.index, report)
        if as_json:
            _line({"at": now, **report, "effects": asdict(effects)})
        else:
            print(f"{now} {said(report, effects)}", flush=True)

    print(
        f"watching {order.settings.corpus}: looking every {interval:g} s, "
        f"reading what is still for {still:g} s",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    watch(order, interval=interval, still=still, say=say)


def said(report: Mapping[str, Any], effects: Effects) -> str:
    """A run in one line."""
    counts = [f"{len(report[name])} {name}" for name in _NAMES if report[name]]
    parts = [", ".join(counts) or "nothing changed", effects_line(effects)]
    refused = ", ".join(f"{_plain(r['path'])} ({r['reason']})" for r in report["rejected"][:5])
    parts.append(f"rejected: {refused}" if refused else "")
    parts.append(f"{report['passages']} passages, {report['seconds']:.1f} s")
    return f"{report['generation']}: " + "; ".join(part for part in parts if part)


def effects_line(effects: Effects) -> str:
    """What a run meant, as counts; empty when it meant nothing."""
    found = [(effects.counts.get(code, 0), name) for code, name in _COUNTED.items()]
    return ", ".join(f"{count} {name}" for count, name in found if count)


def meant(index: Path, report: Mapping[str, Any]) -> Effects:
    """What the run of a report meant; nothing where it changed no document."""
    changed = any(report[name] for name in ("added", "updated", "removed"))
    found = recent(index)[:1] if changed else ()
    return found[0].effects if found and found[0].generation == report["generation"] else Effects()


def changes(
    index: Index = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="How many runs.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Say what the last runs changed: documents, citations, the tracker, rejected files."""
    found = recent(settings_of(index).index)[:limit]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        print("no run is noted yet: `kb ingest` makes the first")
    for change in found:
        _print(change)


def _print(change: Change) -> None:
    rebuilt = ", all read again" if change.rebuilt else ""
    print(f"{change.at}  {change.generation}{rebuilt}, {change.passages} passages")
    for name in ("added", "updated", "removed"):
        for path in () if change.rebuilt and name == "added" else getattr(change, name):
            print(f"  {name:10}{_plain(path)}")
    for r in change.rejected:
        print(f"  {'rejected':10}{_plain(r.path)}: {r.reason}: {r.message}")
    if meant := effects_line(change.effects):
        print(f"  {meant}")
    for one in change.effects.citations:
        print(f"  {one.status:10}{one.id}  {_plain(one.title)}: {_plain(one.quote)}")
        if one.now and one.status == "changed":
            print(f"  {'now':10}{_plain(one.now)}")
    for row in change.effects.facts:
        named = " ".join("/".join(values) for values in row.named.values())
        print(f"  {row.what:10}{row.table} {row.row}  {row.date or ''} {named}".rstrip())
    print()


def _plain(text: str) -> str:
    """Text on one line, without what moves the cursor."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def _line(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)
