"""HTML: encodings, main content against a gold page, and boilerplate around a report."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

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

_READ = CITABLE | {BlockKind.HEADING}
_RUN = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff、。]{2,}")
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
    """A decoded page without tags and white space; entities resolved."""
    text = html.unescape(html.unescape(_TAG.sub("", source)))
    return squeezed(_TAG.sub("", text))


def share_of_runs(stored: str, true: str) -> float:
    """The share of the characters in runs of Japanese that stand in the squeezed true text."""
    runs = _RUN.findall(stored)
    total = sum(map(len, runs))
    return sum(len(r) for r in runs if squeezed(r) in true) / total if total else 0.0


def main_content(material: Material) -> list[Table]:
    """The body of a real page against its gold; a report among boilerplate."""
    folder = material.shared / "documents" / "html"
    gold_path = existing(folder / "readability_hukumusume_expected.html")
    gold_root = lxml_html.document_fromstring(gold_path.read_text(encoding="utf-8"))
    gold = trigrams("".join(map(str, gold_root.itertext())))
    page = read(folder / "readability_hukumusume_utf8.html")
    found = score(trigrams(without_calls(page, _READ)), gold)
    table = Table(
        "main content of HTML: precision, recall and F1 of character trigrams",
        ("page", "precision", "recall", "F1"),
        [("hukumusume", found.precision, found.recall, found.f1)],
        ["citable blocks and headings against the whole text of the gold page"],
    )
    return [table, _boilerplate(material)]


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
