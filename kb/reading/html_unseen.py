"""Text of an HTML page that no reader sees though it is not hidden openly.

What is taken away with `display: none` is shown later by many pages, and is left out without a
word by `kb.reading.html`. Text in no size, without opacity, far off the page, or in the colour of
what is behind it, is there to be read by machines only: it is left out with a warning.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from kb.reading.html_styles import Style, Styles, styles_of

_WHOLE = frozenset({"html", "body", "main", "article"})  # what scripts make visible at the end
_NOTHING = re.compile(r"0+(\.0*)?(px|pt|em|rem|%)?|\.0+|0?\.0\d*(px|pt|em|rem)?")
_FAR = re.compile(r"-\d{4,}(\.\d+)?(px|pt|em|rem|%)?")
_MOVING = ("text-indent", "left", "top", "margin-left", "right")
_COLOURING = ("color", "background", "background-color")
_COLOURS = {"white": "#ffffff", "black": "#000000", "transparent": "transparent"}
_RGB = re.compile(r"rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)(?:[,/ ]+([\d.]+%?))?\)")


def without_unseen(root: Any) -> tuple[Any, str | None]:
    """The page without such text, and what its readers are told; None where there was none."""
    styles = styles_of(root)
    lost = 0
    for element in list(root.iter(etree.Element)):
        if element.tag in _WHOLE or not (element.get("style") or styles.count):
            continue
        if (style := styles.of(element)) and _is_unseen(style, element, styles):
            lost += len("".join("".join(element.itertext()).split()))
            tail = element.tail
            element.clear()
            element.tail, element.text = tail, None
    told = f"{lost} characters that no reader of the page sees are left out" if lost else None
    return root, told


def _is_unseen(style: Style, element: Any, styles: Styles) -> bool:
    if any(name.startswith(("animation", "transition")) for name in style):
        return False  # it comes into view
    if _NOTHING.fullmatch(style.get("font-size", "1")):
        return not styles.may_change(element, style, ["font-size", "font"])
    if _NOTHING.fullmatch(style.get("opacity", "1")):
        return not styles.may_change(element, style, ["opacity"])
    moved = {name for name in _MOVING if _FAR.fullmatch(style.get(name, "0"))}
    if moved and not styles.may_change(element, style, moved):
        # Pictures stand for the words of headings and links that are moved away like this.
        return "background" not in style and "background-image" not in style
    colour = _colour(style.get("color", ""))
    if colour is None or styles.may_change(element, style, _COLOURING):
        return False
    return colour == _behind(element, style, styles)


def _behind(element: Any, style: Style, styles: Styles) -> str | None:
    """The colour behind the text of an element; white where nothing says otherwise."""
    if _colour(style.get("color", "")) == "transparent":
        return "transparent"
    for at in (element, *element.iterancestors()):
        own = style if at is element else styles.of(at)
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
