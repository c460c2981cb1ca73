"""The page of the collection in a browser: adding documents with the key, with scripts and not."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.accessible import axe, obstacles
from tests.ingest.corpora import MAGNETS, PANEL
from tests.server.desk import Desk, opened

WAIT = 60_000  # milliseconds


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("collection")) as one:
        yield one


def page_of(browser: Any, desk: Desk, **options: Any) -> Any:
    context = browser.new_context(locale="en-GB", **options)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"http://127.0.0.1:{desk.port}/documents")
    return page


def test_several_files_are_added_with_progress(browser: Any, desk: Desk) -> None:
    page = page_of(browser, desk)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    form = page.locator(".adding form")
    form.get_by_label("Key").fill("kido_wrong")
    add = form.get_by_role("button", name="Add", exact=True)
    form.get_by_label("File", exact=True).set_input_files(
        [
            {"name": "磁石.md", "mimeType": "text/markdown", "buffer": MAGNETS.encode()},
            {"name": "<b>.md", "mimeType": "text/markdown", "buffer": b"x"},
        ]
    )
    add.click()
    state = page.locator(".adding .state")
    state.get_by_text("this key is not known").wait_for()
    form.get_by_label("Key").fill(desk.key)
    add.click()
    state.get_by_text("U+003C").wait_for()
    assert (desk.corpus / "磁石.md").read_text("utf-8") == MAGNETS
    form.get_by_role("button", name="Read the folder again").click()
    state.get_by_text("The index is up to date").wait_for()
    page.get_by_role("link", name="Refresh the list").click()
    page.get_by_role("link", name="磁石", exact=False).first.wait_for()
    assert "Added: 磁石.md" in page.locator(".changes").inner_text()
    assert page.locator("#key").input_value() == desk.key  # typed once in a tab
    assert wrong == []
    page.context.close()


def test_a_file_is_added_without_scripts(browser: Any, desk: Desk) -> None:
    page = page_of(browser, desk, java_script_enabled=False)
    form = page.locator(".adding form")
    form.get_by_label("Key").fill(desk.key)
    form.get_by_label("File", exact=True).set_input_files(
        {"name": "小委員会.md", "mimeType": "text/markdown", "buffer": PANEL.encode()}
    )
    form.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("heading", name="The index is up to date").wait_for()
    assert "Added 小委員会.md" in page.locator(".done").inner_text()
    assert Path(desk.corpus, "小委員会.md").read_text("utf-8") == PANEL
    page.get_by_role("link", name="To the collection").click()
    form.get_by_label("Key").fill("kido_wrong")
    form.get_by_role("button", name="Read the folder again").click()
    page.get_by_role("heading", name="A key is needed").wait_for()
    page.context.close()


def test_documents_are_added_by_keyboard_alone_on_pages_that_everyone_can_use(
    browser: Any, desk: Desk
) -> None:
    page, checker = page_of(browser, desk), axe()
    chosen: list[Any] = []
    page.on(
        "filechooser", lambda one: chosen.append(one)
    )  # before the key, or the window would open unseen
    assert obstacles(page, checker, "en") == []
    page.locator("#key").focus()  # from here on keys only
    page.keyboard.type(desk.key)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_role("checkbox").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until = time.monotonic() + WAIT / 1000
    while not chosen and time.monotonic() < until:
        page.wait_for_timeout(20)
    chosen[0].set_files(
        {"name": "鍵盤.md", "mimeType": "text/markdown", "buffer": b"# Keys\n\nBy keyboard."}
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".adding .state").get_by_text("The index is up to date").wait_for()
    assert obstacles(page, checker, "en") == []
    page.keyboard.press("Tab")  # the focus stood where the progress was told
    assert page.evaluate("document.activeElement.textContent") == "Refresh the list"
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Keys", exact=False).first.wait_for()
    page.context.close()


def test_the_page_of_a_job_follows_it_in_place(browser: Any, desk: Desk) -> None:
    (desk.corpus / "小委員会.md").unlink()  # added above
    page, checker = page_of(browser, desk, color_scheme="dark"), axe()
    started = desk.call("POST", "/api/v1/reindex")
    path = f"/jobs/{json.loads(started.content)['id']}"
    page.goto(f"http://127.0.0.1:{desk.port}{path}?lang=ja")
    page.evaluate("window.stays = true")
    assert obstacles(page, checker, "ja") == []
    page.get_by_role("heading", name="索引を更新しました").wait_for()
    assert "小委員会.md" in page.locator(".done").inner_text()
    assert page.evaluate("window.stays")
    assert obstacles(page, checker, "ja") == []
    page.context.close()
