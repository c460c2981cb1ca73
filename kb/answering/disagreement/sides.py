"""Statements of one thing, sorted into sides that cannot all be true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kb.answering.disagreement.said import Said


@dataclass(frozen=True)
class Claim:
    """A value that a sentence states: its span in the sentence, and of what it is.

    Claims of one `key` are of the same thing. `breadth` says how much a value leaves open (the
    days of a date, the width of an amount). `note` is shown beside the value.
    """

    said: Said
    start: int
    end: int
    key: Any
    value: Any
    breadth: float
    note: str = ""

    @property
    def text(self) -> str:
        """The words of the value."""
        return self.said.text[self.start : self.end]


@dataclass(frozen=True)
class Side:
    """One of the values, and the claims that state it."""

    claims: tuple[Claim, ...]

    @property
    def values(self) -> tuple[tuple[Claim, ...], ...]:
        """The claims by what tells them apart, such as announced and in force; the one that
        says it most exactly first.
        """
        noted: dict[str, list[Claim]] = {}
        for claim in self.claims:
            noted.setdefault(claim.note, []).append(claim)
        return tuple(map(tuple, noted.values()))


@dataclass(frozen=True)
class Conflict:
    """Sides that cannot all be true, and what they are about."""

    about: str
    sides: tuple[Side, ...]


def of_one(claims: list[Claim], at: int) -> list[Claim]:
    """The claims, those whose key names nobody at a place taken to be of the only ones that
    others name there.
    """
    named = {claim.key[at] for claim in claims if claim.key[at]}
    if len(named) != 1:
        return claims
    (one,) = named
    return [replace(c, key=(*c.key[:at], one, *c.key[at + 1 :])) for c in claims]


def conflict(
    claims: Sequence[Claim],
    same: Callable[[Claim, Claim], bool],
    about: str,
    *,
    order: Callable[[Claim], Any] | None = None,
) -> Conflict | None:
    """The sides of claims of one key; None where they can all be true.

    The most exact claims make the sides; one that would go with several sides goes with none.
    Two places where one author says both in one breath are no conflict. The sides come in
    the order of their first claims, by `order` where it is given.
    """
    sides: list[list[Claim]] = []
    for claim in sorted(claims, key=lambda c: (c.breadth, c.said.document.id, c.said.start)):
        fitting = [side for side in sides if all(same(claim, other) for other in side)]
        if len(fitting) == 1:
            fitting[0].append(claim)
        elif not fitting:
            sides.append([claim])
    apart = [
        side for side in sides
        if any(not _in_one_breath(side, other) for other in sides if other is not side)
    ]  # fmt: skip
    if len(apart) < 2:
        return None
    if order is not None:
        apart.sort(key=lambda side: order(side[0]))
    return Conflict(about, tuple(Side(tuple(side)) for side in apart))


def _in_one_breath(side: list[Claim], other: list[Claim]) -> bool:
    """Whether an author says both, one beside the other, and so knows them to differ."""
    return any(a.said.near(b.said) for a in side for b in other)
