"""What draws cost: sellers who are alike share their made-up twins; each draw adds up exact pay. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, isqrt
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.lines import EarningLine
from app.domain.compensation.calculation.loading import table
from app.domain.compensation.contract.budget_risks import CostBin
from app.domain.compensation.simulation.synthetic import Point, with_quota

_TWINS = UUID("6a1c9a0e-52f5-4c55-9d7c-3a3d2f0a7b61")
_UNITS = 10_000
"""Amounts are added as whole ten-thousandths, which integers hold exactly."""
_BARS = 30
_CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Drawn:
    """The sellers to draw: of each, who it is like, the first of those with the same quotas, target and days."""

    like: list[str]
    left_out: int


def to_draw(inputs: Inputs, currency: str) -> Drawn:
    """Who takes part in a plan of the currency and has a quota."""
    plans = {row["plan_id"] for row in table(inputs.component).to_pylist() if row["currency"] == currency}
    parts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in table(inputs.participant).to_pylist():
        parts[row["seller_id"]].append(tuple(str(row[name]) for name in sorted(row) if name != "seller_id"))
    own_plan = {r["seller_id"] for r in table(inputs.participant).to_pylist() if r["plan_id"] in plans}
    quotas: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in ("quota", "objective"):
        for row in table(inputs.relations()[name]).to_pylist():
            said = tuple(str(row[column]) for column in sorted(row) if column != "seller_id")
            quotas[row["seller_id"]].append((name, *said))
    first: dict[tuple[tuple[tuple[str, ...], ...], ...], str] = {}
    chosen = sorted(with_quota(inputs) & own_plan)
    like = [first.setdefault((tuple(sorted(parts[one])), tuple(sorted(quotas[one]))), one) for one in chosen]
    return Drawn(like, len(parts) - len(chosen))


def twins(drawn: Drawn, steps: NDArray[np.int64], step: Decimal) -> list[Point]:
    """A made-up seller for every kind of seller and every attainment that is drawn for it, and 100 %."""
    wanted: dict[str, set[int]] = defaultdict(lambda: {_whole(step)})
    for column, like in enumerate(drawn.like):
        wanted[like] |= set(np.unique(steps[:, column]).tolist())
    return [
        Point(str(_twin(like, n)), like, n * step) for like, places in sorted(wanted.items()) for n in sorted(places)
    ]


def _twin(like: str, steps: int) -> UUID:
    return uuid5(_TWINS, f"{like} {steps}")


def _whole(step: Decimal) -> int:
    """The step nearest to 100 %."""
    return int((1 / step).to_integral_value(ROUND_HALF_UP))


class Costs:
    """What each draw costs, in ten-thousandths."""

    def __init__(
        self,
        drawn: Drawn,
        lines: Sequence[EarningLine],
        beyond: Mapping[tuple[UUID, str], Decimal],
        budgets: Mapping[UUID, Decimal | None],
        currency: str,
    ) -> None:
        """`beyond` is what each made-up seller costs beyond its lines."""
        self._like = drawn.like
        self._beyond = {seller: int(cost * _UNITS) for (seller, paid_in), cost in beyond.items() if paid_in == currency}
        self._paid: dict[UUID, dict[UUID, int]] = {component: {} for component in budgets}
        self._budgets = budgets
        unsaid = set()
        for line in lines:
            if line.currency != currency:
                continue
            if line.earning is None:
                unsaid.add(line.seller_id)
            else:
                paid = self._paid[line.component_id]
                paid[line.seller_id] = paid.get(line.seller_id, 0) + int(line.earning * _UNITS)
        self._unsaid = unsaid

    def of(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cost of each row of draws; a shared budget bounds what its component costs."""
        total = np.zeros(len(steps), np.int64)
        # Draws and guarantees come out of no budget.
        for paid, budget in [*((self._paid[id], budget) for id, budget in self._budgets.items()), (self._beyond, None)]:
            cost = np.zeros(len(steps), np.int64)
            if paid:
                for column, like in enumerate(self._like):
                    places, inverse = np.unique(steps[:, column], return_inverse=True)
                    pay = np.array([paid.get(_twin(like, int(n)), 0) for n in places], np.int64)
                    cost += pay[inverse]
            total += cost if budget is None else np.minimum(cost, int(budget * _UNITS))
        return total

    def needing_attention(self, steps: NDArray[np.int64]) -> int:
        """Sellers some of whose draws cannot be paid in full."""
        return sum(
            any(_twin(like, int(n)) in self._unsaid for n in np.unique(steps[:, column]))
            for column, like in enumerate(self._like)
        )

    def at_target(self, step: Decimal) -> Decimal:
        """What it costs when everybody attains 100 %."""
        return amount(int(self.of(np.full((1, len(self._like)), _whole(step), np.int64))[0]))


@dataclass(frozen=True)
class Figures:
    """What the draws say."""

    mean: Decimal
    deviation: Decimal
    percentiles: dict[int, Decimal]
    above_budget: Decimal
    histogram: list[CostBin]


def figures(costs: NDArray[np.int64], budget: Decimal) -> Figures:
    """Mean and standard deviation, nearest-rank percentiles, and how many draws exceed the budget; exact integers."""
    ordered = sorted(costs.tolist())
    n, total = len(ordered), sum(ordered)
    squares = sum((n * one - total) ** 2 for one in ordered)
    return Figures(
        mean=(Decimal(total) / n / _UNITS).quantize(_CENT, ROUND_HALF_UP),
        deviation=amount(isqrt(squares // n) // n),
        percentiles={p: amount(ordered[max(ceil(n * p / 100), 1) - 1]) for p in (5, 50, 90, 95)},
        above_budget=(Decimal(sum(one > budget * _UNITS for one in ordered)) / n).quantize(Decimal("0.000001")),
        histogram=list(_bars(ordered)),
    )


def _bars(ordered: Sequence[int]) -> Iterator[CostBin]:
    low, high = ordered[0], ordered[-1]
    bars = min(_BARS, max(high - low, 1))
    edges = [low + (high - low) * n // bars for n in range(bars + 1)]
    for n in range(bars):
        last = n == bars - 1
        inside = sum(edges[n] <= one < edges[n + 1] or (last and one == high) for one in ordered)
        yield CostBin(lower=amount(edges[n]), upper=amount(edges[n + 1]), draws=inside)


def amount(units: int) -> Decimal:
    """Ten-thousandths as an amount."""
    return Decimal(units).scaleb(-4)
