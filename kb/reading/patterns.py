"""What single lines of Japanese reports look like: numbering, bullets, captions, notes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KANJI_NUMBER = "〇一二三四五六七八九十百"
_UNIT = r"\s*(倍|[%％]|万|億|兆|トン|ドル|ポイント|キロ)"  # 3.5倍 is no section

# Numbered headings, from the outermost form to the innermost; the index is the level - 1.
_NUMBERED = (
    re.compile(rf"第\s*[0-9０-９{_KANJI_NUMBER}]+\s*[部章編]"),
    re.compile(r"[0-9０-９]{1,2}\s*[.．、]?\s+(?=\S)|[0-9０-９]{1,2}[.．](?![0-9０-９])\s*(?=\S)"
               r"|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]\s*[.．、]?\s*(?=\S)"),
    re.compile(rf"[0-9０-９]{{1,2}}[.．-][0-9０-９]{{1,2}}[.．]?(?!{_UNIT})\s*(?=[^\d.．-])|[(（][0-9０-９]{{1,2}}[)）]\s*(?=\S)"
               rf"|第\s*[0-9０-９{_KANJI_NUMBER}]+\s*節"),
    re.compile(r"[0-9０-９]{1,2}[)）]\s*(?=\S)|[0-9０-９]{1,2}([.．-][0-9０-９]{1,2}){2}[.．]?\s*(?=\S)"),
    re.compile(r"[①-⑳]\s*(?=\S)|[(（][a-zａ-ｚア-ン][)）]\s*(?=\S)"),
)  # fmt: skip
_NAMED_HEADING = re.compile(
    r"(はじめに|おわりに|まとめ|結論|結語|序論?|緒言|概要|要\s*旨|要\s*約|サマリー|目\s*次|脚注|注釈?|付録|謝辞"
    r"|(主要)?(参考|引用)(文献|資料)([(（]注[)）])?|出典|References?|Reference\(s\):?|Bibliography"
    r"|巻末資料\s*[0-9０-９]+.{0,40}|付(属|表|図)\s*[0-9０-９]+.{0,40})$"
)
_ORNAMENT_HEADING = re.compile(r"[■□◆◇▼▽●○★☆【]\s*\S.{0,50}$")
BULLET = re.compile(
    r"\s*([•・･‣▪◦●○■□*\-–—]|[0-9０-９]{1,2}[.．]|[(（][0-9０-９]{1,2}[)）])[\s　]+(?=\S)|・(?=\S)"
)
CAPTION = re.compile(
    r"[<＜〈【]?\s*(図表|図|表|Figure|Table|写真)\s*[0-9０-９]+([-－.．‐][0-9０-９]+)?[\s　：:．.。]?\s*(?=[^\sはがをにでのともへや、，。,）)参])"
)
SOURCE = re.compile(r"[(（\[【]?\s*(資料|出所|出典|注|備考|単位)\s*[)）\]】:：]")
REMARK = re.compile(r"[(（\[【]?\s*注\s*[0-9０-９]{0,2}\s*[)）\]】:：](?![。、．，])")
NOTE = re.compile(
    r"[-•・]?\s*(?P<marker>[(（［\[]?\s*(注\s*)?[0-9０-９]{1,3}\s*[)）］\]]|[＊*]\s*[0-9０-９]{1,3}"
    r"|注\s*[0-9０-９]{1,3}\s*[:：.．)）])\s*(?=[^。、．，)）\s]|$)"
)
NOTE_HEADING = re.compile(r"(脚\s*注|注\s*釈?|注\s*記|Notes?)$")
REFERENCE_HEADING = re.compile(
    r"[■□◆◇▼▽●○★☆【]?\s*((主要)?(参考|引用)(文献|資料)(・?リンク)?(一覧)?|出典|References?|Reference\(s\)|Bibliography)"
    r"([(（]注[)）])?[】:：]?$"
)
CONTENTS_HEADING = re.compile(r"(目\s*次|もくじ|Contents|Index)$", re.IGNORECASE)

_TERMINAL = "。．！？!?…"
_CLOSERS = "」』”\"'）)］]】〉》"
_PARTICLE_COMMA = re.compile(r"[ぁ-ん]、")
_LONE_KATAKANA = re.compile(r"[^ァ-ヶー・][ァ-ヶ]$")  # a katakana word has more than one sign
_ENDS_OPEN = re.compile(
    r"([、，,・]|[^ぁ-ん][のをがはにでとへや]|から|より|まで|する|した|れる|った|など|および|または|ない)$"
)

_OPENING = re.compile(
    r"(この|その|こ(れ|う)|そ(れ|う|こ|して)|さらに|また|なお|しかし|一方|他方|ただ|もっとも|すなわち|つまり|なぜなら|例えば|たとえば"
    r"|とくに|特に|とりわけ|実際|したがって|加えて|次に|最後に|まず|以上|以下|本稿|同(年|月|社|国|条)|ところ(が|で)|あるいは|同時に)"
)
_DATE = re.compile(
    r"[(（]?((19|20)\d{2}|令和|平成)\s*[\d元]*\s*年?\s*[./年-]?\s*\d{1,2}\s*[./月-]\s*(\d{1,2}\s*日?)?[^。]{0,12}$"
)


# A line is asked the same again and again, as what comes after it is looked at; only lately, so
# that no text is held for long.
_kept = lru_cache(maxsize=64)


@_kept
def is_date_line(text: str) -> bool:
    """Whether a line holds a date and hardly more, as above a title."""
    return _DATE.match(text.strip()) is not None


def opens_sentence(text: str) -> bool:
    """Whether a line begins with a word that begins a sentence (また、この…)."""
    return _OPENING.match(text.strip()) is not None


def visible_width(text: str) -> float:
    """The width of a line in full-width characters (a half-width one counts one half)."""
    return sum(map(_widths.__getitem__, text))


class _Widths(dict[str, float]):
    """The width of each character, looked up when it is first met."""

    def __missing__(self, c: str) -> float:
        self[c] = width = 1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5
        return width


_widths = _Widths()


@_kept
def is_terminated(text: str) -> bool:
    """Whether `text` ends like a finished sentence: a full stop, closers after it allowed."""
    stripped = text.rstrip().rstrip(_CLOSERS)
    if not stripped:
        return bool(text.strip())
    if stripped[-1] in ".．" and stripped[-2:-1].isdecimal():
        return False  # a decimal point at the end of a line
    return stripped[-1] in _TERMINAL or text.rstrip()[-1] in "：:"


@_kept
def numbered_level(text: str) -> int:
    """The heading level that a line's numbering stands for (1 the highest), 0 for none."""
    for level, pattern in enumerate(_NUMBERED, 1):
        if pattern.match(text):
            return level
    return 0


@_kept
def heading_level(text: str) -> int:
    """The level of a line that is a heading by its form alone, 0 when it is not one."""
    line = text.strip()
    if not line or len(line) > 80 or is_terminated(line) or line.endswith(("、", "，")):
        return 0
    if _NAMED_HEADING.match(line):
        return 2
    if CAPTION.match(line) or SOURCE.match(line):
        return 0
    level = numbered_level(line)
    if level and len(line) <= 60:
        return level
    if _ORNAMENT_HEADING.match(line):
        return 3
    return 0


def is_named_heading(text: str) -> bool:
    """Whether a line is nothing but a usual heading (はじめに, 要旨, 参考文献…)."""
    return _NAMED_HEADING.match(text.strip()) is not None


def is_bullet(text: str) -> bool:
    """Whether a line begins with a bullet or an item number."""
    return BULLET.match(text) is not None


@_kept
def note_marker(text: str) -> str | None:
    """The marker of a line that begins a note, without its brackets ("注12", "3"), or None."""
    match = NOTE.match(text.strip())
    if match is None:
        return None
    return unicodedata.normalize("NFKC", match["marker"]).strip("()[]*:. ").replace(" ", "")


def begins_note(text: str) -> bool:
    """Whether a line begins a note by its marker alone: 注12 or [3], and not a numbered item."""
    line = text.strip()
    marker = note_marker(line)
    return marker is not None and (
        marker.startswith("注") or line.lstrip("-•・ 　").startswith(("[", "［", "*", "＊"))
    )


@_kept
def looks_broken(text: str) -> bool:
    """Whether a paragraph stops in mid-sentence, judged by its words and not its place.

    A heading has no full stop inside, seldom a comma after a particle, and seldom ends
    with one; a paragraph that was cut by a page or a figure usually has one of them.
    """
    line = text.strip()
    if not line or is_terminated(line):
        return False
    if "。" in line or line.endswith(("、", "，")) or _LONE_KATAKANA.search(line):
        return True
    return bool(_PARTICLE_COMMA.search(line) or ends_open(line))


def ends_open(text: str) -> bool:
    """Whether the last word of a line demands another (a particle, a comma)."""
    line = text.strip()
    return len(line) >= 12 and _ENDS_OPEN.search(line) is not None


@_kept
def begins_item(text: str) -> bool:
    """Whether a line begins something new: an item, a heading number, a caption, a note."""
    line = text.strip()
    return bool(
        text.startswith("\u3000")
        or is_bullet(text)
        or CAPTION.match(line)
        or SOURCE.match(line)
        or note_marker(line)
        or _ORNAMENT_HEADING.match(line)
        or heading_level(line)
    )
