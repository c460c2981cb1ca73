"""`kb key`, and which addresses a server may have without one."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb.cli import app
from kb.cli_serving import allowed_hosts, check_address
from kb.errors import KidoError
from kb.keys import FILE, Keys


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["key", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    index = ("--index", str(tmp_path))
    made = json.loads(run("new", "図書室", *index, "--json"))
    other = run("new", *index).strip()
    assert other.startswith("kido_") and len(other) >= 48
    kept = (tmp_path / FILE).read_text("utf-8")
    assert made["key"] not in kept and other not in kept
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    keys = Keys(tmp_path)
    holder = keys.holder(made["key"])
    assert holder is not None and (holder.id, holder.name) == (made["id"], "図書室")
    for wrong in ("", made["key"][:-1], made["key"] + "x", "キー", "x" * 10_000):
        assert keys.holder(wrong) is None
    assert [key["name"] for key in json.loads(run("list", *index, "--json"))] == ["図書室", ""]
    assert "図書室" in run("list", *index)
    run("revoke", made["id"], *index)
    assert keys.holder(made["key"]) is None
    assert keys.holder(other) is not None
    with pytest.raises(KidoError, match="kb key list"):
        keys.revoke(made["id"])


def test_a_file_of_keys_that_cannot_be_read_opens_nothing(tmp_path: Path) -> None:
    _, secret = Keys(tmp_path).new("")
    (tmp_path / FILE).write_text("[{}]", "utf-8")
    with pytest.raises(KidoError, match="make new keys"):
        Keys(tmp_path).holder(secret)


def test_other_machines_are_not_served_without_a_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9"):
        check_address(host, keys)
    for host in ("0.0.0.0", "::", "192.168.1.2", "kido.example", "127.example.com", ""):
        with pytest.raises(KidoError, match="run `kb key new` first"):
            check_address(host, keys)
    keys.new("")
    check_address("0.0.0.0", keys)
    result = CliRunner().invoke(
        app, ["serve", "--host", "0.0.0.0", "--index", str(tmp_path / "none")]
    )
    assert isinstance(result.exception, KidoError)


def test_hosts_that_are_allowed_are_names() -> None:
    given = ["Kido.example.org", " kido", "", "127.0.0.2"]
    assert allowed_hosts(given) == {"kido.example.org", "kido", "127.0.0.2"}
    for wrong in ("*", "*.example.org", "https://kido.example", "kido:80", "a b", "-a", "希土.jp"):
        with pytest.raises(KidoError, match="is no name of a host"):
            allowed_hosts(["kido", wrong])
