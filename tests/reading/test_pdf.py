"""PDF files, made here or shipped in corpus/."""

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from kb.domain import BlockKind, Document
from kb.errors import Reason, RejectedFile
from kb.reading.files import read_bytes, read_document
from kb.reading.options import ReadingOptions
from kb.reading.pdf import read_pdf
from tests.reading.documents import (
    check_passages,
    check_structure,
    indexed,
    outline,
    read,
    rejection,
    text_of,
    texts,
)
from tests.reading.pdfs import Placed, encrypted, lines, pdf

FIRST = [
    "中国は二〇一〇年の秋、レアアースの通関を事実上止め",
    "た。日本の企業は在庫を取り崩し、代わりの供給元を探",
    "した。この経験は、その後の政策を大きく変えた。",
]
SECOND = [
    "許可制は四月に始まり、対象は七元素であった。証明書",
    "には需要家の事業内容が書かれるので、取引先の秘密を",
    "渡すことにもなる。",
]
THIRD = [
    "豪州の鉱山は長く赤字であったが、日本の出資が支えと",
    "なって操業を続け、いまでは分離の工程も国外に移して",
    "いる。それでも量は足りない。",
]
FOURTH = [
    "海底の泥に望みをかける人もいるが、引き上げる費用は",
    "まだ見積もりの段階にあり、商業生産の時期は誰にも言",
    "うことができない。",
]
SIMPLE = pdf([lines([*FIRST, *SECOND])])


def shipped(corpus: Path, name: str) -> Document:
    path = corpus / name
    return read_document(name, read_bytes(path, max_bytes=1 << 26), {})


def paragraphs(data: bytes) -> list[str]:
    return texts(read(data, "a.pdf"), BlockKind.PARAGRAPH)


def blank(pages: int) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def test_printed_lines_become_paragraphs() -> None:
    assert paragraphs(SIMPLE) == ["".join(FIRST), "".join(SECOND)]


def test_the_file_s_title_is_metadata_and_a_file_name_is_none() -> None:
    page = lines([*FIRST, *SECOND])
    assert read(pdf([page], title="希土の市場"), "a.pdf").metadata["title"] == "希土の市場"
    assert "title" not in read_pdf(pdf([page], title="最終版.docx")).metadata


def test_a_larger_line_is_a_heading_also_over_two_lines() -> None:
    page = [
        Placed("希土の市場と供給網の再編に", 60, 800, 20),
        Placed("ついての覚え書き", 60, 776, 20),
        *lines(FIRST, top=730),
        Placed("供給の現状", 60, 660, 14),
        *lines(SECOND, top=630),
    ]
    document = read(pdf([page]), "a.pdf")
    assert [(b.kind.value, b.level) for b in document.blocks] == [
        ("heading", 1),
        ("paragraph", 0),
        ("heading", 2),
        ("paragraph", 0),
    ]
    assert document.title == "希土の市場と供給網の再編についての覚え書き"


def test_a_small_line_above_the_title_is_no_heading() -> None:
    page = [
        Placed("希土研究ノート", 60, 820, 8),
        Placed("希土の市場と供給網", 60, 780, 20),
        Placed("希土編集室", 60, 750, 12),
        Placed("2026年2月12日", 60, 734, 12),
        *lines([*FIRST, *SECOND], top=690),
    ]
    assert texts(read(pdf([page]), "a.pdf"), BlockKind.HEADING) == ["希土の市場と供給網"]


def test_a_sentence_set_large_is_no_heading() -> None:
    lead = lines(["この章では、採掘から磁石までの流れを追", "い、どこが滞るかを述べる。"], size=14)
    title = [Placed("第1章　供給の道", 60, 820, 22)]
    document = read(pdf([[*title, *lead, *lines([*FIRST, *SECOND], top=720)]]), "a.pdf")
    assert texts(document, BlockKind.HEADING) == ["第1章　供給の道"]
    assert "この章では、採掘から磁石までの流れを追い、どこが滞るかを述べる。" in texts(
        document, BlockKind.PARAGRAPH
    )


@pytest.mark.parametrize(
    "number",
    [Placed("1", 60, 206, 6), Placed("1", 40, 196, 6)],
    ids=["above its note", "hanging before it"],
)
def test_a_small_number_begins_its_note(number: Placed) -> None:
    call = Placed("1", 60 + 10 * len(SECOND[-1]) + 1, 785 - 16 * 5, 6)
    note = Placed("https://example.org/law", 60, 192, 10)
    document = read(pdf([[*lines([*FIRST, *SECOND]), call, number, note]]), "a.pdf")
    found = next(b for b in document.blocks if b.kind is BlockKind.NOTE)
    assert found.marker == "1"
    assert found.call is not None


def test_columns_are_read_one_after_the_other() -> None:
    left = [
        "中国は二〇一〇年の秋、レアアースの",
        "通関を事実上止めた。日本の企業は在",
        "庫を取り崩し、代わりの供給元を世界",
    ]
    right = ["中に探した。この経験は、その後の政", "策を大きく変えることになった。"]
    assert paragraphs(pdf([[*lines(left), *lines(right, x=320)]])) == ["".join([*left, *right])]


def test_a_sentence_goes_on_over_page_footnote_and_running_head() -> None:
    head = "希土研究ノート　第三号"
    pages = []
    for number, body in enumerate((FIRST[:2], FIRST[2:] + SECOND, [*THIRD, *FOURTH]), 1):
        note = [Placed(f"[{number}]統計年鑑による。", 60, 120, 8)] if number == 1 else []
        pages.append(
            [Placed(head, 60, 820, 8), *lines(body), *note, Placed(str(number), 290, 40, 9)]
        )
    document = read(pdf(pages), "a.pdf")
    check_structure(document)
    check_passages(document)
    assert "".join(FIRST) in texts(document, BlockKind.PARAGRAPH)
    assert texts(document, BlockKind.NOTE) == ["[1]統計年鑑による。"]
    assert texts(document, BlockKind.BOILERPLATE) == [head, "1", head, "2", head, "3"]
    whole = next(b for b in document.blocks if text_of(document, b) == "".join(FIRST))
    assert (document.page_at(whole.start), document.page_at(whole.end - 3)) == (1, 2)


def test_a_running_head_that_repeats_the_title_on_one_page_is_boilerplate() -> None:
    title = "希土の市場と供給網の再編"
    first = [Placed(title, 60, 800, 20), *lines([*FIRST, *SECOND], top=760)]
    second = [Placed(f"{title}　三", 60, 820, 8), *lines([*THIRD, *FOURTH], top=800)]
    assert texts(read(pdf([first, second]), "a.pdf"), BlockKind.BOILERPLATE) == [f"{title}　三"]


def test_raised_digits_are_note_markers() -> None:
    page = [
        Placed("対象は七元素である", 60, 780),
        Placed("12", 150, 784, 6),
        Placed("。残りは対象でない。", 162, 780),
        *lines([*FIRST, *SECOND], top=760),
    ]
    assert "対象は七元素である[12]。残りは対象でない。" in read(pdf([page]), "a.pdf").text


def test_wide_gaps_part_the_cells_of_a_table() -> None:
    rows = [("国名", "割合"), ("甲国", "60"), ("乙国", "40")]
    cells = [
        Placed(t, 60 + 150 * j, 700 - 16 * i)
        for i, row in enumerate(rows)
        for j, t in enumerate(row)
    ]
    page = [*lines(FIRST), Placed("表1 国別の割合", 60, 720), *cells, *lines(SECOND, top=600)]
    assert ("table", "国名\t割合\n甲国\t60\n乙国\t40") in outline(read(pdf([page]), "a.pdf"))


def test_a_source_line_that_runs_on_is_one_caption() -> None:
    page = [
        *lines([*FIRST, *SECOND]),
        Placed("図1 輸出の推移", 60, 660, 9),
        Placed("（資料）通関統計と各社の発表。概数であり、内訳の和と一致し", 60, 500, 8),
        Placed("ないことがある。", 60, 486, 8),
        *lines([*THIRD, *FOURTH], top=460),
    ]
    assert texts(read(pdf([page]), "a.pdf"), BlockKind.CAPTION)[-1] == (
        "（資料）通関統計と各社の発表。概数であり、内訳の和と一致しないことがある。"
    )


def test_radicals_that_fonts_give_are_the_characters_they_stand_for() -> None:
    page = lines(["⽇⽶の⾦属と⺠間の⻑期契約について、許可制は四月に始", *SECOND])
    assert "日米の金属と民間の長期契約について" in read(pdf([page]), "a.pdf").text


def test_an_empty_password_opens_the_file() -> None:
    assert paragraphs(encrypted(SIMPLE, user="")) == ["".join(FIRST), "".join(SECOND)]


def test_a_password_is_a_reason_to_refuse() -> None:
    assert rejection(encrypted(SIMPLE, user="secret"), "a.pdf") == (
        Reason.ENCRYPTED,
        "it is protected by a password; give it with `--passwords FILE`, or save it without",
    )


@pytest.mark.parametrize("owner", [False, True], ids=["user", "owner"])
def test_a_password_that_is_given_opens_the_file(owner: bool) -> None:
    data = encrypted(SIMPLE, user="secret", owner="master")
    options = ReadingOptions(passwords=("wrong", "master" if owner else "secret"))
    drafts = read_pdf(data, options).drafts
    assert drafts == read_pdf(SIMPLE).drafts
    assert "secret" not in repr(options)


@pytest.mark.parametrize("pages", [1, 3])
def test_pages_without_a_text_layer_are_refused_with_advice(pages: int) -> None:
    reason, message = rejection(blank(pages), "a.pdf")
    assert reason is Reason.NO_TEXT
    which = "its only page does not have" if pages == 1 else f"none of its {pages} pages has"
    assert message == f"{which} text (a scan?); read it from its pictures with `kb ingest --ocr`"


def test_a_page_of_one_short_line_is_text() -> None:
    assert paragraphs(pdf([lines(["通関の統計"])])) == ["通関の統計"]


def test_a_file_without_pages_is_refused() -> None:
    assert rejection(blank(0), "a.pdf")[0] in (Reason.NO_TEXT, Reason.DAMAGED)


def test_a_blank_page_among_others_is_a_warning() -> None:
    document = read(pdf([lines([*FIRST, *SECOND]), [], lines([*SECOND, *FIRST])]), "a.pdf")
    assert document.warnings == ("pages without text: 2",)
    assert document.page_labels == ("1", "2", "3")


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_a_file_cut_short_is_damaged_and_says_so(share: float) -> None:
    reason, message = rejection(SIMPLE[: int(share * len(SIMPLE))], "a.pdf")
    assert reason in (Reason.DAMAGED, Reason.NO_TEXT)
    assert message.endswith(("; fetch or save it again", "run OCR on it and add the result"))


def test_a_file_that_says_it_has_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.reading.pdf.MAX_PAGES", 2)
    assert rejection(blank(3), "a.pdf")[0] is Reason.TOO_LARGE


@settings(max_examples=30)
@given(st.integers(0, len(SIMPLE) - 1), st.binary(min_size=1, max_size=40))
def test_any_damage_is_read_or_refused_with_a_reason(at: int, noise: bytes) -> None:
    data = SIMPLE[:at] + noise + SIMPLE[at + len(noise) :]
    try:
        document = read(data, "a.pdf")
    except RejectedFile as rejected:
        assert rejected.message
    else:
        check_structure(document)
        check_passages(document)


def test_page_labels_are_those_of_the_file(corpus: Path) -> None:
    document = shipped(corpus, "united-states-response.pdf")
    assert document.page_labels == ("i", "ii", "1", "2")
    first_section = next(b for b in document.blocks if text_of(document, b) == "1. 依存の実態")
    assert document.page_label(document.page_at(first_section.start)) == "1"


def test_footnotes_of_a_two_column_page_are_notes(corpus: Path) -> None:
    document = shipped(corpus, "australia-supply.pdf")
    notes = [b for b in document.blocks if b.kind is BlockKind.NOTE]
    assert [b.marker for b in notes] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [b.page for b in notes] == [1, 1, 1, 1, 2, 2, 2]


def test_vertical_writing_is_read_down_the_columns_from_the_right(corpus: Path) -> None:
    document = shipped(corpus, "myanmar-third-country-routes.pdf")
    body = texts(document, BlockKind.PARAGRAPH)[2:]
    assert len(body) > 15
    assert all(text.endswith("。") for text in body)
    headings = [t[0] for t in texts(document, BlockKind.HEADING)[2:-1]]
    assert headings == list("一二三四五六")
    assert "ラオスはUSGSの統計で生産国にも埋蔵国にも数えられていない。" in document.text


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("australia-supply.pdf", "No. 5"),
        ("eu-crma.pdf", "No. 4"),
        ("japan-response.pdf", None),
        ("market-supply-background.pdf", "希土編集室"),
        ("myanmar-third-country-routes.pdf", "No. 6"),
        ("united-states-response.pdf", "希土編集室"),
    ],
)
def test_running_heads_and_page_numbers_are_in_no_passage(
    corpus: Path, name: str, head: str | None
) -> None:
    document = shipped(corpus, name)
    furniture = texts(document, BlockKind.BOILERPLATE)
    assert len(furniture) >= len(document.page_labels) - 1
    if head is not None:
        assert any(head in text for text in furniture)
    assert not [p for p in indexed(document) if p in furniture]


def test_the_shipped_files_keep_the_invariants(corpus: Path) -> None:
    for path in sorted(corpus.glob("*.pdf")):
        document = shipped(corpus, path.name)
        check_structure(document)
        check_passages(document)
        assert len(document.page_labels) == len(PdfReader(path).pages)
        assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
