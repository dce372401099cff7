"""Whole blocks from a relaxation that shares some: tier by tier, or by annealing where that does not keep the bands."""

from __future__ import annotations

import numpy as np

from app.domain.territories.design.blocks import Costs
from app.domain.territories.design.kernels.exchange import Balance, Ways, exchange
from app.domain.territories.design.neighbourhood import Terms, improve
from app.domain.territories.design.problem import Floats, Ints
from app.domain.territories.design.relaxation import Bands, Pairs, Relaxation, bands_of, gains, held_by, rounded
from app.domain.territories.design.tiers import by_tiers
from app.domain.territories.design.watch import Watch

_WAYS = 120
"""Ways out for each territory that take part."""
_MOVES, _MOST_MOVES = 2000, 40_000_000
"""Moves for each way out; and in all."""
_TURNS = 40
_HOT, _COLD = 1.0, 1e-2
"""Heat at the start and at the end, in what a typical way out costs at the prices."""
_SOFT, _STEEP = 2.0, 2000.0
"""What a target outside its band costs at first and at the end, in the highest price of one."""
_MARGIN = 0.005
"""Share of its tolerance by which the band is narrower that loads are kept in."""
_EDGE = 1e-9
"""Share of the target by which sums may be beside a band."""
_EXACT = 400
"""Pairs up to which one exact programme decides."""
_ROUNDS, _AMONG = 12, 7
"""Exact programmes at most, for territories that annealing left outside; and territories in each."""


def made_whole(costs: Costs, found: Relaxation, penalty: float, watch: Watch) -> Ints:
    """[b] the best plan of whole blocks that was met; `penalty` is what one target outside a band costs in it."""
    limits = bands_of(costs.problem, -_EDGE)
    terms = Terms(costs, limits, found.prices, penalty)
    placed = _mended(terms, by_tiers(costs, limits, found, penalty, watch), watch)
    if not _outside(terms, placed).any():
        return placed
    other = _mended(terms, _annealed(costs, limits, found, penalty, watch), watch)
    return min(placed, other, key=terms.cost)


def _outside(terms: Terms, placed: Ints) -> Floats:
    """[k] targets by which territories are outside their bands."""
    held = held_by(terms.costs.blocks.loads, placed, len(terms.limits.unit))
    found: Floats = terms.limits.excess(held).sum(axis=1)
    return found


def _mended(terms: Terms, placed: Ints, watch: Watch) -> Ints:
    """The plan brought inside its bands, as far as exact programmes among a few territories can."""
    k = len(terms.limits.unit)
    if terms.costs.blocks.count * k <= _EXACT and watch.goes_on("exact", 0.9):
        return improve(terms, placed, np.arange(k, dtype=np.int32), watch.left())
    tried = np.zeros(k, np.bool_)
    for _ in range(_ROUNDS):
        outside = _outside(terms, placed)
        outside[tried] = 0.0
        worst = int(outside.argmax())
        if outside[worst] <= 0 or not watch.goes_on("exact", 0.9):
            break
        better = improve(terms, placed, _around(terms.costs, worst), watch.left())
        tried[worst] = better is placed
        placed = better
    return placed


def _around(costs: Costs, worst: int) -> Ints:
    assert costs.centres is not None
    away = np.hypot(*(costs.centres - costs.centres[worst]).T)
    return np.sort(np.argsort(away, kind="stable")[:_AMONG]).astype(np.int32)


def _annealed(costs: Costs, limits: Bands, found: Relaxation, penalty: float, watch: Watch) -> Ints:
    """Exchanges at a falling heat, from the rounded relaxation.

    Loads are priced as in the relaxation, at which what it shares is worth the same here and there: so the search finds
    the exchanges that cost little as soon as they fit.
    """
    blocks = costs.blocks
    placed = rounded(found)
    ways = _ways(costs, found, placed)
    row = _rows(ways, placed)
    if not len(ways.open):
        return placed
    real = ways.cost - (blocks.loads[ways.block] * found.prices[ways.territory]).sum(axis=1)
    aim = bands_of(costs.problem, _MARGIN * float(costs.problem.tolerance.min()))
    balance = Balance(blocks.loads, aim.unit, aim.least / aim.unit, aim.most / aim.unit)
    typical, top = _scales(costs, ways, found, limits)
    best, least = row.copy(), np.inf
    moves = max(256, min(_MOVES * len(ways.open), _MOST_MOVES) // _TURNS)
    for turn in range(_TURNS + 1):
        held = held_by(blocks.loads, ways.territory[row], len(limits.unit))
        cost = float(real[row].sum()) + penalty * float(limits.excess(held).sum())
        if cost < least:
            best, least = row.copy(), cost
        if turn == _TURNS or not watch.goes_on("whole blocks", 0.5 + 0.4 * turn / _TURNS):
            break
        heats = typical * _HOT * (_COLD / _HOT) ** (np.array([turn, turn + 1]) / _TURNS)
        steep = top * _SOFT * (_STEEP / _SOFT) ** (turn / (_TURNS - 1))
        exchange(ways, balance, row, held, steep, heats, moves, watch.search.seed + turn)
    return ways.territory[best]


def _ways(costs: Costs, found: Relaxation, placed: Ints) -> Ways:
    """The places of each block: where it is, its base, and the ways out that cost least more at these prices."""
    blocks, k = costs.blocks, len(found.prices)
    pairs = found.pairs
    gain = gains(blocks, found.base, pairs, found.prices)
    best = np.zeros(blocks.count)
    np.minimum.at(best, pairs.block, gain)
    rank = gain - best[pairs.block]
    rank[pairs.territory == placed[pairs.block]] = -1.0
    chosen = pairs.only(np.sort(np.argsort(rank, kind="stable")[: max(_WAYS * k, 2 * int((rank < 0).sum()))]))
    everyone = np.arange(blocks.count, dtype=np.int32)
    stay = Pairs(everyone, found.base, np.zeros(blocks.count))
    both = stay.with_more(chosen)
    both = both.only(np.argsort(both.block, kind="stable").astype(np.int32))
    is_open = (np.bincount(both.block, minlength=blocks.count) > 1)[both.block]
    opened = np.flatnonzero(is_open).astype(np.int32)
    into = opened[np.argsort(both.territory[opened], kind="stable")]
    return Ways(
        block=both.block,
        territory=both.territory,
        cost=both.extra + (blocks.loads[both.block] * found.prices[both.territory]).sum(axis=1),
        open=opened,
        into=into,
        begin_into=np.searchsorted(both.territory[into], np.arange(k + 1)).astype(np.int32),
    )


def _rows(ways: Ways, placed: Ints) -> Ints:
    """[b] the row of each block's place."""
    there = np.flatnonzero(ways.territory == placed[ways.block])
    row = np.zeros(len(placed), np.int32)
    row[ways.block[there]] = there
    return row


def _scales(costs: Costs, ways: Ways, found: Relaxation, limits: Bands) -> tuple[float, float]:
    """What a typical way out costs at the prices, and the highest price of one target."""
    stay = (costs.blocks.loads * found.prices[found.base]).sum(axis=1)
    out = ways.open[found.base[ways.block[ways.open]] != ways.territory[ways.open]]
    typical = max(float(np.median(np.abs(ways.cost[out] - stay[ways.block[out]]))), 1e-9)
    return typical, max(float(np.abs(found.prices * limits.unit).max(initial=0.0)), typical)
