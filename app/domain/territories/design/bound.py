"""How much stake must change hands at least for these tolerances, wherever it goes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from app.domain.territories.design.blocks import Blocks, Costs, gather
from app.domain.territories.design.problem import Floats, Ints, Problem
from app.domain.territories.design.relaxation import Bands, bands_of, cheapest_at, held_by


def stake_bound(problem: Problem, blocks: Blocks | None = None) -> tuple[float, Floats]:
    """Stake that any plan within the bands, locks, groups and allowed pairs moves at least; 0 when nothing has to.

    With the prices that prove it, [k, m + 1] in stake per unit of load.

    A dual bound over every pair. In the relaxation units leave for a pool, in shares, and territories draw from it
    measure by measure; its prices are found by a linear programme of n + k x m variables, so 200,000 units are as easy
    as a thousand. At those prices the bound is the sum of each block's cheapest (stake moved + prices x load) less the
    most that prices times load can come to within the bands.

    It is a true bound for whatever prices: in a plan within the bands, stake moved = sum of (stake moved + prices x
    load) over blocks - sum of prices x load over territories. The first sum is at least the sum of the cheapest, the
    second at most what the bands admit. So no tolerance of the solver is in it; contiguity is left out, which can only
    lower it. Where no plan keeps the bands it says nothing.
    """
    if not problem.units:
        return 0.0, np.zeros((problem.territories, problem.loads.shape[1] + 1))
    blocks = blocks or gather(problem)
    costs = Costs(problem, blocks, problem.stake, None)
    limits = bands_of(problem)
    cost, base, leaving = _stay_or_leave(costs)
    prices = _prices(blocks, base, leaving, limits)
    return max(cost, cheapest_at(costs, prices) - limits.most_worth(prices), 0.0), prices


def _stay_or_leave(costs: Costs) -> tuple[float, Ints, Floats]:
    """Cost when every block is where it costs least, those places, and what the next best place costs more."""
    total, bases, leaving = 0.0, [], []
    for chosen, rows in costs.chunks():
        at = np.arange(len(chosen))
        base = rows.argmin(axis=1).astype(np.int32)
        cost = rows[at, base]
        rows[at, base] = np.inf
        total += float(cost.sum())
        bases.append(base)
        leaving.append(rows.min(axis=1) - cost)
    return total, np.concatenate(bases), np.concatenate(leaving)


def _prices(blocks: Blocks, base: Ints, leaving: Floats, limits: Bands) -> Floats:
    """[k, m + 1] the prices at which the pool is cleared."""
    k, width = limits.unit.shape
    free = np.flatnonzero(np.isfinite(leaving)).astype(np.int32)
    out = _leaving_rows(blocks.loads[free], base[free], limits)
    adds = hstack([out, eye_array(k * width)], format="csr")
    held = held_by(blocks.loads, base, k)
    upper, lower = np.flatnonzero(np.isfinite(limits.most)), np.flatnonzero(np.isfinite(limits.least))
    pool = coo_array(
        (limits.unit.ravel(), (np.tile(np.arange(width), k), np.arange(k * width))), shape=(width, k * width)
    )
    drawn = (
        hstack([csr_array(-blocks.loads[free].T), pool], format="csr")
        / np.maximum(blocks.loads.mean(axis=0), 1e-12)[:, None]
    )
    scale = float(leaving[free].mean()) or 1.0 if len(free) else 1.0
    found = linprog(
        np.concatenate([leaving[free] / scale, np.zeros(k * width)]),
        A_ub=vstack([adds[upper], -adds[lower]], format="csr"),
        b_ub=np.concatenate(
            [((limits.most - held) / limits.unit).ravel()[upper], ((held - limits.least) / limits.unit).ravel()[lower]]
        ),
        A_eq=drawn,
        b_eq=np.zeros(width),
        bounds=np.column_stack(
            [np.zeros(len(free) + k * width), np.r_[np.ones(len(free)), np.full(k * width, np.inf)]]
        ),
        method="highs",
    )
    prices = np.zeros(k * width)
    if found.x is not None:
        prices[upper] -= found.ineqlin.marginals[: len(upper)] * scale
        prices[lower] += found.ineqlin.marginals[len(upper) :] * scale
    priced: Floats = prices.reshape(k, width) / limits.unit
    return priced


def _leaving_rows(loads: Floats, base: Ints, limits: Bands) -> csr_array:
    """[k * (m + 1), blocks] what each block takes from its territory when it leaves, in targets."""
    width = limits.unit.shape[1]
    row = base.astype(np.int64)[:, None] * width + np.arange(width)
    column = np.repeat(np.arange(len(base)), width)
    return csr_array(((-loads / limits.unit[base]).ravel(), (row.ravel(), column)), shape=(limits.unit.size, len(base)))
