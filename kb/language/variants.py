"""Folding of how a quotation is written: old forms of characters, iteration marks, brackets.

Goes further than `kb.language.folding`, for comparing quotations only: what two people may
write differently when they copy the same words becomes equal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kb.language.folding import Folded, fold

# Pairs of an older or variant form and the common one, after the list of the Joyo kanji
# (常用漢字表, いわゆる康熙字典体) with variants that are usual in names.
_PAIRS = (
    "亞亜 惡悪 壓圧 圍囲 爲為 醫医 壹壱 稻稲 飮飲 隱隠 營営 榮栄 衞衛 驛駅 圓円 鹽塩 緣縁 艷艶 應応 "
    "歐欧 毆殴 櫻桜 奧奥 橫横 溫温 穩穏 假仮 價価 畫画 會会 壞壊 懷懐 繪絵 擴拡 殼殻 覺覚 學学 嶽岳 "
    "樂楽 勸勧 卷巻 寬寛 歡歓 罐缶 觀観 關関 陷陥 巖巌 顏顔 歸帰 氣気 龜亀 僞偽 戲戯 犧犠 舊旧 據拠 "
    "擧挙 峽峡 挾挟 狹狭 曉暁 區区 驅駆 勳勲 薰薫 羣群 徑径 惠恵 揭掲 攜携 溪渓 經経 繼継 莖茎 螢蛍 "
    "輕軽 鷄鶏 藝芸 缺欠 儉倹 劍剣 圈圏 檢検 權権 獻献 縣県 險険 顯顕 驗験 嚴厳 效効 廣広 恆恒 鑛鉱 "
    "號号 國国 黑黒 濟済 碎砕 齋斎 劑剤 册冊 雜雑 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 "
    "濕湿 實実 舍舎 寫写 釋釈 壽寿 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 敍叙 獎奨 將将 燒焼 稱称 證証 "
    "乘乗 剩剰 壤壌 孃嬢 條条 淨浄 疊畳 穰穣 讓譲 釀醸 囑嘱 觸触 寢寝 愼慎 晉晋 眞真 盡尽 圖図 粹粋 "
    "醉酔 隨随 髓髄 數数 樞枢 聲声 靜静 齊斉 攝摂 竊窃 專専 戰戦 淺浅 潛潜 纖繊 踐践 錢銭 禪禅 曾曽 "
    "雙双 壯壮 搜捜 插挿 爭争 總総 聰聡 莊荘 裝装 騷騒 增増 藏蔵 臟臓 卽即 屬属 續続 墮堕 體体 對対 "
    "帶帯 滯滞 臺台 瀧滝 擇択 澤沢 單単 擔担 膽胆 團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 廳庁 聽聴 "
    "敕勅 鎭鎮 遞逓 鐵鉄 轉転 點点 傳伝 黨党 盜盗 燈灯 當当 鬪闘 德徳 獨独 讀読 屆届 繩縄 貳弐 "
    "惱悩 腦脳 霸覇 廢廃 拜拝 賣売 麥麦 發発 髮髪 拔抜 蠻蛮 祕秘 濱浜 甁瓶 拂払 佛仏 變変 邊辺 邉辺 "
    "辨弁 瓣弁 辯弁 舖舗 穗穂 寶宝 萠萌 襃褒 豐豊 沒没 飜翻 萬万 滿満 默黙 彌弥 藥薬 譯訳 豫予 餘余 "
    "與与 譽誉 搖揺 樣様 謠謡 遙遥 來来 賴頼 亂乱 覽覧 龍竜 兩両 獵猟 綠緑 壘塁 勵励 禮礼 隸隷 靈霊 "
    "齡齢 戀恋 爐炉 勞労 樓楼 郞郎 祿禄 錄録 灣湾 步歩 每毎 黃黄 淸清 靑青 鄕郷 敎教 旣既 "
    "槪概 硏研 徵徴 戶戸 查査 產産 稅税 說説 絕絶 緖緒 銳鋭 閱閲 﨑崎 髙高 𠮷吉 嶋島 "
    "嶌島 冨富 峯峰 濵浜 讚讃 竝並 鷗鴎 頰頬 剝剥 塡填 礦鉱 恊協 厰廠 淚涙 內内 吳呉"
).split()
OLD_FORMS = {old: new for old, new in map(tuple, _PAIRS) if old != new}
_STOP = "\ufdd0"  # a full stop until runs of dots are joined: a bullet may follow it in the text
_MARKS = {
    "、": ",", "。": _STOP, "「": '"', "」": '"', "『": '"', "』": '"', "'": '"', "〝": '"', "〟": '"',
    "ς": "σ",
}  # fmt: skip
_TABLE = str.maketrans({**OLD_FORMS, **_MARKS})
_VOICED = str.maketrans(
    "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホ",
    "がぎぐげござじずぜぞだぢづでどばびぶべぼガギグゲゴザジズゼゾダヂヅデドバビブベボ",
)
REPEATED = "々〻ゝヽ"
REPEATED_VOICED = "ゞヾ"
_RUNS = re.compile(r"[.·]{2,}|-{2,}")


def fold_variants(text: str) -> Folded:
    """A text folded for comparing quotations, with the way back to its own characters."""
    folded = fold(text)
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for c, start, end in zip(folded.text, folded.starts, folded.ends, strict=True):
        c = c.translate(_TABLE)
        if out and c in REPEATED:
            c = out[-1]
        elif out and c in REPEATED_VOICED:
            c = out[-1].translate(_VOICED)
        if (out and (c in ".·…" and out[-1] in ".·…")) or (out and c == out[-1] == "-"):
            out[-1] = "-" if c == "-" else "…"  # …… and ――, however many signs they are
            ends[-1] = end
            continue
        out.append(c)
        starts.append(start)
        ends.append(end)
    return Folded("".join(out).replace(_STOP, "."), tuple(starts), tuple(ends))


def folded_text(text: str) -> str:
    """The text of `fold_variants`, without the way back, at a hundredth of the cost."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_FAST)
    if any(mark in plain for mark in REPEATED + REPEATED_VOICED):
        plain = _repeated(plain)
    joined = _RUNS.sub(lambda run: "-" if run[0][0] == "-" else "…", plain)
    return joined.replace(_STOP, ".")


def _repeated(text: str) -> str:
    out: list[str] = []
    for c in text:
        if out and c in REPEATED:
            c = out[-1]
        elif out and c in REPEATED_VOICED:
            c = out[-1].translate(_VOICED)
        out.append(c)
    return "".join(out)


class _Fast(dict[int, str]):
    """What becomes of each character after NFKC and lower case, found out once."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _one(chr(code))
        return found


@lru_cache(maxsize=65536)
def _one(character: str) -> str:
    return fold(character).text.translate(_TABLE)


_FAST = _Fast()
