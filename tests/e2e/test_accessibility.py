"""Every kind of page passes axe-core, in both languages and both colour schemes."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visitors

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "dark")])
def test_axe_finds_no_violation(
    visitors: Visitors, paths: list[str], language: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = {}
    with visitors.visit(color_scheme=scheme) as visit:
        for path in paths:
            bare, _, fragment = path.partition("#")
            page = visit.go(f"{bare}{'&' if '?' in bare else '?'}lang={language}#{fragment}")
            options = {"runOnly": {"type": "tag", "values": RULES}}
            violations = axe.run(page, options=options).response["violations"]
            if violations:
                found[path] = [
                    (v["id"], [node["html"][:120] for node in v["nodes"][:3]]) for v in violations
                ]
    assert found == {}
