"""Whether a sentence that a model wrote is borne out by the passages that it cites.

What can be checked letter by letter or number by number is: quotations, amounts, dates, other
numbers, names, nouns. Of the rest the obvious is caught: a negation or reservation that comes
or goes. Who did what to whom is not checked; that is why each sentence is shown with its quotes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kb.answering.model.claims import Claim
from kb.answering.model.quantities import quantity_spans, unfounded_number
from kb.answering.model.wording import Wording, unfounded_wording, wording_of
from kb.domain import Citation
from kb.language.date_reading import DateMention
from kb.language.glossary.matching import Mention

MIN_LENGTH = 6
MAX_LENGTH = 240
MAX_CITATIONS = 5
_MARK = re.compile(r"\s*[\[［](\d{1,3})[\]］]")
_MARKUP = re.compile(r"https?:|www\.|://|</?[a-z!]|\]\(|javascript:|[`|{}]|\*\*", re.IGNORECASE)
_OPENING = {"「": "」", "『": "』", "“": "”", "‘": "’"}
_CLOSING = frozenset(_OPENING.values())


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that the model was shown: a citation, and the dates of its quote."""

    citation: Citation
    dates: tuple[DateMention, ...]
    wording: Wording

    @property
    def text(self) -> str:
        """What the model was shown of it."""
        return self.citation.quote


def source_of(
    citation: Citation,
    dates: Sequence[DateMention],
    mentions: Callable[[str], Sequence[Mention]],
) -> Source:
    """A source; `dates` are those of the quote, resolved as far as its document allows."""
    return Source(citation, tuple(dates), wording_of(citation.quote, mentions))


def tidied(claim: Claim, sources: Mapping[int, Source]) -> str:
    """The text of a claim without the marks [1] of citations that it names anyway, and without
    the calls of notes that it took over from what it cites.
    """
    cited = [sources[n].text for n in claim.citations if n in sources]

    def without(mark: re.Match[str]) -> str:
        known = int(mark[1]) in claim.citations or any(mark[0].strip() in one for one in cited)
        return "" if known else mark[0]

    return _MARK.sub(without, claim.text).strip()


def fault(
    claim: Claim,
    sources: Mapping[int, Source],
    mentions: Callable[[str], Sequence[Mention]],
) -> str | None:
    """What is wrong with a claim, in a few words for the log; None when it may be shown.

    `sources` are those that the model was shown, by their numbers.
    """
    text = tidied(claim, sources)
    if not claim.citations:
        return "it cites nothing"
    if len(claim.citations) > MAX_CITATIONS:
        return "it cites too much"
    if unknown := [n for n in claim.citations if n not in sources]:
        return f"it cites {unknown}, which was not shown"
    if not MIN_LENGTH <= len(text) <= MAX_LENGTH:
        return f"it has {len(text)} characters"
    if any(unicodedata.category(c)[0] in "CZ" and c not in " 　" for c in text):
        return "it has signs that are no text"
    if _MARK.search(text):
        return "it has the mark of a citation that it does not name"
    if _MARKUP.search(text):
        return "it has an address or markup"
    cited = [sources[n] for n in claim.citations]
    if (quotation := _unfounded_quotation(text, [s.text for s in cited])) is not None:
        return f"nobody says {quotation!r}"
    plain = unicodedata.normalize("NFKC", text)
    number = unfounded_number(plain, [(s.text, s.dates) for s in cited])
    if number is not None:
        return f"{number!r} is not in what it cites"
    spans = quantity_spans(plain)
    return unfounded_wording(plain, [s.wording for s in cited], mentions, quantities=spans)


def _unfounded_quotation(text: str, cited: Sequence[str]) -> str | None:
    """What stands between quotation marks and in no cited text; None where all does.

    Of quotations inside quotations the outer one is looked up, marks and all.
    """
    opened: list[tuple[str, int]] = []
    for i, c in enumerate(text):
        if c == '"':
            if opened and opened[-1][0] == c:
                start = opened.pop()[1]
            else:
                opened.append((c, i + 1))
                continue
        elif c in _OPENING:
            opened.append((_OPENING[c], i + 1))
            continue
        elif c in _CLOSING:
            if not opened or opened[-1][0] != c:
                return text[i:]  # marks that do not match quote nothing in particular
            start = opened.pop()[1]
        else:
            continue
        quotation = text[start:i]
        if not opened and not any(quotation in one for one in cited):
            return quotation
    return text[opened[-1][1] :] if opened else None
