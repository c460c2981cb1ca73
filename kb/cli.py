"""The `kb` command; `kb --help` lists what it can do."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from kb import cli_arrivals, cli_backup, cli_facts, cli_keys, cli_quoting, cli_serving
from kb.cli_options import AsJson, Encoder, Index, print_json, settings_of, view_of
from kb.cli_progress import IngestProgress
from kb.domain import Answer, Document, IngestReport, Outcome, SearchResults
from kb.errors import KidoError, RejectedFile
from kb.orders import Order
from kb.reading.options import ReadingOptions
from kb.replaced import ADVICE, was_replaced

app = typer.Typer(
    name="kb",
    help="Kido: a knowledge base of Japanese reports whose every answer is a checked quotation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Ocr = Annotated[bool, typer.Option("--ocr", help="Read pages without text from their pictures.")]
Passwords = Annotated[
    Path | None,
    typer.Option("--passwords", help="File with the passwords of protected PDFs, one a line."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many passages.")]


def main() -> None:
    """Run the command; what it cannot do becomes one line on stderr and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except KidoError as error:
        print(f"kb: {error}", file=sys.stderr)
        sys.exit(2)
    except typer.TyperException as error:  # a command line that makes no sense
        if message := error.format_message():  # there is none where the help was shown
            print(f"kb: {' '.join(message.split())} See `kb --help`.", file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        print("kb: stopped; what was done is kept, the same command goes on with it",
              file=sys.stderr)  # fmt: skip
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if not was_replaced():
            raise
        print(f"kb: {ADVICE} ({type(error).__name__})", file=sys.stderr)
        sys.exit(2)


def _reading_options(ocr: bool, passwords: Path | None) -> ReadingOptions:
    if passwords is None:
        return ReadingOptions(ocr=ocr)
    try:
        lines = passwords.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KidoError(
            f"{passwords}: the passwords cannot be read ({error}); "
            "a UTF-8 text file with one password a line is expected"
        ) from error
    return ReadingOptions(ocr=ocr, passwords=tuple(line for line in lines if line))


@app.command()
def ingest(
    corpus: Annotated[
        Path | None, typer.Argument(help="Folder of the reports (default: corpus/).")
    ] = None,
    index: Index = None,
    encoder: Encoder = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 when a file is rejected.")
    ] = False,
    ocr: Ocr = False,
    passwords: Passwords = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until stopped: read what arrives or changes.")
    ] = False,
    interval: Annotated[
        float, typer.Option("--interval", min=0.1, help="With --watch: seconds between looks.")
    ] = 2.0,
    still: Annotated[
        float,
        typer.Option("--still", min=0, help="With --watch: seconds that a file must be still."),
    ] = 5.0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="Address of a Dask scheduler whose workers prepare them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the index up to the reports in a folder: new, changed and removed files."""
    from kb.ingesting import ingestion

    settings = settings_of(index, encoder)
    if corpus is not None:
        settings = replace(settings, corpus=corpus)
    options = _reading_options(ocr, passwords)
    if watch and cluster:
        raise KidoError("--watch does not go with --cluster: what arrives is few; leave one out")
    if watch:
        order = Order(settings, options.ocr, tuple(options.passwords))
        cli_arrivals.watch_folder(order, interval=interval, still=still, as_json=as_json)
        return
    progress = IngestProgress()
    report = ingestion(settings, options=options, progress=progress, cluster=cluster).run()
    if as_json:
        print_json(asdict(report))
    else:
        _print_report(report)
        if meant := cli_arrivals.effects_line(cli_arrivals.meant(settings.index, asdict(report))):
            print(f"{meant} (`kb changes` says which)")
    if strict and report.rejected:
        raise typer.Exit(3)


_SHOWN = 100  # files that are named after a run; those that were rejected always are


def _print_report(report: IngestReport) -> None:
    if report.added or report.updated or report.removed or report.duplicates or report.rejected:
        _print_table(report)
    names = ("added", "updated", "unchanged", "removed", "rejected")
    counts = ", ".join(f"{len(getattr(report, name))} {name}" for name in names)
    print(f"{counts}; {report.passages} passages in {report.generation}, {report.seconds:.2f} s")


def _print_table(report: IngestReport) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"generation {report.generation}", title_justify="left")
    table.add_column("what")
    table.add_column("file", overflow="fold")
    table.add_column("reason or warning", overflow="fold")
    rows = [
        (what, path, "; ".join(report.warnings.get(path, ())))
        for what in ("added", "updated", "removed")
        for path in getattr(report, what)
    ]
    same = sorted(report.duplicates.items())
    rows += [("duplicate", alias, f"the same bytes as {path}") for alias, path in same]
    for what, path, remark in rows[:_SHOWN]:
        table.add_row(what, Text(path), Text(remark))
    if more := len(rows[_SHOWN:]):
        table.add_row("…", f"{more:,} more", "`--json` lists all")
    for rejection in report.rejected:
        table.add_row(
            Text("rejected", "red"), Text(rejection.path),
            Text(f"{rejection.reason}: {rejection.message}"),
        )  # fmt: skip
    Console().print(table)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    index: Index = None,
    limit: Limit = 10,
    encoder: Encoder = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the parts of scores.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the passages that bear on a query."""
    with view_of(settings_of(index, encoder)) as view:
        results: SearchResults = view.search(query, limit=limit)
        titles = {s.id: s.title for s in view.summaries()}
    if as_json:
        print_json(asdict(results))
        return
    for rank, hit in enumerate(results.hits, 1):
        page = f", p. {hit.passage.first_page}" if hit.passage.first_page else ""
        where = " › ".join((titles[hit.passage.document_id], *hit.passage.heading_path))
        print(f"{rank:>2}  {hit.score:.3f}  {where}{page}")
        if explain:
            print("    " + "  ".join(f"{name} {value:.3f}" for name, value in hit.scores.items()))
        print(f"    {' '.join(hit.text.split())}\n")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question in Japanese.")],
    index: Index = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with verbatim sentences and their citations."""
    with view_of(settings_of(index, encoder)) as view:
        answer: Answer = view.composed(question, limit=3)
        titles = {s.id: s.title for s in view.summaries()}
    if as_json:
        print_json({**asdict(answer), "text": answer.text})
        return
    if answer.outcome is Outcome.NO_EVIDENCE:
        print("収録資料に根拠が見つかりませんでした (no evidence in the collection).")
        return
    if answer.value is not None:
        print(f"{answer.value.text} [{answer.value.citation}]")
    print(answer.text, end="\n\n")
    if answer.composed_by == "model":
        print("言語モデルが書き、出典と照合した文です (composed by the model, verified).")
    if answer.fallback:
        print(
            f"原文の抜き出しです (extracted; the model's answer was not used: {answer.fallback})."
        )
    for disagreement in answer.disagreements:
        print(f"資料によって記述が異なります (the sources disagree): {disagreement.about}")
        for value in disagreement.values:
            note = f" ({value.note})" if value.note else ""
            print(f"  - {value.value}{note}" + "".join(f"[{n}]" for n in value.citations))
        print()
    for citation in answer.citations:
        page = f", p. {citation.page_label}" if citation.page_label else ""
        where = " › ".join((titles[citation.document_id], *citation.heading_path))
        print(f"[{citation.number}] {where}{page}  ({citation.id})")
        if citation.dates:
            print("    " + ", ".join(f"{d.text} = {d.iso}" for d in citation.dates))


app.command("serve")(cli_serving.serve)
app.command("cite")(cli_quoting.cite)
app.command("backup")(cli_backup.backup)
app.command("restore")(cli_backup.restore)
app.command("verify")(cli_quoting.verify)
app.command("facts")(cli_facts.facts)
app.command("changes")(cli_arrivals.changes)
app.add_typer(cli_keys.app, name="key", help="Keys for adding documents over HTTP.")


@app.command("eval")
def evaluate(
    questions: Annotated[Path, typer.Argument(help="Questions file, one JSON object a line.")],
    index: Index = None,
    encoder: Encoder = None,
    as_json: AsJson = False,
) -> None:
    """Measure search and answers against questions with gold quotations."""
    from kb.evaluation import evaluate as run
    from kb.evaluation import read_questions

    with view_of(settings_of(index, encoder)) as view:
        paths = {s.id: s.path for s in view.summaries()}
        result = run(read_questions(questions), view.search, view.ask, path_of=paths.__getitem__)
    if as_json:
        print_json(result)
        return
    for name, row in result.items():
        print(f"{name:22}", "  ".join(f"{key} {value}" for key, value in row.items()))


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A report.")],
    html: Annotated[
        Path | None, typer.Option("--html", help="Write pages and blocks side by side here.")
    ] = None,
    ocr: Ocr = False,
    passwords: Passwords = None,
    as_json: AsJson = False,
) -> None:
    """Show how a file is read: blocks, notes, pages and quality."""
    from kb import inspection

    settings = settings_of(None)
    options = _reading_options(ocr, passwords)
    try:
        document = inspection.inspect_file(file, options, max_bytes=settings.max_file_bytes)
    except RejectedFile as rejection:
        raise KidoError(f"{file}: {rejection.reason}: {rejection.message}") from rejection
    if html is not None:
        from kb.inspection_html import inspection_page

        data = file.read_bytes() if document.format == "pdf" else None
        html.write_text(inspection_page(document, data, options), encoding="utf-8")
        print(f"written: {html}")
        return
    if as_json:
        print_json(inspection.as_json(document))
        return
    _print_inspection(document)


def _print_inspection(document: Document) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kb import inspection

    for name, value in inspection.summary_lines(document):
        print(f"{name:20}{value}")
    console = Console()
    blocks = Table("kind", "level", "page", "marker", "length", "text", title="blocks")
    for block in document.blocks:
        blocks.add_row(*map(Text, inspection.block_row(document, block)))
    console.print(blocks)
    if rows := inspection.page_rows(document):
        pages = Table("page", "label", "reader", "characters", "odd", title="pages")
        for row in rows:
            pages.add_row(*map(Text, row))
        console.print(pages)


@app.command()
def status(index: Index = None, as_json: AsJson = False) -> None:
    """Say what the index holds."""
    from kb.indexing.generation import open_current

    generation = open_current(settings_of(index).index, verify=False)
    manifest = generation.manifest
    values: dict[str, object] = {
        "generation": manifest.generation,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "encoder": manifest.encoder,
        "tokenizer": manifest.tokenizer,
        "corpus": manifest.corpus,
        "bytes": sum(size for _, size in manifest.files.values()),
    }
    if as_json:
        print_json(values)
        return
    for name, value in values.items():
        print(f"{name:12}{value}")


@app.command()
def check(index: Index = None, as_json: AsJson = False) -> None:
    """Verify every checksum and cross-reference of the index; exit 1 when something is wrong."""
    from kb.index_errors import index_errors

    errors = index_errors(settings_of(index))
    if as_json:
        print_json({"ok": not errors, "errors": errors})
    else:
        print("\n".join(errors) or "the index is consistent")
    if errors:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
