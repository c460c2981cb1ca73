"""From a document to the rows of the index: passages, tokens and what is encoded."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from kb.chunking import passages_of
from kb.domain import BlockKind, Document, Passage
from kb.indexing.rows import PassageRow, PassageTerms
from kb.language.glossary.matching import Glossary, Mention
from kb.language.pairs import joined_bigrams
from kb.language.tokens import Analysis, analysed, analysed_under
from kb.ranking.reranking import marks_of
from kb.tracker.drawing import facts_of
from kb.tracker.facets import facets_of
from kb.tracker.model import Drawn

_LINE_END = re.compile("\n")
_AT_ONCE = 64  # passages
_BODY = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_JAPANESE = re.compile(r"[^\W\d_\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the store: its passage rows, the text encoded for each, its facts.

    `known` is the share of the Japanese words of its passages that the dictionary has.
    """

    document: Document
    rows: tuple[PassageRow, ...]
    encoded: tuple[str, ...]
    facts: tuple[Drawn, ...] = ()
    known: float = 1.0


def prepare(document: Document, *, encoder_name: str, glossary: Glossary) -> Prepared:
    """Passages of a document with the tokens and concepts of text, headings, title, furigana.

    Title and headings are indexed with each passage, since a passage seldom repeats what
    its section is about; they are not part of its text. Nor are furigana, by which words
    are found whose reading was typed.
    """
    rows: list[PassageRow] = []
    encoded: list[str] = []
    named: set[Mention] = set()  # passages of notes and tables may overlap
    letters = unknown = 0
    title = _plain(document.title)
    for passage, context, text, searched, analysis, pairs in _analysed(document, title):
        indexed = f"{context}\n{text}" if context else text
        mentions = glossary.mentions(searched, analysis)
        base = len(context) + 1 if context else 0
        if passage.kind in _BODY:
            letters += sum(map(len, _JAPANESE.findall(text)))
            unknown += sum(
                end - start
                for start, end in analysis.unknown
                if base <= start and end <= base + len(text)
            )
        found = _terms(context, text, searched, analysis, pairs, glossary, mentions)
        named.update(_placed(mentions, passage, base))
        rows.append(PassageRow(passage, found, _vector_key(encoder_name, indexed)))
        encoded.append(indexed)
    facts = facts_of(document, glossary, sorted(named, key=lambda m: (m.start, -m.end, m.concept)))
    known = max(0.0, 1.0 - unknown / letters) if letters else 1.0
    return Prepared(document, tuple(rows), tuple(encoded), tuple(facts), known)


def _analysed(
    document: Document, title: str
) -> Iterator[tuple[Passage, str, str, str, Analysis, str]]:
    """Each passage with its context, its text, both with what is read aloud, their tokens and
    their character pairs.

    Several are taken at once: what Sudachi looks up stays in the processor's cache, and arrays
    are worth their making.
    """
    passages = iter(passages_of(document))
    while batch := list(islice(passages, _AT_ONCE)):
        given = []
        for passage in batch:
            context = _context(title, passage)
            text = document.text[passage.start : passage.end]
            read_aloud = [
                f.kana for f in document.furigana if passage.start <= f.start < passage.end
            ]
            given.append((passage, context, text, _searched(context, text, read_aloud)))
        often = Counter(context for _, context, _, _ in given)
        analyses = [
            _words(context if often[context] > 1 else title, searched)
            for _, context, _, searched in given
        ]
        pairs = joined_bigrams([searched for *_, searched in given])
        for one, analysis, joined in zip(given, analyses, pairs, strict=True):
            yield *one, analysis, joined


def _words(above: str, searched: str) -> Analysis:
    """The words of what is searched, of which several passages have the same lines `above`."""
    if not above or not searched.startswith(f"{above}\n"):
        return analysed(searched)
    return analysed_under(above, searched[len(above) + 1 :])


def _placed(mentions: Iterable[Mention], passage: Passage, base: int) -> Iterator[Mention]:
    """The mentions of a passage's own text, placed in the document."""
    moved = passage.start - base
    for concept, start, end, nested in mentions:
        if start >= base and end + moved <= passage.end:
            yield Mention(concept, start + moved, end + moved, nested)


def tokens_of(context: str, text: str, glossary: Glossary) -> PassageTerms:
    """The tokens of a text under its title and headings."""
    searched = _searched(context, text, ())
    analysis = analysed(searched)
    mentions = glossary.mentions(searched, analysis)
    (pairs,) = joined_bigrams([searched])
    return _terms(context, text, searched, analysis, pairs, glossary, mentions)


def _searched(context: str, text: str, read_aloud: Sequence[str]) -> str:
    return "\n".join([*([context] if context else []), text, *read_aloud])


def _terms(
    context: str,
    text: str,
    searched: str,
    analysis: Analysis,
    pairs: str,
    glossary: Glossary,
    mentions: Sequence[Mention],
) -> PassageTerms:
    """The tokens of `searched`, which is a text under its context and what is read aloud in it."""
    base = len(context) + 1 if context else 0
    starts, ends = analysis.starts, analysis.ends
    own = slice(bisect_left(starts, base), bisect_right(ends, base + len(text)))
    return PassageTerms(
        words=analysis.forms,
        compounds=analysis.long_forms,
        bigrams=pairs,
        concepts=" ".join([mention.concept for mention in mentions]),
        marks=marks_of(
            bisect_left(starts, len(context)),
            _sentence_ends(searched, analysis),
            [(concept, bisect_left(starts, start)) for concept, start, _, _ in mentions],
            (starts[own], ends[own]),
            base=base,
        ),
        facets=" ".join(
            facets_of(
                text,
                (m.concept for m in mentions if base <= m.start < base + len(text)),
                (m.concept for m in mentions if m.start < base),
                glossary.concepts,
            )
        ),
    )


def _sentence_ends(text: str, analysis: Analysis) -> list[int]:
    """At which tokens of meaning sentences and lines end."""
    ends = {bisect_right(analysis.ends, stop) for stop in analysis.stops}
    last = analysis.last
    for match in _LINE_END.finditer(text):
        at = match.start()
        if at < last and not analysis.covers(at):
            ends.add(bisect_right(analysis.starts, at))
    return sorted(ends - {0})


def _context(title: str, passage: Passage) -> str:
    """Title and headings, each once: the title is often the first heading too."""
    return "\n".join(dict.fromkeys([title, *map(_plain, passage.heading_path)]))


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    return " ".join(text.split())


def _vector_key(encoder_name: str, text: str) -> bytes:
    return hashlib.sha256(f"{encoder_name}\0{text}".encode("utf-8", "surrogatepass")).digest()[:16]
