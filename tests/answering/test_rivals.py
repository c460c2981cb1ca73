"""A value that is said of another thing is not the value that is asked for."""

from __future__ import annotations

import re

import pytest

from kb.answering.rivals import Naming, said_of_another
from kb.language.glossary.matching import load_glossary
from kb.language.questions import take_apart

GLOSSARY = load_glossary()
CATEGORIES = {concept.id: concept.category for concept in GLOSSARY.concepts.values()}


def of_another(question: str, text: str, above: frozenset[str] = frozenset()) -> bool:
    """Whether the value in 【】 is said of another thing."""
    start, end = text.index("【"), text.index("】") - 1
    plain = re.sub("[【】]", "", text)
    namings: list[Naming] = [
        (m.start, m.end, m.concept, CATEGORIES[m.concept])
        for m in GLOSSARY.mentions(plain)
        if not m.nested
    ]
    asked = take_apart(question, GLOSSARY)
    return said_of_another(asked, CATEGORIES, (start, end), plain, namings, above)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("ブラジルの生産量", "ミャンマーは不明である。同国の生産量は【3万トン】と、中国に次ぐ。"),
        (
            "輸出管理法の施行はいつか",
            "【2024年】に施行された両用品目輸出管理条例は、輸出管理法を補う。",
        ),
        ("2023年の依存度は何%か", "2024年の依存度は【90%】で、2023年より低い。"),
        ("ガリウムの生産量", "アンチモンとゲルマニウムは【80トン】であった。"),
    ],
)
def test_what_is_said_of_another_thing(question: str, text: str) -> None:
    assert of_another(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("ブラジルの生産量", "ブラジルの生産量は【3万トン】と、中国に次ぐ。"),
        ("ブラジルの生産量", "生産量は【3万トン】に達した。"),
        ("日本の米国向け輸出は何トンか", "日本は米国に【20トン】を輸出した。"),
        ("輸出管理法の施行はいつか", "輸出管理法は【2020年12月】に施行された。"),
        ("2023年の依存度は何%か", "2024年の依存度は上がったが、2023年は【85%】であった。"),
        ("ガリウムの生産量", "ガリウムとゲルマニウムは【80トン】であった。"),
    ],
)
def test_what_is_said_of_the_thing_itself(question: str, text: str) -> None:
    assert not of_another(question, text)


def test_headings_say_of_what_their_sentences_speak() -> None:
    text = "各国は備蓄を持つ。中国は別である。目安は【60日分】であった。"
    assert of_another("日本の備蓄は何日分か", text)
    assert not of_another("日本の備蓄は何日分か", text, frozenset({"japan"}))
