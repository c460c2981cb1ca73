"""What countries do about controls of others: stockpiles, new sources, recycling, money, laws.

A response is told by an act of a country or of one of its institutions (策定した, 出資, 署名) on a
kind of answer, with its date. Acts of private firms alone are not national responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kb.domain import BlockKind
from kb.language.amounts import amounts_in
from kb.language.dates import DateMention
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import Mention
from kb.tracker.actors import actor, country_of
from kb.tracker.facets import is_mineral
from kb.tracker.model import Drawn, DrawnCell, ResponseType
from kb.tracker.statements import Statement, parts_at_dates

# The more particular kinds first.
_TYPES: tuple[tuple[ResponseType, re.Pattern[str]], ...] = (
    (ResponseType.STOCKPILE, re.compile(r"備蓄")),
    (ResponseType.PRICE_SUPPORT, re.compile(r"下限価格|価格(の)?(下支え|保証)|最低価格保証")),
    (ResponseType.RECYCLING, re.compile(
        r"リサイクル|再資源化|回収(再生|・再利用|する技術|技術)|再生(材|利用)|選択的に回収")),
    (ResponseType.SUBSTITUTION, re.compile(
        r"代替(材料|品|技術|素材|する材料)|省資源|元素戦略|フリー(の)?(永久)?(磁石|モーター)|使用量[^。、]{0,8}(削減|低減)")),
    (ResponseType.STANDARDS, re.compile(r"国際標準|情報提供義務|開示(を|させ|義務)|表示(を|する|義務)")),
    (ResponseType.DOMESTIC, re.compile(
        r"(国内|域内|公有地|国有地|深海|海底|沖合)[^。]{0,60}(採掘|開発|加工|生産|調達|鉱物)|(採掘|試験採掘|試掘)(を|の)?[^。、]{0,6}(許可|始め|行う)|許認可|鉱山(の)?再稼働|国内(の)?供給網")),
    (ResponseType.INVESTMENT, re.compile(
        r"出資|出融資|融資|投資税額控除|共同投資|投資し|投じ|供与|拠出|資金を(提供|供与|回)|株式[^。]{0,8}取得|補助金|振り向け")),
    (ResponseType.DIVERSIFICATION, re.compile(
        r"権益|(供給|調達)(源|先|ルート|網)[^。、]{0,8}(開拓|確保|多様化|多角化)|多角化|調達(先|ルート)[^。]{0,8}(多様化|多角化|開発|分散)|供給契約|パートナーシップ|枠組み(に|を|で)|協定(に|を)|連携|共同採掘|イニシア|協力(を|に|分野)|経済版2プラス2|戦略的プロジェクト|メカニズム|対話|資源提携")),
    (ResponseType.LAW, re.compile(
        r"大統領令|重要原材料法|安全保障(推進)?法|確保戦略|資源戦略|総合対策|取組方針|行動計画|プロジェクト|国防生産法|一覧づくり|目標")),
)  # fmt: skip
_VERBS = (
    "発表|公表|公開|策定|署名|締結|合意|一致|出資|出融資|獲得|設立|発足|成立|承認|施行|制定|開始|認定|投資|供与"
    "|拠出|決定|選定|採択|支出|許可|設定|宣言|指示|提案|発効|連携|招集|強化|加速|取得|導入|再発動|設置|創設|支援|推進"
)
_ACT = re.compile(
    rf"(({_VERBS})(?=し|さ|す|。|$|、|を決め|を公表|することを決)|まとめ|立ち上げ|手にし|得た|打ち出し|掲げ(る|た|、)|選び|選ん|始め(た|る)"
    r"|始まっ|保証し|融資を受け|命じ|定めた|定め、|開い|投じ|伝え|挙げ(た|、|て)|結ん|積み増せる|取り決め|設けた|設けて|振り向け"
    r"|明示し|明記し|盛り込ん|できた)(?!て(い)?ない|せず|されていない)"
)
_NOT = re.compile(
    r"輸出(を)?(規制|管理|禁止)[^。]{0,12}(導入|強化|実施|発表)|許可制|追加関税|敗訴|上級委員会|パネル"
)
_TARGET = re.compile(
    r"(?P<year>20[2-5][0-9])\s*年(まで|に(?=[^。]{0,60}(目標|掲げ|まかな|減ら|抑制|満た|割|%|％|事業化))|の事業化)"
)
_AIM = re.compile(
    r"目標|掲げ|計画|減らす|まかな|満た|抑制|抑える|調達する|確立する|見通し|事業化|メド"
)
_MONEY = frozenset({"USD", "EUR", "JPY", "CNY", "AUD", "GBP", "t"})
_ANSWERS = re.compile(
    r"(?P<what>[^。、]{0,40}(輸出規制|輸出制限|輸出停止|通関停止|許可制|禁輸|供給停滞|輸入が滞っ|輸出枠)[^。、]{0,8}?)(を受け|を契機に|に対し|に対抗|への対抗)"
)
_INSTRUMENT = re.compile(
    r"「(?P<quoted>[^」]{4,40}(戦略|対策|方針|プロジェクト|計画|法|パートナーシップ|イニシア[チテ]ィ?[ブヴ]|2プラス2)[^」]{0,12})」"
    r"|(?P<order>大統領令(第?[0-9]{5}号)?)|(?P<rule>規則[（(]EU[）)][0-9/]+)"
)
_AGENCY = re.compile(
    r"JOGMEC|政府|省|庁|国防総省|輸出入銀行|委員会|大統領|議会|NEDO|内閣|首相|政権|EU|州|同国"
)
_SOURCE = re.compile(r"(の(資料|統計|発表|報告))?によれ?[ばる]")  # 経済産業省によれば
_PART_OF = re.compile(r"イオン|磁石|フリー")
_OF_OTHERS = re.compile(
    r"\s*(の[^。、]{0,14}(輸出|停止|規制|危機|禁輸|ショック|通関)(?![^。、]{0,10}を受け)"
    r"|に?制定(の|された))"
)
_STOCK = re.compile(r"(資源|埋蔵|生産)量は?[^。]{0,12}$")
_FIRM = re.compile(r"企業|メーカー|[^会公]社(が|は|の)|Magnetics")
_CONTRACT = re.compile(
    r"(と|との間で)[^。、]{0,30}(契約|パートナーシップ|協定|合意)[^。、]{0,4}(締結|結)"
)
_GOVERNMENT = re.compile(r"(?<![一-龯ァ-ヶー])政府(は|が)")
_CABINET = re.compile(r"閣議|予備費|補正予算")
_PARTNER = re.compile(r"(首相|大統領|政府|側)?(と(?!も|して)|とも|との|へ出資|と連携)")


def responses_in(
    statement: Statement, concepts: Mapping[str, Concept], countries: frozenset[str]
) -> Iterator[Drawn]:
    """The national response that a statement tells of with a date, if it tells of one."""
    text = statement.text
    if statement.kind is BlockKind.TABLE or not any(date.year for date in statement.dates):
        return
    if _NOT.search(text) or _ACT.search(text) is None:
        return
    parts = list(parts_at_dates(text, statement.dates, lambda piece: bool(_ACT.search(piece))))
    merged: list[list[int]] = []
    dates: list[DateMention | None] = []
    for start, end, date in parts:
        own = date if date is not None and _is_of_act(statement, date) else None
        if date is not None and date.year is None:
            merged.append([start, end])  # an act of which only the month is known
            dates.append(None)
        elif merged and own is None:
            merged[-1][1] = end  # a target or a reference belongs to the act before it
        else:
            merged.append([start, end])
            dates.append(own)
    for i, ((start, end), date) in enumerate(zip(merged, dates, strict=True)):
        follows = text[end : merged[i + 1][1]] if i + 1 < len(merged) else ""
        if date is not None and _ACT.search(text[date.end : end] + follows):
            drawn = _drawn(statement, start, end, date, concepts, countries)
            if drawn is not None:
                yield drawn


def _drawn(
    statement: Statement,
    start: int,
    end: int,
    date: DateMention,
    concepts: Mapping[str, Concept],
    countries: frozenset[str],
) -> Drawn | None:
    text = statement.text
    kinds = [kind for kind, cue in _TYPES if cue.search(text[start:end])]
    if not kinds:
        return None
    found = actor(text, statement.mentions, countries, start=start, end=end) or actor(
        text, statement.mentions, countries, start=0, end=start
    )
    found = found or _contractor(statement, start, end, countries)
    country = found[0] if found else _own_government(text) or _by_headings(statement, countries)
    if country is None or country == "china":
        return None
    headed = found is None and country in statement.heading and not _FIRM.search(text)
    headed = headed or (
        found is None
        and (
            _own_government(text) is not None
            or _of_the_subject(statement, start, end, country, countries)
        )
    )
    if ((found is None and not headed) or _only_firms(statement, concepts)) and not (
        _AGENCY.search(text)
    ):
        return None
    cells = [
        _cell(statement, "country", country),
        _cell(statement, "type", kinds[0].value),
        _cell(statement, "date", date.iso),
    ]
    cells += [_cell(statement, "type", kind.value) for kind in kinds[1:2] if _also(kind, kinds[0])]
    for match in _INSTRUMENT.finditer(text, start, end):
        name = match["quoted"] or match["order"] or match["rule"]
        cells.append(_cell(statement, "instrument", name))
    if found is not None and concepts[found[1].concept].category == "institution":
        cells.append(_cell(statement, "actor", found[1].concept))
    cells += _named(statement, start, end, country, concepts, countries)
    for amount in amounts_in(text):
        if _STOCK.search(text[: amount.start]):
            continue
        if amount.unit in _MONEY and start <= amount.start < end:
            cells.append(_cell(statement, "amount", text[amount.start : amount.end]))
    cells += _targets(statement, start, end)
    if answered := _ANSWERS.search(text, 0, end):
        cells.append(_cell(statement, "measure", answered["what"].strip()))
    return Drawn("responses", tuple(cells))


def _contractor(
    statement: Statement, start: int, end: int, countries: frozenset[str]
) -> tuple[str, Mention] | None:
    """An institution with which somebody makes a contract, such as a firm that it supports."""
    for mention in statement.named(start, end):
        country = country_of(mention.concept, countries)
        if (
            country is not None and mention.concept not in countries
            and _CONTRACT.match(statement.text, mention.end)
        ):  # fmt: skip
            return country, mention
    return None


def _own_government(text: str) -> str | None:
    """Japan, where the government without a name decides in its cabinet, as its press says."""
    return "japan" if _GOVERNMENT.search(text) and _CABINET.search(text) else None


def _of_the_subject(
    statement: Statement, start: int, end: int, country: str, countries: frozenset[str]
) -> bool:
    """Whether a sentence without a subject is of the country that its report is about: it names
    a partner (インドとは合意した) or a document (「新国際資源戦略」で).
    """
    text = statement.text
    if {name for name in statement.headings if name in countries} - {"china"} != {country}:
        return False
    if _FIRM.search(text):
        return False
    partner = any(
        country_of(m.concept, countries) not in (None, country, "china")
        and _PARTNER.match(text, m.end)
        for m in statement.named(start, end)
    )
    return partner or _INSTRUMENT.search(text, start, end) is not None


def _named(
    statement: Statement,
    start: int,
    end: int,
    country: str,
    concepts: Mapping[str, Concept],
    countries: frozenset[str],
) -> Iterator[DrawnCell]:
    """The instruments, actors, partners and minerals that a part of a statement names."""
    text = statement.text
    for mention in statement.named(start, end):
        concept = concepts.get(mention.concept)
        if concept is None or mention.nested:
            continue
        rest = text[mention.end :]
        owner = country_of(mention.concept, countries)
        if concept.category in ("law", "pact"):
            if mention.concept != "executive-order":
                yield _cell(statement, "instrument", mention.concept)
        elif concept.category in ("institution", "company"):
            if owner == country and not _SOURCE.match(rest):
                yield _cell(statement, "actor", mention.concept)
        elif owner is not None and owner != country:
            if _PARTNER.match(rest):
                yield _cell(statement, "partner", owner)
        elif is_mineral(concept) and concept.category != "product" and not _PART_OF.match(rest):
            yield _cell(statement, "minerals", mention.concept)


def _is_of_act(statement: Statement, date: DateMention) -> bool:
    """Whether a date can be that of an act: no target, no mere reference, not to come."""
    text = statement.text
    if date.year is None or _is_target(text, date):
        return False
    if date.month is None and statement.issued and date.year > int(statement.issued[:4]):
        return False
    if _OF_OTHERS.match(text, date.end):
        return False
    return not re.match(
        r"\s*(まで|末まで|時点|の時点|以降に|以降の|からの|に満期|[~～〜–-])", text[date.end :]
    )


def _is_target(text: str, date: DateMention) -> bool:
    if date.month is not None:
        return False
    match = _TARGET.match(text, date.start)
    return match is not None and _AIM.search(text, date.end) is not None


def _targets(statement: Statement, start: int, end: int) -> Iterator[DrawnCell]:
    text = statement.text
    for match in _TARGET.finditer(text, start, end):
        if _AIM.search(text, match.end()) is None:
            continue
        ends = (text.find(sign, match.end() + 8) for sign in ("目標", "。", "、"))
        until = min((at for at in ends if at > 0), default=len(text))
        yield _cell(
            statement, "target", re.sub(r"(という|、|と)+$", "", text[match.start() : until])
        )
        yield _cell(statement, "target_year", match["year"])


def _by_headings(statement: Statement, countries: frozenset[str]) -> str | None:
    """The one country other than China that the nearest heading names, or those above it."""
    for names in (statement.heading, tuple(statement.headings)):
        named = {name for name in names if name in countries} - {"china"}
        if len(named) == 1:
            return named.pop()
    return None


def _only_firms(statement: Statement, concepts: Mapping[str, Concept]) -> bool:
    """Whether those that act are firms: no institution, country or person stands with them."""
    names = [m.concept for m in statement.mentions]
    kinds = {concepts[name].category for name in names if name in concepts}
    return "company" in kinds and not kinds & {"institution", "person"}


def _also(kind: ResponseType, first: ResponseType) -> bool:
    """Whether a second kind tells more than the first."""
    return {kind, first} <= {
        ResponseType.RECYCLING, ResponseType.SUBSTITUTION, ResponseType.INVESTMENT,
        ResponseType.DIVERSIFICATION, ResponseType.PRICE_SUPPORT,
    }  # fmt: skip


def _cell(statement: Statement, name: str, value: str) -> DrawnCell:
    return DrawnCell(name, value, statement.start, statement.end)
