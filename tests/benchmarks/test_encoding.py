"""The measurement of the encoder: its texts are those of the index, as many as are asked for."""

from pathlib import Path

from benchmarks.encoding import passages, quickest
from kb.indexing.generation import open_current
from kb.indexing.store import Store


def test_texts_are_passages_again_and_again_until_there_are_enough(corpus_index: Path) -> None:
    store = Store(open_current(corpus_index).store)
    total = store.counts()[1]
    held = {text for _, text in store.passages(range(1, total + 1)).values()}
    store.close()
    found = passages(corpus_index, 2 * total)
    assert len(found) == 2 * total
    assert set(found) == held
    assert found[:total] == found[total:]


def test_the_quickest_round_counts() -> None:
    done: list[None] = []
    assert quickest(lambda: done.append(None), 3) >= 0
    assert len(done) == 3
