"""Which candidates a question has, where many passages are equally good."""

from dataclasses import replace
from pathlib import Path

from kb.ranking.weights import ranking_weights
from tests.ingest.corpora import Workshop

SAME = "希土類の輸出には許可が要る。"
NAMES = [f"報告{n}.txt" for n in range(8)]


def candidates(home: Path, *runs: list[str]) -> list[str]:
    """The documents of the candidates, of which only four may be, after some runs of ingestion."""
    work = Workshop(home)
    work.describe({name: {"title": "同じ題"} for name in NAMES})
    for names in runs:
        for name in names:
            work.write(name, SAME + "\n" * (1 + NAMES.index(name)))
        work.ingest()
    searcher = work.searcher(replace(ranking_weights(), candidates=4))
    ranked = searcher.rank("希土類の輸出許可")
    return [ranked.owners[row] for row, _ in ranked.order]


def test_of_equal_candidates_the_same_stay_whatever_came_first(tmp_path: Path) -> None:
    at_once = candidates(tmp_path / "a", NAMES)
    assert len(at_once) == 4
    assert candidates(tmp_path / "b", NAMES[5:], NAMES[:5]) == at_once
    assert candidates(tmp_path / "c", NAMES[2:4], NAMES[6:], NAMES[:2], NAMES[4:6]) == at_once
