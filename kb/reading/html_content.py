"""Which boxes of a page are not its text: by links, sentences, repetition and telling lines.

What tags, roles and class names say is kb.reading.html's business; here only the text counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lxml import etree

from kb.domain import BlockKind
from kb.reading import patterns as p
from kb.reading.draft import draft
from kb.reading.furniture import mark_furniture

SILENT = frozenset(
    "script style noscript template iframe object svg math canvas head select button input "
    "textarea audio video map datalist dialog rt rp".split()
)
HEADINGS = {f"h{n}": n for n in range(1, 7)}
BOXES = frozenset(
    "div section article main header footer aside nav form center fieldset ul ol dl table tbody "
    "tr td th details menu address".split()
)
_BREAKS = BOXES | HEADINGS.keys() | set("p br li dt dd pre blockquote figure caption hr".split())

CALL = re.compile(r"[\[［]?\s*(\d{1,3}(?:\s*[,、]\s*\d{1,3})*)\s*[\]］)）]?")
_CELLS = frozenset({"tbody", "tr", "td", "th"})
_NOTE_TAGS = frozenset({"li", "p", "dd", "div", "aside", "tr", "td"})
_MAX_NOTE = 3000  # characters; the target of a call that holds more is a chapter

_MOSTLY_LINKS = 0.85  # of the letters of a box; dates and ranks beside the links do not count
_CORE = 0.8  # of the sentences of a box; the box within that holds as many is the page's text
_LINKED = 0.6  # of the letters of a box beside the page's text
_HOLDS_TEXT = 0.5  # of the page's sentences; such a box is no menu, whatever its class says
_ENOUGH = 150  # letters outside links by which a box beside the page's text is text, too
_SMALL_BOX = 400  # letters; a box larger than this is not judged by one line in it

_DATE = re.compile(
    r"(19|20)\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}日?|\d{1,2}月\d{1,2}日|\d{1,2}:\d{2}"
)
_RANK = re.compile(
    r"第?\d{1,2}位?|NEW!?|PDF|\d+\s*(views?|件)|(タグ|カテゴリー?|キーワード|Tags?)\s*[:：]",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(
    r"[\W_]*(関連(記事|リンク|ページ)?|(あわ|併)せて読みたい|続き|PR|広告)\s*[\W_]"
)
_SENTENCE = re.compile(r"[。．！？]|[a-z)][.!?](?=\s|$)")
_HOME = re.compile(r"(ホーム|トップ(ページ)?|HOME|TOP)$", re.IGNORECASE)
_CRUMBS = re.compile(r"[>＞›»→/｜|]")
_SOURCES = re.compile(r"参考|引用|文献|出典|出所|典拠|資料|脚注|注釈|^注$|References|Sources|Notes")
_BOX_TITLE = re.compile(
    r"(あわせて|併せて|次に)(読みたい|お読み)|こちらも(おすすめ|お読み|どうぞ)|おすすめ(の?(記事|情報|ページ|サービス|コンテンツ))?$|^新着|^最新(の?(記事|投稿|情報)|ニュース)$"
    r"|^(本日の?|今週の?|今月の?|週間|月間|人気|アクセス|閲覧数?|検索|記事|総合|コメント|投稿)*ランキング$|よく(読|見)られ(ている|た)(記事|ページ|投稿)?"
    r"|(^|今)人気の?(記事|投稿|スレッド|ページ|キーワード|トピック)|^(関連|注目)の?(記事|ニュース|リンク|コンテンツ|スレッド|トピック|ページ|キーワード|ワード)"
    r"|^(カテゴリー?|タグ|タグ一覧|アーカイブ|月別|メニュー|サイト内検索|検索|ログイン|会員登録|広告|スポンサー(ド)?(リンク)?|PR|共有|シェア)$"
    r"|^(この|本)?(記事|ページ|投稿)を(シェア|共有|友人|印刷|保存|書いた)|(執筆者|著者|筆者|投稿者|ライター|監修者)(の?プロフィール|紹介|情報|について)?$"
    r"|続きを読む$|もっと(見る|読む)$|^(会員|購読|有料|無料)(登録|会員限定)|^同意(して|する)|に同意(する|します)$|^(ホーム|トップ(ページ)?)$"
)
# What a button says: a verb in its plain form, as no paragraph ends.
_BUTTON = re.compile(
    r"(する|なる|申し?込む|見る|読む|送る|閉じる|進む|受け取る|試す|始める|登録|購読|こちら)[»>→▶]?$"
)


class _Run:
    """A stretch of text without a block's border in it, and how much of it is linked."""

    __slots__ = ("heading", "letters", "linked", "links", "prose", "text")

    def __init__(self, pieces: list[tuple[str, bool]], links: int, heading: int) -> None:
        self.text = "".join("".join(text for text, _ in pieces).split())
        unlinked = " ".join(text for text, linked in pieces if not linked)
        self.linked = sum(c.isalnum() for text, linked in pieces if linked for c in text)
        own = _RANK.sub("", _DATE.sub("", unlinked)) if self.linked else unlinked
        self.letters = self.linked + sum(c.isalnum() for c in own)
        self.links = links
        self.heading = heading
        ends = [m.end() for m in _SENTENCE.finditer(unlinked)]
        self.prose = ends[-1] if ends and ends[-1] >= 20 and self.letters > 2 * self.linked else 0


class Content:
    """The text of an element, run by run, and what its boxes hold."""

    def __init__(self, root: Any, title: str = "") -> None:
        self._runs: list[_Run] = []
        self._spans: dict[Any, tuple[int, int]] = {}
        self._collect(root)
        self._sums = [(0, 0, 0, 0)]
        for run in self._runs:
            a, b, c, d = self._sums[-1]
            self._sums.append((a + run.letters, b + run.linked, c + run.prose, d + run.links))
        self._root = root
        self._title = next((i for i, r in enumerate(self._runs) if _is_title(r, title)), None)

    def _collect(self, root: Any) -> None:
        pieces: list[tuple[str, bool]] = []
        links = inside = heading = 0

        def close() -> None:
            nonlocal links
            if any(text.strip() for text, _ in pieces):
                self._runs.append(_Run(pieces, links, heading))
                links = 0
            pieces.clear()

        skipped = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag
            if event == "start" and skipped is None:
                if not isinstance(tag, str) or tag in SILENT or is_hidden(element):
                    skipped = element
                    continue
                if tag in _BREAKS:
                    close()
                    heading = HEADINGS.get(tag, heading)
                    self._spans[element] = (len(self._runs), 0)
                if tag == "a" and element.get("href") is not None:
                    inside += 1
                    links += 1
                pieces.append((element.text or "", inside > 0))
            elif event == "end":
                if skipped is None:
                    if tag in _BREAKS:
                        close()
                        heading = 0 if tag in HEADINGS else heading
                        self._spans[element] = (self._spans[element][0], len(self._runs))
                    if tag == "a" and element.get("href") is not None:
                        inside -= 1
                elif skipped is element:
                    skipped = None
                if skipped is None and element is not root:
                    pieces.append((element.tail or "", inside > 0))
        close()
        self._spans[root] = (0, len(self._runs))

    def _of(self, element: Any) -> list[_Run]:
        start, end = self._spans.get(element, (0, 0))
        return self._runs[start:end]

    def _sum(self, element: Any) -> tuple[int, int, int, int]:
        """Letters, linked letters, letters of sentences, links."""
        start, end = self._spans.get(element, (0, 0))
        a, b, c, d = self._sums[start]
        e, f, g, h = self._sums[max(start, end)]
        return e - a, f - b, g - c, h - d

    def prose(self, element: Any) -> int:
        """How many letters stand in sentences that are no links."""
        return self._sum(element)[2]

    def holds_text(self, element: Any) -> bool:
        """Whether the element holds so much of the page's sentences that it is no menu."""
        total = self._sums[-1][2]
        return total >= 100 and self.prose(element) >= _HOLDS_TEXT * total

    def boilerplate(self, *, marked: bool) -> frozenset[Any]:
        """The outermost elements that are boxes of the page and not its text.

        `marked` says that the root is marked as an article, so that a box of few words in
        it is not judged by its place.
        """
        if not any(_SENTENCE.search(run.text) for run in self._runs):
            return frozenset()  # a page without a sentence: its lists are all it has
        found: set[Any] = set() if marked else set(self._beside_the_core())
        self._descend(found, self._repeated())
        found.update(list(self._labels(found)))
        return frozenset(found)

    def _descend(self, found: set[Any], repeated: set[Any]) -> None:
        pending = [self._root]
        while pending:
            at = pending.pop()
            if at in found:
                continue
            whole = at is self._root or self.holds_text(at) or self._has_title(at)
            if not whole and (
                at in repeated or self._is_menu(at) or self._is_told(at) or self._is_path(at)
            ):
                found.add(at)
                continue
            pending.extend(child for child in at if child in self._spans or len(child))

    def _has_title(self, element: Any) -> bool:
        start, end = self._spans.get(element, (0, 0))
        return self._title is not None and start <= self._title < end

    def _is_menu(self, element: Any) -> bool:
        """Two links or more and hardly anything else; the links under 参考文献 are sources."""
        if element.tag not in BOXES and element.tag != "p":
            return False
        letters, linked, prose, links = self._sum(element)
        if links < 2 or prose or linked < (1.0 if element.tag == "p" else _MOSTLY_LINKS) * letters:
            return False
        headed = element.tag in {"table", *_CELLS} and _headed(element)
        return not headed and not self._is_under_sources(element)

    def _is_under_sources(self, element: Any) -> bool:
        start, end = self._spans[element]
        runs = self._runs
        if any(p.note_marker(run.text) for run in runs[start:end]):
            return True
        if end - start == 1 and runs[start].links > 1:
            return False  # links in one line: buttons, not sources
        within = next((r for r in runs[start:end] if r.heading or not r.linked), None)
        if within is not None and len(within.text) <= 30 and _SOURCES.search(within.text):
            return True
        for run in reversed(runs[max(0, start - 40) : start]):
            if run.heading or (not run.linked and len(run.text) <= 20 and not run.prose):
                return _SOURCES.search(run.text) is not None
        return False

    def _is_path(self, element: Any) -> bool:
        """Whether a short line is the way to the page: ホーム > 資料 > 輸出管理."""
        runs = self._of(element)
        text = "".join(run.text for run in runs)
        if not runs or not runs[0].links or len(text) > 120 or self.prose(element):
            return False
        link = next((str(a.text_content()).strip() for a in element.iter("a")), "")
        crumbs = len(runs) > 1 or _CRUMBS.search(text) is not None
        return crumbs and text.startswith(link[:4]) and _HOME.match(link) is not None

    def _is_told(self, element: Any) -> bool:
        """Whether one line of a small box says what it is: この記事を書いた人, ランキング."""
        runs = self._of(element)
        letters, linked, prose, links = self._sum(element)
        if len(runs) == 1 and element.tag in BOXES | {"p"} and links and not prose:
            return linked >= 0.5 * letters and _SEE_ALSO.match(runs[0].text) is not None
        small = letters <= _SMALL_BOX or (links > 1 and letters <= 4 * _SMALL_BOX)
        if element.tag not in BOXES or not small or not 1 <= len(runs) <= 40:
            return False
        if _headed(element) or self._is_under_sources(element):
            return False
        if len(runs) > 1 and len(runs[0].text) <= 40 and is_telling(runs[0].text):
            return True
        if letters > _SMALL_BOX:
            return False
        if any(e.get("type") != "hidden" for e in element.iter("input", "select", "textarea")):
            return True
        if len(runs) > 1 and letters <= 160 and _BUTTON.search(runs[-1].text):
            return len(runs[-1].text) <= 14 and next(element.iter("li"), None) is None
        rest = [run for run in runs if not is_telling(run.text)]
        others = sum(run.letters for run in rest)
        return len(rest) < len(runs) and others <= 60 and not any(run.prose for run in rest)

    def _repeated(self) -> set[Any]:
        """Boxes of two lines or more that stand twice: above and below the text."""
        places: dict[str, list[Any]] = defaultdict(list)
        for element, (start, end) in self._spans.items():
            fit = element.tag in BOXES - _CELLS and end - start >= 2
            if fit and 10 <= self._sum(element)[0] <= 2000 and not self.holds_text(element):
                places["".join(run.text for run in self._runs[start:end])].append(element)
        return {
            element
            for same in places.values()
            if len({self._spans[element] for element in same}) > 1
            for element in same
        }

    def _beside_the_core(self) -> Iterator[Any]:
        """Boxes with few sentences beside the box that holds nearly all of them."""
        at = self._root
        while True:
            boxes = [child for child in at if child.tag in BOXES and child in self._spans]
            core = max(boxes, key=self.prose, default=None)
            if core is None or self.prose(core) < max(_CORE * self.prose(at), 200):
                return
            for box in boxes:
                if box is not core and not _are_alike(box, core) and not self._is_text(box, core):
                    yield box
            at = core

    def _is_text(self, box: Any, core: Any) -> bool:
        letters, linked, prose, _ = self._sum(box)
        if self._has_title(box) or letters < 4:
            return True
        if any(p.note_marker(r.text) or p.REFERENCE_HEADING.match(r.text) for r in self._of(box)):
            return True
        if linked > _LINKED * letters:
            return False
        if _data_cells(box) >= 6 or max(prose, letters - linked) >= _ENOUGH:
            return True
        start, text = self._spans[box][0], self._spans[core][0]
        if self._title is None or self._title >= text:
            return start < text and prose > 0
        return self._title < start < text

    def _labels(self, found: set[Any]) -> Iterator[Any]:
        """The short line over a menu; a heading only when the menu is all that it heads."""
        for menu in found:
            label = menu.getprevious()
            if label is None or label not in self._spans or label in found:
                continue
            runs = self._of(label)
            if len(runs) != 1 or runs[0].prose or len(runs[0].text) > 30:
                continue
            if self._has_title(label) or _DATE.search(runs[0].text):
                continue
            following = menu.getnext()
            ends = following is None or following.tag in HEADINGS or following in found
            heads = label.tag in HEADINGS
            if is_telling(runs[0].text) or (self._is_menu(menu) and (ends or not heads)):
                yield label


def main_element(root: Any) -> Any | None:
    """The element that holds the page's own text, when the page marks one."""
    for path in ("//main", "//*[@role='main']", "//article", "//*[@itemprop='articleBody']"):
        found = root.xpath(path)
        if len(found) == 1 or (found and path == "//article"):
            best = _common(found) if path == "//article" else found[0]
            if len(best.text_content().strip()) >= 200:
                return best
    return None


def _common(articles: list[Any]) -> Any:
    """The longest article, or what holds all that are about as long, as the posts of a forum."""
    sizes = {e: len(e.text_content()) for e in articles}
    longest = best = max(articles, key=lambda e: sizes[e])
    for other in articles:
        if sizes[other] >= 0.3 * sizes[longest]:
            above = {best, *best.iterancestors()}
            best = next((e for e in (other, *other.iterancestors()) if e in above), best)
    return best


def linked_notes(body: Any) -> tuple[dict[Any, str], frozenset[Any]]:
    """Notes by the links that call them: the elements with their numbers, and the links."""
    places = {e: i for i, e in enumerate(body.iter())}
    names = {e.get("id") or e.get("name"): e for e in places if e.get("id") or e.get("name")}
    notes: dict[Any, str] = {}
    calls: set[Any] = set()
    for link in body.iter("a"):
        target = names.get((link.get("href") or "").removeprefix("#"))
        number = CALL.fullmatch(unicodedata.normalize("NFKC", link.text_content()).strip())
        if target is None or number is None or places[target] <= places[link]:
            continue
        raised = link.find("sup") is not None or next(link.iterancestors("sup"), None) is not None
        if not (raised or link.text_content().strip()[:1] in "[［"):
            continue
        holders = (e for e in (target, *target.iterancestors()) if e.tag in _NOTE_TAGS)
        note = next(holders, None)
        if note is None or len(note.text_content()) > _MAX_NOTE or link in note.iterdescendants():
            continue
        calls.add(link)
        if notes.setdefault(note, number[1]) != number[1]:
            notes[note] = ""  # several notes in one element
    return {e: n for e, n in notes.items() if n}, frozenset(calls)


def is_telling(text: str) -> bool:
    """Whether a line belongs to the page around a text by its words alone."""
    if len(text) <= 30 and _BOX_TITLE.search(text):
        return True
    return mark_furniture([draft(BlockKind.PARAGRAPH, text)])[0].kind is BlockKind.BOILERPLATE


def _is_title(run: _Run, title: str) -> bool:
    squeezed = "".join(title.split())
    titled = squeezed.startswith(run.text) and len(run.text) >= max(6, 0.4 * len(squeezed))
    return run.heading == 1 or (titled and not run.linked)


def _are_alike(box: Any, core: Any) -> bool:
    """Whether two boxes are sections of one text: by their class, or each opens with a heading."""
    if box.get("class") and box.get("class") == core.get("class"):
        return True
    return len(box) > 0 and box[0].tag in HEADINGS and len(core) > 0 and box[0].tag == core[0].tag


def is_hidden(element: Any) -> bool:
    """Whether a browser does not show the element."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = "".join((element.get("style") or "").lower().split())
    return "display:none" in style or "visibility:hidden" in style


def _headed(element: Any) -> bool:
    """Whether the element is or stands in a table that has head cells or a caption."""
    table = element if element.tag == "table" else next(element.iterancestors("table"), None)
    return table is not None and bool(table.xpath("./caption|./*/tr/th|./tr/th"))


def _data_cells(element: Any) -> int:
    tables = [element] if element.tag == "table" else list(element.iter("table"))
    return max(
        (len(t.xpath("./*/tr/td|./*/tr/th|./tr/td")) for t in tables if not t.xpath(".//table")),
        default=0,
    )
