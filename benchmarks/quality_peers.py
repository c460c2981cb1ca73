"""Other systems on the same passages: bm25s by white space and by Sudachi tokens, txtai hybrid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.passages import Given
from kb.encoding.loading import load_encoder
from kb.language.tokens import analyse

_DEPTH = 10

Ranker = Callable[[str], Sequence[str]]


def peers(passages: Sequence[Given]) -> dict[str, Ranker]:
    """The peers that are installed, each ready to rank the ids of the passages."""
    found: dict[str, Ranker] = {}
    if find_spec("bm25s"):
        found["bm25s, white space"] = _bm25s(passages, str.split)
        found["bm25s, Sudachi"] = _bm25s(passages, _sudachi)
    if find_spec("txtai"):
        found["txtai hybrid"] = txtai_ranker(passages)
    return found


def _whole(given: Given) -> str:
    return f"{given.context}\n{given.text}" if given.context else given.text


def _sudachi(text: str) -> list[str]:
    return [token.form for token in analyse(text).words if token.content]


def _bm25s(passages: Sequence[Given], tokens: Callable[[str], list[str]]) -> Ranker:
    import bm25s

    index: Any = bm25s.BM25()
    index.index([tokens(_whole(given)) for given in passages], show_progress=False)
    depth = min(_DEPTH, len(passages))

    def rank(question: str) -> list[str]:
        asked = [token for token in tokens(question) if token in index.vocab_dict]
        if not asked:
            return []
        rows, _ = index.retrieve([asked], k=depth, show_progress=False)
        return [passages[int(row)].id for row in rows[0]]

    return rank


def txtai_ranker(passages: Iterable[Given], kept: Path | None = None) -> Ranker:
    """Txtai with its own BM25 and, as no model can be fetched, the bundled encoder's vectors.

    What it makes is kept in the folder `kept` where that is given, and loaded when it is there.
    """
    from txtai import Embeddings

    encoder = load_encoder()

    def vectors(texts: Sequence[str]) -> Any:  # txtai takes plain functions only
        return encoder.encode_passages(texts)

    index: Any = Embeddings(hybrid=True, method="external", transform=vectors)
    if kept is None or not kept.exists():
        index.index((given.id, _whole(given)) for given in passages)
        if kept is not None:
            part = kept.with_suffix(".part")
            index.save(str(part))
            part.rename(kept)
    else:
        index.load(str(kept), config={"transform": vectors})

    def rank(question: str) -> list[str]:
        return [str(number) for number, _ in index.search(question, _DEPTH)]

    return rank
