"""SVG elements and colours of covers. Lengths are in units of a canvas of 1024 by 1024."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIZE: Final = 1024
MARGIN: Final = 64

Point = tuple[float, float]


def number(value: float) -> str:
    """Format a length to a tenth of a unit."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, **attributes: float | str) -> str:
    """Return an empty element; underscores in attribute names become hyphens."""
    formatted = "".join(
        f' {key.replace("_", "-")}="{value if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{formatted}/>"


def rectangle(x: float, y: float, width: float, height: float, fill: str, **more: float | str) -> str:
    return element("rect", x=x, y=y, width=width, height=height, fill=fill, **more)


def disc(x: float, y: float, radius: float, fill: str, **more: float | str) -> str:
    return element("circle", cx=x, cy=y, r=radius, fill=fill, **more)


def half_disc(x: float, y: float, radius: float, fill: str, **more: float | str) -> str:
    """Return the upper half of a disc."""
    line = f"{path('M', (x - radius, y))}{path('a', (radius, radius))} 0 0 1 {path('', (2 * radius, 0))}z"
    return element("path", d=line, fill=fill, **more)


def arc(x: float, y: float, radius: float, turns: float, width: float, stroke: str) -> str:
    """Return a line along a circle, clockwise from the top, over ``turns`` of the circle (less than one)."""
    angle = 2 * math.pi * turns
    end = (x + radius * math.sin(angle), y - radius * math.cos(angle))
    is_large = turns > 0.5  # noqa: PLR2004  half a turn
    line = f"{path('M', (x, y - radius))}{path('A', (radius, radius))} 0 {is_large:d} 1 {path('', end)}"
    return element("path", d=line, fill="none", stroke=stroke, stroke_width=width, stroke_linecap="round")


def curve(points: Sequence[Point]) -> str:
    """Return path data of a smooth curve through the points from left to right."""
    parts = [path("M", points[0])]
    for previous, point in pairwise(points):
        middle = (previous[0] + point[0]) / 2
        parts.append(path("C", (middle, previous[1]), (middle, point[1]), point))
    return "".join(parts)


def path(command: str, *points: Point) -> str:
    """Return one command of path data."""
    return command + " ".join(f"{number(x)} {number(y)}" for x, y in points)


def smooth(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the moving average; near the ends it covers fewer values."""
    kernel = np.ones(width)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


def mix(first: str, second: str, share: float) -> str:
    """Return a colour between two; ``share`` 0 is the first and 1 the second."""
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * min(max(share, 0.0), 1.0)):02x}" for a, b in pairs)
