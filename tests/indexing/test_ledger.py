"""The ledger keeps each quotation once, for good, and gets in nobody's way when it cannot."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.citations import cite, is_citation, quoted
from kb.domain import BlockKind, Document
from kb.indexing.ledger import FILE, Ledger
from kb.quotation import Quoted
from tests.answering.formats.samples import REPORT, TEXT, quote, source

ROOT = Path(__file__).parents[2]


def same(a: Quoted, b: Quoted) -> bool:
    """Whether two are the same but for what only a living document has."""
    names = "id document_id start end quote heading_path first_page page_label kind marker header"

    def facts(one: Quoted) -> list[object]:
        around = [one.source, one.prefix, one.suffix, one.header]
        return around + [getattr(one.citation, name) for name in names.split()]

    return facts(a) == facts(b)


def test_what_was_recorded_is_found_again(tmp_path: Path) -> None:
    document = source(REPORT)
    given_out = [quote(document, words) for words in ("輸出", "許可は商務部が出す。", "中国\t100")]
    Ledger(tmp_path, limit=10).record((one, TEXT) for one in given_out)
    ledger = Ledger(tmp_path, limit=10)
    for one in given_out:
        found = ledger.find(one.citation.id)
        assert found is not None and found[1] == TEXT
        assert same(found[0], one)
    assert {one.citation.kind for one in given_out} == {
        BlockKind.PARAGRAPH, BlockKind.NOTE, BlockKind.TABLE,
    }  # fmt: skip
    assert ledger.find("c" * 38) is None
    assert ledger.errors(is_citation) == []


def test_nothing_is_made_before_something_is_cited(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=10)
    assert (ledger.find("c"), len(ledger), ledger.errors(is_citation)) == (None, 0, [])
    ledger.record([])
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 20)), max_size=12))
def test_each_quotation_is_kept_once(tmp_path_factory: pytest.TempPathFactory,
                                     spans: list[tuple[int, int]]) -> None:  # fmt: skip
    document = source(REPORT)
    made = [
        quoted(document, cite(document, a, min(len(TEXT), a + n), number=1, passage=None))
        for a, n in spans
    ]
    folder = tmp_path_factory.mktemp("ledger")
    for ledger in (Ledger(folder, limit=100), Ledger(folder, limit=100)):
        ledger.record((one, TEXT) for one in made)
        ledger.record((one, TEXT) for one in made)
    assert len(ledger) == len({one.citation.id for one in made})
    assert ledger.errors(is_citation) == []
    for one in made:
        found = ledger.find(one.citation.id)
        assert found is not None and same(found[0], one)


def test_no_more_than_the_limit_is_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=2)
    document = source(REPORT)
    for words in ("輸出", "許可", "希土類", "商務部"):
        ledger.record([(quote(document, words), TEXT)])
    assert len(ledger) == 2
    assert ledger.find(quote(document, "輸出").citation.id) is not None
    assert ledger.find(quote(document, "商務部").citation.id) is None


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    document = source(REPORT)

    def write(start: int) -> None:
        one = quoted(document, cite(document, start, start + 5, number=1, passage=None))
        Ledger(tmp_path, limit=1000).record([(one, TEXT)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(len(TEXT) - 5)))
    assert len(Ledger(tmp_path, limit=0)) == len(TEXT) - 5


WRITER = """
import sys
from pathlib import Path
from kb.answering.citations import cite, quoted
from kb.indexing.ledger import Ledger
from tests.answering.formats.samples import REPORT, TEXT, source
ledger, document = Ledger(Path(sys.argv[1]), limit=10**6), source(REPORT)
for start in range(len(TEXT) - 1):
    for end in range(start + 1, len(TEXT)):
        one = quoted(document, cite(document, start, end, number=1, passage=None))
        ledger.record([(one, TEXT)])
        print(one.citation.id, flush=True)
"""


def test_what_was_given_out_survives_being_killed(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    first = writer.stdout.readline()
    time.sleep(0.2)
    writer.send_signal(signal.SIGKILL)
    given_out = [first.strip(), *(line.strip() for line in writer.stdout if line.endswith("\n"))]
    writer.wait()
    writer.stdout.close()
    ledger = Ledger(tmp_path, limit=0)
    assert all(ledger.find(one) is not None for one in given_out)
    assert ledger.errors(is_citation) == []


@pytest.mark.parametrize("damage", ["garbage", "folder", "other format"])
def test_a_ledger_that_cannot_be_used_is_said_and_does_no_harm(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FILE
    if damage == "garbage":
        path.write_bytes(b"garbage" * 1000)
    elif damage == "folder":
        path.mkdir()
    else:
        apsw.Connection(str(path)).execute("PRAGMA user_version=99")
    one = quote(source(REPORT), "輸出")
    with caplog.at_level(logging.WARNING):
        ledger = Ledger(tmp_path, limit=10)
        ledger.record([(one, TEXT)])
        ledger.record([(one, TEXT)])
        assert ledger.find(one.citation.id) is None
    assert len(caplog.records) == 1
    assert str(path) in caplog.text
    if damage != "folder":
        (error,) = ledger.errors(is_citation)
        assert str(path) in error


def test_a_changed_row_is_an_error(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=10)
    ledger.record([(quote(source(REPORT), "輸出"), TEXT)])
    apsw.Connection(str(tmp_path / FILE)).execute("UPDATE citations SET quote='輸入'")
    (error,) = ledger.errors(is_citation)
    assert "1 quotations are not what their ids stand for" in error


def test_two_versions_of_a_document_are_two_sources(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=10)
    old, new = source(REPORT), source({**REPORT, "title": "改題"})
    for document, words in ((old, "輸出"), (new, "商務部")):
        assert isinstance(document, Document)
        ledger.record([(quote(document, words), TEXT)])
    titles = []
    for words in ("輸出", "商務部"):
        found = ledger.find(quote(old, words).citation.id)
        titles.append(found and found[0].source.title)
    assert titles == ["希土類の輸出管理", "改題"]
