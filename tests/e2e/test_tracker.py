"""The tracker as a reader uses it, with and without scripts, and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ASK, SEARCH, Visitors

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@SCRIPTS
def test_a_mark_of_the_time_axis_opens_the_words_that_say_it(
    visitors: Visitors, scripts: bool
) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/timeline")
        page.get_by_role("navigation", name="年を選ぶ").get_by_role("link", name="2025").click()
        page.wait_for_load_state()
        assert "from=2025&to=2025" in page.url
        marks = page.locator(".axis .measures a")
        assert marks.count() > 2
        marks.first.click()
        expect(page.locator("#cited")).to_be_in_viewport()


@SCRIPTS
def test_what_was_in_force_on_a_day(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/timeline")
        page.get_by_label("この日に有効な規制").fill("2025-06-01")
        page.get_by_role("button", name="表示").click()
        held = page.locator(".in-force li")
        expect(held.first).to_be_visible()
        page.get_by_label("この日に有効な規制").fill("1950-01-01")
        page.get_by_role("button", name="表示").click()
        expect(page.get_by_text("資料からは見つかりません。")).to_be_visible()


@SCRIPTS
def test_the_matrix_leads_to_rows_and_rows_to_words(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/tracker")
        page.locator(".matrix td a").first.click()
        expect(page.locator("article.fact").first).to_be_visible()
        page.locator("article.fact sup a").first.click()
        expect(page.locator("#cited")).to_be_in_viewport()
        page = visit.go("/tracker")
        page.get_by_role("link", name="DS431").first.click()
        expect(page.locator("ol.stages")).to_be_visible()


@SCRIPTS
def test_two_countries_side_by_side(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/compare")
        page.get_by_label("国・地域 1").select_option("japan")
        page.get_by_label("国・地域 2").select_option("united-states")
        page.get_by_role("button", name="国を比べる").click()
        page.wait_for_load_state()
        assert page.locator(".compared thead th").all_text_contents()[1:] == ["日本", "米国"]


def test_from_question_to_copied_citation_by_keyboard_alone(visitors: Visitors) -> None:
    with visitors.visit(permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.go("/")
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("WTO上級委員会は中国のレアアース輸出税をどう判断したか。")
        page.keyboard.press("Enter")
        page.locator("ol.statements").wait_for()
        page.keyboard.press("j")
        expect(page.locator(".card.selected")).to_have_count(1)
        page.keyboard.press("c")
        expect(page.locator(".card.selected").get_by_text("コピーしました")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").startswith("「")
        page.keyboard.press("o")
        expect(page.locator("#cited")).to_be_in_viewport()


def test_the_keys_are_listed_and_stay_out_of_fields(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        page = visit.go(SEARCH)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="キー操作")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="キー操作")).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator(".hit.selected")).to_have_count(1)
        page.locator("#q").fill("")
        page.locator("#q").type("jk?")
        assert page.locator("#q").input_value() == "jk?"


def test_the_language_stays_chosen(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        page = visit.go(ASK)
        page.get_by_role("link", name="English").click()
        page.wait_for_load_state()  # the answer comes after the head of its page
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.locator("ol.statements").count() == 1
        page.get_by_role("link", name="Timeline").click()
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("link", name="日本語").click()
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == "ja"


def test_a_printed_page_has_what_is_read_and_nothing_to_press(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        for path in (ASK, "/tracker/measures", "/timeline?from=2023&to=2025", SEARCH):
            page = visit.go(path)
            page.emulate_media(media="print")
            assert page.locator("h1").is_visible()
            shown = page.locator("button, input, select, textarea, #site-pages, .tabs")
            assert [one.inner_text() for one in shown.all() if one.is_visible()] == [], path
            page.emulate_media(media="screen")
