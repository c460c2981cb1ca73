"""Menus, sign-ups, boxes and contents are boilerplate; notes and references are what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import BlockKind
from kb.reading import furniture
from kb.reading.draft import Draft, draft
from kb.reading.furniture import mark_furniture
from tests.reading.documents import indexed, read

BODY = (
    "中国は二〇二五年四月に七元素の輸出を許可制に改め、在庫の薄い企業から順に生産が止まった。"
    "影響が最も大きかったのは自動車の組立工場である。"
)
MORE = (
    "同じ年の秋には対象が五つ増え、国外で作られた製品にも許可を求める規則が加わった。"
    "その規則は一年のあいだ効力を止められている。"
)
BOX = (
    "希土太郎は通商政策の研究員であり、資源の地政学と国際標準を専門とする。"
    "政府の審議会の委員も務め、この分野の論文と著書が多数ある。"
)


def kinds(*texts: str | Draft) -> list[str]:
    drafts = [draft(BlockKind.PARAGRAPH, t) if isinstance(t, str) else t for t in texts]
    return [d.kind.value for d in mark_furniture(drafts)]


def heading(text: str, level: int = 2) -> Draft:
    return draft(BlockKind.HEADING, text, level=level)


@pytest.mark.parametrize(
    "line",
    [
        "メールマガジン登録はこちら",
        "最新の動向はX（@kido_example）でも発信しています。フォローしてください。",
        "この記事をシェアする",
        "関連記事",
        "無料会員登録",
        "お問い合わせはこちら",
        "プライバシーポリシー",
        "ページの先頭へ戻る",
        "Copyright (C) 2026 Kido",
        "本資料の全文または一部の転載には許諾が必要です。",
        "View Profile",
        "Index Index",
        "供給の現状 ........ 3",
    ],
)
def test_phrases_of_pages_and_mailings_are_boilerplate(line: str) -> None:
    assert kinds(BODY, line, MORE) == ["paragraph", "boilerplate", "paragraph"]


@given(st.from_regex(furniture._PHRASES))
def test_whatever_has_a_phrase_is_seen_to_have_one(text: str) -> None:
    assert furniture._has_phrase(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "日本企業は先行する米国企業をフォローする立場にあるが、磁石の特許では先んじている。",
        "目次を見るかぎり、政府の白書はこの問題に一章を割いている。",
        "許可の登録と購入の申告は別の手続であり、企業は両方を済ませる必要がある。",
        "ロイターの関連記事によれば、通関の再開は十一月の会談より後であった。",
        "中国のシェアは精製で九割に達し、磁石でも八割近い。",
        "裁判所は著作権法に基づき、規格の全文の公開を求める訴えを退けた。",
    ],
)
def test_body_text_that_only_mentions_such_words_is_kept(sentence: str) -> None:
    assert kinds(BODY, sentence, MORE) == ["paragraph"] * 3


def test_a_box_that_stands_twice_is_boilerplate_both_times() -> None:
    assert kinds(BOX, BODY, MORE, BOX) == ["boilerplate", "paragraph", "paragraph", "boilerplate"]


def test_a_short_line_that_stands_twice_is_kept() -> None:
    assert kinds("まず割当である。", BODY, "まず割当である。", MORE) == ["paragraph"] * 4


def test_contents_are_boilerplate_and_the_headings_they_name_are_not() -> None:
    found = kinds(
        heading("目次"),
        "1. 供給",
        "2. 需要 ..... 4",
        "おわりに",
        heading("1. 供給"),
        BODY,
        heading("2. 需要"),
        MORE,
        heading("おわりに"),
        BODY + MORE,
    )
    assert found == ["boilerplate"] * 4 + ["heading", "paragraph"] * 3


@pytest.mark.parametrize(
    "title", ["参考文献", "主要参考文献", "■ 参考文献", "参考文献（注）", "引用資料", "References"]
)
def test_entries_under_a_heading_of_references_are_references(title: str) -> None:
    found = kinds(
        BODY,
        heading(title),
        draft(BlockKind.LIST_ITEM, "[1] 統計年鑑、2024年。"),
        "通商白書、2025年。",
        heading("付録"),
        MORE,
    )
    assert found == ["paragraph", "heading", "reference", "reference", "heading", "paragraph"]


def test_entries_under_a_heading_of_notes_are_notes_with_their_markers() -> None:
    drafts = [
        draft(BlockKind.PARAGRAPH, BODY),
        heading("脚注"),
        draft(BlockKind.LIST_ITEM, "- [7] 統計年鑑による。"),
    ]
    last = mark_furniture(drafts)[-1]
    assert (last.kind, last.marker) == (BlockKind.NOTE, "7")


def test_a_disclaimer_at_the_end_takes_what_follows_with_it() -> None:
    found = kinds(
        BODY,
        MORE,
        BODY + MORE,
        MORE + BODY,
        "ご利用に際して",
        "本資料は執筆時点の情報による。",
        "本資料の全文または一部を転載する際は許諾が必要です。",
        "数値は改定されることがある。",
    )
    assert found == ["paragraph"] * 4 + ["boilerplate"] * 4


def test_after_the_notes_only_boilerplate_is_left() -> None:
    found = kinds(
        BODY,
        heading("脚注"),
        draft(BlockKind.LIST_ITEM, "[1] 統計年鑑。"),
        "Taro Kido",
        "View Profile",
        BOX,
    )
    assert found == ["paragraph", "heading", "note", "boilerplate", "boilerplate", "boilerplate"]


def test_text_after_the_notes_is_kept_where_nothing_is_boilerplate() -> None:
    note = draft(BlockKind.NOTE, "[1] 統計年鑑。", marker="1")
    assert kinds(BODY, note, MORE) == ["paragraph", "note", "paragraph"]


def test_short_lines_between_boilerplate_are_boilerplate_and_sentences_are_not() -> None:
    found = kinds(BODY, "関連記事", "磁石の価格", "サイトマップ", BODY + MORE)
    assert found == ["paragraph", "boilerplate", "boilerplate", "boilerplate", "paragraph"]


def test_no_text_is_dropped_or_changed() -> None:
    drafts = [draft(BlockKind.PARAGRAPH, t) for t in (BOX, "関連記事", BODY, "目次", BOX)]
    assert [d.text for d in mark_furniture(drafts)] == [d.text for d in drafts]


def test_a_short_closing_sentence_after_a_menu_is_kept() -> None:
    assert kinds(BODY, "関連記事", "備えは平時にしかつくれない。") == [
        "paragraph",
        "boilerplate",
        "paragraph",
    ]


def test_furniture_is_in_no_passage() -> None:
    document = read(f"題\n\n{BOX}\n\n{BODY}\n\nメルマガ登録はこちら\n\n{MORE}\n\n{BOX}\n")
    assert indexed(document) == [BODY, MORE]
