"""Which encoding a file is in, and that nothing is lost."""

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.errors import Reason, RejectedFile
from kb.reading.encodings import decode

SENTENCE = (
    "レアアースの輸出は、二〇一〇年の秋に止まった。"
    "ガリウムとゲルマニウムについても同じことがいえる。"
)
VENDOR = "①希土㈱は髙﨑市に工場を置き、年に５㌧を分離している。Ⅲ期の計画では、それが二倍になる。"

_WORDS = "輸出 規制 は を に した。 、 レアアース ガリウム という 「協定」 である。 2025年 WTO \n"
japanese_text = st.lists(st.sampled_from(_WORDS.split(" ")), min_size=3, max_size=60).map("".join)


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (SENTENCE.encode(), "utf-8", SENTENCE),
        (codecs.BOM_UTF8 + SENTENCE.encode(), "utf-8-sig", SENTENCE),
        (SENTENCE.encode("utf-16"), "utf-16", SENTENCE),
        (codecs.BOM_UTF16_BE + SENTENCE.encode("utf-16-be"), "utf-16", SENTENCE),
        ((SENTENCE + "WTO 2025\n").encode("utf-16-le"), "utf-16-le", SENTENCE + "WTO 2025\n"),
        ((SENTENCE + "WTO 2025\n").encode("utf-16-be"), "utf-16-be", SENTENCE + "WTO 2025\n"),
        (SENTENCE.encode("utf-32"), "utf-32", SENTENCE),
        (VENDOR.encode("cp932"), "cp932", VENDOR),
        (SENTENCE.encode("euc_jp"), "euc_jp", SENTENCE),
        (("①" + SENTENCE).encode("euc_jis_2004"), "euc_jis_2004", "①" + SENTENCE),
        (SENTENCE.encode("iso2022_jp"), "iso2022_jp_ext", SENTENCE),
        (b"Rare earth exports fell in 2025.", "utf-8", "Rare earth exports fell in 2025."),
    ],
)
def test_each_encoding_of_japanese_is_recognised(data: bytes, encoding: str, text: str) -> None:
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.warning) == (text, encoding, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "iso2022_jp_ext"])
@given(text=japanese_text)
def test_marked_and_self_describing_encodings_round_trip(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
@given(text=japanese_text)
def test_legacy_encodings_round_trip_in_running_japanese(encoding: str, text: str) -> None:
    assert decode((SENTENCE + text).encode(encoding)).text == SENTENCE + text


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused_with_a_reason(data: bytes) -> None:
    for declared in (False, True):
        try:
            text = decode(data, declared=declared).text
        except RejectedFile as rejected:
            assert rejected.reason is Reason.UNDECODABLE
        else:
            assert "\r" not in text


@given(japanese_text, st.integers(1, 2))
def test_a_character_cut_in_half_is_refused_and_not_dropped(text: str, cut: int) -> None:
    data = (text + "希").encode()[:-cut]
    try:
        decoded = decode(data)
    except RejectedFile as rejected:
        assert rejected.reason is Reason.UNDECODABLE
    else:
        assert decoded.text.encode(decoded.encoding) == data


def test_utf8_cut_inside_a_character_is_refused() -> None:
    with pytest.raises(RejectedFile, match="without a loss; save it as UTF-8") as caught:
        decode((SENTENCE * 3).encode()[:-1])
    assert caught.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_what_a_byte_order_mark_says_is_not_overruled(bom: bytes) -> None:
    with pytest.raises(RejectedFile, match="its first bytes say utf-") as caught:
        decode(bom + b"\xff\xd8\x00\xd8\xff")
    assert caught.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("declared", "actual"),
    [("euc-jp", "cp932"), ("shift_jis", "utf-8"), ("utf-8", "cp932"), ("iso-8859-1", "euc_jp")],
)
def test_a_wrong_declaration_is_noticed_and_said(declared: str, actual: str) -> None:
    page = f'<meta charset="{declared}"><p>{SENTENCE}</p>'
    decoded = decode(page.encode(actual), declared=True)
    assert decoded.text == page
    assert decoded.warning is not None
    assert decoded.warning.startswith("it declares ")


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("UTF-8", "utf-8"),
        ("ISO-2022-JP", "iso2022_jp"),
        ("no-such-name", "utf-8"),
    ],
)
def test_a_right_or_unknown_declaration_gives_no_warning(declared: str, actual: str) -> None:
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">{SENTENCE}'
    decoded = decode(page.encode(actual), declared=True)
    assert (decoded.text, decoded.warning) == (page, None)


def test_shift_jis_on_the_web_means_the_vendor_s_superset() -> None:
    page = f'<meta charset="Shift_JIS"><p>{VENDOR}</p>'
    assert decode(page.encode("cp932"), declared=True).text == page


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_become_line_feeds(end: str) -> None:
    assert decode(f"一行目{end}二行目{end}".encode()).text == "一行目\n二行目\n"


@given(st.text(max_size=200))
def test_utf8_is_never_taken_for_something_else(text: str) -> None:
    assume("\0" not in text and "\x1b" not in text and not text.startswith("\ufeff"))
    data = text.encode("utf-8", "replace")
    expected = data.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert decode(data).text == expected
