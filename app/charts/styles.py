"""How territories are told apart: colours that colour-blind readers tell apart too, then hatching, then labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot

from app.charts.svg import tag

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999933", "#a9748f")
"""Okabe and Ito's palette without black and yellow, which a dark or a light sheet swallows, and two of Tol's."""

INSIDE, OUTSIDE = COLOURS[0], COLOURS[5]
"""Of bars within their band, and beyond it."""

_PATTERNS = ("plain", "stripes", "dots")
_NEAREST = 6


@dataclass(frozen=True)
class Style:
    """A colour and a hatching."""

    colour: str
    pattern: str

    @property
    def fill(self) -> str:
        """What to put into `fill`."""
        return f"url(#{self._id})" if self.pattern != "plain" else self.colour

    @property
    def _id(self) -> str:
        return f"{self.pattern}{self.colour.removeprefix('#')}"

    def definition(self) -> str:
        """The pattern it refers to, if it does."""
        if self.pattern == "plain":
            return ""
        sheet = tag("rect", width=8, height=8, fill=self.colour, fill_opacity="0.45")
        mark = (
            tag("path", d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", stroke=self.colour, stroke_width=2)
            if self.pattern == "stripes"
            else tag("circle", cx=4, cy=4, r=2, fill=self.colour)
        )
        return tag("pattern", sheet, mark, id=self._id, width=8, height=8, patternUnits="userSpaceOnUse")


STYLES = tuple(Style(colour, pattern) for pattern in _PATTERNS for colour in COLOURS)


def assigned(places: Mapping[str, tuple[float, float] | None], before: Mapping[str, Style]) -> dict[str, Style]:
    """A style for each name, in order; near ones differ. Those of `before` keep theirs.

    There are as many styles as colours times hatchings; from then on they repeat, far from one another if possible.
    """
    found: dict[str, Style] = {}
    for n, (name, place) in enumerate(sorted(places.items())):
        if name in before:
            found[name] = before[name]
            continue
        taken = _near(place, found, places)
        order = [STYLES[(n + step) % len(STYLES)] for step in range(len(STYLES))]
        found[name] = next((style for style in order if style.colour not in taken), order[0])
    return found


def definitions(styles: Iterable[Style]) -> str:
    """The patterns that the styles refer to."""
    return "".join(style.definition() for style in dict.fromkeys(styles))


def _near(
    place: tuple[float, float] | None, found: Mapping[str, Style], places: Mapping[str, tuple[float, float] | None]
) -> set[str]:
    """Colours of the nearest that have one already."""
    if place is None:
        return set()
    known: Sequence[tuple[float, str]] = sorted(
        (hypot(there[0] - place[0], there[1] - place[1]), style.colour)
        for name, style in found.items()
        if (there := places[name]) is not None
    )
    return {colour for _, colour in known[:_NEAREST]}
