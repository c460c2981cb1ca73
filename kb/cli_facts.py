"""The command that shows the tracker's tables: `kb facts`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kb.cli_options import AsJson, Encoder, Index, day_of, print_json, settings_of, view_of
from kb.errors import KidoError

TABLES = ("measures", "disputes", "responses", "assertions")


def facts(
    table: Annotated[
        str, typer.Argument(help="measures, disputes, responses or assertions.")
    ] = "measures",
    index: Index = None,
    country: Annotated[list[str] | None, typer.Option("--country", help="Such as china.")] = None,
    mineral: Annotated[list[str] | None, typer.Option("--mineral", help="Such as gallium.")] = None,
    type: Annotated[list[str] | None, typer.Option("--type", help="Such as licence.")] = None,
    in_force_on: Annotated[
        str | None, typer.Option("--in-force-on", help="Measures of a day: 2024-10-01.")
    ] = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
) -> None:
    """Show facts drawn from the reports, each with the citations that state it."""
    from kb import fact_tables
    from kb.tracker.model import Assertion
    from kb.tracker.selection import Wanted

    if table not in TABLES:
        raise KidoError(f"there is no table {table!r}: ask for one of {', '.join(TABLES)}")
    wanted = Wanted(tuple(country or ()), tuple(mineral or ()), tuple(type or ()))
    on = None if in_force_on is None else day_of("--in-force-on", in_force_on)
    if on is not None and table != "measures":
        raise KidoError("--in-force-on is for the table measures")
    with view_of(settings_of(index, encoder)) as view:
        tracker = view.tracker
        rows: list[Any] = (
            tracker.measures(wanted, on=on) if table == "measures"
            else getattr(tracker, table)(wanted)
        )  # fmt: skip
        citations = fact_tables.Citations(tracker)
        if as_csv:
            text = fact_tables.as_csv(table, rows, citations)
            citations.give_out()
            print(text, end="")
            return
        plain = [
            fact_tables.plain_assertion(row, citations)
            if isinstance(row, Assertion)
            else fact_tables.plain_row(row, citations)
            for row in rows
        ]
        citations.give_out()
    if as_json:
        print_json({"basis": fact_tables.BASIS, table: plain})
        return
    print(f"{len(plain)} {table}, {fact_tables.BASIS}\n")
    for row in plain:
        _print_row(table, row)


def _print_row(table: str, row: dict[str, Any]) -> None:
    print(row["id"])
    if table == "assertions":
        print(
            f"    {row['cell']} of {row['row']}: {row['value']}  ({len(row['documents'])} reports)"
        )
        return
    for name, cell in row.items():
        if name != "id" and cell["values"]:
            values = "; ".join(value["value"] for value in cell["values"])
            count = len({c for value in cell["values"] for c in value["citations"]})
            mark = "  (reports differ)" if cell["conflicting"] else ""
            print(f"    {name:18}{values}  [{count}]{mark}")
