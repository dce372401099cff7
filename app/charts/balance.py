"""Bars of each territory against its target, per measure, with the band within which it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, words

_ROW = 22
_MOST_ROWS = 60
_LEFT, _PANEL, _BAR = 210, 350, 170


@dataclass(frozen=True)
class Measure:
    """What is balanced: a value per territory, and what each should hold."""

    name: str
    unit: str
    values: Sequence[Decimal]
    targets: Sequence[Decimal]

    def off(self, n: int) -> Decimal:
        """How far a territory is from its target, as a share of it; 0 where there is nothing to hold."""
        return self.values[n] / self.targets[n] - 1 if self.targets[n] else Decimal(0)

    @property
    def worst(self) -> Decimal:
        """The largest distance from a target, as a share of it."""
        return max((abs(self.off(n)) for n in range(len(self.values))), default=Decimal(0))


def balance(
    title: str,
    subtitle: str,
    names: Sequence[str],
    measures: Sequence[Measure],
    tolerance: Decimal,
    language: Language,
) -> bytes:
    """A panel per measure, a row per territory in the order of `names`; of many, those furthest from a target."""
    shown = sorted(range(len(names)), key=lambda n: (-max((abs(m.off(n)) for m in measures), default=Decimal(0)), n))
    shown = sorted(shown[:_MOST_ROWS])
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if len(names) > len(shown):
        body.append(words(20, 74, language.say("the {n} furthest from their target", n=len(shown)), "soft"))
    bottom = 120 + len(shown) * _ROW
    if not shown:
        body.append(words(20, 110, language.say("Nothing to compare"), "soft"))
    for row, n in enumerate(shown):
        body.append(words(20, 132 + row * _ROW, shortened(names[n], 26)))
    for place, measure in enumerate(measures):
        if shown:
            body += _panel(measure, shown, _LEFT + place * _PANEL, bottom, tolerance, language)
    body += _key(20, bottom + 30, language)
    said = [f"{measure.name}: {language.percent(measure.worst).removeprefix('+')}" for measure in measures]
    description = f"{language.say('Largest distance from an equal share')}: {'; '.join(said)}."
    width = _LEFT + len(measures) * _PANEL + 10
    return document(width, bottom + 50, f"{language.say('Balance')}: {title}", description, language.code, body)


def _panel(
    measure: Measure, shown: Sequence[int], left: float, bottom: float, tolerance: Decimal, language: Language
) -> Iterator[str]:
    most = max(
        (max(measure.values[n], measure.targets[n] * (1 + tolerance)) for n in shown), default=Decimal(0)
    ) or Decimal(1)
    yield words(left, 100, measure.name, "head")
    for row, n in enumerate(shown):
        y, off = 118 + row * _ROW, measure.off(n)
        target = float(measure.targets[n] / most) * _BAR
        reach = target * float(tolerance)
        yield tag("rect", x=left + target - reach, y=y, width=max(2 * reach, 1.0), height=_ROW, class_="band")
        inside = abs(off) <= tolerance
        length = max(float(measure.values[n] / most) * _BAR, 0.5)
        said = f"{language.short(measure.values[n], measure.unit)} ({language.percent(off)})"
        colour = INSIDE if inside else OUTSIDE
        yield tag("rect", x=left, y=y + 5, width=length, height=_ROW - 10, fill=colour, class_="bar")
        yield tag("path", d=f"M{left + target:.1f},{y}v{_ROW}", stroke_width=1.5, class_="ink")
        # Colour alone says nothing to some readers: what is beyond its band is marked too.
        yield words(left + _BAR + 6, y + 15, said if inside else f"{said} ▲" if off > 0 else f"{said} ▼")
    yield tag("path", d=f"M{left:.1f},112V{bottom:.1f}", class_="line")


def _key(left: float, y: float, language: Language) -> Iterator[str]:
    yield tag("rect", x=left, y=y - 9, width=14, height=10, fill=INSIDE)
    yield words(left + 20, y, language.say("within"), "soft")
    yield tag("rect", x=left + 120, y=y - 9, width=14, height=10, fill=OUTSIDE)
    yield words(left + 140, y, language.say("beyond") + " ▲▼", "soft")
    yield tag("path", d=f"M{left + 260},{y - 12}v16", stroke_width=1.5, class_="ink")
    yield words(left + 268, y, language.say("Target"), "soft")
