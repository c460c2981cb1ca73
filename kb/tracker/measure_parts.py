"""What a part of a statement says of a measure: its kind, minerals, reach, instruments, act."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.language.dates import DateMention
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import Mention
from kb.tracker import measure_words as w
from kb.tracker.actors import BODIES, country_of
from kb.tracker.facets import is_mineral
from kb.tracker.model import DrawnCell, MeasureType
from kb.tracker.statements import Statement

LAWS = frozenset(
    "law-export-control law-dual-use law-rare-earth list-technology law-total-control".split()
)
LEANS_ON_LAW = re.compile(
    r"([^。をがはし]{0,60}に基づ|を根拠|の(下|もと)で|の条項|に載|を頂点|など既存|との整合)"
)
SAME_DAY = re.compile(r"同日|即日|その日のうち|公布の当日")
_GENERIC = frozenset({"rare-earths", "rare-metals", "critical-minerals"})
_BROADER = frozenset({"heavy-rare-earths", "light-rare-earths"})
_NOT_MINERAL = re.compile(r"イオン|磁石")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a statement, from one date to the next."""

    start: int
    end: int
    date: DateMention | None
    types: tuple[MeasureType, ...] = ()
    minerals: tuple[Mention, ...] = ()
    laws: tuple[Mention, ...] = ()

    @property
    def told(self) -> bool:
        """Whether it says itself what measure it is about."""
        return bool(self.types or self.laws)


def is_traded(mention: Mention, text: str, concepts: Mapping[str, Concept]) -> bool:
    """Whether a mention is a mineral that is meant as one (not a battery or a magnet)."""
    concept = concepts.get(mention.concept)
    if concept is None or mention.nested or not is_mineral(concept):
        return False
    return concept.category != "product" and not _NOT_MINERAL.match(text, mention.end)


def kind_of(text: str, group: Sequence[Part]) -> MeasureType | None:
    """The kind of measure that some parts tell of: the most particular, or that of a law."""
    types = [t for part in group for t in part.types]
    laws = [m.concept for part in group for m in part.laws]
    if "list-technology" in laws:
        return MeasureType.TECHNOLOGY
    if laws and MeasureType.EXTRATERRITORIAL not in types:
        return MeasureType.REGULATION
    return _first(types)


def _first(types: Sequence[MeasureType]) -> MeasureType | None:
    return next((kind for kind in w.TYPES if kind in types), None)


def role_of(after: str) -> str | None:
    """The act that a text tells of: suspending and revoking come before the others, and what is
    announced need not be in force.
    """
    for role, cue in w.ACTS:
        match = cue.search(after)
        if match is None:
            continue
        if role == w.SUSPENDED and not w.SUSPENDS_MEASURE.search(after[: match.end()]):
            continue
        return role
    return None


def minerals_of(group: Sequence[Part]) -> list[str]:
    """The minerals of a group: elements if any are named, else what is named in general."""
    named = list(dict.fromkeys(m.concept for part in group for m in part.minerals))
    particular = [name for name in named if name not in _GENERIC | _BROADER]
    if particular:
        return particular
    broader = [name for name in named if name in _BROADER]
    return broader or [name for name in named if name == "rare-earths"]


def reach(statement: Statement, text: str) -> list[DrawnCell]:
    """Whom a text says to be affected."""
    return [cell(statement, "affected", who) for who, cue in w.AFFECTED if cue.search(text)]


def instruments(statement: Statement, start: int, end: int) -> list[DrawnCell]:
    """The laws and the numbered announcements that a part of a statement names."""
    cells = [
        cell(statement, "instrument", m.concept)
        for m in statement.named(start, end)
        if m.concept in LAWS and not LEANS_ON_LAW.match(statement.text, m.end)
    ]
    year: str | None = None
    for match in w.NUMBERED.finditer(statement.text, 0, end):
        year = match["year"] or year
        if match.start() >= start:
            name = "国務院令" if match["order"] else f"公告{year + '年' if year else ''}"
            cells.append(cell(statement, "instrument", f"{name}第{int(match['number'])}号"))
    return cells


def bodies(statement: Statement, start: int, end: int, country: str) -> list[DrawnCell]:
    """The institutions of a country that a part names, or else what stands before it."""
    for begin, stop in ((start, end), (0, start)):
        names = dict.fromkeys(
            m.concept
            for m in statement.named(begin, stop)
            if m.concept in BODIES and country_of(m.concept, ()) == country
        )
        if names:
            return [cell(statement, "body", name) for name in names]
    return []


def cell(statement: Statement, name: str, value: str) -> DrawnCell:
    """A cell whose evidence is the whole statement."""
    return DrawnCell(name, value, statement.start, statement.end)
