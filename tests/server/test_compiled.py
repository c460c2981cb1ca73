"""Compiled templates: kept where possible, and never instead of what is written now."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from kb.server.compiled import FOLDER, Compiled


def rendered(folder: Path, *, escapes: bool = False) -> str:
    loader = FileSystemLoader(folder)
    made = Environment(loader=loader, bytecode_cache=Compiled(folder), autoescape=escapes)
    return made.get_template("a.html").render(x="<b>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.html").write_text("{{ x }}\n", "utf-8")
    return tmp_path


def kept(folder: Path) -> Path:
    [only] = (folder / FOLDER).iterdir()
    return only


def test_the_next_start_takes_what_was_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rendered(folder) == "<b>"
    assert kept(folder).name.startswith("a.html.cpython-")

    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "_generate", refuse)
    assert rendered(folder) == "<b>"
    with pytest.raises(AssertionError):
        rendered(folder, escapes=True)


def test_other_text_and_other_options_are_compiled_anew(folder: Path) -> None:
    assert rendered(folder) == "<b>"
    assert rendered(folder, escapes=True) == "&lt;b&gt;"
    (folder / "a.html").write_text("say {{ x }}", "utf-8")
    assert rendered(folder, escapes=True) == "say &lt;b&gt;"


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_file_counts_as_none(folder: Path, damage: str) -> None:
    rendered(folder)
    file = kept(folder)
    held = file.read_bytes()
    flipped = held[:-3] + bytes([held[-3] ^ 1]) + held[-2:]
    file.write_bytes({"cut": held[:-5], "flip": flipped, "empty": b""}[damage])
    assert rendered(folder) == "<b>"
    assert file.read_bytes() == held


def test_a_folder_that_takes_nothing_is_no_obstacle(folder: Path) -> None:
    (folder / FOLDER).write_text("a file is in the way", "utf-8")
    assert rendered(folder) == "<b>"
