"""Pay against attainment: a point for each seller, and the line that fits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.axes import Axes, round_up
from app.charts.language import Language
from app.charts.pay_curve import share
from app.charts.styles import COLOURS
from app.charts.svg import document, shortened, tag, text_of, words

_WIDTH = 940
_NAMED = 8


@dataclass(frozen=True)
class Seller:
    """A point; `group` is its plan."""

    name: str
    group: str
    attainment: Decimal
    pay: Decimal


def pay_performance(
    title: str, subtitle: str, sellers: Sequence[Seller], correlation: Decimal | None, currency: str, language: Language
) -> bytes:
    """Points in the colour of their plan, the quota as a line, the least squares line dashed."""
    say = language.say
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if not sellers:
        body.append(words(20, 100, say("Nothing to compare"), "soft"))
        return document(_WIDTH, 130, f"{say('Pay and performance')}: {title}", subtitle, language.code, body)
    across = max(round_up(max(one.attainment for one in sellers)), Decimal("1.2"))
    axes = Axes(90, 104, 560, 400, across, round_up(max(one.pay for one in sellers)))
    body += axes.grid(lambda value: share(value, language), language.short)
    body.append(words(axes.left + axes.width / 2, axes.bottom + 40, say("Attainment of quota"), "middle"))
    body.append(words(20, axes.top - 10, f"{say('Pay')} ({currency})"))
    body.append(tag("path", d=f"M{axes.x(Decimal(1)):.1f},{axes.top}V{axes.bottom}", class_="ink", stroke_width=1.5))
    body += _trend(axes, sellers)
    groups = sorted({one.group for one in sellers})
    for one in sellers:
        hint = tag(
            "title", text_of(f"{one.name}: {share(one.attainment, language)}, {language.short(one.pay, currency)}")
        )
        x, y = axes.x(max(one.attainment, Decimal(0))), axes.y(max(one.pay, Decimal(0)))
        colour = COLOURS[groups.index(one.group) % len(COLOURS)]
        body.append(tag("circle", hint, cx=x, cy=y, r=4, fill=colour, fill_opacity="0.8"))
    left, y = axes.right + 24, axes.top + 8.0
    body += [words(left + 24, y, say("quota"), "soft"), words(left + 24, y + 20, say("trend"), "soft")]
    body.append(tag("path", d=f"M{left + 8},{y - 11}v14", class_="ink", stroke_width=1.5))
    body.append(tag("path", d=f"M{left},{y + 16}h18", class_="ink", stroke_dasharray="5 3"))
    for n, group in enumerate(groups[:_NAMED]):
        at = y + 48 + 20 * n
        body.append(tag("circle", cx=left + 8, cy=at - 4, r=4, fill=COLOURS[n % len(COLOURS)]))
        body.append(words(left + 24, at, shortened(group, 30), "soft"))
    if len(groups) > _NAMED:
        body.append(words(left + 24, y + 48 + 20 * _NAMED, say("and {n} more", n=len(groups) - _NAMED), "soft"))
    said = subtitle if correlation is None else say("correlation {n}", n=language.number(correlation))
    return document(_WIDTH, axes.bottom + 60, f"{say('Pay and performance')}: {title}", said, language.code, body)


def _trend(axes: Axes, sellers: Sequence[Seller]) -> list[str]:
    """The least squares line within the rectangle, if attainments differ."""
    n = len(sellers)
    mean_x = sum((one.attainment for one in sellers), Decimal(0)) / n
    mean_y = sum((one.pay for one in sellers), Decimal(0)) / n
    spread = sum(((one.attainment - mean_x) ** 2 for one in sellers), Decimal(0))
    if n < 3 or not spread:
        return []
    slope = sum(((one.attainment - mean_x) * (one.pay - mean_y) for one in sellers), Decimal(0)) / spread
    low, high = min(one.attainment for one in sellers), max(one.attainment for one in sellers)
    ends = [(at, min(max(mean_y + slope * (at - mean_x), Decimal(0)), axes.up)) for at in (low, high)]
    line = "L".join(f"{axes.x(max(at, Decimal(0))):.1f},{axes.y(pay):.1f}" for at, pay in ends)
    return [tag("path", d=f"M{line}", class_="ink", stroke_dasharray="5 3", fill="none")]
