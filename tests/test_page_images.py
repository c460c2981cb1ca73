"""Pictures of pages: the right page, with the place of the span marked and nothing else."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from kb.assembly import KnowledgeBase, View
from kb.domain import Document, Place
from kb.errors import NotFound
from kb.page_images import page_image, span_boxes
from kb.reading.confinement import Limits
from kb.reading.pdf_picture import WIDTH
from kb.reading.sandbox import Sandbox
from tests.reading.hostile import HOSTILE


def pdf_of(view: View, name: str) -> Document:
    return view.document(next(s.id for s in view.summaries() if s.path == name))


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("eu-crma.pdf", "2030年までに域内需要"),
        ("united-states-response.pdf", "カリフォルニア州"),  # two columns
        ("myanmar-third-country-routes.pdf", "対外投資の一覧"),  # vertical
    ],
)
def test_only_the_place_of_the_span_is_marked(
    knowledge: KnowledgeBase, name: str, words: str
) -> None:
    with knowledge.view() as view:
        document = pdf_of(view, name)
        start = document.text.index(words)
        span = start, start + len(words)
        number = document.page_at(start)
        assert number is not None
        bare = opened(view.page_image(document.id, number))
        marked = opened(view.page_image(document.id, number, span))
    assert bare.size == marked.size and bare.width == WIDTH
    changed = ImageChops.difference(bare, marked).point(lambda v: 255 if v > 60 else 0).getbbox()
    assert changed is not None
    boxes = list(span_boxes(document, number, span))
    assert boxes
    points = 595.28  # the width of A4
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    assert changed[0] == pytest.approx(left * WIDTH / points, abs=8)
    assert changed[2] == pytest.approx(right * WIDTH / points, abs=8)


def test_of_a_line_that_is_shared_the_share_is_marked() -> None:
    line = Place(10, 20, 1, (100.0, 50.0, 200.0, 60.0))
    column = Place(20, 30, 1, (10.0, 0.0, 20.0, 100.0), vertical=True)
    other = Place(30, 40, 2, (0.0, 0.0, 1.0, 1.0))
    document = Document(
        "d", "a.pdf", "", "pdf", {}, "あ" * 40, (), (), (0, 30), ("1", "2"),
        places=(line, column, other),
    )  # fmt: skip
    assert list(span_boxes(document, 1, (15, 25))) == [
        (150.0, 50.0, 200.0, 60.0),
        (10.0, 50.0, 20.0, 100.0),
    ]
    assert list(span_boxes(document, 2, (15, 25))) == []


def test_what_has_no_such_page_says_so(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        document = pdf_of(view, "eu-crma.pdf")
        with pytest.raises(NotFound, match="has no page 9: it has 3 pages"):
            view.page_image(document.id, 9)
        with pytest.raises(NotFound, match="cannot be drawn"):
            page_image(document, b"%PDF-1.7 nothing", 1, sandbox=Sandbox())
        with pytest.raises(NotFound, match="only PDF files have"):
            view.page_image(pdf_of(view, "april-2025-licensing.md").id, 1)


def test_a_file_that_breaks_what_draws_it_harms_nobody_else(knowledge: KnowledgeBase) -> None:
    box = Sandbox(Limits(cpu=2, wall=6), stays=True)
    with knowledge.view() as view:
        document = pdf_of(view, "eu-crma.pdf")
        with pytest.raises(NotFound, match=r"cannot be drawn: (its reader broke|reading it takes)"):
            page_image(document, HOSTILE["zeros.pdf"](), 1, sandbox=box)
        found = page_image(document, view.original(document.id), 1, sandbox=box)
    assert opened(found).width == WIDTH
    box.close()
