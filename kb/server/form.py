"""The question form: its fields as they were filled in, and the filters with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from kb.domain import Filters
from kb.server.present import filters_of
from kb.server.schemas import FiltersIn
from kb.server.words import Words

if TYPE_CHECKING:
    from kb.assembly import View

CHOICES = ("topic", "country", "mineral", "publisher")
"""The filters that are chosen from what the collection has, in the order of the form."""

MOST_CHOICES = 40  # of one filter; longer lists are no help
MOST_LINKS = 8  # values of one facet beside the hits


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of the form; `chosen` leads from the name of a filter to its values."""

    q: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    issued_from: str = ""
    issued_to: str = ""

    @property
    def filtered(self) -> bool:
        """Whether any filter is set, so that the form must show it."""
        return bool(any(self.chosen.values()) or self.issued_from or self.issued_to)

    @property
    def query(self) -> str:
        """The form as the query part of an address."""
        pairs = [("q", self.q)]
        pairs += [(name, value) for name in CHOICES for value in self.chosen.get(name, ())]
        pairs += [("from", self.issued_from), ("to", self.issued_to)]
        return urlencode([(name, value) for name, value in pairs if value])

    def filters(self) -> Filters:
        """The filters that the form asks for. Raises pydantic's ValidationError."""
        values = {name: list(self.chosen.get(name, ())) for name in CHOICES}
        dates = {"from": self.issued_from or None, "to": self.issued_to or None}
        return filters_of(FiltersIn.model_validate({**values, **dates}))

    def toggled(self, name: str, value: str) -> Form:
        """The form with a value of a filter chosen, or no longer if it was."""
        if name == "year":
            same = self.issued_from == self.issued_to == value
            year = "" if same else value
            return replace(self, issued_from=year, issued_to=year)
        now = self.chosen.get(name, ())
        others = tuple(other for other in now if other != value)
        return replace(self, chosen={**self.chosen, name: others if value in now else (value,)})


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter: what a reader sees, how many passages have it, whether it is chosen."""

    value: str
    name: str
    count: int
    chosen: bool
    url: str = ""


def read_form(parameters: QueryParams) -> Form:
    """The form in the query of an address; fields that were left empty do not count."""
    return Form(
        q=parameters.get("q", "").strip(),
        chosen={name: tuple(filter(None, parameters.getlist(name))) for name in CHOICES},
        issued_from=parameters.get("from", "").strip(),
        issued_to=parameters.get("to", "").strip(),
    )


def choices(view: View, form: Form, words: Words) -> dict[str, list[Choice]]:
    """What each filter of the form offers: the values that the collection has."""
    offered: dict[str, list[Choice]] = {}
    for name in CHOICES:
        found = publishers(view) if name == "publisher" else view.facet_totals(name)
        chosen = form.chosen.get(name, ())
        values = list(found)[:MOST_CHOICES]
        values += [value for value in chosen if value not in values]
        offered[name] = [
            Choice(v, value_name(view, name, v, words), found.get(v, 0), v in chosen)
            for v in values
        ]
    return offered


def publishers(view: View) -> dict[str, int]:
    """The publishers of the collection with the passages of each, the largest first."""
    counts: Counter[str] = Counter()
    for summary in view.summaries():
        if summary.publisher:
            counts[summary.publisher] += summary.passages
    return dict(counts.most_common())


def facet_links(
    view: View, form: Form, facets: Mapping[str, Sequence[tuple[str, int]]], words: Words
) -> dict[str, list[Choice]]:
    """For each value of each facet of some hits its count and the search narrowed to it."""
    links: dict[str, list[Choice]] = {}
    for name in ("topic", "country", "mineral", "year", "publisher"):
        values = facets.get(name, ())
        chosen = form.chosen.get(name, ())
        if len(values) < 2 and not chosen:
            continue
        links[name] = [
            Choice(
                value, value_name(view, name, value, words), count,
                value in chosen or (name == "year" and form.issued_from == value),
                f"/search?{form.toggled(name, value).query}",
            )
            for value, count in values[:MOST_LINKS]
        ]  # fmt: skip
    return links


def value_name(view: View, name: str, value: str, words: Words) -> str:
    """What a value of a facet is called in the language of the page."""
    if name == "topic":
        return words.topic(value)
    if name in ("country", "mineral", "instrument"):
        concept = view.concept(value)
        names = (concept.english if words.language == "en" else concept.japanese) if concept else ()
        return names[0] if names else value
    return value
