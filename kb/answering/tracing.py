"""What became of a quotation in a text that was changed: where it stands now, or what does.

A quotation is first sought letter for letter; of several places the one counts whose
neighbours are those that it had. Where it no longer stands, the text between its old
neighbours is what it became, or else the sentences most like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from rapidfuzz import fuzz

from kb.language.sentences import sentence_spans
from kb.quotation import Status

ANCHOR = 10  # characters of a neighbour that make it known
ALIKE = 0.72  # of the letters, for sentences to be one that was edited
ALIKE_IN_PLACE = 0.45  # the same between or beside the old neighbours
MAX_PLACES = 200
_AROUND = 80  # characters of the new text that are compared with an old neighbour
_RUN = 12  # sentences between the old neighbours that are looked at


@dataclass(frozen=True, slots=True)
class Old:
    """A quotation as it was: its words, its place, and the text around it.

    `text` is the whole text that it stood in; empty where that is not known.
    """

    quote: str
    start: int
    prefix: str
    suffix: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quotation went: moved there, or changed to what stands there."""

    status: Status
    start: int
    end: int


def follow(old: Old, text: str) -> Found | None:
    """Where an old quotation stands in `text`, or what it became; None when it is gone."""
    if (place := exact_place(old, text)) is not None:
        return Found(Status.MOVED, *place)
    gap = between_neighbours(old, text)
    met = gap is not None and gap[0] == gap[1]  # its neighbours meet: it was taken out from there
    if gap is not None and not met:
        start, end = _most_alike_within(old.quote, text, *gap)
        likeness = _likeness(old.quote, text[start:end])
        if likeness >= ALIKE_IN_PLACE and Rivals.of(old, text).leave(text[start:end], likeness):
            return Found(Status.CHANGED, start, end)
    window = _most_alike(old, text, least_beside=ALIKE if met else ALIKE_IN_PLACE)
    return Found(Status.CHANGED, *window) if window else None


def exact_place(old: Old, text: str, *, neighbours: int = 0) -> tuple[int, int] | None:
    """The span of the quotation, letter for letter, at the place most like its old one.

    At least `neighbours` characters around it must be the same too.
    """
    best: tuple[int, int, int] | None = None
    at, seen = text.find(old.quote), 0
    while at >= 0 and seen < MAX_PLACES:
        same = _same_before(old, text, at) + _same_after(old, text, at + len(old.quote))
        if same >= neighbours and (best is None or (same, -abs(at - old.start)) > best[:2]):
            best = (same, -abs(at - old.start), at)
        at, seen = text.find(old.quote, at + 1), seen + 1
    return (best[2], best[2] + len(old.quote)) if best else None


def between_neighbours(old: Old, text: str) -> tuple[int, int] | None:
    """The span, without white space around it, between what stood before and after."""
    reach = 3 * len(old.quote) + 200
    for before in _anchors_before(old.prefix):
        start = text.find(before)
        if before and (start < 0 or text.find(before, start + 1) >= 0):
            continue
        start += len(before)
        for after in _anchors_after(old.suffix):
            end = text.find(after, start, start + reach + len(after)) if after else len(text)
            if end < 0 or end - start > reach:
                continue
            inner = text[start:end]
            start += len(inner) - len(inner.lstrip())
            return start, start + len(inner.strip())
    return None


def _most_alike_within(quote: str, text: str, start: int, end: int) -> tuple[int, int]:
    """The run of sentences of a span that is most like the quotation, or the whole span."""
    spans = sentence_spans(text, start, end)[:_RUN]
    runs = [(a, b) for i, (a, _) in enumerate(spans) for _, b in spans[i:]]
    return max([(start, end), *runs], key=lambda run: _likeness(quote, text[slice(*run)]))


def _anchors_before(prefix: str) -> list[str]:
    """The end of what stood before, as much as possible first; the start of the text as ''."""
    if not prefix.strip():
        return [prefix] if not prefix else []
    sizes = [size for size in (64, 40, 24, 16) if size <= len(prefix)] or [len(prefix)]
    return [prefix[-size:] for size in sizes]


def _anchors_after(suffix: str) -> list[str]:
    if not suffix.strip():
        return [""]
    sizes = [size for size in (64, 40, 24, 16) if size <= len(suffix)] or [len(suffix)]
    return [suffix[:size] for size in sizes]


def _same_before(old: Old, text: str, at: int) -> int:
    """How many characters before `at`, but white space, stood before the quotation too."""
    return _shared(_bare(old.prefix)[::-1], _bare(text[max(0, at - _AROUND) : at])[::-1])


def _same_after(old: Old, text: str, at: int) -> int:
    return _shared(_bare(old.suffix), _bare(text[at : at + _AROUND]))


def _shared(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
                min(len(a), len(b)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rivals:
    """What else stood in the old text: `old` its sentences, `lost` those that are no longer
    there, without white space; `own` are the sentences of the quotation itself.
    """

    own: frozenset[str]
    old: frozenset[str]
    lost: tuple[str, ...]

    @classmethod
    def of(cls, old: Old, text: str) -> Rivals:
        """The rivals of a quotation for what stands in a new text."""
        own, before = _sentences(old.quote), _sentences(old.text)
        return cls(own, before, tuple(sorted(before - _sentences(text) - own)))

    def leave(self, candidate: str, likeness: float) -> bool:
        """Whether a candidate may be what the quotation became, and not what another did.

        What stood in the old text too did not come from the quotation; and of the sentences
        that are lost the one most like the candidate became it.
        """
        if any(one in self.old and one not in self.own for one in _sentences(candidate)):
            return False
        bare, cutoff = _bare(candidate), 100 * likeness
        return all(fuzz.ratio(one, bare, score_cutoff=cutoff) <= cutoff for one in self.lost)


def _most_alike(old: Old, text: str, *, least_beside: float) -> tuple[int, int] | None:
    """The run of sentences most like the quotation, if it is like enough.

    `least_beside` is what is enough beside an old neighbour.
    """
    wanted, spans = _bare(old.quote), _spans(text)
    count = max(1, len(sentence_spans(old.quote)))
    found: list[tuple[float, int, int]] = []
    for size in sorted({max(1, count - 1), count, count + 1}):
        for i in range(len(spans) - size + 1):
            start, end = spans[i][0], spans[i + size - 1][1]
            if not len(wanted) / 3 <= end - start <= 3 * len(old.quote) + 20:
                continue
            likeness = fuzz.ratio(wanted, _bare(text[start:end]), score_cutoff=45.0) / 100
            beside = max(_same_before(old, text, start), _same_after(old, text, end)) >= ANCHOR
            # Without the old text nothing tells a sentence that is like it from what it became.
            if likeness >= (least_beside if beside else ALIKE if old.text else 1.0):
                found.append((-likeness, start, end))
    rivals = Rivals.of(old, text)
    for likeness, start, end in sorted(found):
        if rivals.leave(text[start:end], -likeness):
            return start, end
    return None


def _sentences(text: str) -> frozenset[str]:
    return frozenset(_bare(text[a:b]) for a, b in _spans(text))


@lru_cache(maxsize=64)
def _spans(text: str) -> list[tuple[int, int]]:
    return sentence_spans(text)


def _likeness(a: str, b: str) -> float:
    return fuzz.ratio(_bare(a), _bare(b)) / 100


def _bare(text: str) -> str:
    return "".join(text.split())


def place_of_digest(text: str, length: int, digest: bytes) -> tuple[int, int] | None:
    """The span of `length` characters from a sentence's start whose SHA-256 begins so.

    By it a quotation whose words nobody kept is found again where it moved as it was.
    """
    for start, _ in _spans(text):
        if start + length > len(text):
            break
        found = sha256(text[start : start + length].encode("utf-8", "surrogatepass")).digest()
        if found.startswith(digest):
            return start, start + length
    return None
