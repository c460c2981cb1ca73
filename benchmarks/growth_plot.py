"""Curves over the size of a collection, both axes logarithmic, as an SVG picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 770, 400, 70, 50, 20, 230
_COLOURS = ("#0b6e4f", "#b5541c", "#3d5a98", "#7a3b8f")
_INK = "#444"


def plotted(curves: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """The picture of curves of (passages, milliseconds)."""
    points = [point for curve in curves.values() for point in curve]
    sizes = _decades([size for size, _ in points])
    times = _decades([value for _, value in points])

    def x(size: float) -> float:
        return _LEFT + _share(size, sizes) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - _share(value, times) * (_HEIGHT - _BOTTOM - _TOP)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="13" fill="{_INK}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for decade in range(sizes[0], sizes[1] + 1):
        at = x(10.0**decade)
        lines.append(_line(at, _TOP, at, _HEIGHT - _BOTTOM))
        lines.append(_text(at, _HEIGHT - _BOTTOM + 20, f"{10**decade:,}", "middle"))
    for decade in range(times[0], times[1] + 1):
        at = y(10.0**decade)
        lines.append(_line(_LEFT, at, _WIDTH - _RIGHT, at))
        lines.append(_text(_LEFT - 8, at + 4, f"{10.0**decade:g} ms", "end"))
    lines.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, "passages", "middle"))
    for (name, curve), colour in zip(curves.items(), _COLOURS, strict=False):
        places = [(x(size), y(value)) for size, value in curve]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places]
        a, b = places[-1]
        label = f"{name}, {curve[-1][1]:.1f} ms"
        lines.append(f'<text x="{a + 8:.1f}" y="{b + 4:.1f}" fill="{colour}">{label}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _share(value: float, decades: tuple[int, int]) -> float:
    return (math.log10(value) - decades[0]) / (decades[1] - decades[0])


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        'stroke="#ddd" stroke-width="1"/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
