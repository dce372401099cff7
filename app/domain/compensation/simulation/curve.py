"""What is worth a name on a pay curve. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.domain.compensation.contract.pay_curves import CurveMarkKind

JUST_BELOW = Decimal("0.0001")
"""How far below a bound the curve is looked at, to see whether it jumps there."""
_STEP = Decimal("0.02")
_STEEPER = Decimal("0.02")
"""Slopes that differ by less than this part of the steeper one are the same but for cents."""


@dataclass(frozen=True)
class Mark:
    """A named point."""

    kind: CurveMarkKind
    attainment: Decimal
    pay: Decimal


def grid(up_to: Decimal, bounds: Iterable[Decimal]) -> list[Decimal]:
    """Where the curve is calculated: every 2 %, 100 %, and at and just below every bound."""
    steps = [_STEP * n for n in range(int(up_to / _STEP) + 1)]
    inside = [bound for bound in bounds if 0 < bound <= up_to]
    return sorted({*steps, up_to, Decimal(1), *inside, *(bound - JUST_BELOW for bound in inside)})


def marks(points: Sequence[tuple[Decimal, Decimal]], bounds: Iterable[Decimal]) -> Iterator[Mark]:
    """The named points of a curve, in order of attainment; `points` are attainments with their pay."""
    pay = dict(points)
    found: list[Mark] = []
    if (threshold := _threshold(points)) is not None:
        found.append(Mark(CurveMarkKind.THRESHOLD, threshold, pay[threshold]))
    if Decimal(1) in pay:
        found.append(Mark(CurveMarkKind.TARGET, Decimal(1), pay[Decimal(1)]))
    cap = _cap(points)
    for bound in sorted({*bounds} & pay.keys()):
        if bound in (threshold, cap) or (cap is not None and bound > cap):
            continue
        if (kind := _bend(points, bound)) is not None:
            found.append(Mark(kind, bound, pay[bound]))
    if cap is not None:
        found.append(Mark(CurveMarkKind.CAP, cap, pay[cap]))
    yield from sorted(found, key=lambda mark: (mark.attainment, mark.kind))


def _threshold(points: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Where pay begins; None when it begins at once."""
    first = next((n for n, (_, pay) in enumerate(points) if pay > 0), None)
    if first is None or first == 0 or points[first - 1][0] == 0:
        return None
    jumps = points[first][0] - points[first - 1][0] == JUST_BELOW
    return points[first][0] if jumps else points[first - 1][0]


def _cap(points: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """From where on the last pay is paid; None when it rises to the end or there is none."""
    most = points[-1][1]
    first = next(attainment for attainment, pay in points if pay == most)
    return first if most > 0 and 0 < first < points[-1][0] - _STEP else None


def _bend(points: Sequence[tuple[Decimal, Decimal]], bound: Decimal) -> CurveMarkKind | None:
    places = [attainment for attainment, _ in points]
    at = places.index(bound)
    if at < 2 or at + 1 >= len(points):
        return None
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[at - 2], points[at - 1], points[at], points[at + 1]
    before, after = (y1 - y0) / (x1 - x0), (y3 - y2) / (x3 - x2)
    jump = y2 - y1 - before * (x2 - x1)
    if abs(jump) > abs(y2) * _STEEPER:
        return CurveMarkKind.ACCELERATOR if jump > 0 else CurveMarkKind.DECELERATOR
    if abs(after - before) <= _STEEPER * max(abs(after), abs(before)):
        return None
    return CurveMarkKind.ACCELERATOR if after > before else CurveMarkKind.DECELERATOR
