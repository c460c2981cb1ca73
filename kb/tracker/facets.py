"""What a passage is about: its topics, countries, minerals, instruments and dates.

All of it comes from the concepts that the passage's own text names, the dates that stand in
it, and, for topics only, from the headings above it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from kb.language.dates import dates_in
from kb.language.glossary.concepts import Concept


class Topic(StrEnum):
    """The four things that the reports are about; a passage may be about several, or none."""

    RULINGS = "wto-rulings"
    CONTROLS = "controls"
    RESPONSES = "national-responses"
    MARKET = "market"


FACETS = ("topic", "country", "mineral", "instrument", "date")
"""The names of the facets, in the order in which a passage's are kept."""

_INSTRUMENTS = frozenset({"law", "agreement", "article", "case"})
RARE_EARTHS = frozenset(
    "scandium yttrium lanthanum cerium praseodymium neodymium promethium samarium europium"
    " gadolinium terbium dysprosium holmium erbium thulium ytterbium lutetium".split()
)
"""The seventeen elements."""

# Elements that are named for what is made of them, or not traded as minerals.
_NOT_MINERALS = frozenset({"iron", "uranium", "thorium"})
_MINERAL_PRODUCTS = frozenset({"neodymium-magnet", "samarium-magnet", "magnet"})

_RULINGS = frozenset(
    "wto wto-agreement gatt accession-protocol working-party-report dsu dsb panel panel-report"
    " appellate-body appeal circulation adoption complainant respondent third-party violation"
    " dispute-settlement consultation justification even-handed chapeau annex-6".split()
)
_CONTROLS = frozenset(
    "export-restriction export-control export-quota export-duty export-licence licence-application"
    " export-ban minimum-export-price trading-rights dual-use end-use re-export de-minimis"
    " extraterritorial technology-control general-licence case-by-case presumption-of-denial"
    " production-control entity-list unreliable-entity control-list suspension embargo-2010"
    " law-export-control law-dual-use law-rare-earth list-technology law-total-control"
    " law-traceability traceability mofcom customs-china tax-rebate".split()
)
_RESPONSES = frozenset(
    "stockpile national-stockpile diversification recycling substitution thrift investment subsidy"
    " joint-venture offtake price-floor law-dpa law-ira law-chips law-crma law-nzia resourceeu"
    " executive-order law-economic-security resource-strategy designated-goods jogmec jbic nedo msp"
    " erma action-plan us-australia-framework us-japan-framework us-ukraine-deal quad g7-body"
    " resilience procurement seabed-mud exim dfc ipef".split()
)
_MARKET = frozenset(
    "price price-rise price-fall demand supply shortage output reserves production-capacity"
    " overcapacity market-share monopoly inventory trade-statistics disruption carmaker"
    " parts-maker production-halt consolidation smuggling dependence".split()
)
_TOPICS: Mapping[Topic, frozenset[str]] = {
    Topic.RULINGS: _RULINGS,
    Topic.CONTROLS: _CONTROLS,
    Topic.RESPONSES: _RESPONSES,
    Topic.MARKET: _MARKET,
}
_ENOUGH = 2  # different concepts of a topic, of which one must stand in the text itself


def facets_of(
    text: str,
    named: Iterable[str],
    above: Iterable[str],
    concepts: Mapping[str, Concept],
) -> tuple[str, ...]:
    """The facets of a passage as `name:value`, each once, by name and then by value.

    `named` are the ids of the concepts that `text` names and `above` those of its headings;
    `concepts` says what each id is. Values are ids of the glossary, topics and ISO dates.
    """
    own, heads = set(named), set(above)
    values: dict[str, set[str]] = {}
    if topics := _topics(own, heads):
        values["topic"] = {topic.value for topic in topics}
    for name in own:
        concept = concepts.get(name)
        if concept is None:
            continue
        if concept.category == "country":
            values.setdefault("country", set()).add(name)
        elif is_mineral(concept):
            values.setdefault("mineral", set()).add(name)
            if name in RARE_EARTHS:
                values["mineral"].add("rare-earths")
        elif concept.category in _INSTRUMENTS:
            values.setdefault("instrument", set()).add(name)
    if dates := dates_in(text):
        values["date"] = {date.iso for date in dates if date.year is not None}
    if not values:
        return ()
    return tuple(f"{name}:{value}" for name in FACETS for value in sorted(values.get(name, ())))


def is_mineral(concept: Concept) -> bool:
    """Whether a concept is an element or mineral that is traded, or a magnet made of them."""
    if concept.category in ("element", "mineral"):
        return concept.id not in _NOT_MINERALS
    return concept.id in _MINERAL_PRODUCTS


def _topics(own: Collection[str], heads: Collection[str]) -> list[Topic]:
    if not own:
        return []
    found = []
    for topic, words in _TOPICS.items():
        here = words.intersection(own)
        if here and len(here | words.intersection(heads)) >= _ENOUGH:
            found.append(topic)
    if any(name[2:].isdigit() for name in own if name[:2] == "ds"):
        found = [Topic.RULINGS, *(topic for topic in found if topic is not Topic.RULINGS)]
    return found
