"""Disputes in the WTO: parties, what was at issue, stages with dates, findings per article.

A statement belongs to the case that it names, else to the one named last in its block, by its
headings, or alone in its document. A case without a number is told by parties and minerals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from kb.domain import BlockKind
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import Mention
from kb.tracker.facets import is_mineral
from kb.tracker.model import Drawn, DrawnCell, MeasureType, ResponseType, Stage
from kb.tracker.statements import Statement, Told

_NUMBER = re.compile(r"DS\s?([0-9]{3})(?![0-9])")
# A date stands for ◆; the clause before it is joined with what follows.
_STAGES: tuple[tuple[Stage, re.Pattern[str]], ...] = (
    (Stage.APPELLATE_REPORT, re.compile(
        r"上級委(員会)?(の|は|が)?◆?[^。、◆]{0,6}報告(書)?[^。、]{0,14}(公表|出さ|出し|配布|回付|発表)"
        r"|(公表|回付|配布)された上級委(員会)?(の)?報告|^[・\s◆]*上級委員会報告書"
        r"|上級委(員会)?(は|が)◆[^。◆]{0,60}報告書?を(発表|公表|回付)")),
    (Stage.PANEL_REPORT, re.compile(
        r"パネル(の)?報告(書)?[^。、]{0,16}(回付|配布|配付|配ら|公表|出さ)|(回付|公表|配布)された[^。、]{0,4}パネル報告"
        r"|(小委員会|パネル)[)）]?(は|が)◆[^。◆]{0,40}報告書?を(発表|公表|回付)"
        r"|^[・\s◆]*パネル報告書|◆に?報告書が(配ら|回付|配布)")),
    (Stage.CONSULTATIONS, re.compile(r"協議[^。、]{0,6}(要請|求め)|(?<!共同)提訴(し(?!な)|。|$|、)")),
    (Stage.PANEL, re.compile(r"パネル(を|が|は|の)?[^。、要]{0,14}(設置|設け)(?!要請)")),
    (Stage.APPEAL, re.compile(r"上訴")),
    (Stage.ADOPTION, re.compile(r"採択(?!された?[0-9]+日)")),
    (Stage.COMPLIANCE, re.compile(r"履行期限|すべて実施したと報告|履行を完了")),
)  # fmt: skip
_ADOPTED = re.compile(r"Adopted\s+([A-Z][a-z]+ [0-9]{1,2}, [0-9]{4})")

_OBLIGATIONS = frozenset(
    "gatt-article-1 gatt-article-3 gatt-article-8 gatt-article-10 gatt-article-11 protocol-11-3"
    " protocol-5-1 protocol-1-2".split()
)
_EXCEPTIONS = frozenset(
    "gatt-article-20 gatt-article-20b gatt-article-20g gatt-article-21 gatt-article-11-2a".split()
)
# An article's name is cut off before its paragraph in the glossary: GATT20条 of GATT20条(g).
_PARTICULAR = (
    ("gatt-article-20", r"[(（]?b[)）項]", "gatt-article-20b"),
    ("gatt-article-20", r"[(（]?g[)）項]", "gatt-article-20g"),
    ("gatt-article-11", r"の?2項([(（]a[)）])?", "gatt-article-11-2a"),
)
_VIOLATED = re.compile(r"違反|反する|反し|不整合|抵触")
_REJECTED = re.compile(
    r"援用(でき|することはでき)(ない|ず)|認められ(ない|ず)|認めなかった|退けられ|正当化され(ない|ず)"
    r"|満たさない|成功しなかった|立証(が|は)?(不十分|なく|できて)|閉ざされて|救うことはできない|当たらず"
)
_CLAIMED = re.compile(
    r"[^。]{0,14}?(と主張|と訴え|として[^。、]{0,20}(争|提訴|協議|二国間)|と(した|する)申立|を問)"
)
_NOT_VIOLATED = re.compile(r"違反(し(ない|ていない)|で(は)?ない|に当たらない)|整合的")
_DECIDED = re.compile(
    r"認定|判断|判示|裁定|結論|確定|WTO[はで]|パネル|上級委|紛争解決機関|示し(た|ました)|援用|抗弁|正当化|成功しなか"
)
_SUED = re.compile(r"提訴|訴え(?!る側)|相手取|争っ|協議を?(要請|求め)")
_AT_ISSUE = re.compile(r"対象と|問題と|違反|主張|抵触|争|認定|判断|敗訴|提訴")
_MEASURES: Mapping[MeasureType, re.Pattern[str]] = {
    MeasureType.DUTY: re.compile(r"輸出(関)?税"),
    MeasureType.QUOTA: re.compile(
        r"輸出(数量)?割当|輸出枠|割当(制|・|の)|クォータ|数量(制限|割当)"
    ),
    MeasureType.LICENCE: re.compile(r"輸出(許可|免許|ライセンス)|ライセンス制|割当・許可"),
    MeasureType.MINIMUM_PRICE: re.compile(r"最低輸出価格"),
}
_NOT_DONE = re.compile(r"求めていない|至ら(ず|な)|していない|起こ(さず|していない)|審理できない")
_NOT_AT_ISSUE = re.compile(r"争われていない|禁じていない")
_ABOUT_RULES = re.compile(r"WTO|パネル|上級委|紛争解決|DSB|GATT|加盟議定書")
# What a block has that tells of a dispute, where it names no case and stands under none.
_MAY_BE = re.compile(rf"DS|{_ABOUT_RULES.pattern}")
_ABOUT = re.compile(r"レアアース|希土|タングステン|モリブデン|原材料|産品|鉱物")
_TRIO = re.compile(r"日米欧(が|は|の)")


class Disputes:
    """Draws disputes from the statements of one document, in their order."""

    def __init__(
        self, concepts: Mapping[str, Concept], named: Iterable[str], title: Sequence[str]
    ) -> None:
        """`named` are the ids of all concepts that the document names, `title` those of its
        title in their order.
        """
        self._concepts = concepts
        cases = {name for name in named if self._category(name) == "case"}
        first = next((name for name in title if self._category(name) == "case"), None)
        self._named = cases
        self._only = first or (next(iter(cases)) if len(cases) == 1 else None)
        self._about = frozenset(title)
        self._in_block: str | None = None
        self._block: tuple[str, ...] = ()

    def _category(self, name: str) -> str:
        concept = self._concepts.get(name)
        return concept.category if concept else ""

    def may_be_in(self, told: Told) -> bool:
        """Whether a statement of a block may tell of a dispute or name a case for those after it.

        Where none does, the block need not be gone through.
        """
        if self._is_headed(told.headings) or (
            self._named and not self._named.isdisjoint(m.concept for m in told.mentions)
        ):
            return True
        if _MAY_BE.search(told.document.text, told.block.start, told.block.end):
            return True
        if not told.empty:
            self._under(told.above)
        return False

    def _under(self, above: tuple[str, ...]) -> None:
        """A case holds for what is under the same headings."""
        if above != self._block:
            self._block, self._in_block = above, None

    def drawn(self, statement: Statement) -> Iterator[Drawn]:
        """What a statement says of a dispute, if it says anything."""
        own = [m.concept for m in statement.mentions if self._category(m.concept) == "case"]
        numbers = dict.fromkeys(_NUMBER.findall(statement.text))
        if not own and numbers:
            own = [f"ds{list(numbers)[-1]}"]
        self._under(statement.above)
        heads = [name for name in statement.heading if self._category(name) == "case"]
        case = own[-1] if own else self._in_block or (heads[0] if heads else self._only)
        self._in_block = own[-1] if own else self._in_block
        if not self._is_about_disputes(statement, own) or (
            case is None and not self._is_of_china(statement)
        ):
            return
        cells = [
            *self._stages(statement),
            *self._findings(statement),
            *self._parties(statement, bool(own)),
        ]
        known = case is not None and case in self._concepts
        cells += [
            _cell(statement, "numbers", f"DS{n}")
            for n in numbers
            if known and self._same_case(f"ds{n}", case)
        ]
        if not cells:
            return
        cells += self._issues(statement)
        yield Drawn("disputes", (*([_cell(statement, "case", case)] if case else []), *cells))
        yield from _complaints(statement, cells)

    def _same_case(self, number: str, case: str | None) -> bool:
        concept = self._concepts.get(case or "")
        names = {name.casefold() for name in concept.names} if concept else set()
        return number in names or number == case

    def _is_about_disputes(self, statement: Statement, own: Sequence[str]) -> bool:
        if own or _ABOUT_RULES.search(statement.text):
            return True
        return self._is_headed(statement.headings)

    def _is_headed(self, headings: frozenset[str]) -> bool:
        """Whether the headings above a statement say that it is about disputes."""
        return "wto" in headings or any(self._category(name) == "case" for name in headings)

    def _is_of_china(self, statement: Statement) -> bool:
        """Whether a statement without a case can only mean one about China's minerals."""
        above = statement.headings | self._about
        about = _ABOUT.search(statement.text) or "rare-earths" in above
        return bool(about) and "china" in {m.concept for m in statement.mentions} | above

    def _stages(self, statement: Statement) -> Iterator[DrawnCell]:
        text = statement.text
        row = statement.kind is BlockKind.TABLE and "\t" in text
        for i, date in enumerate(statement.dates):
            if date.year is None:
                continue
            since = statement.dates[i - 1].end if i else 0
            until = statement.dates[i + 1].start if i + 1 < len(statement.dates) else len(text)
            before, after = text[since : date.start], text[date.end : until]
            tail = before[before.rfind("、") + 1 :]
            if row:
                tail, after = before.split("\t")[0], ""
            if _NOT_DONE.search(after):
                continue
            stage = _stage("◆" + after) or _stage(f"{tail}◆{after}")
            if stage is None and re.fullmatch(r"に、[^。、]{0,12}[がは]", after):
                stage = _stage("◆" + text[until:])  # 米国が8日に、中国が17日に上訴し
            if stage is not None:
                yield _cell(statement, stage.cell, date.iso)

    def _findings(self, statement: Statement) -> Iterator[DrawnCell]:
        text = statement.text
        listed = statement.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE)
        decided = bool(_DECIDED.search(text)) or listed
        at_issue = _AT_ISSUE.search(text) and not _NOT_AT_ISSUE.search(text)
        for article, end in self._articles(statement):
            found = None
            if decided and not _NOT_VIOLATED.search(text):
                found = _finding(article, text, end)
            if found is not None:
                yield _cell(statement, "findings", f"{article}: {found}")
            if found is not None or (at_issue and article != "gatt-article-21"):
                yield _cell(statement, "articles", article)

    def _articles(self, statement: Statement) -> list[tuple[str, int]]:
        """The articles that a statement names by number, each with where its name ends."""
        found: dict[int, tuple[str, int]] = {}
        for mention in statement.mentions:
            if mention.concept not in _OBLIGATIONS | _EXCEPTIONS or mention.nested:
                continue
            words = statement.text[mention.start : mention.end]
            if "条" not in words and "項" not in words:
                continue  # 資源保護 is what Article XX(g) is about, not the article
            article = mention.concept
            rest = statement.text[mention.end : mention.end + 6]
            for of, more, particular in _PARTICULAR:
                if article == of and (match := re.match(more, rest)):
                    found[mention.start] = (particular, mention.end + match.end())
                    break
            else:
                found.setdefault(mention.start, (article, mention.end))
        return list(found.values())

    def _parties(self, statement: Statement, named: bool) -> Iterator[DrawnCell]:
        text = statement.text
        places = [
            m for m in statement.mentions
            if self._category(m.concept) == "country" and not m.nested
        ]  # fmt: skip
        for m in places:
            if re.match(r"が\s?DS[0-9]{3}", text[m.end :]):
                yield _cell(statement, "complainants", m.concept)
            if re.match(r"は[^。]{0,30}第三国として", text[m.end :]):
                yield _cell(statement, "third_parties", m.concept)
        sued = _SUED.search(text)
        if sued is None:
            return
        of = next(
            (m for m in places if m.start < sued.start()
             and re.match(r"を|に(?!は)|へ|による|の[^。は]{0,24}を", text[m.end :])), None
        )  # fmt: skip
        if of is None or of.concept != "china":
            return
        yield _cell(statement, "respondent", of.concept)
        if (trio := _TRIO.search(text)) and trio.start() < sued.start():
            for country in ("japan", "united-states", "eu"):
                yield _cell(statement, "complainants", country)
        for m in places:
            if m.concept == of.concept or m.end > sued.start():
                continue
            if _lists(text, m, of) if m.end <= of.start else _sue(text, m, sued.start(), places):
                yield _cell(statement, "complainants", m.concept)

    def _issues(self, statement: Statement) -> Iterator[DrawnCell]:
        if not _AT_ISSUE.search(statement.text):
            return
        for kind, cue in _MEASURES.items():
            if cue.search(statement.text):
                yield _cell(statement, "measures", kind.value)
        for m in statement.mentions:
            concept = self._concepts.get(m.concept)
            if (
                concept is not None and concept.category in ("element", "mineral")
                and is_mineral(concept) and not m.nested and m.concept != "critical-minerals"
            ):  # fmt: skip
                yield _cell(statement, "minerals", m.concept)


def _complaints(statement: Statement, cells: Sequence[DrawnCell]) -> Iterator[Drawn]:
    """The same as acts of the countries that complained, where one date is given for all."""
    dates = {cell.value for cell in cells if cell.name == "consultations"}
    countries = dict.fromkeys(cell.value for cell in cells if cell.name == "complainants")
    if len(dates) != 1:
        return
    for country in countries:
        values = {
            "country": country, "type": ResponseType.WTO_ACTION.value, "date": next(iter(dates)),
        }  # fmt: skip
        numbers = [cell for cell in cells if cell.name == "numbers"]
        yield Drawn(
            "responses",
            (
                *(_cell(statement, name, value) for name, value in values.items()),
                *(_cell(statement, "instrument", cell.value) for cell in numbers),
            ),
        )


def _finding(article: str, text: str, end: int) -> str | None:
    """What is decided of an article whose name ends at `end`; None where nothing is."""
    if article in _EXCEPTIONS:
        return "not justified" if _REJECTED.search(text, end) else None
    match = _VIOLATED.search(text, end)
    return "violation" if match and not _CLAIMED.match(text, match.end()) else None


def _lists(text: str, mention: Mention, of: Mention) -> bool:
    """Whether a country before the respondent is one of those that act."""
    between = text[mention.end : of.start]
    return re.match(r"・|、|と|が|は|の三者", between) is not None


def _sue(text: str, mention: Mention, sued: int, places: Sequence[Mention]) -> bool:
    """Whether a country is one of a list that が joins to a complaint: 日本と米国、EUが提訴."""
    between, at = "", mention.end
    for other in places:
        if mention.end <= other.start < other.end <= sued:
            between, at = between + text[at : other.start], other.end
    return (
        re.fullmatch(r"[、・と()（）\sA-Za-z]*が[^。、が]{0,20}", between + text[at:sued])
        is not None
    )


def _stage(clause: str) -> Stage | None:
    return next((stage for stage, cue in _STAGES if cue.search(clause)), None)


def adoption_in_note(text: str, start: int, end: int) -> Drawn | None:
    """The adoption of reports that a note dates in English: Adopted August 29, 2014."""
    numbers = list(dict.fromkeys(_NUMBER.findall(text)))
    match = _ADOPTED.search(text)
    if not numbers or match is None:
        return None
    try:
        date = datetime.strptime(match[1], "%B %d, %Y").date().isoformat()
    except ValueError:
        return None
    return Drawn(
        "disputes",
        (
            DrawnCell("case", f"ds{numbers[0]}", start, end),
            *(DrawnCell("numbers", f"DS{n}", start, end) for n in numbers),
            DrawnCell("adoption", date, start, end),
        ),
    )


def _cell(statement: Statement, name: str, value: str) -> DrawnCell:
    return DrawnCell(name, value, statement.start, statement.end)
