"""How long a run takes on an index that is there: nothing new, one report more, one and many less.

    python -m benchmarks.ingest_change CORPUS INDEX [--removed 10000]

Works on copies of both, made in the folder for temporary files (TMPDIR), so that what is given
stays as it is. The first run notes where the copy is and which files it saw, and is printed too.
Time is that of the command `kb ingest` with the start of the process, in brackets that of its work
as it says itself, and the processor time of all its processes, which other work on the machine
disturbs less than the clock.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.ingest_run import ingested, size_of
from benchmarks.machine import machine_size

_SETTLED = 3  # seconds until files count as still (`kb.ingest.seen`)
_REPORT = (
    "# 追加の報告{0}\n\n" + "2025年4月に許可制となった品目{0}の輸出は、翌月に減った。\n\n" * 100
)


def main() -> None:
    """Measure and print one line a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--removed", type=int, default=10_000)
    options = parser.parse_args()
    print(f"machine               {machine_size()}")
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder) / "corpus", Path(folder) / "index"
        shutil.copytree(options.corpus, corpus)
        shutil.copytree(options.index, index)
        time.sleep(_SETTLED)
        run("first run", corpus, index)
        changes(corpus, index, options.removed)


def changes(corpus: Path, index: Path, removed: int) -> None:
    """Change a corpus step by step, and print how long each run takes."""
    run("nothing new", corpus, index)
    for number in (1, 2, 3):
        report = corpus / f"report{number}.md"
        report.write_text(_REPORT.format(number), encoding="utf-8")
        run("one report added", corpus, index)
    files = sorted(path for path in corpus.rglob("*") if path.is_file())
    files[len(files) // 2].unlink()
    run("one removed", corpus, index)
    left = [path for path in files if path.exists()]
    # Every second file as far as that goes, so that all of the index is touched.
    chosen = [*left[::2], *left[1::2]][: min(removed, len(left) - 1)]
    for path in chosen:
        path.unlink()
    run(f"{len(chosen):,} removed", corpus, index)
    (corpus / "report0.md").write_text(_REPORT.format(0), encoding="utf-8")
    run("one report added", corpus, index)
    print(f"index                 {size_of(index) / 2**20:,.0f} MiB")


def run(name: str, corpus: Path, index: Path) -> None:
    """One run of `kb ingest`, printed."""
    before = _processor()
    took, peak, report = ingested(corpus, index)
    print(f"{name:22}{took:.2f} s ({report['seconds']:.2f} s of work; processor "
          f"{_processor() - before:.2f} s; {peak / 2**20:,.0f} MiB), "
          f"{report['passages']:,} passages", flush=True)  # fmt: skip


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
