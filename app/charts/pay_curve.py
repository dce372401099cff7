"""Pay against attainment: a line with threshold, target, accelerators and cap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.axes import Axes, round_up
from app.charts.language import Language
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, words

_WIDTH = 940


@dataclass(frozen=True)
class Mark:
    """A named point; `kind` is one of threshold, target, accelerator, decelerator, cap."""

    kind: str
    attainment: Decimal
    pay: Decimal


def pay_curve(
    title: str,
    subtitle: str,
    points: Sequence[tuple[Decimal, Decimal]],
    marks: Sequence[Mark],
    currency: str,
    language: Language,
) -> bytes:
    """The curve; its points are in order of attainment, and steps stand upright."""
    say = language.say
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if not points:
        body.append(words(20, 100, say("It is not calculated, or cannot be said"), "soft"))
        return document(_WIDTH, 130, f"{say('Pay curve')}: {title}", subtitle, language.code, body)
    most = max(pay for _, pay in points)
    axes = Axes(90, 104, 560, 400, points[-1][0], round_up(most))
    body += axes.grid(lambda value: share(value, language), language.short)
    body.append(words(axes.left + axes.width / 2, axes.bottom + 40, say("Attainment of quota"), "middle"))
    body.append(words(20, axes.top - 10, f"{say('Pay of a year')} ({currency})"))
    line = "L".join(f"{axes.x(at):.1f},{axes.y(max(pay, Decimal(0))):.1f}" for at, pay in points)
    body.append(tag("path", d=f"M{line}", fill="none", stroke=INSIDE, stroke_width=2.5, stroke_linejoin="round"))
    body += _marks(axes, marks, currency, language)
    low, high = (language.short(pay, currency) for pay in (points[0][1], points[-1][1]))
    said = say("{n} points, from {low} to {high}", n=len(points), low=low, high=high)
    return document(_WIDTH, axes.bottom + 60, f"{say('Pay curve')}: {title}", said, language.code, body)


def _marks(axes: Axes, marks: Sequence[Mark], currency: str, language: Language) -> Iterator[str]:
    left, y = axes.right + 24, axes.top + 8
    for n, mark in enumerate(marks, 1):
        at, pay = axes.x(mark.attainment), axes.y(mark.pay)
        before = sum(other.attainment == mark.attainment for other in marks[: n - 1])
        yield tag("path", d=f"M{at:.1f},{axes.bottom}V{pay:.1f}", class_="ink", stroke_dasharray="3 4", fill="none")
        colour = INSIDE if mark.kind == "target" else OUTSIDE
        yield tag("circle", cx=at, cy=pay, r=5, fill=colour, class_="ink", stroke_width=1)
        yield words(at - 9 + 14 * before, pay - 10, n, "label end")
        yield words(left, y, f"{n}  {language.say(mark.kind)}", "head")
        said = f"{share(mark.attainment, language)}, {language.short(mark.pay, currency)}"
        yield words(left + 14, y + 16, said, "soft")
        y += 40


def share(value: Decimal, language: Language) -> str:
    """A share without its sign, such as 85 %."""
    return language.percent(value).removeprefix("+").replace(",0", "").replace(".0", "")
