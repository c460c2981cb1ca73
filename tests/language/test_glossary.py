"""The glossary: its file format, and finding names where they stand and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import GlossaryError
from kb.language.glossary.concepts import DATA, all_concepts, read_concepts
from kb.language.glossary.matching import Glossary, load_glossary

FILE = """# names of things
[element]
dysprosium | ジスプロシウム; Dy | dysprosium; Dy | 镝
[product]
magnet | 磁石 | magnet | 磁铁
neodymium-magnet | ネオジム磁石; ネオジム鉄ボロン磁石 | neodymium magnet; NdFeB magnet | 钕铁硼磁铁
[country]
estonia | エストニア | Estonia | 爱沙尼亚 | バルト三国; Baltic state
latvia | ラトビア | Latvia | 拉脱维亚 | バルト三国; Baltic state
united-states | 米国; アメリカ | United States; US; U.S. | 美国
[article]
gatt-article-11 | GATT第11条; GATT11条 | GATT Article XI; Article XI |
[mineral]
rare-earths | 希土類; レアアース; 稀土 | rare earth; REE | 稀土
[industry]
refinery | 精錬所 | refinery |
halt | 生産が止まる; 認めない | production halt |
"""


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    path = tmp_path_factory.mktemp("glossary") / "terms.txt"
    path.write_text(FILE, encoding="utf-8")
    return Glossary(list(read_concepts(path)))


def named(glossary: Glossary, text: str) -> list[tuple[str, str]]:
    return [(m.concept, text[m.start : m.end]) for m in glossary.mentions(text) if not m.nested]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("稀土管理条例", "rare-earths"),
        ("ﾚｱｱｰｽの輸出", "rare-earths"),
        ("RARE EARTHS are scarce", "rare-earths"),
        ("a rare-earth oxide", "rare-earths"),
        ("two refineries", "refinery"),
        ("Dyの価格", "dysprosium"),
        ("Ｄｙの価格", "dysprosium"),
        ("GATT 第１１条に反する", "gatt-article-11"),
        ("the US quota", "united-states"),
        ("U.S. tariffs", "united-states"),
    ],
)
def test_names_are_found_in_any_width_case_and_number(
    glossary: Glossary, text: str, concept: str
) -> None:
    assert [found for found, _ in named(glossary, text)] == [concept]


@pytest.mark.parametrize(
    "text",
    ["米国務省の発表", "it helps us all", "the bus stops", "dyの", "magnetic field", "GATT第112条"],
)
def test_parts_of_other_words_are_no_names(glossary: Glossary, text: str) -> None:
    assert named(glossary, text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("生産が止まったままだ", "生産が止まっ"),
        ("生産が止まらない", "生産が止まら"),
        ("生産が止まるおそれ", "生産が止まる"),
        ("認めなかった", "認めなかっ"),
        ("認めなくても", "認めなく"),
    ],
)
def test_names_that_are_verbs_and_adjectives_are_found_inflected(
    glossary: Glossary, text: str, name: str
) -> None:
    assert ("halt", name) in named(glossary, text)


def test_a_longer_name_has_the_shorter_ones_inside(glossary: Glossary) -> None:
    text = "高性能のネオジム磁石を使う"
    assert named(glossary, text) == [("neodymium-magnet", "ネオジム磁石")]
    assert [(m.concept, m.nested) for m in glossary.mentions(text)] == [
        ("neodymium-magnet", False),
        ("magnet", True),
    ]


@pytest.mark.parametrize("text", ["バルト三国の工場", "a plant in the Baltic states"])
def test_a_broader_term_stands_for_each_of_its_concepts(glossary: Glossary, text: str) -> None:
    assert named(glossary, text) == []
    assert [m.concept for m in glossary.broader(text)] == ["estonia", "latvia"]


@given(st.text())
def test_mentions_are_spans_of_any_text_in_order(glossary: Glossary, text: str) -> None:
    mentions = glossary.mentions(text)
    assert all(0 <= m.start < m.end <= len(text) for m in mentions)
    assert [m.start for m in mentions] == sorted(m.start for m in mentions)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("[a]\nx | エックス | ex", "line 2: 3 fields"),
        ("[a]\nÄ | エックス | ex | 某", "line 2: the id is 'Ä'"),
        ("x | エックス | ex | 某", "line 1: no [category]"),
        ("[a]\n\nx | ; | |", "line 3: x has no name"),
    ],
)
def test_an_error_names_the_line(tmp_path: Path, lines: str, fault: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(GlossaryError) as caught:
        list(read_concepts(path))
    assert str(caught.value).startswith(f"{path}, {fault}")


def test_a_file_of_one_s_own_adds_names_and_concepts(tmp_path: Path) -> None:
    shipped = {concept.id: concept for concept in all_concepts()}
    some = next(iter(shipped))
    path = tmp_path / "own.txt"
    path.write_text(f"[own]\n{some} | 別の名 | |\nours | 当方の語 | our word |\n", encoding="utf-8")
    merged = {concept.id: concept for concept in all_concepts(path)}
    assert merged.keys() - shipped.keys() == {"ours"}
    assert merged[some].japanese == (*shipped[some].japanese, "別の名")
    assert merged[some].category == shipped[some].category


def test_the_shipped_glossary_is_large_and_no_name_stands_for_two_things() -> None:
    concepts = all_concepts()
    assert len(concepts) >= 1500
    assert all(concept.japanese and concept.english for concept in concepts)
    assert sum(bool(concept.chinese) for concept in concepts) >= 1400
    owners: dict[str, set[str]] = {}
    for concept in concepts:
        for name in concept.names:
            owners.setdefault(name, set()).add(concept.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_the_shipped_broader_terms_are_no_names_of_their_own_concepts_nor_single_signs() -> None:
    concepts = all_concepts()
    assert sum(bool(concept.broader) for concept in concepts) >= 1200
    assert [c.id for c in concepts if set(c.broader) & set(c.names)] == []
    assert [term for c in concepts for term in c.broader if len(term) == 1] == []


def test_everyday_words_come_behind_the_names_of_the_other_files() -> None:
    own = [c for path in sorted(DATA.glob("*.txt")) for c in read_concepts(path)
           if path.name != "everyday.txt"]  # fmt: skip
    merged = {concept.id: concept for concept in all_concepts()}
    added = {concept.id for concept in read_concepts(DATA / "everyday.txt")}
    assert len(added) >= 350
    assert len(added & {concept.id for concept in own}) >= 100
    for concept in {c.id: c for c in reversed(own)}.values():
        assert merged[concept.id].category == concept.category
        assert merged[concept.id].japanese[:1] == concept.japanese[:1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6割", "7割"),
        ("8割", "9割"),
        ("3割", "3分の1"),
        ("4倍", "5倍"),
        ("円安", "円高"),
        ("過大評価", "過小評価"),
        ("枠を減らす", "枠を増やす"),
        ("高品質", "粗悪品"),
        ("遵守", "違反"),
        ("compliance", "non-compliance"),
        ("信頼", "不信"),
    ],
)
def test_what_says_something_else_is_no_name_of_the_same_concept(one: str, other: str) -> None:
    named = load_glossary()
    first, second = ({m.concept for m in named.mentions(text)} for text in (one, other))
    assert first and second and first != second


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("税率を教えてください", "lesson"),
        ("第一に、期限がない。", "largest"),
        ("What is the content of the announcement?", "purity"),
    ],
)
def test_words_that_only_ask_or_count_name_nothing(text: str, concept: str) -> None:
    assert concept not in {m.concept for m in load_glossary().mentions(text)}
