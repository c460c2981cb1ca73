"""The weights of answering, read from weights.json beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.answering.refusal import RefusalWeights

PATH = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class AnsweringWeights:
    """What each feature adds to the score of a sentence, and when an answer is refused."""

    sentences: Mapping[str, float]
    refusal: RefusalWeights


@lru_cache(maxsize=1)
def answering_weights() -> AnsweringWeights:
    """The weights that ship with this version."""
    values = json.loads(PATH.read_text(encoding="utf-8"))
    return AnsweringWeights(values["sentences"], RefusalWeights(**values["refusal"]))
