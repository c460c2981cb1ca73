"""Facets of passages: topics, countries, minerals, instruments, dates."""

from __future__ import annotations

import pytest

from kb.language.glossary.matching import load_glossary
from kb.tracker.facets import FACETS, Topic, facets_of, is_mineral


def facets(text: str, heading: str = "") -> set[str]:
    glossary = load_glossary()
    return set(
        facets_of(
            text,
            (m.concept for m in glossary.mentions(text)),
            (m.concept for m in glossary.mentions(heading)),
            glossary.concepts,
        )
    )


def test_a_passage_has_what_it_names() -> None:
    found = facets("商務部は2025年4月4日、サマリウムなどの輸出を許可制とし、日本への輸出も止めた。")
    assert {
        "topic:controls", "country:japan", "mineral:samarium", "date:2025-04-04",
    } <= found  # fmt: skip


def test_each_of_the_seventeen_elements_is_a_rare_earth_and_gallium_is_none() -> None:
    glossary = load_glossary()
    elements = [c for c in glossary.concepts.values() if "希土類元素" in c.broader]
    assert len(elements) == 17
    for element in elements:
        assert "mineral:rare-earths" in facets(f"{element.japanese[0]}の用途")
    assert "mineral:rare-earths" not in facets("ガリウムの用途")


@pytest.mark.parametrize(
    ("text", "heading", "topics"),
    [
        ("パネルは、輸出割当がGATT第11条1項に違反すると判断した。", "", {Topic.RULINGS}),
        ("DS431の申立国は三つであった。", "", {Topic.RULINGS}),
        ("輸出を許可制に移すと商務部が公告した。", "", {Topic.CONTROLS}),
        ("JOGMECは備蓄を積み増し、リサイクルを支援する。", "", {Topic.RESPONSES}),
        ("価格が高騰し、生産量は減った。", "", {Topic.MARKET}),
        ("措置は相手国を問わない。", "", set()),
        ("価格は下がった。", "輸出許可制と両用品目", set()),
        ("備蓄は60日分である。", "国家備蓄とリサイクル", {Topic.RESPONSES}),
    ],
)
def test_topics_need_two_concepts_of_which_one_stands_in_the_text(
    text: str, heading: str, topics: set[Topic]
) -> None:
    found = {f.removeprefix("topic:") for f in facets(text, heading) if f.startswith("topic:")}
    assert topics <= found
    if not topics:
        assert found == set()


def test_headings_give_topics_and_nothing_else() -> None:
    assert facets("措置は続く。", "中国のガリウムと輸出管理法、2025年") == set()


def test_facets_come_in_a_fixed_order_each_once() -> None:
    glossary = load_glossary()
    text = "日本と中国と日本。ガリウム、ゲルマニウム。2025年4月と2025年4月。"
    found = facets_of(text, [m.concept for m in glossary.mentions(text)], [], glossary.concepts)
    assert len(found) == len(set(found))
    names = [facet.partition(":")[0] for facet in found]
    assert names == sorted(names, key=FACETS.index)


def test_a_date_without_a_year_is_no_facet() -> None:
    assert facets("9月に輸出が止まった。") == set()


def test_what_counts_as_a_mineral() -> None:
    concepts = load_glossary().concepts
    assert is_mineral(concepts["gallium"])
    assert is_mineral(concepts["rare-earths"])
    assert is_mineral(concepts["neodymium-magnet"])
    assert not is_mineral(concepts["iron"])
    assert not is_mineral(concepts["motor"])
