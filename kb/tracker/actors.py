"""Whose deed something is: the countries of institutions, people and firms that act for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kb.language.glossary.matching import Mention

_OF: Mapping[str, str] = {
    **dict.fromkeys(
        "mofcom customs-china state-council miit mnr ndrc mfa-china ccp xi-jinping most-china"
        " law-export-control law-dual-use law-rare-earth law-foreign-trade law-mineral-resources"
        " list-technology law-total-control mep-china sac".split(), "china"),
    **dict.fromkeys(
        "meti mofa mext cabinet-office jogmec jbic nedo jamstec sojitz takaichi ishiba"
        " law-economic-security moe-japan".split(), "japan"),
    **dict.fromkeys(
        "ustr us-commerce bis us-energy us-defense us-interior dla dfc exim white-house us-congress"
        " us-state trump biden bessent law-dpa law-ira law-chips executive-order law-ear".split(),
        "united-states"),
    **dict.fromkeys(
        "european-commission european-council european-parliament von-der-leyen erma law-crma"
        " resourceeu law-nzia".split(), "eu"),
    "albanese": "australia",
    "modi": "india",
}  # fmt: skip
BODIES = frozenset(
    "mofcom customs-china state-council miit mnr ndrc most-china mep-china us-commerce bis".split()
)
"""Institutions that issue measures."""

_HOLDER = r"(の?報道官|政府|側|政権|前政権|当局|国家主席|大統領|首相|氏|議会)?[)）」]?"
# A name followed by one of these acts in its sentence; the surest first.
_SUBJECTS = tuple(
    re.compile(_HOLDER + particle)
    for particle in (
        r"は(?!じめ)",
        r"(が|も)(?!ら)",
        r"(、|では|による|により|によって)",
    )
)


def country_of(concept: str, countries: Iterable[str]) -> str | None:
    """The country that a country, institution or person of the glossary stands for."""
    if concept in countries:
        return concept
    return _OF.get(concept)


def actor(
    text: str, mentions: Sequence[Mention], countries: frozenset[str], *, start: int, end: int
) -> tuple[str, Mention] | None:
    """The last country that acts in `text[start:end]` as subject, with the name it has there.

    A name is a subject when a particle for subjects follows it; those marked by は or が come
    before those that are only set apart.
    """
    for pattern in _SUBJECTS:
        for mention in reversed(mentions):
            if not start <= mention.start < end or mention.nested:
                continue
            country = country_of(mention.concept, countries)
            if country is not None and pattern.match(text, mention.end):
                return country, mention
    return None
