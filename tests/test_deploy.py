"""The units and the image: what they call exists, and they are as closed as they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main

from kb.cli import app

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
MOST_EXPOSED = 2.5  # on the scale of systemd-analyze security, of which 10 is the worst


def lines(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=-?(.*)$", unit.read_text("utf-8"), re.M)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_call_commands_with_options_that_exist(unit: Path) -> None:
    called = [*lines(unit, "ExecStart"), *lines(unit, "ExecStartPost")]
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert called
    for line in called:
        program, command, *rest = line.split()
        assert program == "/opt/kido/.venv/bin/kb"
        known = {option for one in commands[command].params for option in one.opts}
        assert {word for word in rest if word.startswith("--")} <= known
    assert not re.search(r"^User=root|^ProtectSystem=(?!strict)", unit.read_text("utf-8"), re.M)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_are_closed(unit: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    ran = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", str(unit)],
        capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([0-9.]+)", ran.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze does not say it ({ran.stderr.strip()[:80]})")
    assert float(found[1]) <= MOST_EXPOSED


def test_units_are_read_by_systemd_without_a_complaint() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    timers = [str(path) for path in (ROOT / "deploy" / "systemd").glob("*.timer")]
    ran = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, UNITS), *timers], capture_output=True, text=True
    )
    said = [line for line in ran.stderr.splitlines() if "kido" in line]
    assert [line for line in said if "kb is not executable" not in line] == []


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.M)
    assert bases and all(re.search(r":\d+\.\d+\.\d+-\w+", base) for base in bases)
    assert "--constraint constraints.txt" in CONTAINERFILE
    user = re.findall(r"^USER (\d+):\d+$", CONTAINERFILE, re.M)
    assert user and int(user[-1]) >= 10_000
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.M):
        assert all((ROOT / name).exists() for name in line.split()), line


def test_what_the_image_leaves_out_is_a_dependency_and_what_it_takes_is_not_ignored() -> None:
    left = re.findall(r"echo ([a-z-]+)\) \\$", CONTAINERFILE, re.M)
    assert left == ["sentence-transformers"]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert sum(one.startswith(left[0]) for one in wanted) == 1
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.M)
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.M)
    assert {name for line in copied for name in line.split()} == set(kept)


def test_the_image_is_tried_with_what_it_sets() -> None:
    tried = (ROOT / "deploy" / "try-image.sh").read_text("utf-8")
    assert subprocess.run(["sh", "-n", ROOT / "deploy" / "try-image.sh"]).returncode == 0
    for setting in re.findall(r"\b(KIDO_[A-Z]+=\S+)", CONTAINERFILE):
        assert setting in tried


def test_an_image_that_does_not_answer_leaves_no_server(tmp_path: Path) -> None:
    if shutil.which("pkill") is None:
        pytest.skip("pkill is not installed")
    stubs = tmp_path / "bin"
    stubs.mkdir()
    serving = f'case "$*" in *serve*) sleep 60 & echo $! >{tmp_path}/pid; wait;; esac'
    for name, body in {
        "buildah": "",
        "chown": "",
        "unshare": serving,
        "curl": f"until [ -s {tmp_path}/pid ]; do sleep 0.05; done; exit 22",
    }.items():
        (stubs / name).write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        (stubs / name).chmod(0o755)
    tried = subprocess.run(
        [ROOT / "deploy" / "try-image.sh"], capture_output=True, timeout=30,
        env={"PATH": f"{stubs}:/usr/bin:/bin", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert tried.returncode == 22
    assert not Path("/proc", (tmp_path / "pid").read_text("utf-8").strip()).exists()
