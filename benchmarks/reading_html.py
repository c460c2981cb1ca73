"""HTML: encodings, main content against a gold page, and boilerplate around a report."""

from __future__ import annotations

import html
import importlib.util
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from lxml import html as lxml_html

from benchmarks.reading_part import (
    Cell,
    Material,
    Table,
    existing,
    manifest,
    read,
    read_or_reason,
)  # fmt: skip
from benchmarks.reading_text import score, squeezed, trigrams, without_calls
from kb.domain import CITABLE, BlockKind, Document
from kb.errors import RejectedFile
from kb.reading.files import FileBytes, read_document
from kb.reading.html_content import Content

_READ = CITABLE | {BlockKind.HEADING}
_RUN = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff、。]{2,}")
_FURIGANA = re.compile(r"<(rt|rp)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<[^>]*>", re.DOTALL)

BOILERPLATE = {
    "nav": ("ホーム", "貿易実務の基礎講座", "会社案内とアクセス", "お問い合わせ窓口はこちら"),
    "cookie": ("当サイトは利便性の向上のためクッキーを使用しています。", "同意して閉じる"),
    "share": ("この記事を友人に知らせる", "Xでポスト", "はてなブックマークに追加"),
    "newsletter": ("メールマガジンに登録すると最新の解説が毎週届きます。", "無料で登録する"),
    "related": (
        "あわせて読みたい記事",
        "関税分類の調べ方を一から学ぶ手引き",
        "原産地証明書の取り方と費用のまとめ",
    ),
    "author": (
        "この記事を書いた人",
        "通関太郎は港湾都市で二十年にわたり通関業務に携わってきた実務家である。",
    ),
}
_TAGS = {
    "nav": "nav", "cookie": "div role='dialog'", "share": "aside", "newsletter": "form",
    "related": "aside", "author": "footer",
}  # fmt: skip
_CLASSES = {
    "nav": "global-nav", "cookie": "cookie-notice", "share": "share-buttons",
    "newsletter": "newsletter-signup", "related": "related-posts", "author": "author-box",
}  # fmt: skip


def encodings(material: Material) -> list[Table]:
    """Whether what was stored stands in the file decoded with its true encoding."""
    folder = material.shared / "documents" / "html"
    table = Table(
        "encodings: runs of Japanese in the stored text that the true decoding has",
        ("file", "true", "declared", "share", "verdict"),
        remarks=["feeds (.xml) are read under an .html name, as no suffix for feeds is read"],
    )
    for row in manifest(folder / "manifest.tsv"):
        path = folder / row["file"]
        name = path.name if path.suffix != ".xml" else f"{path.stem}.html"
        found = read_or_reason(path, name)
        share, verdict = _encoding_verdict(found, path, row["true_encoding"])
        table.rows.append((row["file"], row["true_encoding"], row["declared"], share, verdict))
    return [table]


def _encoding_verdict(
    found: Document | RejectedFile, path: Path, encoding: str
) -> tuple[Cell, Cell]:
    if isinstance(found, RejectedFile):
        return None, f"rejected {found.reason}"
    true = visible(path.read_bytes().decode(encoding, errors="replace"))
    share = share_of_runs(found.text, true)
    right = share >= 0.9 and "\ufffd" not in found.text
    return share, "right" if right else "wrong"


def visible(source: str) -> str:
    """A decoded page without tags, furigana and white space; entities resolved."""
    text = html.unescape(html.unescape(_TAG.sub("", _FURIGANA.sub("", source))))
    return squeezed(_TAG.sub("", _FURIGANA.sub("", text)))


def share_of_runs(stored: str, true: str) -> float:
    """The share of the characters in runs of Japanese that stand in the squeezed true text."""
    runs = _RUN.findall(stored)
    total = sum(map(len, runs))
    return sum(len(r) for r in runs if squeezed(r) in true) / total if total else 0.0


def main_content(material: Material) -> list[Table]:
    """The body of a real page against its gold; a report among boilerplate."""
    folder = material.shared / "documents" / "html"
    gold = _gold(folder)
    page = read(folder / "readability_hukumusume_utf8.html")
    found = score(trigrams(without_calls(page, _READ)), gold)
    table = Table(
        "main content of HTML: precision, recall and F1 of character trigrams",
        ("page", "precision", "recall", "F1"),
        [("hukumusume", found.precision, found.recall, found.f1)],
        ["citable blocks and headings against the whole text of the gold page"],
    )
    return [table, _boilerplate(material), _methods(material)]


def _boilerplate(material: Material) -> Table:
    reports = sorted(existing(material.shared / "reports").glob("001_*.txt"))
    table = Table(
        "report 001 rebuilt as a page: boilerplate that can be cited, report that is lost",
        ("markup", "citable boilerplate", "which", "citable parts", "report lost"),
        remarks=["shares of characters; bare: div elements with classes that say nothing"],
    )
    report = report_parts(reports[0].read_text(encoding="utf-8"))
    for markup in ("tags", "classes", "bare"):
        source = page(report, markup).encode()
        document = read_document("page.html", FileBytes(source, "0" * 64), {})
        table.rows.append((markup, *_boilerplate_row(document, report)))
    return table


def _boilerplate_row(document: Document, report: list[Part]) -> tuple[Cell, ...]:
    citable = squeezed(without_calls(document, CITABLE))
    kept = squeezed(without_calls(document, _READ))
    parts = [(kind, squeezed(t)) for kind, texts in BOILERPLATE.items() for t in texts]
    shown = [(kind, t) for kind, t in parts if t in citable]
    size = sum(len(t) for _, t in parts)
    own = [squeezed(p.text) for p in report]
    lost = sum(len(t) for t in own if t not in kept)
    kinds = ", ".join(sorted({kind for kind, _ in shown}))
    return sum(len(t) for _, t in shown) / size, kinds, len(shown), lost / sum(map(len, own))


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph or a heading of a report."""

    text: str
    is_heading: bool


def report_parts(text: str) -> list[Part]:
    """The paragraphs of a report as plain text; a short one without 。 is a heading."""
    parts = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text)]
    return [Part(p, len(p) < 40 and not re.search(r"[。、!?:]$", p)) for p in parts if p]


def page(report: list[Part], markup: str) -> str:
    """A web page around the report; the author box stands above and below it."""
    body = "\n".join(
        f"<{tag}>{html.escape(p.text)}</{tag}>"
        for p in report
        for tag in ("h2" if p.is_heading else "p",)
    )
    around = {kind: _box(kind, markup) for kind in BOILERPLATE}
    return (
        "<!DOCTYPE html><html lang='ja'><head><meta charset='utf-8'><title>解説</title></head>"
        f"<body>{around['nav']}{around['cookie']}<div class='c1'>{around['share']}"
        f"{around['author']}{body}{around['author']}{around['newsletter']}</div>"
        f"{around['related']}</body></html>"
    )


def _box(kind: str, markup: str) -> str:
    tag = _TAGS[kind] if markup == "tags" else "div"
    name = {"tags": "", "classes": _CLASSES[kind], "bare": "x7"}[markup]
    linked = kind in ("nav", "share", "related")
    texts = (f"<a href='/{i}'>{t}</a>" if linked else t for i, t in enumerate(BOILERPLATE[kind]))
    inner = "".join(f"<li>{t}</li>" if linked else f"<p>{t}</p>" for t in texts)
    inner = f"<ul>{inner}</ul>" if linked else inner
    return f"<{tag}{f' class={name!r}' if name else ''}>{inner}</{tag.split()[0]}>"


@dataclass(frozen=True, slots=True)
class Layout:
    """A page that was put together: its source, the report in it, the boilerplate around it."""

    name: str
    source: str
    report: list[str]
    boilerplate: list[str]


def layouts(report: list[Part]) -> Iterator[Layout]:
    """The report as a forum, as a government page of tables, as news; classes say nothing."""
    texts = [p.text for p in report]
    for markup in ("tags", "classes", "bare"):
        around = [t for some in BOILERPLATE.values() for t in some]
        yield Layout(f"rebuilt, {markup}", page(report, markup), texts, around)
    yield _laid_out("forum", _FORUM, report, _post, 4)
    yield _laid_out("government", _GOVERNMENT, report, _plain, len(report))
    yield _laid_out("news", _NEWS, report, _with_links, 6)


def _laid_out(
    name: str,
    frame: str,
    report: list[Part],
    group: Callable[[str, int], str],
    size: int,
) -> Layout:
    tags = ("h3" if p.is_heading else "p" for p in report)
    marked = [f"<{t}>{html.escape(p.text)}</{t}>" for p, t in zip(report, tags, strict=True)]
    groups = ("\n".join(marked[i : i + size]) for i in range(0, len(marked), size))
    inner = "\n".join(group(text, i) for i, text in enumerate(groups))
    around = _MARK.findall(frame + group("", 0) + group("", 1))
    source = _MARK.sub(r"\1", frame.replace("@TEXT@", inner))
    return Layout(name, source, [p.text for p in report], around)


def _plain(text: str, _: int) -> str:
    return text


def _post(text: str, number: int) -> str:
    return (
        f"<div class='r'><div class='u'>利用者{number} 2025/11/{number % 28 + 1:02} 10:15</div>"
        f"<div class='b'>{text}</div><div class='f'><a href='#'>{{この投稿に返信する}}</a> "
        "<a href='#'>{引用して書き込む}</a> <a href='#'>{違反を運営に知らせる}</a></div></div>"
    )


def _with_links(text: str, number: int) -> str:
    between = (
        "<div><p>{合わせて読まれている解説}</p><ul>"
        "<li><a href='/a'>{鉱山の再開を決めた会社の事情}</a></li>"
        "<li><a href='/b'>{船会社が語る港の混雑とその先}</a></li></ul></div>",
        "<div><h4>{アクセスランキング}</h4><ol>"
        "<li><span>1位</span> <a href='/c'>{磁石の値段はなぜ上がるのか}</a></li>"
        "<li><span>2位</span> <a href='/d'>{工場の町に生まれた新しい学校}</a> "
        "<span>2025年11月7日</span></li></ol></div>",
    )
    return f"{text}\n{between[number % 2]}"


_MARK = re.compile(r"\{([^{}]*)\}")  # boilerplate in the frames
_HEAD = "<!DOCTYPE html><html lang='ja'><head><meta charset='utf-8'><title>掲載</title></head>"
_FORUM = f"""{_HEAD}<body>
<div class='a1'><div><a href='/'>{{貿易実務の広場}}</a> <a href='/n'>{{新しい話題}}</a>
<a href='/l'>{{会員の入口}}</a></div></div>
<div class='a2'><div class='a3'>@TEXT@</div><div class='a4'>
<div><h3>{{いま話題の書き込み}}</h3><ul><li><a href='/1'>{{通関の書類で困ったこと}}</a> (12)</li>
<li><a href='/2'>{{港で待たされた日の話}}</a> (8)</li></ul></div>
<div><h3>{{この広場の約束}}</h3><p>{{互いを敬い、根拠のある話をしましょう。}}</p></div>
<div><p>{{広場からの便りを毎週の朝に届けます。}}</p><p>{{宛先を登録する}}</p></div></div></div>
<div><p>{{運営は貿易実務の広場の会です。}}</p></div></body></html>"""
_GOVERNMENT = f"""{_HEAD}<body>
<table width='900'><tr><td><img src='l.gif' alt=''>{{資源通商省}}</td>
<td><a href='/s'>{{文字の大きさ}}</a> | <a href='/e'>{{English}}</a></td></tr></table>
<table><tr><td><a href='/'>ホーム</a> &gt;
<a href='/p'>{{政策一覧の頁}}</a> &gt; 資料</td></tr></table>
<table width='900'><tr><td width='180'><table>
<tr><td><a href='/1'>{{大臣の会見録}}</a></td></tr>
<tr><td><a href='/2'>{{審議会と研究会}}</a></td></tr>
<tr><td><a href='/3'>{{統計を調べる}}</a></td></tr></table></td><td>@TEXT@</td></tr></table>
<table width='900'><tr><td>{{所在地 東京都千代田区霞が関九丁目}}</td></tr>
<tr><td><a href='/4'>{{この場所の地図}}</a> <a href='/5'>{{意見を送る窓口}}</a></td></tr></table>
</body></html>"""
_NEWS = f"""{_HEAD}<body>
<div><ul><li><a href='/1'>{{経済の面}}</a></li><li><a href='/2'>{{国際の面}}</a></li></ul></div>
<div><div><div><p>{{この新聞は登録した読者のために作られています。}}</p><p>{{読者になる}}</p></div>
@TEXT@</div></div>
<div><div><p>{{編集部が選んだきょうの五本}}</p>
<a href='/3'><div>{{港の夜を撮り続けた写真家}}</div></a>
<a href='/4'><div>{{小さな町工場の大きな賭け}}</div></a></div></div></body></html>"""


def _kept(source: str, kinds: frozenset[BlockKind]) -> str:
    return without_calls(
        read_document("page.html", FileBytes(source.encode(), "0" * 64), {}), kinds
    )


def _walker(source: str, kinds: frozenset[BlockKind]) -> str:
    with patch.object(Content, "boilerplate", lambda *_, **__: frozenset()):
        return _kept(source, kinds)


def _extracted(source: str, **options: bool) -> str:
    import trafilatura

    return trafilatura.extract(source, include_tables=True, include_comments=True, **options) or ""


def _both(source: str, kinds: frozenset[BlockKind]) -> str:
    document = read_document("page.html", FileBytes(source.encode(), "0" * 64), {})
    other = squeezed(_extracted(source, favor_recall=True))
    texts = (document.text[b.start : b.end] for b in document.blocks if b.kind in kinds)
    return "\n".join(t for t in texts if squeezed(t) in other)


def methods() -> dict[str, Callable[[str, frozenset[BlockKind]], str]]:
    """What is kept of a page, by each way of reading it."""
    found: dict[str, Callable[[str, frozenset[BlockKind]], str]] = {
        "walker alone": _walker,
        "walker and content": _kept,
    }
    if importlib.util.find_spec("trafilatura"):
        found |= {
            "trafilatura": lambda s, _: _extracted(s),
            "trafilatura, precision": lambda s, _: _extracted(s, favor_precision=True),
            "trafilatura, recall": lambda s, _: _extracted(s, favor_recall=True),
            "walker, content and trafilatura": _both,
        }
    return found


def _methods(material: Material) -> Table:
    """Each way of reading on each layout of each report, and on the gold page."""
    paths = sorted((material.shared / "reports").glob("0*.txt"))
    reports = [report_parts(path.read_text(encoding="utf-8")) for path in paths]
    pages = [layout for report in reports for layout in layouts(report)]
    names = tuple(dict.fromkeys(p.name for p in pages))
    folder = material.shared / "documents" / "html"
    gold = _gold(folder)
    real = (folder / "readability_hukumusume_utf8.html").read_text(encoding="utf-8")
    table = Table(
        "ways of reading: citable boilerplate / report lost (shares), F1 of the gold page, time",
        ("way", *names, "gold F1", "ms/page"),
        remarks=[
            f"means over {len(reports)} reports; sign-ups, contents and terms of use count as lost",
            "ways of trafilatura are left out where it is not installed",
        ],
    )
    for name, way in methods().items():
        shares: dict[str, list[tuple[float, float]]] = {n: [] for n in names}
        start = time.process_time()
        for p in pages:
            citable, kept = (squeezed(way(p.source, kinds)) for kinds in (CITABLE, _READ))
            lost = _share(p.report, kept, False)
            shares[p.name].append((_share(p.boilerplate, citable, True), lost))
        spent = (time.process_time() - start) * 1000 / (2 * len(pages))
        cells = [
            "/".join(f"{sum(x) / len(x):.3f}" for x in zip(*pairs, strict=True))
            for pairs in shares.values()
        ]
        table.rows.append((name, *cells, score(trigrams(way(real, _READ)), gold).f1, round(spent)))
    return table


def _gold(folder: Path) -> Counter[str]:
    path = existing(folder / "readability_hukumusume_expected.html")
    root = lxml_html.document_fromstring(path.read_text(encoding="utf-8"))
    return trigrams("".join(map(str, root.itertext())))


def _share(parts: list[str], text: str, inside: bool) -> float:
    """The share of the characters of the parts that stand in the text, or do not."""
    own = [squeezed(p) for p in parts]
    return sum(len(t) for t in own if (t in text) is inside) / sum(map(len, own))
