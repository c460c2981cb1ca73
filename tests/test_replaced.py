"""A program that is replaced on the disk while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import cli
from kb.replaced import was_replaced


def test_a_program_that_was_replaced_while_it_ran_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tmp_path / "kb" / "later.py"
    module.parent.mkdir()
    module.write_text("", "utf-8")
    assert was_replaced(module.parent, since=module.stat().st_ctime - 1)
    assert not was_replaced(module.parent, since=module.stat().st_ctime)

    def run(**_: object) -> None:
        raise AttributeError("'Plan' object has no attribute 'parts'")

    monkeypatch.setattr(cli, "app", run)
    monkeypatch.setattr(cli, "was_replaced", lambda: False)
    with pytest.raises(AttributeError):
        cli.main()
    monkeypatch.setattr(cli, "was_replaced", lambda: was_replaced(module.parent, since=0))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    line = capsys.readouterr().err
    assert (ended.value.code, line.count("\n")) == (2, 1)
    assert line.startswith("kb: the program was replaced on the disk while it ran")
    assert "run the command again" in line and "AttributeError" in line
