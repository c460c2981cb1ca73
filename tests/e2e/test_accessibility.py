"""Every kind of page in both languages: axe-core, widths, names; and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Visitors

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
WIDTHS = (360, 390, 768, 1280)
UNNAMED = """() => [...document.querySelectorAll(
    "input:not([type=hidden]), select, textarea, button")]
  .filter((e) => !e.labels?.length && !e.textContent.trim() && !e.ariaLabel)
  .map((e) => e.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll("a[href]")].filter((a) =>
  !a.textContent.trim() && !a.ariaLabel && !a.querySelector("img:not([alt=''])"))
  .map((a) => a.outerHTML)"""


@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "dark")])
def test_every_page_can_be_used_by_everyone_on_every_screen(
    visitors: Visitors, paths: list[str], language: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found: dict[str, list[Any]] = {}
    controls = 0
    with visitors.visit(color_scheme=scheme) as visit:
        for path in paths:
            bare, _, fragment = path.partition("#")
            page = visit.go(f"{bare}{'&' if '?' in bare else '?'}lang={language}#{fragment}")
            said = [
                (v["id"], [node["html"][:120] for node in v["nodes"][:3]])
                for v in axe.run(page, options=options).response["violations"]
            ]
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 740})
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    said.append((f"{wide} wide in a window of {width}", []))
            said += [("no name", page.evaluate(UNNAMED))] if page.evaluate(UNNAMED) else []
            said += [("no name", page.evaluate(NAMELESS))] if page.evaluate(NAMELESS) else []
            if page.locator("h1").count() != 1:
                said.append(("not one h1", []))
            if page.locator("html").get_attribute("lang") != language:
                said.append(("another language", []))
            if said:
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
