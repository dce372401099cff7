"""Quota against potential: a point per seller, the median load as a line, who lies far from it by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, text_of, words

_LEFT, _TOP, _SIDE_X, _SIDE_Y = 90, 104, 560, 400
_NAMED = 12
_LINE = 15


@dataclass(frozen=True)
class Point:
    """A seller: what it could sell to, what it is asked for, and whether that is out of line."""

    name: str
    potential: Decimal
    quota: Decimal
    outlier: bool


def scatter(
    title: str, subtitle: str, points: Sequence[Point], median: Decimal | None, currency: str, language: Language
) -> bytes:
    """Points on two axes that begin at zero; outliers are named at the side, the heaviest load first."""
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    steps = [step_for(max(values, default=Decimal(0))) for values in _sides(points)]
    across, up = (4 * step for step in steps)
    bottom = _TOP + _SIDE_Y

    def place(potential: Decimal, quota: Decimal) -> tuple[float, float]:
        return _LEFT + float(potential / across) * _SIDE_X, bottom - float(quota / up) * _SIDE_Y

    for n in range(5):
        x, y = place(steps[0] * n, steps[1] * n)
        body.append(tag("path", d=f"M{x:.1f},{_TOP}V{bottom}M{_LEFT},{y:.1f}H{_LEFT + _SIDE_X}", class_="line"))
        body.append(words(x, bottom + 18, language.short(steps[0] * n), "middle soft"))
        body.append(words(_LEFT - 8, y + 4, language.short(steps[1] * n), "end soft"))
    body.append(words(_LEFT + _SIDE_X / 2, bottom + 40, f"{language.say('Potential')} ({currency})", "middle"))
    body.append(words(20, _TOP - 10, f"{language.say('Quota')} ({currency})"))
    if not points:
        body.append(words(_LEFT + 20, _TOP + 30, language.say("Nothing to compare"), "soft"))
    if median:
        end = min(across, up / median)
        (x, y), (x2, y2) = place(Decimal(0), Decimal(0)), place(end, end * median)
        line = f"M{x:.1f},{y:.1f}L{x2:.1f},{y2:.1f}"
        body.append(tag("path", d=line, class_="ink", stroke_width=1.5, stroke_dasharray="6 4", fill="none"))
    outside = sorted((p for p in points if p.outlier), key=lambda p: (-p.quota / p.potential, p.name))
    for point in [p for p in points if not p.outlier] + outside:
        x, y = place(point.potential, point.quota)
        colour = OUTSIDE if point.outlier else INSIDE
        # Colour alone says nothing to some readers: who is out of line has a larger mark with an edge.
        edge = {"class_": "ink", "stroke_width": 1} if point.outlier else {}
        shape = tag("title", text_of(words_of(point, currency, language)))
        radius = 5 if point.outlier else 3
        body.append(tag("circle", shape, cx=x, cy=y, r=radius, fill=colour, fill_opacity="0.8", **edge))
    body += _names(outside, currency, language)
    said = language.say("{n} sellers, {out} out of line", n=len(points), out=len(outside))
    heading = f"{language.say('Fairness')}: {title}"
    return document(_LEFT + _SIDE_X + 330, bottom + 60, heading, said, language.code, body)


def step_for(most: Decimal) -> Decimal:
    """A quarter of an axis that holds the most: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten."""
    if most <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb((most / 4).adjusted())
    steps = (power * Decimal(size) for size in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10"))
    return next(step for step in steps if 4 * step >= most)


def _sides(points: Sequence[Point]) -> tuple[list[Decimal], list[Decimal]]:
    return [point.potential for point in points], [point.quota for point in points]


def words_of(point: Point, currency: str, language: Language) -> str:
    """A point in words."""
    return f"{point.name}: {language.short(point.quota, currency)} / {language.short(point.potential, currency)}"


def _names(outside: Sequence[Point], currency: str, language: Language) -> list[str]:
    left = _LEFT + _SIDE_X + 24
    found = [
        tag("path", d=f"M{left},{_TOP - 2}h22", class_="ink", stroke_width=1.5, stroke_dasharray="6 4"),
        words(left + 30, _TOP + 2, language.say("median load"), "soft"),
        tag("circle", cx=left + 11, cy=_TOP + 18, r=3, fill=INSIDE),
        words(left + 30, _TOP + 22, language.say("within"), "soft"),
        tag("circle", cx=left + 11, cy=_TOP + 38, r=5, fill=OUTSIDE, class_="ink", stroke_width=1),
        words(left + 30, _TOP + 42, language.say("out of line"), "soft"),
    ]
    y = _TOP + 76
    for point in outside[:_NAMED]:
        found.append(words(left, y, shortened(point.name, 36), "head"))
        load = f"{language.times(point.quota / point.potential)} {language.say('Potential').lower()}"
        found.append(words(left, y + _LINE, f"{language.short(point.quota, currency)}, {load}", "soft"))
        y += 2 * _LINE + 2
    if len(outside) > _NAMED:
        found.append(words(left, y, language.say("and {n} more", n=len(outside) - _NAMED), "soft"))
    return found
