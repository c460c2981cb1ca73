"""Every kind of page in both languages: axe-core, widths, names; and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.accessible import axe, obstacles
from tests.e2e.conftest import Visitors


@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "dark")])
def test_every_page_can_be_used_by_everyone_on_every_screen(
    visitors: Visitors, paths: list[str], language: str, scheme: str
) -> None:
    checker = axe()
    found: dict[str, list[Any]] = {}
    controls = 0
    with visitors.visit(color_scheme=scheme) as visit:
        for path in paths:
            bare, _, fragment = path.partition("#")
            page = visit.go(f"{bare}{'&' if '?' in bare else '?'}lang={language}#{fragment}")
            if said := obstacles(page, checker, language):
                found[path] = said
            controls += page.locator("input, select, textarea").count()
    assert found == {}
    assert controls >= 4 * 5


def test_every_page_says_the_same_without_scripts(visitors: Visitors, paths: list[str]) -> None:
    """Scripts add controls and move the view; they bring no words of their own."""
    words = """() => {
      const main = document.querySelector("main").cloneNode(true);
      const extra = main.querySelectorAll("button, [hidden], .facsimile, .composed");
      for (const one of extra) one.remove();
      return main.textContent.replace(/\\s+/g, " ").trim();
    }"""
    with visitors.visit() as visit, visitors.visit(scripts=False) as plain:
        for path in paths:
            assert plain.go(path).evaluate(words) == visit.go(path).evaluate(words), path
