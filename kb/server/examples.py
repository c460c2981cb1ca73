"""Questions that the first page offers: only such as this collection answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kb.server.tracker_view import TrackerWords
from kb.server.words import Language, Words

if TYPE_CHECKING:
    from kb.assembly import View

SHOWN = 6
MOST_TRIED = 16  # questions that are asked to find those that are answered
WRITTEN: Mapping[Language, Sequence[str]] = {
    "ja": (
        "2025年4月の公告第18号で輸出許可制の対象となった元素は何か。",
        "中国は2025年10月に公表した規制をいつまで停止したか。",
        "WTO上級委員会は中国のレアアース輸出税をどう判断したか。",
        "日本のレアアース輸入に占める中国産の比率はどう変わったか。",
        "EUの重要原材料法は2030年までの目標をどう定めているか。",
        "ミャンマー産の重レアアースはどのように中国へ渡っているか。",
    ),
    "en": (
        "Which elements did China put under export licences in April 2025?",
        "When did the WTO panel circulate its report on rare earths?",
        "What targets does the Critical Raw Materials Act set for 2030?",
        "How did Japan reduce its dependence on Chinese rare earths?",
    ),
}
"""Questions that the shipped collection answers; others may answer some of them too."""


class Examples:
    """Finds the examples of each view once; a view that is let go takes them along."""

    def __init__(self) -> None:
        self._found: WeakKeyDictionary[View, dict[Language, list[str]]] = WeakKeyDictionary()
        self._finding = threading.Lock()

    def of(self, view: View, words: Words) -> list[str]:
        """At most `SHOWN` questions that the collection answers."""
        with self._finding:
            known = self._found.setdefault(view, {})
            if words.language not in known:
                known[words.language] = _answered(view, words)
            return known[words.language]


def _answered(view: View, words: Words) -> list[str]:
    found: list[str] = []
    candidates = [*WRITTEN[words.language], *_drawn(view, words)]
    for question in list(dict.fromkeys(candidates))[:MOST_TRIED]:
        if view.answers(question):
            found.append(question)
        if len(found) == SHOWN:
            break
    return found


def _drawn(view: View, words: Words) -> Iterator[str]:
    """Questions about what the tracker holds of the collection."""
    said = TrackerWords(view, words)
    for dispute in view.tracker.disputes():
        if dispute.panel_report:
            number = next(iter(dispute.numbers), "")
            yield words("{number}のパネル報告書はいつ加盟国に回付されたか。", number=number)
    for measure in reversed(view.tracker.measures()):
        if measure.minerals and measure.in_force:
            yield words("{what}はいつ施行されたか。", what=said.short_name(measure))
    for summary in view.summaries():
        yield words("{title}の要点は何か。", title=summary.title)
