"""Words by which statements are told apart: events, stages, quantities and what limits them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Whether a date is that of the announcement or of the entry into force, or not said."""

    ANNOUNCED = "announced"
    IN_FORCE = "in_force"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: how it is called on the page, and the words that say it."""

    name: str
    label: str
    words: re.Pattern[str]
    staged: bool = False  # whether announcement and entry into force are two days


def _event(name: str, label: str, words: str, *, staged: bool = False) -> Event:
    return Event(name, label, re.compile(words, re.I), staged)


EVENTS: tuple[Event, ...] = (
    _event(
        "found", "設立",
        r"設立|発足|創設|立ち上げ|立上げ|結成|創立|\b(?:found|launch|establish)ed\b|\bset up\b",
    ),
    _event("panel", "パネルの設置", r"(?:パネル|小委員会)(?:が|を|の)?(?:正式に)?設置"),
    _event(
        "ban", "輸出の禁止",
        r"禁輸|輸出(?:を|が|の|は)?(?:原則(?:として)?)?(?:禁止|不許可)|\bbanned\b",
    ),
    _event(
        "licence", "許可制への移行",
        r"(?:輸出)?(?:許可制|ライセンス制)度?|(?:輸出)?許可(?:の対象|を義務|が必要|を必要)|輸出管理(?:の対象|対象)"
        r"|\b(?:export )?licen[cs]\w+|\bexport controls?\b",
        staged=True,
    ),
    _event("enact", "公布", r"公布|制定|可決"),
    _event(
        "force", "施行",
        r"施行|発効|\b(?:enter|came|come)\w* (?:into|in) (?:force|effect)\b|\btook effect\b",
    ),
    _event("request", "協議の要請", r"協議[^、。]{0,6}?(?:要請|求め)|提訴"),
    _event("circulate", "回付", r"回付|\bcirculated\b"),
    _event("adopt", "採択", r"採択|\badopted\b"),
    _event("appeal", "上訴", r"上訴|\bappealed\b"),
    _event("sign", "署名", r"署名|締結|調印|\bsigned\b"),
    _event("end", "廃止", r"廃止|撤廃|\babolished\b"),
    _event("start", "稼働", r"(?:稼働|操業|生産)(?:を|の|が)?(?:再開|開始|始)|再稼働"),
    _event("discover", "発見", r"発見|\bdiscovered\b"),
    _event("collide", "衝突", r"衝突"),
)  # fmt: skip
ANNOUNCING = re.compile(r"公告|発表|公表|通告|表明|告示|\bannounced\b", re.I)
IN_FORCE = re.compile(r"施行|発効|実施|適用|効力|動き出|\bin(?:to)? force\b|\btook effect\b", re.I)

UNSURE = re.compile(
    r"予定|見込|見通|計画|目標|目指|案を|法案|草案|可能性|かもしれ|だろう|場合|想定|仮に|予測|検討|とする(?:資料|説|見方|報道)|資料によって|誤って|誤記"
)
"""What is only planned, expected or said by some is not set against what is so."""

NEGATED = re.compile(r"(?:し|され|れ|て)(?:てい)?(?:ない|なかった|ず)")

TELLING = re.compile(
    r"第[0-9０-９一二三四五六七八九十]+(?:次|期|回|版|号|弾|段階|条|項)|改正|改訂|改定|新たな|再び|再度|追加|暫定|正式|初めて|最初|一部|中間|最終"
    r"|対[米日中欧独英韓豪]|[米日中欧韓]国?向け|重希土|軽希土|重レアアース|軽レアアース|中重|中・重|磁石|化合物|酸化物|金属(?!鉱物)|合金|鉱石|精鉱"
    r"|累計|月平均|純輸入|世界(?!貿易|銀行|経済|大戦|最大|初|第|有数|的|各)|国内|国外|国際|域内|域外|民間|上限|下限|最低|最高|平均|ピーク|当初|残り|うち"
    r"|見直し|名目|実質|総量|総額|旧|補正|概算|本予算|前月|速報|確報"
)
"""Words that make two statements ones of different things unless both have them."""


class Change(StrEnum):
    """Whether an amount is a level, or by how much something fell or rose."""

    LEVEL = "level"
    FALL = "fall"
    RISE = "rise"


QUANTITIES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(words, re.I)
    for name, words in {
        "生産割当": r"(?:生産|採掘)(?:総量|割当量?|枠)",
        "輸出枠": r"輸出枠|輸出割当(?:量|枠)?|輸出クォータ|割当(?:量|枠)?(?!制)|\bexport quotas?\b",
        "輸出額": r"輸出額|輸出金額",
        "輸入額": r"輸入額|輸入金額",
        "輸出量": r"輸出量|輸出数量|輸出(?=は|が)|\bexports?\b",
        "輸入量": r"輸入量|輸入数量|輸入(?=は|が)|\bimports?\b",
        "生産能力": r"(?:生産|精製|加工|製錬|処理)能力",
        "精製量": r"精製量|製錬量|精製(?=は|が|では|の(?:約|[0-9０-９]))|\brefin\w+",
        "生産量": r"生産量|産出量|採掘量|生産(?=は|が|では|の(?:約|[0-9０-９]))"
        r"|\bproduction\b|\boutput\b",
        "埋蔵量": r"埋蔵量|\breserves\b",
        "シェア": r"シェア|占有率|割合|比率",
        "需要": r"需要量?|消費量|\bdemand\b",
        "依存度": r"依存度|依存率|\bdependen\w+",
        "輸出税": r"輸出税率?|輸出関税",
        "関税": r"関税率?|\btariffs?\b",
        "価格": r"価格|単価|値段|\bprices?\b",
        "予算": r"予算|補助(?:金|額)|助成(?:金|額)|出資額|投資額|融資額|出資|\bbudget\b",
        "純利益": r"純利益|営業利益|売上高",
        "審査期間": r"審査期間|審査",
        "有効期間": r"有効期間|期限|停止期間",
        "参加国": r"参加国|加盟国|メンバー|参加|加盟|\bmembers?\b",
        "品目": r"品目",
        "元素": r"元素|種類の元素|レアアース(?=は|とは)|希土類(?=は|とは)",
        "備蓄": r"備蓄",
    }.items()
}
"""What is measured; the first that stands nearest before an amount is what it measures."""

FELL = re.compile(r"[^、。0-9０-９]{0,8}(?:減|削減|低下|下回|縮|下落|少な|落ち込)")
ROSE = re.compile(r"[^、。0-9０-９]{0,8}(?:増|上昇|上回|伸び|拡大|多(?:い|か)|引き上げ)")
WHOLE = re.compile(r"年間(?:の|で|を)?|通年|合計|合わせ|通算")


_SPELLINGS = (
    ("レアアース", "希土"), ("中・重", "中重"), ("国向け", "向け"), ("改訂", "改正"),
    ("改定", "改正"),
)  # fmt: skip


def events_of(text: str) -> list[Event]:
    """The kinds of events that a question asks about, as far as they have names."""
    return [event for event in EVENTS if event.words.search(text)]


def telling(text: str) -> frozenset[str]:
    """The words of a text that limit what it speaks of."""
    return frozenset(_plain(match[0]) for match in TELLING.finditer(text))


def quantities(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a text names what is measured: start, end and which; longer names hide shorter."""
    found = [
        (m.start(), m.end(), name)
        for name, words in QUANTITIES.items()
        for m in words.finditer(text)
    ]
    end = 0
    for start, stop, name in sorted(found, key=lambda f: (f[0], -f[1])):
        if start >= end:
            yield start, stop, name
            end = stop


def _plain(word: str) -> str:
    for long, short in _SPELLINGS:
        word = word.replace(long, short)
    return word
