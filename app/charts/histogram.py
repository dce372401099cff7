"""How often a cost was drawn: bars, with the budget and percentiles as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.axes import Axes, round_up
from app.charts.language import Language
from app.charts.pay_curve import share
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, text_of, words

_WIDTH = 940


@dataclass(frozen=True)
class Bar:
    """How many draws cost so much."""

    lower: Decimal
    upper: Decimal
    draws: int


@dataclass(frozen=True)
class Line:
    """A cost with a name, such as p95."""

    name: str
    cost: Decimal


def histogram(
    title: str,
    subtitle: str,
    bars: Sequence[Bar],
    lines: Sequence[Line],
    budget: Decimal,
    above: Decimal | None,
    currency: str,
    language: Language,
) -> bytes:
    """Bars that lie above the budget have the other colour; lines are named at the side."""
    say = language.say
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if not bars or above is None:
        body.append(words(20, 100, say("It is not calculated, or cannot be said"), "soft"))
        return document(_WIDTH, 130, f"{say('Budget risk')}: {title}", subtitle, language.code, body)
    low, high = min(bars[0].lower, budget), max(bars[-1].upper, budget)
    room = max((high - low) / 20, Decimal(1))
    most = round_up(Decimal(max(bar.draws for bar in bars)))
    axes = Axes(90, 104, 560, 360, high + room, most, max(low - room, Decimal(0)))
    body += axes.grid(language.short, lambda value: language.short(value))
    body.append(words(axes.left + axes.width / 2, axes.bottom + 40, f"{say('Cost')} ({currency})", "middle"))
    body.append(words(20, axes.top - 10, say("Draws")))
    for bar in bars:
        x, width = axes.x(bar.lower), max(axes.x(bar.upper) - axes.x(bar.lower) - 1, 1)
        y = axes.y(Decimal(bar.draws))
        span = f"{language.short(bar.lower)} – {language.short(bar.upper, currency)}: {bar.draws}"
        colour = OUTSIDE if bar.lower >= budget else INSIDE
        hint = tag("title", text_of(span))
        body.append(tag("rect", hint, x=x, y=y, width=width, height=axes.bottom - y, fill=colour, fill_opacity="0.8"))
    left, y = axes.right + 24, axes.top + 8
    at_budget = f"M{axes.x(budget):.1f},{axes.top - 6}V{axes.bottom}"
    body.append(tag("path", d=at_budget, class_="ink", stroke_width=2))
    body.append(words(axes.x(budget), axes.top - 10, say("budget"), "middle head"))
    for name, cost in [(say("budget"), budget), *((line.name, line.cost) for line in lines)]:
        body += [words(left, y, name, "head"), words(left + 80, y, language.short(cost, currency), "soft")]
        y += 22
    for line in lines:
        at = axes.x(line.cost)
        body.append(tag("path", d=f"M{at:.1f},{axes.top}V{axes.bottom}", class_="ink", stroke_dasharray="4 4"))
        body.append(words(at, axes.top + 12, line.name, "label middle small"))
    draws = sum(bar.draws for bar in bars)
    said = say("{n} draws, {share} above the budget", n=draws, share=share(above, language))
    body.append(words(left, y + 14, said.split(", ", 1)[-1], "soft"))
    return document(_WIDTH, axes.bottom + 60, f"{say('Budget risk')}: {title}", said, language.code, body)
