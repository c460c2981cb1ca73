"""The shipped reports are read as they were when someone last looked.

After a change that is meant, run `python -m tests.golden.regenerate` and read the difference
of tests/golden/*.txt before committing it.
"""

from pathlib import Path

import pytest

from tests.golden.regenerate import GOLDEN, golden_path, outline, read, shipped
from tests.reading.documents import check_passages, check_structure


@pytest.mark.parametrize("report", shipped(), ids=lambda path: path.name)
def test_the_reading_of_a_shipped_report_is_the_golden_one(report: Path) -> None:
    document = read(report)
    check_structure(document)
    check_passages(document)
    expected = golden_path(report).read_text(encoding="utf-8")
    advice = "if this is meant, run `python -m tests.golden.regenerate` and read the difference"
    assert outline(document).splitlines() == expected.splitlines(), advice


def test_there_is_one_golden_file_for_each_report() -> None:
    assert sorted(GOLDEN.glob("*.txt")) == sorted(map(golden_path, shipped()))
