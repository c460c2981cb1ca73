"""At which words of a passage sentences and lines end, against a plain reading of its words."""

from hypothesis import given
from hypothesis import strategies as st

from kb.ingest.prepare import _sentence_ends
from kb.language.tokens import analysed

texts = st.lists(st.sampled_from([*"希土の輸出。！?\n\n 　a1㈱", "規制した", "\n。"])).map("".join)


@given(texts)
def test_sentences_and_lines_end_where_the_words_say(text: str) -> None:
    ends: list[int] = []
    count = end = 0
    for token in analysed(text).words:
        if ("\n" in text[end : token.start] or token.form in "。．！？!?") and count:
            ends.append(count)
        count += token.content
        end = token.end
    found = _sentence_ends(text, analysed(text))
    assert found == sorted(set(ends))
    assert all(type(at) is int for at in found)  # they are written down, and True is no number
