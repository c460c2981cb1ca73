"""Signs that nobody sees are marked where they are shown, and stay what they are."""

from __future__ import annotations

from html import unescape
from urllib.parse import urlencode

from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from kb.server.rendering import close, seen
from tests.server.test_citation_pages import FORM


@given(st.text(st.sampled_from("<a>&\"'輸\u202e\u200b\u200d\U000e0100\U000e0041")))
def test_marked_text_is_the_same_text(text: str) -> None:
    shown = html.fromstring(f"<p>{seen(text)}</p>")
    assert "".join(map(str, shown.itertext())) == text
    assert {e.tag for e in shown.iter()} <= {"p", "span"}
    assert all(e.get("class") == "unseen" for e in shown.iter("span"))


def test_each_sign_is_named_and_a_long_run_is_cut_short() -> None:
    assert str(seen("a\u202eb")) == 'a<span class="unseen" data-sign="U+202E">\u202e</span>b'
    long = str(seen("\U000e0041" * 100))
    assert long.count("U+E0041") == 8 and long.count("…") == 1
    assert seen("葛\U000e0100城市 <b>") == "葛\U000e0100城市 &lt;b&gt;"


def test_pages_mark_them(client: TestClient) -> None:
    text = urlencode({"text": "報告は「許可\u202eabc\u202cは」と書く。"})
    page = client.post("/verify", content=text, headers=FORM).text
    assert '<span class="unseen" data-sign="U+202E">\u202e</span>abc' in unescape(page)


def test_listed_passages_have_no_empty_lines() -> None:
    assert close("要点\n\n \n・一つ\n・二つ\n") == "要点\n・一つ\n・二つ\n"
    assert close("一行。") == "一行。"
