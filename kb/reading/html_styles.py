"""What the style sheets inside of an HTML page declare for its elements.

Understood are selectors of names, classes and ids, also inside of others (`article > .x b`), and
conditions that hold on every screen. What depends on more is left alone: it may be seen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_RULES = 5000  # of a page
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PART = re.compile(r"([^{};]*)([{};])")
_HOLDS = re.compile(r"@(layer\b[^{]*|media\s+((only\s+)?(screen|all))(\s*,\s*\w+)*)\s*")
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)")
_NAMED = re.compile(r"([.#])([\w-]+)")
_MOST_COMPOUNDS = 8  # of a selector

Style = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Compound:
    """A name, classes and an id that one element must have; and whether it is the parent."""

    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    parent: bool  # of the compound that follows

    def fits(self, element: Any) -> bool:
        return (
            (not self.tag or element.tag == self.tag)
            and self.classes <= set((element.get("class") or "").split())
            and self.ids <= {element.get("id")}
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    compounds: tuple[_Compound, ...]
    weight: tuple[int, int, int, int]  # ids, classes, names, place in the page
    style: Style

    def fits(self, element: Any) -> bool:
        return self.compounds[-1].fits(element) and _is_inside(element, self.compounds[:-1])


@dataclass
class Styles:
    """The rules of a page, by what the element itself must have."""

    rules: dict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    # What is declared for elements with a class where more than the class is met.
    changing: dict[str, list[Style]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def of(self, element: Any) -> Style:
        """What is declared for an element: by the rules that fit, and its own style, which wins."""
        found = []
        if self.rules:
            keys = [element.tag, *(f".{c}" for c in (element.get("class") or "").split())]
            for key in (*keys, f"#{element.get('id')}"):
                found += [rule for rule in self.rules.get(key, ()) if rule.fits(element)]
        style: Style = {}
        for rule in sorted(found, key=lambda rule: rule.weight):
            style.update(rule.style)
        return style | declared(element.get("style") or "")

    def may_change(self, element: Any, style: Style, names: Iterable[str]) -> bool:
        """Whether a rule for more than one of the element's classes says otherwise of these."""
        classes = (element.get("class") or "").split()
        rules = [rule for one in classes for rule in self.changing.get(one, ())]
        return any(rule.get(name, style.get(name)) != style.get(name) for rule in rules
                   for name in names)  # fmt: skip

    def add(self, selector: str, style: Style) -> None:
        """Take a rule, if it is understood."""
        compounds = _compounds(selector)
        last = re.split(r"[\s>+~]", selector.strip())[-1]
        if compounds is None or len(compounds) > 1 or len(_NAMED.findall(last)) > 1:
            for _, name in _NAMED.findall(last):
                self.changing[name].append(style)
        if compounds is None or self.count >= MOST_RULES:
            return
        self.count += 1
        ids, classes, tags = (
            sum(map(len, (c.ids for c in compounds))),
            sum(map(len, (c.classes for c in compounds))),
            sum(bool(c.tag) for c in compounds),
        )
        own = compounds[-1]
        key = next((f"#{i}" for i in own.ids), next((f".{c}" for c in own.classes), own.tag))
        self.rules[key].append(_Rule(compounds, (ids, classes, tags, self.count), style))


def styles_of(root: Any) -> Styles:
    """The rules of the style sheets inside of a page."""
    styles = Styles()
    for sheet in root.iter("style"):
        for selectors, body in _rules(_COMMENT.sub("", sheet.text or "")):
            if style := declared(body):
                for selector in selectors.split(","):
                    styles.add(selector, style)
    return styles


def declared(style: str) -> Style:
    """What a style declares, by its names, in small letters."""
    found = {}
    for part in style.lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """The selectors and declarations of a sheet that hold on every screen."""
    open_blocks: list[str] = []  # "" where what is inside is left alone
    at = 0
    while match := _PART.match(sheet, at):
        head, end = match[1].strip(), match[2]
        at = match.end()
        if end == "}":
            del open_blocks[-1:]
        elif end == "{" and head.startswith("@"):
            open_blocks.append(head if _HOLDS.fullmatch(head.lower()) else "")
        elif end == "{":
            close = sheet.find("}", at)
            body, at = sheet[at:] if close < 0 else sheet[at:close], max(close + 1, at)
            if "{" in body:  # a rule inside of a rule
                at -= len(body) + (close >= 0)
                open_blocks.append("")
            elif all(open_blocks):
                yield head, body
            if close < 0:
                return


def _compounds(selector: str) -> tuple[_Compound, ...] | None:
    """The parts of a selector; None where it has something else, or too many."""
    words = selector.replace(">", " > ").split()
    found: list[_Compound] = []
    for number, word in enumerate(words):
        if word == ">":
            continue
        match = _COMPOUND.fullmatch(word)
        if match is None:
            return None
        named = _NAMED.findall(match[2])
        found.append(
            _Compound(
                (match[1] or "").lower(),
                frozenset(name for sign, name in named if sign == "."),
                frozenset(name for sign, name in named if sign == "#"),
                words[number + 1 : number + 2] == [">"],
            )
        )
    if not 0 < len(found) <= _MOST_COMPOUNDS or words[0] == ">" or words[-1] == ">":
        return None
    return tuple(found)


def _is_inside(element: Any, compounds: tuple[_Compound, ...]) -> bool:
    """Whether an element is inside of such elements, from the innermost on.

    The nearest that fits is taken, so that it never takes longer than the page is deep; a page
    where only a farther one would do is not recognised.
    """
    above = element.getparent()
    for compound in reversed(compounds):
        while above is not None and not compound.fits(above):
            if compound.parent:
                return False
            above = above.getparent()
        if above is None:
            return False
        above = above.getparent()
    return True
