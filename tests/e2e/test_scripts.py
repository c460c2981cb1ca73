"""Scripts in documents, names, questions and a model's words: a short form of the campaign."""

from __future__ import annotations

from typing import Any

from benchmarks.xss import campaign, elsewhere, unguarded
from benchmarks.xss_payloads import CONTEXTS, VECTORS, payloads

# A script, a handler after bidirectional signs, a way out of an attribute. All: `make xss`.
CHOSEN = (VECTORS[0], "\u202e<img src=x onerror=alert(@)>\u202c", VECTORS[31])


def test_the_vectors_act_where_nothing_guards(browser: Any) -> None:
    with elsewhere() as outside:
        assert unguarded(browser, outside, CHOSEN) == len(CHOSEN)


def test_nothing_runs_and_nothing_is_fetched_and_words_stay_words(browser: Any) -> None:
    seen = campaign(browser, CHOSEN, every=3)
    assert seen.harm == []
    numbers = {one.number: one.context for one in payloads(CHOSEN)}
    shown = {numbers[number] for number in seen.shown & numbers.keys()}
    assert shown >= set(CONTEXTS) - {"markup", "address", "written", "filter", "path", "search"}
