"""The words of the pages: nothing unsaid in English, and the language that a reader wants."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from kb.errors import Reason
from kb.server.problems import KINDS
from kb.server.words import (
    COOKIE,
    FORMATS,
    REASONS,
    SCORES,
    TOPICS,
    Words,
    heading,
    language_of,
    read_catalogues,
)
from tests.conftest import ROOT

WEB = ROOT / "web"
JAPANESE = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
SAID = re.compile(r'_\("([^"]+)"')
OWN_NAME = ("希土", "日本語")


def templates() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (WEB / "templates").rglob("*.html")}


def catalogue() -> dict[str, str]:
    found: dict[str, str] = json.loads((WEB / "locale" / "en.json").read_text("utf-8"))
    return found


def test_each_sentence_of_the_pages_has_an_english_one() -> None:
    said = {sentence for text in templates().values() for sentence in SAID.findall(text)}
    said |= {*FORMATS.values(), *REASONS.values(), *SCORES.values(), *TOPICS.values()}
    said |= {words for kind in KINDS.values() for words in (kind.heading, kind.advice)}
    english = catalogue()
    assert [s for s in sorted(said) if JAPANESE.search(s) and s not in english] == []
    assert [s for s in english if JAPANESE.search(english[s])] == []


def test_both_languages_fill_in_the_same_values() -> None:
    for japanese, english in catalogue().items():
        assert set(re.findall(r"{\w+}", japanese)) >= set(re.findall(r"{\w+}", english)), japanese


def test_no_template_speaks_japanese_past_the_catalogue() -> None:
    for name, text in templates().items():
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", text, flags=re.DOTALL)
        for own in OWN_NAME:
            bare = bare.replace(own, "")
        assert [line for line in bare.splitlines() if JAPANESE.search(line)] == [], name
    for script in (WEB / "static").glob("*.js"):
        assert not JAPANESE.search(script.read_text("utf-8")), script


def test_each_reason_and_no_other_is_said() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "expected"),
    [
        ("lang=en", "ja", "ja", "en"),
        ("lang=fr", "en", "ja", "en"),
        ("", "ja", "en-GB,en;q=0.8", "ja"),
        ("", "", "fr, en-US;q=0.7, ja;q=0.3", "en"),
        ("", "", "en;q=0.3, ja;q=0.7", "ja"),
        ("", "", "ja;q=0, en;q=0.001", "en"),
        ("", "", "en;q=0", "ja"),
        ("", "", "EN ; Q=0.5, ja;q=0.50", "en"),
        ("", "", "en;q=2, ja;q=0.1", "ja"),
        ("", "", "en;level=1, ja;q=0.1", "ja"),
        ("", "", "de", "ja"),
        ("", "", "", "ja"),
    ],
)
def test_the_address_goes_before_the_choice_and_the_choice_before_the_browser(
    query: str, cookie: str, accepted: str, expected: str
) -> None:
    headers = [(b"accept-language", accepted.encode())]
    if cookie:
        headers.append((b"cookie", f"{COOKIE}={cookie}".encode()))
    scope = {"type": "http", "query_string": query.encode(), "headers": headers}
    assert language_of(Request(scope)) == expected


def test_a_page_speaks_english_and_remembers_it(client: TestClient) -> None:
    page = client.get("/?lang=en")
    assert '<html lang="en">' in page.text
    assert "Ask the reports on rare-earth policy" in page.text
    assert page.headers["content-language"] == "en"
    again = client.get("/documents")
    assert '<html lang="en">' in again.text
    back = client.get("/documents?lang=ja")
    assert '<html lang="ja">' in back.text
    client.cookies.clear()


def test_dates_and_pages_in_words() -> None:
    ja, en = (read_catalogues(WEB / "locale")[language] for language in ("ja", "en"))
    assert [ja.date(d) for d in ("2026-07-03", "2026-07", "2026", None, "昨年")] == [
        "2026年7月3日", "2026年7月", "2026年", None, "昨年",
    ]  # fmt: skip
    assert [en.date(d) for d in ("2026-07-03", "2026-07", "2026", "2026-13")] == [
        "3 July 2026", "July 2026", "2026", "2026-13",
    ]  # fmt: skip
    assert ja.page("ii", 2, 2) == "p. ii"
    assert ja.page("3–4", 3, 4) == "pp. 3–4"
    assert ja.page(None, 3, 4) == "pp. 3–4"
    assert ja.page(None, 3, 3) == "p. 3"
    assert ja.page(None, None, None) is None
    assert Words("en", {"{count}件": "{count} hits"})("{count}件", count=3) == "3 hits"


def test_reckoned_dates_in_words() -> None:
    ja, en = (read_catalogues(WEB / "locale")[language] for language in ("ja", "en"))
    dates = ("2024-10-01", "2010-41", "2024-34", "199X", "2009/2010", "--10")
    assert [ja.reckoned(d) for d in dates] == [
        "2024年10月1日", "2010年下半期", "2024年第2四半期", "1990年代", "2009年～2010年", "--10",
    ]  # fmt: skip
    assert [en.reckoned(d) for d in dates] == [
        "1 October 2024", "second half of 2010", "second quarter of 2024", "1990s", "2009–2010",
        "--10",
    ]  # fmt: skip


def test_headings_leave_the_title_out() -> None:
    assert heading(("題 名", "一", "二"), "題名") == "一 › 二"
    assert heading((), "題名") == ""
    assert (
        heading(("レアアースの地経学:支配と規則", "一"), "レアアースの地経学：支配と規則") == "一"
    )
    assert (
        heading(("中国による支配は覆らないのか", "一"), "中国による支配は覆らないのか—両刃の剣—")
        == "一"
    )
    assert heading(("序", "一"), "序から始める") == "序 › 一"
