"""The commands around quotations: `kb cite` and `kb verify`."""

from __future__ import annotations

import datetime
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli_options import AsJson, Encoder, Index, day_of, print_json, settings_of, view_of
from kb.errors import KidoError

if TYPE_CHECKING:
    from kb.quotation import CheckedQuotation

_GOOD = ("exact", "normalized")  # Verdict, which `kb --help` does not need


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
    return day_of("--accessed", value)


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="A manuscript (UTF-8 text); - reads standard input.")
    ] = None,
    quote: Annotated[str | None, typer.Option("--quote", help="One quotation instead.")] = None,
    style: Annotated[
        str, typer.Option("--style", help="The style of footnotes: sist02 or chicago.")
    ] = "sist02",
    index: Index = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Check quotations; exit 1 when one does not stand in the collection as it is quoted."""
    if (file is None) == (quote is None):
        raise KidoError("give either a manuscript or --quote: `kb verify paper.txt`")
    from kb.quotation import CheckedQuotation

    with view_of(settings_of(index, encoder)) as view:
        if quote is not None:
            whole = CheckedQuotation(0, len(quote), 1, quote, view.verify(quote), None)
            checked = [_with_footnote(whole, style)]
        else:
            text = _text_of(file)
            checked = view.verifier.manuscript(text, style=style, accessed=_day(None))
    if as_json:
        print_json([asdict(one) for one in checked])
    else:
        for one in checked:
            _print_checked(one)
        good = sum(one.found.verdict in _GOOD for one in checked)
        print(f"{good} of {len(checked)} quotations stand in the collection")
    if any(one.found.verdict not in _GOOD for one in checked):
        raise typer.Exit(1)


def _with_footnote(one: CheckedQuotation, style: str) -> CheckedQuotation:
    from kb.answering.formats.export import footnote  # only where it is needed

    matches = one.found.matches
    return replace(one, footnote=footnote(matches[0].quoted, style, _day(None))) if matches else one


def _text_of(file: Path | None) -> str:
    try:
        if file is None or str(file) == "-":
            return sys.stdin.read()
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KidoError(
            f"{file} cannot be read ({error}); a text file in UTF-8 is expected"
        ) from error


def _print_checked(one: CheckedQuotation) -> None:
    words = " ".join(one.quote.split())
    print(f"{one.found.verdict.value:<11} {one.start}–{one.end}  「{words}」")
    for match in one.found.matches[:1]:
        for kind in dict.fromkeys(d.kind.value for d in match.differences):
            pairs = [d for d in match.differences if d.kind.value == kind]
            print(f"            {kind}: " + ", ".join(f"{d.quote!r} {d.text!r}" for d in pairs))
        print(f"            {match.quoted.citation.id}  {one.footnote}")
    if (closest := one.found.closest) is not None:
        marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
        diff = "".join(marks[part.kind.value].format(part.text) for part in closest.diff)
        print(f"            {closest.similarity:.0%} {closest.quoted.source.title}: {diff}")
