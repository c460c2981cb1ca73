"""The words by which measures, their dates and their reach are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kb.tracker.model import MeasureType

# What a measure is called, the more particular kinds first.
TYPES: Mapping[MeasureType, re.Pattern[str]] = {
    MeasureType.TECHNOLOGY: re.compile(
        r"技術[^。、]{0,22}(輸出[^。、]{0,6}(禁止|制限|管理|規制)|(禁止|制限|規制|管理)[^。、]{0,10}対象|流出)"
        r"|(禁止|制限)[・、]?(輸出)?(制限)?(輸出)?技術(の)?(目録|リスト)|技術(の)?目録"
        r"|技術[^。]{0,40}「?(禁止輸出|輸出制限)|技術[・、]装置[^。]{0,8}管理対象|技術の規則"
    ),
    MeasureType.EXTRATERRITORIAL: re.compile(
        r"0[.．]1\s*[%％]|域外規則|域外適用|域外(へ|で)の適用|(国外|第三国|海外)(で|の)(製造|作|製品)[^。]{0,25}(許可|規制)"
    ),
    MeasureType.BAN: re.compile(
        r"輸出[^。、は]{0,8}(を|は)?(原則(として)?)?[^。、]{0,4}(禁止(?!技術|目録)|禁じ)|禁輸|輸出禁止(?!技術|・|目録)|輸出を[^。、は]{0,10}停止する(措置|こと|と)"
        r"|原則(として)?、?[^。]{0,12}(不許可|許可しない|許可せず|認めない)|対[米日]不許可"
    ),
    MeasureType.LICENCE: re.compile(
        r"許可制|ライセンス制|ライセンス取得|(輸出)?(許可|ライセンス)(を|が)[^。、]{0,6}(義務|必要|求め|取得|要)"
        r"|輸出ライセンス|(輸出管理|管理|規制)対象(リスト|品目)?(に|へ|を)[^。、]{0,4}(加|追加|含|拡|広)"
        r"|輸出(管理|許可)の対象(に|へ|と)[^。、]{0,4}(加|追加|含|し|な)|輸出管理を(実施|導入|強化)|[個つの]元素(の輸出)?(を|に)(許可|対象)"
    ),
    MeasureType.MINIMUM_PRICE: re.compile(r"最低輸出価格"),
    MeasureType.QUOTA: re.compile(r"輸出(数量)?割当|輸出(許可|数量)?枠|(?<!生産)割当制|輸出の割当"),
    MeasureType.DUTY: re.compile(r"輸出(関)?税(?!還付)"),
    MeasureType.PRODUCTION: re.compile(r"生産(の)?割当|(国内)?総量(管理|規制)|採掘(総量|枠)"),
    MeasureType.TAX_REBATE: re.compile(r"税?(を|の)?(還付|払い戻)"),
    MeasureType.TRACEABILITY: re.compile(r"(トレーサビリティ|追跡)[^。、]{0,12}(義務|強化|規格|標準|要件)"),
    MeasureType.REGULATION: re.compile(
        r"国務院[^。]{0,50}意見[」』]?を|排出(に関する)?基準を|産業発展計画|管理(暫定)?弁法"
    ),
    MeasureType.EXPORT_STOP: re.compile(
        r"(対日|日本向け)[^。]{0,24}(停止|停滞|滞っ|滞り|止ま)|(対日|日本向け)の?(レアアース)?輸出規制"
    ),
}  # fmt: skip

# 輸出を規制する: a control of exports whose kind is not named is one by licence.
CONTROLLED = re.compile(
    r"輸出(規制|管理|管制|制限)(措置)?(を|の)?[^。、]{0,14}(実施|導入|強化|厳格化|発動|開始)"
    r"|輸出(規制|管理|管制|制限)を\s*$|輸出を(規制|管理|制限)(する|し)|輸出(規制|管理)の対象に(する|し|す)"
    r"|輸出(に|へ)[^。、]{0,8}(規制|制限|管理)を[^。、]{0,6}(導入|実施|強化|発動)"
)
ANNOUNCED, IN_FORCE, SUSPENDED, REVOKED = "announced", "in_force", "suspended", "revoked"
_NOT = r"(?!(し|され)?(て)?(い)?(ない|な[いかく]|ず|なかった)|せず|れていない|ではな|され(ず|な)|する(可能性|おそれ|恐れ|こと(は|も)な)|の(可能性|懸念))"
ACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (SUSPENDED, re.compile(
        rf"(停止(?!の対象)|延期|見合わせ|猶予|凍結|棚上げ|(?<!押し)(?<!禁)止め(た|ると|る|て)|(?<!禁)止められ|(?<!禁)止まっ){_NOT}")),
    (REVOKED, re.compile(
        rf"(廃止|撤廃|撤回|打ち切|(還付|割当|税)を?やめ|行われなくな|姿を消|から除外|対象から外|を外し|解除){_NOT}")),
    (ANNOUNCED, re.compile(
        rf"(発表|公表(?!資料)|公告(?=し|され|する|した|$|\s|。|が出)|公布|告示|打ち出し|可決|制定|定められ|定めた|改正|改め(た|られ)|(?<!動き)(?<!取り)出し(た|て|、)){_NOT}")),
    (IN_FORCE, re.compile(
        rf"(施行|実施|発効|効力を(も|持)|導入|動き出|適用され|適用し|(許可制|ライセンス制)(に|と)(変更|移|し|な|す)|許可制の?(対象)?に?変更|変更"
        rf"|義務(づけ|付け|化)|禁止(し|と|に|、|$|\s)|禁止$|禁じ|(対象|リスト)(に|へ)(加え|した|し、|する)|(?<!に)加え(た|、|て|ら)|追加(し|され)|賦課し|課し|踏み切|始ま|始め|開始|設けた|設け、|許可制(に|と)?$|許可制に|許可制とし|許可(が)?必要とする|加わっ|採用|スタート)(?!(し|され)て(い|お)){_NOT}")),
)  # fmt: skip

_NEGATED = re.compile(r"(輸出禁止|禁輸)[^。、]{0,8}(では?な|でも(割当|な))")
SUSPENDS_MEASURE = re.compile(
    r"(措置|規制|管理|公告|許可制|項|規則|割当|技術|第[0-9０-９]+号)[^。、]{0,30}(停止|延期|見合わせ|猶予|凍結|棚上げ|(?<!禁)止め|(?<!禁)止ま)"
    r"|(停止|延期|猶予)[^。、]{0,12}(公告|措置)"
)
UNTIL = re.compile(r"\s*(まで|を期限)")
# 11月8日から実施すると発表した: what is announced comes into force on the date that から follows.
FROM = re.compile(r"\s*(初め|初頭|末|中)?から")
SINCE = re.compile(r"(実施|施行|規制|禁止|管理|制限|導入|適用|発効|必要と?)(する|し|され|にな)")
_ACT_OF = r"(発表|公表|導入|実施|公布|公告|施行|出し|発し)(し|され|さ)?た[^。、]{0,18}(措置|規制|管理(?!条例)|公告|許可制|ライセンス制)"
REFERRED = re.compile(
    r"\s*に?[^。、]{0,12}対象となった"
    r"|\s*の[^。、]{0,12}?(措置|規制|輸出規制|輸出管理|公告|拡大|許可制)(?!の?(施行|実施|導入))(?=[^。])"
)
WAS_MEANT = re.compile(rf"\s*(に|から)?[^。、]{{0,14}}{_ACT_OF}|{REFERRED.pattern}")
CAUSE = re.compile(
    r"(こと|措置|規制|関税|発表)(を受け|への(対抗|報復)|に対する(報復|対抗)|に対抗|に反発)|の発表後|発動後"
)
BY_WHICH = re.compile(r"(第[0-9]+号)?(に(より|よって|よる)|を出し|で(止|停))")
AFTER_TALKS = re.compile(r"\s*(末|上旬|下旬)?(に|の)[^。、]{0,30}(会談|協議|会合)")
CAUSE_ENDS = re.compile(rf"({CAUSE.pattern})(措置)?(として|で)?、?$")
AS_OF = re.compile(r"\s*の?(時点|現在)")
UNSAID = re.compile(
    r"(述べて|言及して|触れて)いない|されていない|わけではない|していない|不明|混同"
)

AFFECTED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("united-states", re.compile(
        r"対米(輸出|不許可|禁止)|(米国|アメリカ)向け(の)?輸出|(米国|アメリカ)への輸出|(米国|アメリカ)の軍|アメリカ向け|対米輸出")),
    ("japan", re.compile(r"対日|日本向け|日本への輸出")),
    ("china", re.compile(r"対中(輸出|規制|輸出規制)|中国向け")),
    ("all", re.compile(
        r"相手国を問わ|全ての輸出が対象|すべての(輸出|仕向)|国別差別を回避|一律に適用|対象国を問わ")),
)  # fmt: skip

REASONS = re.compile(
    r"(?P<reason>[^。、は]{2,60}?)(を|が)?(?P<cue>を(理由|名目)(に|とし)|への(対抗(措置|策)|報復)|に対する(報復|対抗)|(したこと|こと)を受け|を目的とし)"
)
NUMBERED = re.compile(
    r"((?P<order>国務院令)|公告|(?<=\t)同)(?P<year>20[0-9]{2})?年?第(?P<number>[0-9０-９]+)号"
)
UNSURE = re.compile(
    r"(可能性|おそれ|恐れ|懸念され|検討|べき(で|だ|と)|ならば|すれば、|とすれば|見込み|だろう|予測|要求|求めてい)"
)
WTO_TALK = re.compile(
    r"パネル|上級委員会|WTO協定|WTO紛争|紛争解決|提訴|違反|DS[0-9]{3}|協議を?(要請|求め)"
)


def types_in(text: str) -> Iterator[MeasureType]:
    """The kinds of measures that a text names, the more particular first."""
    named = False
    for kind, cue in TYPES.items():
        if cue.search(text) and not (kind is MeasureType.BAN and _NEGATED.search(text)):
            named = True
            yield kind
    if not named and CONTROLLED.search(text):
        yield MeasureType.LICENCE


def named(kind: MeasureType, text: str) -> bool:
    """Whether a text names a kind of measure itself."""
    return TYPES[kind].search(text) is not None
