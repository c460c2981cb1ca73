"""Names as runs of nouns."""

from __future__ import annotations

import pytest
from hypothesis import given

from kb.language.names import names_in
from tests.reading.documents import anything


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("欧州自動車部品工業会は声明を出した。", "欧州自動車部品工業会", "body"),
        ("米国防総省は出資した。", "米国防総省", "body"),
        ("フォードはシカゴ工場を休止した。", "シカゴ工場", "place"),
        ("会談は韓国の釜山で開かれた。", "釜山", "place"),
        ("鄧小平が視察した。", "鄧小平", "person"),
    ],
)
def test_names(text: str, name: str, kind: str) -> None:
    found = {text[n.start : n.end]: n for n in names_in(text)}
    assert name in found
    assert getattr(found[name], kind)


def test_common_words_are_no_names() -> None:
    assert names_in("輸出の許可が要る。") == []


@given(text=anything)
def test_names_are_spans_in_order(text: str) -> None:
    end = 0
    for name in names_in(text):
        assert end <= name.start < name.end <= len(text)
        end = name.end
