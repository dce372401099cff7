"""The linear relaxation of a territory design: blocks may be shared between territories.

It gives the prices of the territories, nearly all of the plan (few blocks are shared: no more than there are bands that
bind), and lower bounds. Solved by column and row generation: pairs join when their price says so, and "a block goes out
once" is asked of a block only when it is broken, for nearly all stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from app.domain.territories.design.blocks import Blocks, Costs
from app.domain.territories.design.measure import bands
from app.domain.territories.design.problem import Flags, Floats, Ints, Problem

_ROUNDS = 30
_NEAREST = 6
_COLUMNS = 30_000
"""Pairs that stay in the programme, and that join it in one turn."""
_CLOSE = 0.005
"""Share of the cost of moving by which the relaxation may be above its bound."""
_OUTSIDE = 1e-7
"""Targets by which a relaxed plan may be outside its bands."""
_WORTH = 1e-9
"""Share of the mean cost under which a pair gains nothing by joining."""


@dataclass(frozen=True, eq=False)
class Bands:
    """What territories may hold, with the number of units as the last measure; a band of no height is no band."""

    least: Floats
    """[k, m + 1]"""
    most: Floats
    unit: Floats
    """[k, m + 1] what counts as one: the target, so that every row has the same size."""

    def excess(self, loads: Floats) -> Floats:
        """[k, m + 1] how far loads are outside, in targets."""
        outside: Floats = np.maximum(np.maximum(self.least - loads, loads - self.most), 0.0) / self.unit
        return outside

    def most_worth(self, prices: Floats) -> float:
        """The most that prices times load can come to within the bands."""
        up, down = np.maximum(prices, 0.0), np.maximum(-prices, 0.0)
        return float((up * _finite(self.most)).sum() - (down * _finite(self.least)).sum())


def _finite(edge: Floats) -> Floats:
    return np.where(np.isfinite(edge), edge, 0.0)


def bands_of(problem: Problem, margin: float = 0.0) -> Bands:
    """The bands of a problem; `margin` is the share of the target by which they are narrowed."""
    least, most = bands(problem)
    mean = np.maximum(problem.targets.mean(axis=0), 1e-12)
    unit = np.where(problem.targets > 0, problem.targets, mean)
    inside = np.minimum(margin, problem.tolerance / 4) * unit
    limit = np.where(problem.max_units < problem.units, problem.max_units, np.inf)
    return Bands(
        least=np.column_stack([least + inside, np.full(problem.territories, -np.inf)]),
        most=np.column_stack([most - inside, limit]),
        unit=np.column_stack([unit, np.full(problem.territories, max(1.0, problem.units / problem.territories))]),
    )


@dataclass(frozen=True, eq=False)
class Pairs:
    """Ways out: a block to a territory that is not its base, and what that costs more than its base."""

    block: Ints
    territory: Ints
    extra: Floats

    def only(self, chosen: Ints) -> Pairs:
        """Some of them."""
        return Pairs(self.block[chosen], self.territory[chosen], self.extra[chosen])

    def with_more(self, other: Pairs) -> Pairs:
        """Both."""
        return Pairs(
            np.concatenate([self.block, other.block]),
            np.concatenate([self.territory, other.territory]),
            np.concatenate([self.extra, other.extra]),
        )


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The best plan when blocks may be shared, and its prices."""

    base: Ints
    """[b] the cheapest territory of each block when nothing has a price."""
    pairs: Pairs
    share: Floats
    """How much of the block takes that way out."""
    prices: Floats
    """[k, m + 1] what one more unit of load costs."""
    bound: float
    """No plan within the bands costs less; over all pairs, not only those that joined."""
    excess: float
    """Sum of what could not be brought inside the bands, in targets."""


def relax(
    costs: Costs, limits: Bands, penalty: float, start: Floats, left: Callable[[], float] = lambda: float("inf")
) -> Relaxation:
    """Solve the relaxation; `penalty` is what one target outside a band costs, `left` the seconds that remain.

    `start` are prices to choose the first pairs by.

    Why `bound` holds: take any plan within the bands and any prices. Its cost is the sum over blocks of (cost + prices
    x load) minus the sum over territories of prices x what they hold. The first sum is at least the sum of each block's
    cheapest territory at these prices; the second at most `Bands.most_worth`. So the bound is true for whatever prices
    the solver returned, and does not rest on its tolerances or on the pairs it was shown.
    """
    base, pairs = _first(costs)
    pairs = pairs.only(_leading(_rank(costs.blocks, base, pairs, start)))
    scale = float(pairs.extra.mean()) if len(pairs.extra) and pairs.extra.any() else 1.0
    coupled = np.bincount(pairs.block, pairs.extra <= scale / 2, minlength=costs.blocks.count) > 1
    bound = -np.inf
    dear = penalty
    penalty = min(dear, max(2.0 * float(np.ptp(start * limits.unit)), 4.0 * scale))
    for turn in range(_ROUNDS):
        share, prices, excess = _solve(costs.blocks, base, pairs, limits, coupled, (scale, penalty), left())
        broken = ~coupled & (np.bincount(pairs.block, share, minlength=costs.blocks.count) > 1 + 1e-9)
        joining, stay, cheapest = _price(costs, base, pairs, prices)
        bound = max(bound, cheapest - limits.most_worth(prices))
        cost = stay + float(pairs.extra @ share) + penalty * excess
        close = cost - bound <= _CLOSE * max(cost - stay, 0.0) and not broken.any()
        if close and excess > _OUTSIDE and penalty < dear:
            penalty, close = min(4.0 * penalty, dear), False
        if close or turn == _ROUNDS - 1 or left() <= 0:
            return Relaxation(base, pairs, share, prices, bound, excess)
        coupled |= broken
        pairs = pairs.only(_leading(_rank(costs.blocks, base, pairs, prices))).with_more(joining)
    raise AssertionError("the last turn returns")


def gains(blocks: Blocks, base: Ints, pairs: Pairs, prices: Floats) -> Floats:
    """[p] what a way out costs more than its base when loads are priced; below zero where it gains."""
    load = blocks.loads[pairs.block]
    found: Floats = pairs.extra + (load * (prices[pairs.territory] - prices[base[pairs.block]])).sum(axis=1)
    return found


def _rank(blocks: Blocks, base: Ints, pairs: Pairs, prices: Floats) -> Floats:
    """[p] what a way out costs more than the best of its block, staying included: 0 for those in use."""
    gain = gains(blocks, base, pairs, prices)
    best = np.zeros(blocks.count)
    np.minimum.at(best, pairs.block, gain)
    ranked: Floats = gain - best[pairs.block]
    return ranked


def _leading(rank: Floats) -> Ints:
    """Where the rank is least, no more than a programme solves quickly; in their order."""
    if len(rank) <= _COLUMNS:
        return np.arange(len(rank), dtype=np.int32)
    return np.sort(np.argsort(rank, kind="stable")[:_COLUMNS]).astype(np.int32)


def _first(costs: Costs) -> tuple[Ints, Pairs]:
    """The base of every block and the ways out to its cheapest other territories."""
    bases, found = [], Pairs(*_NONE)
    for chosen, rows in costs.chunks():
        at = np.arange(len(chosen))
        base = rows.argmin(axis=1).astype(np.int32)
        extra = rows - rows[at, base][:, None]
        extra[at, base] = np.inf
        some = min(_NEAREST, extra.shape[1])
        near = np.argpartition(extra, some - 1, axis=1)[:, :some].astype(np.int32)
        cost = np.take_along_axis(extra, near, axis=1)
        row, col = np.nonzero(np.isfinite(cost))
        bases.append(base)
        found = found.with_more(Pairs(chosen[row], near[row, col], cost[row, col]))
    return np.concatenate(bases), found


def _price(costs: Costs, base: Ints, pairs: Pairs, prices: Floats) -> tuple[Pairs, float, float]:
    """The ways out that gain most at these prices and have not joined; the sum of the bases, and of the cheapest."""
    joined = np.sort(_keys(pairs.block, pairs.territory, len(prices)))
    found, stay, cheapest = Pairs(*_NONE), 0.0, 0.0
    for chosen, rows in costs.chunks():
        at = np.arange(len(chosen))
        priced = rows + costs.blocks.loads[chosen] @ prices.T
        best = priced.argmin(axis=1).astype(np.int32)
        least = priced[at, best]
        stay += float(rows[at, base[chosen]].sum())
        cheapest += float(least.sum())
        worth = _WORTH * np.abs(least).mean()
        gaining = np.flatnonzero(priced[at, base[chosen]] - least > worth)
        new = gaining[~np.isin(_keys(chosen[gaining], best[gaining], len(prices)), joined)]
        extra = rows[new, best[new]] - rows[new, base[chosen[new]]]
        found = found.with_more(Pairs(chosen[new], best[new], extra))
    return found.only(_leading(gains(costs.blocks, base, found, prices))), stay, cheapest


_NONE = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))


def cheapest_at(costs: Costs, prices: Floats) -> float:
    """Sum of what each block costs where cost and prices together are least."""
    return sum(float((rows + costs.blocks.loads[at] @ prices.T).min(axis=1).sum()) for at, rows in costs.chunks())


def _keys(block: Ints, territory: Ints, territories: int) -> npt.NDArray[np.int64]:
    keys: npt.NDArray[np.int64] = block.astype(np.int64) * territories + territory
    return keys


def rows_of(loads: Floats, base: Ints, pairs: Pairs, limits: Bands) -> csr_array:
    """[k * (m + 1), pairs] what each way out adds to each territory and measure, in targets."""
    width = limits.unit.shape[1]
    column = np.repeat(np.arange(len(pairs.block)), width)
    measure = np.arange(width)
    parts = []
    for territory, sign in ((pairs.territory, 1.0), (base[pairs.block], -1.0)):
        value = sign * loads[pairs.block] / limits.unit[territory]
        row = territory.astype(np.int64)[:, None] * width + measure
        parts.append((value.ravel(), row.ravel(), column))
    value, row, column = (np.concatenate(part) for part in zip(*parts, strict=True))
    return csr_array((value, (row, column)), shape=(limits.unit.size, len(pairs.block)))


def held_by(loads: Floats, base: Ints, territories: int) -> Floats:
    """[k, m + 1] what territories hold."""
    return np.column_stack([np.bincount(base, load, minlength=territories) for load in loads.T])


def _solve(
    blocks: Blocks,
    base: Ints,
    pairs: Pairs,
    limits: Bands,
    coupled: Flags,
    weights: tuple[float, float],
    seconds: float,
) -> tuple[Floats, Floats, float]:
    """Shares, prices and what stays outside the bands, for these pairs."""
    scale, penalty = weights
    adds = rows_of(blocks.loads, base, pairs, limits)
    held = held_by(blocks.loads, base, len(limits.unit))
    upper, lower = np.flatnonzero(np.isfinite(limits.most)), np.flatnonzero(np.isfinite(limits.least))
    room = np.concatenate(
        [((limits.most - held) / limits.unit).ravel()[upper], ((held - limits.least) / limits.unit).ravel()[lower]]
    )
    balance = hstack([vstack([adds[upper], -adds[lower]]), -eye_array(len(room))])
    once = np.flatnonzero(coupled[pairs.block])
    number = np.cumsum(coupled) - 1
    ways = csr_array(
        (np.ones(len(once)), (number[pairs.block[once]], once)),
        shape=(int(coupled.sum()), len(pairs.block) + len(room)),
    )
    found = linprog(
        np.concatenate([pairs.extra / scale, np.full(len(room), penalty / scale)]),
        A_ub=vstack([balance, ways], format="csr"),
        b_ub=np.concatenate([room, np.ones(ways.shape[0])]),
        bounds=np.column_stack(
            [np.zeros(len(pairs.block) + len(room)), np.r_[np.ones(len(pairs.block)), np.full(len(room), np.inf)]]
        ),
        method="highs",
        options={} if np.isinf(seconds) else {"time_limit": max(seconds, 0.1)},
    )
    if found.x is None:
        return np.zeros(len(pairs.block)), np.zeros_like(limits.unit), float(np.maximum(-room, 0.0).sum())
    dual = -found.ineqlin.marginals * scale
    prices = np.zeros(limits.unit.size)
    prices[upper] += dual[: len(upper)]
    prices[lower] -= dual[len(upper) : len(room)]
    excess = float(found.x[len(pairs.block) :].sum())
    return found.x[: len(pairs.block)], prices.reshape(limits.unit.shape) / limits.unit, excess


def rounded(relaxation: Relaxation) -> Ints:
    """[b] each block where the largest share of it is."""
    pairs, share = relaxation.pairs, relaxation.share
    placed = relaxation.base.copy()
    inside = np.ones(len(placed))
    np.subtract.at(inside, pairs.block, share)
    order = np.argsort(share, kind="stable")
    most = order[share[order] > inside[pairs.block[order]]]
    placed[pairs.block[most]] = pairs.territory[most]
    return placed


def relaxed_cost(costs: Costs, found: Relaxation) -> float:
    """What the shares of a relaxation cost in other terms than those it was solved for."""
    total, pairs = 0.0, found.pairs
    for chosen, rows in costs.chunks():
        stay = rows[np.arange(len(chosen)), found.base[chosen]]
        out = np.flatnonzero((pairs.block >= chosen[0]) & (pairs.block <= chosen[-1]) & (found.share > 0))
        block = pairs.block[out] - chosen[0]
        total += float(stay.sum() + found.share[out] @ (rows[block, pairs.territory[out]] - stay[block]))
    return total
