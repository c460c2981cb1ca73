"""Citations that were given out are answered for after any change of the collection."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answering.citations import citation_id, cite
from kb.answering.lookup import Lookup
from kb.domain import Citation, Document
from kb.errors import NotFound
from kb.indexing.generation import open_current
from kb.indexing.ledger import Ledger
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.quotation import DiffKind, Status, Trace
from kb.quoting import Quotations
from kb.reading.draft import document_id
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

PLACES = "包頭 贛州 涼山 ビサカパトナム ライナス マウントパス カチン州 稚内 敦賀 臨沂".split()
MINERALS = (
    "ネオジム ジスプロシウム テルビウム ガリウム ゲルマニウム アンチモン 黒鉛 セリウム".split()
)
ENDS = "増えた。 減った。 横ばいだった。 公表されていない。 過去最高になった。".split()


def quotations(work: Workshop) -> Quotations:
    current = open_current(work.index)
    store = Store(current.store)
    lookup = Lookup(store, LexicalIndex(current.postings))
    summaries = {s.id: s for s in store.summaries()}
    return Quotations(store, store.document, summaries, lookup, Ledger(work.index, limit=10**6))


def issue(work: Workshop, words: dict[str, list[str]]) -> dict[str, list[Citation]]:
    """Give out a citation of each of some words of each file."""
    store, given_out = work.store(), {}
    for name, quotes in words.items():
        document = store.document(document_id(name))
        given_out[name] = [
            cite(document, at, at + len(quote), number=1, passage=None)
            for quote in quotes
            for at in [document.text.index(quote)]
        ]
        quotations(work).issue(given_out[name])
    return given_out


def text_of(work: Workshop, name: str) -> Document:
    return work.store().document(document_id(name))


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    work = Workshop(tmp_path)
    work.keep_versions = 0  # the ledger alone must do
    work.write("報告.md", REPORT)
    work.write("別.md", PANEL)
    work.ingest()
    return work


QUOTE = "これは即日施行された。"


def after(work: Workshop, change: Callable[[str], str], quote: str = QUOTE) -> Trace:
    (cited,) = issue(work, {"報告.md": [quote]})["報告.md"]
    work.write("報告.md", change(REPORT))
    work.ingest()
    trace = quotations(work).trace(cited.id)
    assert (trace.was.citation.id, trace.was.citation.quote) == (cited.id, quote)
    assert trace.was.citation.heading_path == cited.heading_path
    if trace.now is not None:
        now, text = trace.now.citation, text_of(work, "報告.md").text
        assert text[now.start : now.end] == now.quote
        assert quotations(work).trace(now.id).status is Status.SAME
    return trace


def test_a_quotation_that_stays_is_the_same(work: Workshop) -> None:
    trace = after(work, lambda text: text + "\n付記。後から加えた文である。\n")
    assert trace.status is Status.SAME
    assert trace.now == trace.was


def test_a_quotation_behind_an_insertion_moved(work: Workshop) -> None:
    trace = after(work, lambda text: text.replace("2025年4月4日", "発表によれば、2025年4月4日"))
    assert trace.status is Status.MOVED
    assert trace.now is not None
    assert trace.now.citation.quote == QUOTE
    assert trace.now.citation.start == trace.was.citation.start + len("発表によれば、")
    assert not trace.was.citation.superseded
    assert trace.diff == ()


def test_an_edited_quotation_changed_and_the_words_are_shown(work: Workshop) -> None:
    trace = after(work, lambda text: text.replace("即日施行", "5月1日に施行"))
    assert trace.status is Status.CHANGED
    assert trace.now is not None
    assert trace.now.citation.quote == "これは5月1日に施行された。"
    assert trace.was.citation.superseded
    kept = "".join(p.text for p in trace.diff if p.kind is not DiffKind.INSERT)
    made = "".join(p.text for p in trace.diff if p.kind is not DiffKind.DELETE)
    assert (kept, made) == (QUOTE, "これは5月1日に施行された。")
    assert [p.text for p in trace.diff if p.kind is DiffKind.DELETE] == ["即日"]


def test_a_quotation_that_was_taken_out_is_gone(work: Workshop) -> None:
    trace = after(work, lambda text: text.replace(QUOTE, ""))
    assert (trace.status, trace.now) == (Status.GONE, None)


def test_a_quotation_among_others_like_it_keeps_its_neighbours(work: Workshop) -> None:
    trace = after(
        work, lambda text: f"# 前書き\n\n{QUOTE}\n\n" + text.replace("商務部は", "商務省は")
    )
    assert trace.status is Status.MOVED
    text = text_of(work, "報告.md").text
    assert trace.now is not None and trace.now.citation.start == text.rindex(QUOTE)


def test_a_removed_document_is_gone_with_what_it_was(work: Workshop) -> None:
    (cited,) = issue(work, {"報告.md": [QUOTE]})["報告.md"]
    (work.corpus / "報告.md").unlink()
    work.ingest()
    trace = quotations(work).trace(cited.id)
    assert (trace.status, trace.now) == (Status.GONE, None)
    assert (trace.was.source.path, trace.was.citation.quote) == ("報告.md", QUOTE)
    assert quotations(work).export([cited.id], "text").text.startswith("希土類の輸出管理")


@pytest.mark.parametrize("more", ["", "\n付記。後から加えた文である。\n"])
def test_a_renamed_document_is_found_under_its_new_name(work: Workshop, more: str) -> None:
    (cited,) = issue(work, {"報告.md": [QUOTE]})["報告.md"]
    (work.corpus / "報告.md").unlink()
    work.write("2025/改題.md", REPORT + more)
    work.ingest()
    trace = quotations(work).trace(cited.id)
    assert trace.status is Status.MOVED
    assert trace.now is not None
    assert (trace.now.source.path, trace.now.citation.quote) == ("2025/改題.md", QUOTE)
    assert trace.now.citation.document_id == document_id("2025/改題.md")


def test_without_a_ledger_earlier_versions_answer_and_then_the_digest(tmp_path: Path) -> None:
    work = Workshop(tmp_path)
    work.write("報告.md", REPORT)
    work.ingest()
    document = text_of(work, "報告.md")
    at = document.text.index(QUOTE)
    cited = cite(document, at, at + len(QUOTE), number=1, passage=None)
    work.write("報告.md", REPORT.replace("即日", "同日"))
    work.ingest()
    assert quotations(work).trace(cited.id).status is Status.CHANGED
    work.keep_versions = 0
    work.write("報告.md", "# 前書き\n\n加えた文である。\n\n" + REPORT)
    work.ingest()
    trace = quotations(work).trace(cited.id)
    assert trace.status is Status.MOVED
    assert trace.now is not None and trace.now.citation.quote == QUOTE
    work.write("報告.md", MAGNETS)
    work.ingest()
    with pytest.raises(NotFound, match="nothing is known of a citation"):
        quotations(work).trace(cited.id)


@given(start=st.integers(0, 2**32 - 1), length=st.integers(0, 2**24 - 1), quote=st.text())
def test_an_id_that_was_never_given_out_is_not_found(
    shared_work: Workshop, start: int, length: int, quote: str
) -> None:
    made_up = citation_id(document_id("報告.md"), start, start + length, quote)
    with pytest.raises(NotFound):
        quotations(shared_work).trace(made_up)


@pytest.fixture(scope="module")
def shared_work(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    work = Workshop(tmp_path_factory.mktemp("shared"))
    work.write("報告.md", REPORT)
    work.ingest()
    return work


def sentence(chance: random.Random, number: int) -> str:
    place, mineral, end = map(chance.choice, (PLACES, MINERALS, ENDS))
    return (
        f"{place}の{mineral}の生産量は{chance.randint(1990, 2026)}年に"
        f"{chance.randint(2, 9999)}トンで、第{number}次の調査より{end}"
    )


def added(number: int) -> str:
    return f"付記{number}:別の機関が公表した見通しは、本文の数値とは前提が違う。"


def report(sentences: list[str]) -> str:
    paragraphs = ["".join(sentences[i : i + 5]) for i in range(0, len(sentences), 5)]
    return "# 調査\n\n" + "\n\n".join(paragraphs) + "\n"


@pytest.mark.parametrize("kept", [0, 20])
def test_a_thousand_citations_are_each_answered_for(tmp_path: Path, kept: int) -> None:
    chance = random.Random(20260404)
    work = Workshop(tmp_path)
    work.keep_versions = kept
    names = [f"調査{n:02}.md" for n in range(20)]
    before = {
        name: [sentence(chance, 50 * n + i) for i in range(50)] for n, name in enumerate(names)
    }
    for name, sentences in before.items():
        work.write(name, report(sentences))
    work.ingest()
    given_out = issue(work, before)
    assert sum(map(len, given_out.values())) == 1000

    became: dict[str, str | None] = {}
    for n, name in enumerate(names):
        (work.corpus / name).unlink()
        sentences = list(before[name])
        if n in (3, 7):  # removed
            became.update(dict.fromkeys(sentences))
            continue
        if n in (4, 8):  # renamed, in one of them with a sentence more
            became.update(zip(sentences, sentences, strict=True))
            work.write(f"新{name}", report([added(1)] * (n == 8) + sentences))
            continue
        if n % 3 == 0:
            chance.shuffle(sentences)
        made: list[str] = []
        for one in sentences:
            fate = chance.random()
            if fate < 0.12:
                became[one] = None
                continue
            became[one] = one
            if fate < 0.24:
                became[one] = one.replace("の生産量は", "の生産は").replace("トン", "トン余り")
            elif fate < 0.30:
                made.append(added(len(made)))
            made.append(became[one] or "")
        work.versions = "chunks 2"  # and all is cut anew
        work.write(name, report(made))
    work.ingest()

    found, wrong, seen = quotations(work), [], Counter[str]()
    for name, citations in given_out.items():
        for quote, cited in zip(before[name], citations, strict=True):
            trace = found.trace(cited.id)
            expected = became[quote]
            seen[trace.status] += 1
            now = trace.now.citation if trace.now else None
            if (now.quote if now else None) != expected or (
                trace.status is not Status.GONE
                and (trace.status is Status.CHANGED) != (expected != quote)
            ):
                wrong.append((quote, expected, trace.status, now and now.quote))
    assert wrong == [], len(wrong)
    assert all(seen[status] > 10 for status in Status), seen


EDITS = ("before", "inside", "delete", "after", "nothing")


@settings(max_examples=12)
@given(data=st.data())
def test_any_edit_of_any_sentence_is_seen_for_what_it_is(
    tmp_path: Path, data: st.DataObject
) -> None:
    chance = random.Random(data.draw(st.integers(0, 10**6)))
    work = Workshop(Path(mkdtemp(dir=tmp_path)))
    work.keep_versions = data.draw(st.sampled_from([0, 20]))
    sentences = [sentence(chance, n) for n in range(data.draw(st.integers(2, 12)))]
    work.write("調査.md", report(sentences))
    work.ingest()
    at = data.draw(st.integers(0, len(sentences) - 1))
    (cited,) = issue(work, {"調査.md": [sentences[at]]})["調査.md"]
    edit = data.draw(st.sampled_from(EDITS))
    changed = list(sentences)
    if edit == "inside":
        changed[at] = sentences[at].replace("トン", "キログラム")
    elif edit == "delete":
        del changed[at]
    elif edit != "nothing":
        changed.insert(0 if edit == "before" else len(changed), "改訂版で加えた短い文。")
    work.write("調査.md", report(changed))
    work.ingest()
    trace = quotations(work).trace(cited.id)
    document = text_of(work, "調査.md")
    stays = document.text[cited.start : cited.end] == cited.quote
    expected = {"inside": Status.CHANGED, "delete": Status.GONE}.get(
        edit, Status.SAME if stays else Status.MOVED
    )
    assert trace.status is expected
    if trace.now is not None:
        assert trace.now.citation.quote == (changed[at] if edit == "inside" else sentences[at])
