"""Text of an HTML page that no reader sees though it is not hidden openly.

What is taken away with `display: none` is shown later by many pages, and is left out without a
word by `kb.reading.html`. Text in no size, without opacity, far off the page, or in the colour of
what is behind it, is there to be read by machines only: it is left out with a warning.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

Rules = dict[str, dict[str, str]]

MOST_RULES = 5000  # of a page's own style sheets
_WHOLE = frozenset({"html", "body", "main", "article"})  # what scripts make visible at the end
_RULE = re.compile(r"([^{}@]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTHING = re.compile(r"0+(\.0*)?(px|pt|em|rem|%)?|\.0+|0?\.0\d*(px|pt|em|rem)?")
_FAR = re.compile(r"-\d{4,}(\.\d+)?(px|pt|em|rem|%)?")
_COLOURS = {"white": "#ffffff", "black": "#000000", "transparent": "transparent"}
_RGB = re.compile(r"rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)(?:[,/ ]+([\d.]+%?))?\)")


def without_unseen(root: Any) -> tuple[Any, str | None]:
    """The page without such text, and what its readers are told; None where there was none."""
    rules = _rules(root)
    lost = 0
    for element in list(root.iter(etree.Element)):
        if element.tag in _WHOLE or not (element.get("style") or rules):
            continue
        if (style := _style(element, rules)) and _is_unseen(style, element, rules):
            lost += len("".join("".join(element.itertext()).split()))
            tail = element.tail
            element.clear()
            element.tail, element.text = tail, None
    told = f"{lost} characters that no reader of the page sees are left out" if lost else None
    return root, told


def _rules(root: Any) -> Rules:
    """What the page's own style sheets say of single classes and ids, outside of conditions."""
    rules: Rules = {}
    for sheet in root.iter("style"):
        for match in _RULE.finditer(_without_conditions(_COMMENT.sub("", sheet.text or ""))):
            for selector in match[1].split(","):
                if _SIMPLE.fullmatch(selector.strip()) and len(rules) < MOST_RULES:
                    rules.setdefault(selector.strip(), {}).update(_declared(match[2]))
    return rules


def _without_conditions(sheet: str) -> str:
    """A style sheet without what stands in @media and the like."""
    out, depth, at = [], 0, 0
    for match in re.finditer(r"@[\w-]+[^{};]*[{;]|[{}]", sheet):
        if depth == 0:
            out.append(sheet[at : match.start()] + (match[0] if match[0] in "{}" else ""))
        if match[0].endswith("{") and (depth or match[0] != "{"):
            depth += 1
        elif match[0] == "}" and depth:
            depth -= 1
        at = match.end()
    return "".join(out) + (sheet[at:] if depth == 0 else "")


def _declared(style: str) -> dict[str, str]:
    found = {}
    for part in style.lower().split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


def _style(element: Any, rules: Rules) -> dict[str, str]:
    """What is declared for an element: by its classes, its id and its own style, which wins."""
    style: dict[str, str] = {}
    if rules:
        for name in (element.get("class") or "").split():
            style.update(rules.get(f".{name}", {}))
        style.update(rules.get(f"#{element.get('id')}", {}))
    return style | _declared(element.get("style") or "")


def _is_unseen(style: dict[str, str], element: Any, rules: Rules) -> bool:
    if any(name.startswith(("animation", "transition")) for name in style):
        return False  # it comes into view
    if _NOTHING.fullmatch(style.get("font-size", "1")) or _NOTHING.fullmatch(
        style.get("opacity", "1")
    ):
        return True
    moved = ("text-indent", "left", "top", "margin-left", "right")
    if any(_FAR.fullmatch(style.get(name, "0")) for name in moved):
        # Pictures stand for the words of headings and links that are moved away like this.
        return "background" not in style and "background-image" not in style
    colour = _colour(style.get("color", ""))
    return colour is not None and colour == _behind(element, style, rules)


def _behind(element: Any, style: dict[str, str], rules: Rules) -> str | None:
    """The colour behind the text of an element; white where nothing says otherwise."""
    if _colour(style.get("color", "")) == "transparent":
        return "transparent"
    for at in (element, *element.iterancestors()):
        own = style if at is element else _style(at, rules)
        if "background-image" in own:
            return None
        said = own.get("background-color") or own.get("background") or at.get("bgcolor")
        if said and said not in ("none", "transparent", "inherit"):
            return _colour(said.lower())
        if at.get("background"):
            return None
        if at is not element and at.get("class") and at.tag != "body":
            return None  # another style sheet may say what is behind
    return "#ffffff"


def _colour(value: str) -> str | None:
    """A colour as #rrggbb or "transparent"; None for what is none, or not known."""
    value = _COLOURS.get(value, value)
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return "#" + "".join(c * 2 for c in value[1:])
    if match := _RGB.fullmatch(value):
        if match[4] and float(match[4].rstrip("%")) == 0:
            return "transparent"
        return "#" + "".join(f"{min(255, int(part)):02x}" for part in match.groups()[:3])
    return value if re.fullmatch(r"#[0-9a-f]{6}|transparent", value) else None
