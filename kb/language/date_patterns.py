"""How dates are written: the patterns that `kb.language.dates` reads."""

from __future__ import annotations

import re

# The year before the first of an era, and the last year that it has.
ERAS = {"明治": (1867, 45), "大正": (1911, 15), "昭和": (1925, 64), "平成": (1988, 31),
         "令和": (2018, 99)}  # fmt: skip
_ERA = "|".join(ERAS)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip
MONTH_NUMBER = {name[:3].lower(): n for n, name in enumerate(MONTHS, 1)}

_DIGIT = "0-9０-９"
_N = rf"(?:[{_DIGIT}]{{1,2}}|[一二三四五六七八九十]{{1,3}})"
_Y = r"(?:(?:1[5-9]|20)[0-9]{2}|(?:１[５-９]|２０)[０-９]{2})"
_KANJI_Y = "[一二][〇一二三四五六七八九]{3}"
_TO = r"\s*[～~〜–‐\-－—―]\s*"
_ALONE = rf"(?<![{_DIGIT}一二三四五六七八九十〇.．,，])"
_NOT_MONTHS = r"(?!間|額|末比|産|期|ごと|以内|当|あたり|連続|平均)"
_NOT_DAYS = (
    r"(?!間|以内|以上|以下|未満|程度|ほど|足らず|分|数|本|経|系|当|あた|前(?!後)|後|ぶり|目|で|連続|平均|"
    r"の(?:猶予|期間|間|期限|審査|休|うち)|に(?:[0-9０-９一]+)[回度])"
)
MONTH_NAME = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_PART = r"上半期|下半期|上期|下期|前半|後半|第?[1-4１-４一二三四]四半期"

# Where a mention may begin: found much sooner than by trying every kind of mention at every sign.
# None has more than four digits before what follows them: a run of millions is not gone through
# from each of its digits.
_KANJI_N = "一二三四五六七八九十"
MAY_BEGIN = re.compile(
    rf"[{_DIGIT}{_KANJI_N}明大昭平令本今昨去来同翌前そこ上下A-S](?:"
    rf"(?<=[{_DIGIT}])[{_DIGIT}]{{0,3}}(?:\s*[年月日会～~〜–‐\-－—―/.]|\s+[A-So]|[snrt])"
    rf"|(?<=[{_KANJI_N}])[{_KANJI_N}〇]{{0,3}}(?:\s*[年月日会～~〜–‐\-－—―]|昨)"
    rf"|(?<=[同前翌])[年月日々{_DIGIT}{_KANJI_N}]"
    r"|(?<=[本今昨去来])年|(?<=[そこ])の年|(?<=[上下])半期|(?<=[A-S])[A-Za-z]"
    r"|(?<=明)治|(?<=大)正|(?<=昭)和|(?<=平)成|(?<=令)和)"
)
MENTION = re.compile(
    rf"(?P<decade>{_Y})(?:{_TO}(?P<to_decade>{_Y}))?\s*年代"
    rf"|(?P<era>{_ERA})\s*(?P<era_year>元|{_N})\s*年(?!間|代)"
    rf"|{_ALONE}(?P<from_year>{_Y})(?:\s*年(?:度|産)?)?{_TO}(?P<to_year>{_Y}|[{_DIGIT}]{{2}})\s*年(?!間|代|以上|以内)"
    rf"|(?<![{_DIGIT}])(?P<year>{_Y}|{_KANJI_Y})\s*(?:会計)?年(?!間|代|以上|以内)"
    r"|(?<![0-9A-Za-z])FY\s?(?P<fiscal_year>(?:1[5-9]|20)[0-9]{2})(?![0-9A-Za-z])"
    r"|(?<![一-龯])(?P<issued_year>本年|今年|昨年|去年|一昨年|来年)(?!度|比|同)"
    r"|(?P<relative_year>同年|翌年|前年|(?:その|この)年(?!表|代|数|月)|翌々年)(?!比|同|の同|並|間|末比|度比|水準|実績|割れ)"
    r"|(?P<relative_month>(?<![年の])同月|翌月|前月)(?!比|並|末比|間)"
    r"|(?P<relative_day>同日|翌日|前日)(?!比|並|間)"
    rf"|{_ALONE}(?P<iso>(?<![0-9A-Za-z/.\-]){_Y}(?P<sign>[-/.])[{_DIGIT}]{{1,2}}(?P=sign)[{_DIGIT}]{{1,2}}(?![0-9A-Za-z/\-]))"
    rf"|(?<![0-9A-Za-z])(?P<english>(?P<d_before>[0-9]{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH_NAME},?\s+(?:1[5-9]|20)[0-9]{{2}}"
    rf"|{MONTH_NAME}\s+(?P<d_after>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?:1[5-9]|20)[0-9]{{2}}"
    rf"|{MONTH_NAME},?\s+(?:1[5-9]|20)[0-9]{{2}})(?![0-9A-Za-z])"
    rf"|(?P<same_month>(?<![一-龯])[同翌])?{_ALONE}(?P<month>{_N})(?:{_TO}(?P<to_month>{_N}))?\s*月{_NOT_MONTHS}"
    rf"|(?P<same_day>(?<![一-龯])[同翌])?{_ALONE}(?P<day>{_N})(?:\s*日?{_TO}(?P<to_day>{_N}))?\s*日{_NOT_DAYS}"
    r"|(?<![年一-龯])(?P<part>上半期|下半期)"
)
MONTH_AFTER = re.compile(
    rf"\s*(?:の\s*)?(?P<month>{_N})(?:\s*月?{_TO}(?P<to_month>{_N}))?\s*月(?!間|額|末比|期)"
)
DAY_AFTER = re.compile(
    rf"\s*(?P<day>{_N})(?:\s*日?{_TO}(?P<to_day>{_N}))?\s*日(?!間|以内|以上|分|本)"
)
PART_AFTER = re.compile(rf"(?P<fiscal>度)?(?:\s*(?:の\s*)?(?P<part>{_PART}))?")
# The same year after it in the other calendar: 令和6年（2024年）, 2024年（令和6年）
SAME_YEAR = re.compile(
    rf"\s*[(（]\s*(?:(?P<west>{_Y})\s*年?|(?P<era>{_ERA})\s*(?P<era_year>元|{_N})\s*年?)(?:度)?\s*[)）]\s*年?"
)
NO_LEAD = re.compile(
    r"\s*まで|[一-龯ァ-ヶーA-Z]{0,12}(?:法|条約|協定|条例|議定書|(?:制定|成立|施行|公布|締結|採択|設立|創設|創業|発足)の)"
)
