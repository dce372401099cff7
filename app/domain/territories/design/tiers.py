"""Whole blocks from a relaxation that shares some: relax and fix, the heaviest blocks first.

A relaxation shares few blocks, but the room that they leave in the bands is what others have moved for: placed one by
one they leave much of it unused. Which heavy blocks go together decides that, the light ones fill what is left. So
integer programmes place the blocks tier by tier, while the lighter ones may still be shared.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from app.domain.territories.design.blocks import Costs
from app.domain.territories.design.problem import Flags, Floats, Ints, Problem
from app.domain.territories.design.relaxation import Bands, Pairs, Relaxation, bands_of, held_by, rounded, rows_of
from app.domain.territories.design.watch import Watch

_TIERS = (2.0, 0.6, 0.2, 0.06)
"""Loads, as shares of the tolerance, above which a block is in the first tier, the second, …; the others are last."""
_WAYS, _LEAST = 10, 800
"""Ways out that take part in each tier: for each territory, and in all at least."""
_GAP, _NODES = 0.1, 20
"""Of the programme of a tier: share of its cost by which it may be above the best, and branches at most."""
_DEAR = 100.0
"""What a target outside its band costs in a programme, in the highest price of one."""
_MARGIN = 0.01
"""Share of the tolerance by which bands are narrower for the first tiers: room for the last to fit."""
_NONE = np.zeros(0, np.int32)


def by_tiers(costs: Costs, limits: Bands, found: Relaxation, penalty: float, watch: Watch) -> Ints:
    """[b] each block where the programme of its tier puts it; where most of it is, if there was no time for that."""
    tier = _tiers(costs.problem, costs.blocks.loads)
    ways = _ways(costs, found, tier)
    if not len(ways.block):
        return found.base
    narrow = bands_of(costs.problem, _MARGIN * float(costs.problem.tolerance.min()))
    programmes = [_Programme(costs, each, found, ways, penalty) for each in (narrow, limits)]
    share, of = _used(found, ways), tier[ways.block]
    for number in np.unique(of):
        if not watch.goes_on("whole blocks", 0.5 + 0.4 * number / (len(_TIERS) + 1)):
            break
        share = programmes[int(number == len(_TIERS))].solved(of <= number, of < number, share, watch.left())
    return rounded(replace(found, pairs=ways, share=share))


def _tiers(problem: Problem, loads: Floats) -> Ints:
    """[b] the tier of each block, by the measure in which it is heaviest."""
    height = np.maximum(problem.tolerance * problem.targets.mean(axis=0), 1e-12)
    weight = (loads[:, :-1] / height).max(axis=1)
    tier: Ints = np.searchsorted(-np.array(_TIERS), -weight, side="left").astype(np.int32)
    return tier


def _ways(costs: Costs, found: Relaxation, tier: Ints) -> Pairs:
    """Ways out that cost least more than the best of their block at the prices, so many of each tier, and those in use.

    In the order of their blocks and territories.
    """
    tiers, most = range(len(_TIERS) + 1), max(_WAYS * len(found.prices), _LEAST)
    kept, ranks = [found.pairs.only(_NONE)] * len(tiers), [np.zeros(0)] * len(tiers)
    for chosen, rows in costs.chunks():
        at, base = np.arange(len(chosen)), found.base[chosen]
        extra = rows - rows[at, base][:, None]
        rank = rows + costs.blocks.loads[chosen] @ found.prices.T
        rank -= rank.min(axis=1)[:, None]
        rank[at, base] = np.inf
        for number in tiers:
            worst = ranks[number][-1] if len(ranks[number]) == most else np.inf
            row, territory = np.nonzero((rank < worst) & (tier[chosen] == number)[:, None])
            both = kept[number].with_more(Pairs(chosen[row], territory.astype(np.int32), extra[row, territory]))
            ranked = np.concatenate([ranks[number], rank[row, territory]])
            least = np.argsort(ranked, kind="stable")[:most].astype(np.int32)
            kept[number], ranks[number] = both.only(least), ranked[least]
    ways = found.pairs.only(np.flatnonzero(found.share > 0).astype(np.int32))
    for some in kept:
        ways = ways.with_more(some)
    _, first = np.unique(ways.block.astype(np.int64) * len(found.prices) + ways.territory, return_index=True)
    return ways.only(first.astype(np.int32))


def _used(found: Relaxation, ways: Pairs) -> Floats:
    """How much of their blocks takes these ways out."""
    k = len(found.prices)
    used = np.flatnonzero(found.share > 0)
    keys = ways.block.astype(np.int64) * k + ways.territory
    share = np.zeros(len(keys))
    share[np.searchsorted(keys, found.pairs.block[used].astype(np.int64) * k + found.pairs.territory[used])] = (
        found.share[used]
    )
    return share


class _Programme:
    """The relaxation over some ways out, with as many of them whole as asked."""

    def __init__(self, costs: Costs, limits: Bands, found: Relaxation, ways: Pairs, penalty: float) -> None:
        loads, count = costs.blocks.loads, len(ways.block)
        held = held_by(loads, found.base, len(limits.unit))
        row = np.flatnonzero((np.isfinite(limits.most) | np.isfinite(limits.least)).ravel())
        ties = len(row)
        adds = rows_of(loads, found.base, ways, limits)[row]
        blocks, block = np.unique(ways.block, return_inverse=True)
        once = csr_array((np.ones(count), (block, np.arange(count))), shape=(len(blocks), count + 2 * ties))
        self.scale = float(np.abs(ways.extra).mean()) or 1.0
        dear = _DEAR * float(np.abs(found.prices * limits.unit).max(initial=0.0))
        outside = np.full(2 * ties, min(dear, penalty) or penalty)
        self.count, self.cost = count, np.concatenate([ways.extra, outside]) / self.scale
        self.rules = [
            LinearConstraint(
                hstack([adds, -eye_array(ties), eye_array(ties)], format="csr"),
                ((limits.least - held) / limits.unit).ravel()[row],
                ((limits.most - held) / limits.unit).ravel()[row],
            ),
            LinearConstraint(once, -np.inf, 1.0),
        ]

    def solved(self, whole: Flags, fixed: Flags, share: Floats, seconds: float) -> Floats:
        """Shares with these ways whole and those as they are; the shares as they are if there was no time."""
        more = len(self.cost) - self.count
        options = {"mip_rel_gap": _GAP, "node_limit": _NODES}
        found = milp(
            self.cost,
            integrality=np.concatenate([whole, np.zeros(more)]),
            bounds=Bounds(
                np.concatenate([np.where(fixed, share, 0.0), np.zeros(more)]),
                np.concatenate([np.where(fixed, share, 1.0), np.full(more, np.inf)]),
            ),
            constraints=self.rules,
            options=options if np.isinf(seconds) else {**options, "time_limit": max(seconds, 0.1)},
        )
        if found.x is None:
            return np.where(whole, np.rint(share), share)
        shares: Floats = np.where(whole, np.rint(found.x[: self.count]), found.x[: self.count])
        return shares
