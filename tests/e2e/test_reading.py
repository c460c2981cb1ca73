"""What a reader does, in a real browser: ask, check the source, search, look around."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kb.assembly import KnowledgeBase
from tests.e2e.conftest import ASK, NOWHERE, QUESTION, Visitors

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def words(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def quotes(knowledge: KnowledgeBase) -> dict[int, str]:
    """The quotations of the answer, by number."""
    with knowledge.view() as view:
        return {c.number: c.quote for c in view.ask(QUESTION).citations}


def in_view(element: Any) -> None:
    """Wait until an element can be seen without scrolling."""
    from playwright.sync_api import expect

    expect(element).to_be_in_viewport(timeout=10_000)


def ask(page: Any, question: str) -> None:
    page.get_by_role("textbox", name="質問").fill(question)
    page.get_by_role("button", name="質問する").click()
    page.get_by_role("heading", level=1, name=question).wait_for()
    page.wait_for_load_state()


@SCRIPTS
def test_a_question_leads_to_the_marked_words_of_its_source(
    visitors: Visitors, quotes: dict[int, str], scripts: bool
) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/")
        ask(page, QUESTION)
        links = page.locator("ol.statements sup a")
        assert links.all_text_contents() == [str(number) for number in quotes]
        for number, quoted in quotes.items():
            links.nth(number - 1).click()
            assert page.url.endswith(f"#citation-{number}")
            card = page.locator(f"#citation-{number}")
            assert words("".join(card.locator("mark").all_text_contents())) == words(quoted)
            card.get_by_role("link", name="原文で開く").click()
            cited = page.locator("#cited")
            cited.wait_for()
            page.wait_for_load_state()
            assert "".join(page.locator(".body mark").all_text_contents()) == quoted
            in_view(cited)
            page.go_back()
            page.locator("ol.statements").wait_for()
            page.wait_for_load_state()


@SCRIPTS
def test_the_printed_page_stands_beside_the_text(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/documents")
        page.get_by_role("link", name="EU重要原材料法とレアアース").first.click()
        picture = page.locator(".facsimile img")
        picture.wait_for()
        assert "/pages/1.png" in picture.get_attribute("src")
        page.get_by_role("link", name="次のページ").click()
        page.locator(".facsimile img[src*='/pages/2.png']").wait_for()
        page.locator("#find").fill("２０３０年")
        page.get_by_role("button", name="探す").click()
        page.wait_for_load_state()
        found = page.locator("mark.found")
        assert found.count() > 1
        assert set(found.all_text_contents()) == {"2030年"}
        page.get_by_role("link", name="2", exact=True).click()
        in_view(page.locator("#found-2"))
        page.locator("#find").fill("空を飛ぶ象")
        page.get_by_role("button", name="探す").click()
        page.get_by_text("この言葉はこの資料にありません。").wait_for()


@SCRIPTS
def test_notes_and_their_calls_are_linked(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/documents")
        page.get_by_role("link", name="オーストラリアはレアアース供給の軸になるか").first.click()
        call = page.locator("a.call").first
        call.click()
        note = page.locator(page.url[page.url.index("#") :])
        in_view(note)
        note.locator("a.back").click()
        in_view(call)


@SCRIPTS
def test_a_question_without_evidence_gets_no_answer(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/")
        ask(page, NOWHERE)
        assert page.get_by_text("収録資料に根拠が見つかりませんでした").is_visible()
        assert page.locator("ol.statements, .card").count() == 0
        assert page.locator(".related .hit").count() in range(1, 5)
        page.get_by_role("link", name="同じ言葉で資料を検索する").click()
        page.wait_for_load_state()
        assert page.get_by_role("textbox", name="検索する言葉").input_value() == NOWHERE


@SCRIPTS
def test_a_search_shows_passages_with_the_words_marked(visitors: Visitors, scripts: bool) -> None:
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/search")
        page.get_by_role("textbox", name="検索する言葉").fill("輸出許可")
        page.get_by_role("button", name="検索").click()
        page.locator(".hits").wait_for()
        page.wait_for_load_state()
        assert page.locator(".hits .hit").count() == 20
        assert page.locator(".hits mark").count() > 0
        assert page.locator(".scores dl").first.is_hidden()
        page.locator(".scores summary").first.click()
        assert page.locator(".scores dl").first.is_visible()
        title = page.locator(".hit .source-title").first.text_content().strip()
        page.locator(".hit .source-title a").first.click()
        page.wait_for_load_state()
        assert words(page.get_by_role("heading", level=1).text_content()) == words(title)
        assert page.locator("#cited").is_visible()


@SCRIPTS
def test_the_collection_lists_all_files_and_opens_them(
    visitors: Visitors, knowledge: KnowledgeBase, corpus: Path, scripts: bool
) -> None:
    with knowledge.view() as view:
        titles = {summary.title for summary in view.summaries()}
    assert len(titles) == len([p for p in corpus.iterdir() if p.name != "library.json"])
    with visitors.visit(scripts=scripts) as visit:
        page = visit.go("/documents")
        rows = page.locator(".collection tbody th a")
        assert set(rows.all_text_contents()) == titles
        assert page.get_by_text(f"{len(titles)}件").is_visible()
        rows.nth(5).click()
        page.wait_for_load_state()
        assert page.locator("article.body").is_visible()
        page.get_by_role("navigation", name="目次").get_by_role("link").nth(1).click()
        assert "#s" in page.url


def test_the_original_can_be_saved(visitors: Visitors, corpus: Path) -> None:
    with visitors.visit() as visit:
        page = visit.go("/documents")
        page.locator(".collection tbody th a").first.click()
        with page.expect_download() as saved:
            page.get_by_role("link", name="元のファイルを保存").click()
        name = saved.value.suggested_filename
        assert Path(saved.value.path()).read_bytes() == (corpus / name).read_bytes()


def test_the_keyboard_leads_from_the_field_to_the_first_citation(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        page = visit.go("/")
        page.get_by_role("textbox", name="質問").focus()
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        page.locator("ol.statements").wait_for()
        page.wait_for_load_state()
        page.get_by_role("textbox", name="質問").focus()
        focused = "document.activeElement.getAttribute('href')"
        for _ in range(6):
            page.keyboard.press("Tab")
            if page.evaluate(focused) == "#citation-1":
                break
        assert page.evaluate(focused) == "#citation-1"
        outline = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert outline[0] == "solid" and outline[1] >= 2
        assert page.locator("#citation-1.lit").count() == 1
        page.keyboard.press("Enter")
        page.wait_for_url("**#citation-1")


def test_enter_belongs_to_the_input_method_while_it_composes(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        page = visit.go("/")
        field = page.get_by_role("textbox", name="質問")
        field.fill("輸出")
        for how in ("isComposing: true", "shiftKey: true", "keyCode: 229"):
            taken = field.evaluate(
                "(e) => !e.dispatchEvent(new KeyboardEvent('keydown',"
                f" {{key: 'Enter', bubbles: true, cancelable: true, {how}}}))"
            )
            assert taken is False, how
        assert page.url == visit.address + "/"


def test_a_citation_can_be_copied(visitors: Visitors, quotes: dict[int, str]) -> None:
    with visitors.visit(permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.go(ASK)
        page.locator("#citation-1").get_by_role("button", name="引用をコピー").click()
        page.get_by_role("button", name="コピーしました").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(f"「{quotes[1]}」『")
        assert f" {visit.address}/documents/" in copied


def test_filters_that_are_not_set_stay_out_of_the_address(visitors: Visitors) -> None:
    with visitors.visit() as visit:
        page = visit.go("/search")
        page.get_by_text("絞り込む", exact=True).click()
        page.get_by_label("発行時期(から)").fill("2026-03")
        page.get_by_role("textbox", name="検索する言葉").fill("磁石")
        page.keyboard.press("Enter")
        page.locator(".hits").wait_for()
        page.wait_for_load_state()
        assert page.url == f"{visit.address}/search?q={quote('磁石')}&from=2026-03"
        assert page.get_by_label("発行時期(から)").input_value() == "2026-03"
        assert page.get_by_label("発行時期(から)").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(visitors: Visitors, scheme: str) -> None:
    """The contrast that WCAG 2 asks of text (AA): 4.5 to 1."""
    colours = """() => {
      const probe = document.createElement("canvas").getContext("2d");
      const rgb = (name) => {
        const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        probe.fillStyle = value;
        return [1, 3, 5].map((i) => parseInt(probe.fillStyle.slice(i, i + 2), 16));
      };
      return Object.fromEntries(["--paper", "--sheet", "--ink", "--soft", "--accent",
        "--accent-soft", "--mark", "--warn"].map((name) => [name, rgb(name)]));
    }"""
    with visitors.visit(color_scheme=scheme) as visit:
        found = visit.go(ASK).evaluate(colours)
    for front, back in (
        ("--ink", "--paper"), ("--ink", "--sheet"), ("--ink", "--mark"), ("--ink", "--warn"),
        ("--soft", "--paper"), ("--soft", "--sheet"), ("--accent", "--paper"),
        ("--accent", "--sheet"), ("--accent", "--accent-soft"), ("--paper", "--accent"),
        ("--soft", "--warn"),
    ):  # fmt: skip
        assert contrast(found[front], found[back]) >= 4.5, (front, back)


def contrast(one: list[int], other: list[int]) -> float:
    """How far two colours are apart, by their relative luminance."""

    def luminance(colour: list[int]) -> float:
        parts = [value / 255 for value in colour]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted([luminance(one), luminance(other)])
    return (bright + 0.05) / (dark + 0.05)
