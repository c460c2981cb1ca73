"""In which order hits fill pages, so that one document does not fill a page alone."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping

PAGE = 10
MOST = 6  # hits of one document on a page while others have something to say
WORTH = 0.7  # of a hit's score that another document's hit needs to stand before it


def shared(
    order: Iterable[tuple[int, float]], owners: Mapping[int, str]
) -> Iterator[tuple[int, float]]:
    """The candidates (row, score), which come best first, in the order of the pages.

    A document that has `MOST` hits on a page gives way there to hits of other documents that
    score at least `WORTH` of its next; `owners` are the documents' ids by row. How many are
    taken makes no difference to their order.
    """
    waiting: deque[tuple[int, float]] = deque()
    has: Counter[str] = Counter()

    def placed(hit: tuple[int, float]) -> tuple[int, float]:
        if has.total() == PAGE:
            has.clear()
        has[owners[hit[0]]] += 1
        return hit

    def may_follow(hit: tuple[int, float]) -> bool:
        return has.total() == PAGE or has[owners[hit[0]]] < MOST

    for hit in order:
        while waiting and (hit[1] < WORTH * waiting[0][1] or may_follow(waiting[0])):
            yield placed(waiting.popleft())
        if may_follow(hit):
            yield placed(hit)
        else:
            waiting.append(hit)
    yield from waiting
