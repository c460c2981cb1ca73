"""What is known of the words of one text: as tokens, and gathered as an index asks for it.

An index has millions of words, so the loops over all of a text are those of `map` and `compress`,
and what a word gives to them is worked out once for each word that there is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

SENTENCE_ENDS = frozenset("。．！？!?")  # words that end a sentence, by their forms


class Token(NamedTuple):
    """A token: its span in the text, its normalized form, whether it carries meaning, and
    whether it is a noun.

    A tuple, because an index makes millions of them.
    """

    start: int
    end: int
    form: str
    content: bool
    noun: bool


class _Rare(NamedTuple):
    """What few morphemes have: short units with meaning that begin or end inside, units that end
    a sentence, and a length as a word that the dictionary does not have.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    stops: tuple[int, ...]
    unknown: int


# What is known of a morpheme of the longest units, as if it stood at 0: itself as a token (None
# for a space); its short units; the forms of those that carry meaning and of itself if it does,
# each with a space behind it and none inside; whether a short unit with meaning begins where it
# does, and whether one ends where it does; and the rest. A plain tuple is read quickest.
Entry = tuple[Token | None, tuple[Token, ...], str, str, bool, bool, _Rare | None]
_whole, _parts, _forms, _long_form, _first, _last, _rare = map(itemgetter, range(7))


def entry_of(whole: Token | None, parts: tuple[Token, ...], length: int, *, unknown: bool) -> Entry:
    """The entry of a morpheme of `length` characters, `unknown` to the dictionary or not."""
    told = [token for token in parts if token.content]
    starts, ends = [token.start for token in told], [token.end for token in told]
    first, last = 0 in starts, length in ends
    if first:
        starts.remove(0)
    if last:
        ends.remove(length)
    stops = tuple(token.start for token in parts if token.form in SENTENCE_ENDS)
    rare = None
    if starts or ends or stops or unknown:
        rare = _Rare(tuple(starts), tuple(ends), stops, length if unknown else 0)
    long_form = _spaced(whole) if whole is not None and whole.content else ""
    return whole, parts, "".join(map(_spaced, told)), long_form, first, last, rare


def _spaced(token: Token) -> str:
    """The form of a token without white space in it, and a space behind it."""
    return "".join(token.form.split()) + " "


class Analysis:
    """The tokens of one text in short (`words`, A mode) and long (`compounds`, C mode) units.

    They are made when they are first asked for; an index asks for the rest only, which is of the
    words that carry meaning unless it is said otherwise.
    """

    def __init__(self, entries: Sequence[Entry], places: Sequence[int], length: int) -> None:
        """`places` are where the morphemes of `entries` begin, which tile a text of `length`."""
        self._entries = entries
        self._places = places
        self._length = length

    @cached_property
    def words(self) -> tuple[Token, ...]:
        """The short units in their order."""
        make = tuple.__new__  # half the time of `Token(...)`, which counts its fields
        return tuple(
            [
                make(Token, (at + start, at + end, form, content, noun))
                for at, parts in zip(self._places, map(_parts, self._entries), strict=True)
                for start, end, form, content, noun in parts
            ]
        )

    @cached_property
    def compounds(self) -> tuple[Token, ...]:
        """The long units in their order."""
        return tuple(
            whole._replace(start=at + whole.start, end=at + whole.end)
            for at, whole in zip(self._places, map(_whole, self._entries), strict=True)
            if whole is not None
        )

    @cached_property
    def _rare(self) -> list[tuple[int, _Rare]]:
        """Where the morphemes stand that have something rare, and what."""
        rare = list(map(_rare, self._entries))
        return list(zip(compress(self._places, rare), filter(None, rare), strict=True))

    @property
    def unknown(self) -> list[tuple[int, int]]:
        """The spans of the Japanese words that the dictionary does not have."""
        return [(at, at + rare.unknown) for at, rare in self._rare if rare.unknown]

    @property
    def forms(self) -> str:
        """The forms of the short units, parted by spaces, with none inside."""
        return "".join(map(_forms, self._entries))[:-1]

    @property
    def long_forms(self) -> str:
        """The same of the long units."""
        return "".join(map(_long_form, self._entries))[:-1]

    @cached_property
    def starts(self) -> list[int]:
        """Where the short units begin."""
        found = list(compress(self._places, map(_first, self._entries)))
        inside = [at + start for at, rare in self._rare for start in rare.starts]
        return sorted(found + inside) if inside else found

    @cached_property
    def ends(self) -> list[int]:
        """Where they end."""
        behind = [*self._places[1:], self._length]
        found = list(compress(behind, map(_last, self._entries)))
        inside = [at + end for at, rare in self._rare for end in rare.ends]
        return sorted(found + inside) if inside else found

    @property
    def stops(self) -> list[int]:
        """Where the units stand that end a sentence."""
        return [at + stop for at, rare in self._rare for stop in rare.stops]

    @property
    def last(self) -> int:
        """Where the last word, with or without meaning, begins; -1 where there is none."""
        rows = zip(reversed(self._places), map(_parts, reversed(self._entries)), strict=True)
        return next((at + parts[-1].start for at, parts in rows if parts), -1)

    @cached_property
    def _edges(self) -> frozenset[int]:
        return frozenset((*self._places, self._length))

    def begins(self, place: int) -> bool:
        """Whether a word, with or without meaning, begins at a place where no space is."""
        if place in self._edges:
            return True
        at = bisect_right(self._places, place) - 1
        return any(self._places[at] + part.start == place for part in self._entries[at][1])

    def ends_at(self, place: int) -> bool:
        """Whether a word ends at a place before which no space is."""
        if place in self._edges:
            return True
        at = bisect_left(self._places, place) - 1
        return any(self._places[at] + part.end == place for part in self._entries[at][1])

    def covers(self, place: int) -> bool:
        """Whether the last word that begins before a place or there ends behind it."""
        i = bisect_right(self._places, place) - 1
        at = place - self._places[i]
        ends = [part.end for part in self._entries[i][1] if part.start <= at]
        return bool(ends) and ends[-1] > at  # words of morphemes before end before this one
