"""What keeps somebody from using a page: axe-core, widths, names."""

from __future__ import annotations

from typing import Any

import pytest

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
WIDTHS = (360, 390, 768, 1280)
UNNAMED = """() => [...document.querySelectorAll(
    "input:not([type=hidden]), select, textarea, button")]
  .filter((e) => !e.labels?.length && !e.textContent.trim() && !e.ariaLabel)
  .map((e) => e.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll("a[href]")].filter((a) =>
  !a.textContent.trim() && !a.ariaLabel && !a.querySelector("img:not([alt=''])"))
  .map((a) => a.outerHTML)"""


def axe() -> Any:
    """axe-core; tests that need it skip where it is not installed."""
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


def obstacles(page: Any, checker: Any, language: str) -> list[Any]:
    """What is wrong with a page that is open, in windows from a phone to a desk."""
    options = {"runOnly": {"type": "tag", "values": RULES}}
    said = [
        (v["id"], [node["html"][:120] for node in v["nodes"][:3]])
        for v in checker.run(page, options=options).response["violations"]
    ]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            said.append((f"{wide} wide in a window of {width}", []))
    for without in (UNNAMED, NAMELESS):
        said += [("no name", found) for found in page.evaluate(without)]
    if page.locator("h1").count() != 1:
        said.append(("not one h1", []))
    if page.locator("html").get_attribute("lang") != language:
        said.append(("another language", []))
    return said
