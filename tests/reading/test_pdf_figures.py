"""The lettering of figures in PDF files: kept, and never part of the text or of a passage."""

from collections.abc import Sequence

import pytest

from kb.domain import CITABLE, BlockKind
from kb.reading.pdf import read_pdf
from tests.reading.documents import read, texts
from tests.reading.pdfs import Placed, lines, pdf

ABOVE = [
    "鉱山から磁石までの道は長く、どの工程が滞っても車は",
    "できあがらない。次の図は、その道と、いま在庫のある",
]
BELOW = [
    "場所を示している。分離の工程がいちばん細く、ほかの",
    "工程を急がせても全体は速くならない。",
]
TEXT = [*lines(ABOVE, top=760), *lines(BELOW, top=440)]
WHOLE = "".join([*ABOVE, *BELOW])
LABELS = [
    Placed("鉱山", 130, 600, 7),
    Placed("分離", 230, 600, 7),
    Placed("磁石", 330, 600, 7),
    Placed("在庫の", 228, 560, 7),
    Placed("ある所", 228, 551, 7),
]
# Three boxes and two slanted arrows between them.
CHART = "\n".join(
    [
        *(f"{x} 590 60 30 re S" for x in (110, 210, 310)),
        "170 605 m 210 615 l S",
        "270 605 m 310 615 l S",
        "240 590 m 260 540 l S",
    ]
)


def test_the_lettering_of_a_drawing_stands_apart_and_the_sentence_around_it_is_whole() -> None:
    document = read(pdf([[*TEXT, *LABELS]], drawn=CHART), "a.pdf")
    assert texts(document, BlockKind.PARAGRAPH) == [WHOLE]
    assert texts(document, BlockKind.FIGURE) == ["鉱山\n分離\n磁石\n在庫のある所"]
    assert BlockKind.FIGURE not in CITABLE


def test_labels_beside_a_drawing_are_lettering_and_its_caption_is_none() -> None:
    axis = Placed("時間", 93, 585, 7)
    caption = Placed("図1　磁石までの道", 200, 500)
    document = read(pdf([[*TEXT, *LABELS, axis, caption]], drawn=CHART), "a.pdf")
    assert "時間" in texts(document, BlockKind.FIGURE)[0]
    assert texts(document, BlockKind.CAPTION) == ["図1　磁石までの道"]


def test_a_sentence_as_large_as_the_text_stays_text_in_a_drawing() -> None:
    remark = Placed("分離の工程は一国に偏っている。", 120, 570, 10)
    document = read(pdf([[*TEXT, *LABELS, remark]], drawn=CHART), "a.pdf")
    assert remark.text in texts(document, BlockKind.PARAGRAPH)


def test_a_picture_with_letters_of_its_own_is_a_figure_whatever_they_say() -> None:
    inside = [Placed("分離の工程は一国に偏っている。", 20, 190, 6), Placed("磁石", 20, 250, 6)]
    slope = "10 180 m 200 260 l S 10 180 50 50 re S 200 200 50 50 re S"
    document = read(pdf([TEXT], form=(inside, slope)), "a.pdf")
    assert texts(document, BlockKind.FIGURE) == ["磁石\n分離の工程は一国に偏っている。"]
    assert texts(document, BlockKind.PARAGRAPH) == [WHOLE]


def test_boxes_in_boxes_of_a_picture_are_a_figure_and_cells_are_a_table() -> None:
    inside = [Placed("資産", 30, 230, 6), Placed("契約", 230, 230, 6)]
    nested = "10 180 300 100 re S 20 200 80 60 re S 220 200 80 60 re S"
    document = read(pdf([TEXT], form=(inside, nested)), "a.pdf")
    assert texts(document, BlockKind.FIGURE) == ["資産\n契約"]


TABLE = ["国名\t割合\n中国\t七割\n豪州\t一割"]


def cells(top: float = 600) -> list[Placed]:
    """Three rows of two cells, 20 points apart."""
    rows = [row.split("\t") for row in TABLE[0].splitlines()]
    return [
        Placed(text, x, top - 20 * i, 9)
        for i, row in enumerate(rows)
        for x, text in zip((110, 260), row, strict=True)
    ]


def ruled(across: Sequence[float], down: Sequence[tuple[float, float, float]]) -> str:
    """Rules across from 100 to 400 at some heights, and rules down."""
    return "\n".join(
        [
            *(f"100 {y} m 400 {y} l S" for y in across),
            *(f"{x} {bottom} m {x} {top} l S" for x, bottom, top in down),
        ]
    )


def test_frames_and_bullets_are_no_figures() -> None:
    frame = "50 420 500 380 re S 52 422 496 376 re S 54 424 492 372 re S"
    bullet = "50 {y} m 53 {y} 53 {z} 50 {z} c f"
    bullets = "\n".join(bullet.format(y=y, z=y + 3) for y in range(430, 780, 16))
    framed = read_pdf(pdf([TEXT], drawn=f"{frame}\n{bullets}"))
    assert {draft.kind for draft in framed.drafts} == {BlockKind.PARAGRAPH}


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "cut by the end of the page"])
def test_a_ruled_table_is_rows_of_cells(closed: bool) -> None:
    across = [615.0, 595.0, 575.0] + [555.0] * closed
    grid = ruled(across, [(x, y, y + 20) for x in (100, 250, 400) for y in (555, 575, 595)])
    document = read(pdf([[*TEXT, *cells()]], drawn=grid), "a.pdf")
    assert texts(document, BlockKind.TABLE) == TABLE


def test_a_table_without_its_first_corner_is_one_table() -> None:
    grid = "\n".join(
        [
            "250 615 m 400 615 l S",
            *(f"100 {y} m 400 {y} l S" for y in (595, 575, 555)),
            *(f"{x} 555 m {x} {top} l S" for x, top in ((100, 595), (250, 615), (400, 615))),
        ]
    )
    corner = [run for run in cells() if run.text != "国名"]
    document = read(pdf([[*TEXT, *corner]], drawn=grid), "a.pdf")
    assert texts(document, BlockKind.TABLE) == ["割合\n中国\t七割\n豪州\t一割"]


def test_text_between_two_tables_is_in_neither() -> None:
    down = [(x, low, low + 60) for x in (100, 250, 400) for low in (655, 555)]
    grid = ruled([715, 695, 675, 655, 615, 595, 575, 555], down)
    between = Placed("次の表は、二〇二四年の割合を同じ順に示している。", 60, 632)
    above = lines(ABOVE, top=780)
    document = read(
        pdf([[*above, *cells(700), between, *cells(), *lines(BELOW, top=440)]], drawn=grid), "a.pdf"
    )
    assert texts(document, BlockKind.TABLE) == TABLE * 2
