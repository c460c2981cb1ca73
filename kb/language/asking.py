"""What kind of answer the wording of a question asks for, and the sides that it compares."""

from __future__ import annotations

import re
from enum import StrEnum


class Wanted(StrEnum):
    """The kind of answer that a question wants."""

    WHEN = "when"
    QUANTITY = "quantity"
    WHO = "who"
    WHERE = "where"
    WHY = "why"
    LIST = "list"
    DEFINITION = "definition"
    HOW = "how"
    COMPARISON = "comparison"
    YES_NO = "yes_no"
    WHAT = "what"


_END = r"(?=は|って|を(教|示|述)|[?？。]?\s*$)"  # what is asked for stands last, or before は
_BODY = r"(国|企業|会社|社|機関|団体|組織|省庁|政府|当局|委員会|地域|グループ)"
_PERSON = r"(船長|報道官|署長|議長|理事長|長官|総裁|知事|市長|教授|最高経営責任者|パネリスト|大統領|首相|大臣|総書記|社長|会長|代表|責任者|作者|著者|筆者|発明者|発見者|創業者|創設者|担当者|メンバー)"
_ENGLISH_BODY = (
    r"(countr(y|ies)|compan(y|ies)|firms?|groups?|body|bodies|committees?|organi[sz]ations?"
    r"|agenc(y|ies)|ministr(y|ies)|institutions?|carmakers?|person|people|president|minister|states)"
)

# The first that is found counts, so the narrower stand before the wider.
_CUES: tuple[tuple[Wanted, re.Pattern[str]], ...] = (
    (Wanted.COMPARISON, re.compile(
        r"(?<!食い)違い|(どう|どこが|どのように|いかに)(違|異な)|相違|異なる点|比べて(どう|どちら)|と.{1,20}を比(較|べ)|どちらが"
        r"|\bdiffer(s|ed|ences?|ent)?\b|\bcompared? (to|with)\b|\bversus\b|\bvs\b", re.I)),
    (Wanted.WHY, re.compile(
        rf"なぜ|何故|どうして|何を(狙|目的)|(理由|原因|背景|目的|狙い|ねらい|動機|わけ|訳){_END}|の(理由|原因|背景)|\bwhy\b|\breasons?\b", re.I)),
    (Wanted.YES_NO, re.compile(
        r"^(is|are|was|were|does|do|did|can|could|has|have|had|will|must|may|should) (?!.* or )", re.I)),
    (Wanted.QUANTITY, re.compile(
        rf"何(年|か月|カ月|ヶ月|日|時)(間|かか|かけ|分|前|後|くらい|ぐらい|ほど|以[内上])"
        r"|(日数|年数|月数|上限|下限|限度|期間)[はがで、]?[^。、]{0,4}何(年|か月|カ月|ヶ月|日)"
        rf"|何\s*(?=[一-龠％%㌧ァ-ヶA-Za-z])(?!者|故|処|時(?!間)|年|月|日|曜|人物|事|語|国語|条を|[度回]も)"
        r"|いくら|いくつ|どれ(くらい|ぐらい|だけ|ほど)|どの(くらい|ぐらい|程度|ほど)"
        rf"|(割合|シェア|比率|占有率|[率額量値数]|利益|売上高?|損失|価格|値段|単価|費用|予算|規模|能力|高さ|長さ|重さ|面積|深さ|人口|期間|年数|寿命){_END}"
        r"|\bhow (much|many|long|large|big|high|far|deep|old|often|fast)\b"
        r"|\b(what|which) (share|percentage|percent|proportion|fraction|rate|amount|quantity|volume|number)\b"
        r"|\bwhat (is|was|are|were) the [a-z' -]*(share|rate|price|cost|amount|number|volume|size|value|length|height|capacity|reserves|population|budget)\b",
        re.I)),
    (Wanted.WHEN, re.compile(
        rf"いつ|何年|何月|何日|何時|何曜|(?<![0-9０-９〇一二三四五六七八九十同前翌半])(年月日|日付|期日|時期|期限|[たるの一-龠]日|[たるの]年|年度|年月){_END}"
        r"|(施行|発効|公布|回付|開始|採択|締結|署名|公告|発表|実施|設立|廃止)[年日月]"
        r"|\bwhen\b|\b(what|which) (year|date|day|month)\b|\bdeadline\b", re.I)),
    (Wanted.WHO, re.compile(
        rf"誰|だれ|どなた|何者|どの{_BODY}|{_BODY}は(どこ|何|いくつ)|どこ(が|の(国|企業|会社|社))|{_PERSON}(の名|は|[?？。]?\s*$)|{_BODY}(の名前?は|[?？。]?\s*$)"
        rf"|\bwho(m|se)?\b|\b(which|what) ([a-z'-]+ ){{0,3}}{_ENGLISH_BODY}\b", re.I)),
    (Wanted.WHERE, re.compile(
        rf"どこ|何処|どの(工場|鉱山|鉱区|港|都市|州|省|県|場所|地方)|(場所|所在地|産地|開催地|首都){_END}|\bwhere\b|\b(in|at|to) (which|what) (city|place|state|province|region|port)\b", re.I)),
    (Wanted.DEFINITION, re.compile(
        r"とは(何|なに|どういう|どのような|どんな|いかなる|[?？。]?\s*$)|って(何|なに)|の(定義|意味)|を?指すか|何の略"
        r"|^what (is|are) (?!the\b|\w+'s\b)[^?]{1,60}\??$|\bwhat does .+ (mean|stand for)\b|\bdefin(e|ition)\b", re.I)),
    (Wanted.LIST, re.compile(
        r"(?![1１一]\D)[0-9０-９一二三四五六七八九]+\s*(元素|つ|種類?|品目|[カか]国|点|本柱|分野|項目|方針|手段|課題|段階|条件|要件|社)(?!か)"
        r"|どのような|どんな|何が.*(ある|あるか)|それぞれ|何と何|どれとどれ|列挙|一覧|内訳|挙げ"
        rf"|(元素|品目|分野|項目|手段|方針|課題|用途|対象|国々|技術|基準値?|条件|要件|措置|対策){_END}"
        r"|\bwhich\b|\bwhat ([a-z-]+ ){0,3}[a-z]+s (are|were|did|do|have|must)\b|\blist\b", re.I)),
    (Wanted.HOW, re.compile(
        r"どのように|どうやって|いかに|どうなった|どうす|どう(変|対応|決|扱|定|進|処)|(方法|手順|手続き?|やり方|仕組み|作り方){0}|\bhow\b".replace("{0}", _END), re.I)),
    (Wanted.YES_NO, re.compile(
        r"^(?!.*(何|誰|ど[のれこう]|いくつ|なに)).*(る|た|ない|ます|ました|です|なの|のか|可能|必要|対象|義務|違反|同じ|輸出|規制)(のか|か)[?？。]?\s*$|かどうか|か否か")),
)  # fmt: skip

_ENGLISH_PERSON = re.compile(
    r"\b(captain|chief executive|ceo|president|minister|author|inventor|founder|chair(man|woman|person)?|spokes\w+|panelists?)\b",
    re.I,
)
# 議長は誰か, 議長を務めたのは誰か, but not 社長を訴えたのは誰か, which may be a company.
_BEING = r"(は|って|を(務め|勤め)(る|た|ている|ていた)(の|人)は|に(なっ|就い|選ばれ|任命され)(た|ている)(の|人)は|だった(の|人)は)"
_JAPANESE_PERSON = re.compile(
    rf"{_PERSON}({_BEING}(誰|だれ|どなた)|の名|は[?？。]?\s*$)|(人|者|員|長|官)({_BEING}(誰|だれ|どなた)|の名前)"
)

_NOUN = "[一-龠々ヶァ-ヺーA-Za-z0-9０-９・/／%％]"
# Each run of nouns is read once, from its beginning, however long a question makes it.
_NOUNS = rf"(?<!{_NOUN}){_NOUN}++"
# What has a name is asked for, not the name: 船の名前は.
_NAME = r"(?:の(?:名前|名称|呼び名|名)|名)?"
_ASKED = re.compile(
    rf"({_NOUNS}){_NAME}(?:(?:は|とは|って)、?(?=何|いくら|いくつ|いつ|誰|だれ|どなた|ど[のれここう]|なぜ|[?？。]?\s*$)|を(?:教|示|述|挙|知)|[?？。]?\s*$)"
)
_ENGLISH_ASKED = re.compile(
    r"\b(?:how (?:many|much)|(?:what|which)(?:'s| is| was| are| were)?(?: the)?) ([a-z' -]+?)"
    r"(?= (?:of|for|in|at|on|to|by|from|that|did|do|does|is|are|was|were|has|have|had|will|would|can|must|should)\b|[?.,]|$)",
    re.I,
)

_PAIR = (
    re.compile(
        r"(?P<first>[^\s、。とはにでを]{1,20})(?P<and>と|および|及び|や)(?P<second>[^\s、。とはにでを]{1,20}?)"
        r"(?=の|は|で|を|に|が|、)"
    ),
    re.compile(
        r"\bbetween (?P<first>[^?]{2,40}?)(?P<and> and )(?P<second>[^?]{2,40}?)(?=[?,.]| in | for | on |$)"
        r"|\b(?:do|does|did|are|is) (?P<first2>[^?]{2,40}?)(?P<and2> and )(?P<second2>[^?]{2,40}?)(?= differ| compare| different)",
        re.I,
    ),
)


def wanted(text: str) -> Wanted:
    """What kind of answer the wording asks for."""
    return next((kind for kind, cue in _CUES if cue.search(text)), Wanted.WHAT)


def wants_person(text: str) -> bool:
    """Whether a question asks for the name of a person (船長の名前, Who is the president…)."""
    if wanted(text) is not Wanted.WHO:
        return False
    named = re.search(r"\bwho\b", text, re.I) and _ENGLISH_PERSON.search(text)
    return bool(named or _JAPANESE_PERSON.search(text))


def asked_for(text: str) -> tuple[int, int] | None:
    """The span of the nouns that say what is asked for; None where a question has none.

    「工場の従業員数は」 → 従業員数, "What is the fine for …?" → fine
    """
    pattern = _ASKED if re.search(r"[ぁ-ゖァ-ヺ一-龠]", text) else _ENGLISH_ASKED
    found = pattern.search(text)
    return found.span(1) if found else None


def sides(text: str) -> tuple[str, ...]:
    """The question asked of each of the two things that it compares; none where it says not.

    「20条(b)と20条(g)の違い」 → 「20条(b)の違い」, 「20条(g)の違い」
    """
    for pattern in _PAIR:
        for match in pattern.finditer(text):
            spans = {name: match.span(name) for name, found in match.groupdict().items() if found}
            first = spans.get("first") or spans["first2"]
            both = spans.get("and") or spans["and2"]
            second = spans.get("second") or spans["second2"]
            of_first = text[: both[0]] + text[second[1] :]
            of_second = text[: first[0]] + text[both[1] :]
            return of_first, of_second
    return ()
