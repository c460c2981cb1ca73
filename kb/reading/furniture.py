"""What is not the report itself: menus, sign-ups, repeated boxes, contents; and its apparatus.

These rules run over the drafts of every format. They only change the kind of a block
(to boilerplate, note or reference); no text is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from kb.domain import BlockKind
from kb.reading import patterns as p
from kb.reading.draft import Draft

MIN_REPEATED = 60  # a text this long that stands twice is a box of the page, not the report

# Phrases of web pages and mailings. Each is enough by itself for a short block.
_PHRASES = re.compile(
    r"メルマガ|メールマガジン|ニュースレター(に)?(登録|購読)|(登録|購読|申し?込み?)はこちら|無料(会員)?登録|会員登録"
    r"|フォロー(を?お願い|(して)?(ください|下さい)|(する)?$)|(公式|アカウント|Twitter|LINE|Facebook|Instagram|YouTube)[^。]{0,12}フォロー"
    r"|をシェア$|シェア(する|しよう)(\s|$)|ツイート(する)?$|(いいね|チャンネル登録)(する|お願い)"
    r"|関連(記事|リンク|レポート)(はこちら|一覧)?$|おすすめ(の)?記事|人気(の)?記事|前の記事|次の記事|一覧(に|へ)戻る"
    r"|この記事(を書いた人|の著者|をシェア)|(著者|執筆者|筆者)(プロフィール|紹介|について)$|プライバシーポリシー|利用規約|サイトマップ"
    r"|お問い?合わせ(はこちら|先)?$|ページ(の)?(トップ|先頭)(へ|に)|クッキー|Cookie|パンくず"
    r"|All rights reserved|Copyright\s*[©(]|©\s*\d{4}|無断(転載|複製)|本(資料|レポート|稿)の(全文|一部|内容).{0,20}(転載|複製|無断)"
    r"|当社は一切の責任|ご自身で(ご)?判断|正確性、?完全性を保証|統一的な見解を示すものではありません|著作権法に基づき、?保護"
    r"|View Profile|Researcher Profile|List of Research|Read more|Subscribe|Sign up|Follow us|Share this",
    re.IGNORECASE,
)
# One of these is in each of them, and in few paragraphs: much quicker to look for, as their first
# signs are.
_OF_PHRASES = re.compile(
    "マガ|ニュースレター|はこちら|登録|フォロー|シェア|ツイート|記事|関連|いいね|戻る|者プロフィール|者紹介|者について"
    "|プライバシー|利用規約|サイトマップ|合わせ|合せ|ページ|クッキー|パンくず|©|無断|転載|複製|当社は|ご自身"
    "|正確性|統一的な|著作権法"
)
_LATIN = re.compile("[A-Za-z]")
_ALONE = re.compile(
    r"((Index|Menu|Home|Search|Login|PDF|Print|Share|Tweet|目次|メニュー|ホーム|トップ|検索|ログイン|印刷)\s*)+$",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(\.\s?){6,}|[…‥]{3,}\s*\d")  # the dots of a table of contents
_IMPRINT = re.compile(r"^(©|\(c\)|Copyright\b|All rights reserved)|無断(転載|複製)", re.IGNORECASE)
_HANDLE = re.compile(r"@[A-Za-z0-9_]{3,}")
_DISCLAIMER = re.compile(
    r"(ご利用に(際|あた)|ご留意|免責|ディスクレーマー|Disclaimer|注意事項|転載・複製)"
)
_MAX_PHRASE_BLOCK = 160  # a longer paragraph that only mentions such words is the report


def mark_furniture(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts with boilerplate, contents, notes and references marked as such."""
    given = {i for i, d in enumerate(drafts) if d.kind is BlockKind.BOILERPLATE}
    marked = _mark_contents(list(drafts))
    if any(d.first_page is not None for d in drafts):
        # Printed pages have no menus and sign-ups; their furniture is known by its place.
        return _mark_apparatus(_mark_imprint(marked))
    marked = _mark_repeated(marked)
    marked = _mark_phrases(marked)
    marked = _mark_disclaimers(marked)
    marked = _mark_apparatus(marked)
    return _mark_between(marked, given)


def _has_phrase(text: str) -> bool:
    """Whether a phrase of web pages and mailings stands in a text."""
    if _OF_PHRASES.search(text) is None and _LATIN.search(text) is None:
        return False
    return _PHRASES.search(text) is not None


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _mark_contents(drafts: list[Draft]) -> list[Draft]:
    """Under 目次, the lines that come again as headings are the contents, not the report."""
    for i, d in enumerate(drafts):
        if not p.CONTENTS_HEADING.match(d.text.strip()):
            continue
        later = Counter(_entry(other.text) for other in drafts[i + 1 :] if len(other.text) <= 90)
        j = i + 1
        while j < len(drafts) and len(drafts[j].text) <= 90:
            entry = _entry(drafts[j].text)
            if later[entry] < 2 and not re.search(r"[.…・‥\s]\s*\d+$", drafts[j].text):
                break
            later[entry] -= 1
            j += 1
        if j > i + 1:
            drafts[i:j] = [x.as_kind(BlockKind.BOILERPLATE) for x in drafts[i:j]]
    return drafts


def _entry(text: str) -> str:
    """A heading without its bullet, dot leaders and page number."""
    line = re.sub(r"^\s*[-•・]\s*", "", text)
    return _squeezed(unicodedata.normalize("NFKC", re.sub(r"[.…・‥\s]{2,}\d+\s*$", "", line)))


def _mark_repeated(drafts: list[Draft]) -> list[Draft]:
    texts = [_squeezed(d.text) for d in drafts]
    counts = Counter(texts)
    return [
        d.as_kind(BlockKind.BOILERPLATE)
        if counts[text] > 1
        and len(text) >= MIN_REPEATED
        and d.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
        else d
        for d, text in zip(drafts, texts, strict=True)
    ]


def _mark_imprint(drafts: list[Draft]) -> list[Draft]:
    """Dot leaders of a table of contents, and short copyright lines."""
    return [
        d.as_kind(BlockKind.BOILERPLATE)
        if d.kind is not BlockKind.TABLE
        and (
            _LEADERS.search(d.text)
            or (len(d.text) <= _MAX_PHRASE_BLOCK and _IMPRINT.search(d.text.strip()))
        )
        else d
        for d in drafts
    ]


def _mark_phrases(drafts: list[Draft]) -> list[Draft]:
    def is_furniture(d: Draft) -> bool:
        text = d.text.strip()
        if d.kind in (BlockKind.NOTE, BlockKind.REFERENCE, BlockKind.TABLE):
            return False
        if (
            (any(map(text.__contains__, ".…‥")) and _LEADERS.search(text))
            or _ALONE.match(text)
            or ("フォロー" in text and _HANDLE.search(text))
        ):
            return True
        return len(text) <= _MAX_PHRASE_BLOCK and _has_phrase(text)

    return [d.as_kind(BlockKind.BOILERPLATE) if is_furniture(d) else d for d in drafts]


def _mark_disclaimers(drafts: list[Draft]) -> list[Draft]:
    """A short line such as ご利用に際して opens a block of terms that goes on to the end."""
    for i, d in enumerate(drafts):
        if i >= 0.5 * len(drafts) and len(d.text) <= 30 and _DISCLAIMER.search(d.text):
            rest = drafts[i:]
            if any(x.kind is BlockKind.BOILERPLATE for x in rest) and not any(
                x.kind is BlockKind.HEADING for x in rest[1:]
            ):
                drafts[i:] = [x.as_kind(BlockKind.BOILERPLATE) for x in rest]
                break
    return drafts


def _mark_apparatus(drafts: list[Draft]) -> list[Draft]:
    """Under a heading such as 参考文献 or 脚注, up to the next heading, entries are that."""
    inside: BlockKind | None = None
    out: list[Draft] = []
    for d in drafts:
        text = d.text.strip()
        if p.REFERENCE_HEADING.match(text) and d.kind is not BlockKind.BOILERPLATE:
            inside = BlockKind.REFERENCE
            d = d if d.kind is BlockKind.HEADING else d.as_kind(BlockKind.REFERENCE)
        elif p.NOTE_HEADING.match(text) and d.kind is BlockKind.HEADING:
            inside = BlockKind.NOTE
        elif d.kind is BlockKind.HEADING:
            inside = None
        elif inside is BlockKind.REFERENCE and d.kind in (
            BlockKind.PARAGRAPH,
            BlockKind.LIST_ITEM,
            BlockKind.NOTE,
        ):
            d = d.as_kind(BlockKind.REFERENCE, p.note_marker(text) or d.marker)
        elif inside is BlockKind.NOTE and d.kind is BlockKind.LIST_ITEM:
            d = d.as_kind(BlockKind.NOTE, p.note_marker(text))
        out.append(d)
    return out


def _mark_between(drafts: list[Draft], given: set[int]) -> list[Draft]:
    """Short lines between two boilerplate blocks, or after the last one, are boilerplate.

    After the notes of a document only boilerplate is left once some was found there. The
    blocks in `given` (running heads, menus) were found by their place and prove nothing.
    """
    kinds = [d.kind for d in drafts]
    furniture = [i for i, k in enumerate(kinds) if k is BlockKind.BOILERPLATE and i not in given]
    if not furniture:
        return drafts
    apparatus = [i for i, k in enumerate(kinds) if k in (BlockKind.NOTE, BlockKind.REFERENCE)]
    tail = apparatus[-1] + 1 if apparatus and apparatus[-1] < furniture[-1] else len(drafts)
    out = list(drafts)
    for i, d in enumerate(drafts):
        if d.kind in (BlockKind.BOILERPLATE, BlockKind.NOTE, BlockKind.REFERENCE):
            continue
        around = any(i - 3 <= j < i for j in furniture) and any(i < j <= i + 3 for j in furniture)
        last = i > max(furniture[-1], len(drafts) - 4) and i - furniture[-1] <= 3
        last = last and not p.is_terminated(d.text)
        plain = d.kind is not BlockKind.HEADING or not p.heading_level(d.text)
        if plain and (i >= tail or (len(d.text) <= 60 and (around or last))):
            out[i] = d.as_kind(BlockKind.BOILERPLATE)
    return out
