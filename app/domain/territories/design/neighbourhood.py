"""Exact improvement of a plan, a few territories at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from app.domain.territories.design.blocks import Costs
from app.domain.territories.design.problem import Floats, Ints
from app.domain.territories.design.relaxation import Bands, Pairs, held_by, rows_of

_WAYS = 250
_NODES = 20
_GAP = 0.01


@dataclass(frozen=True, eq=False)
class Terms:
    """What a plan of whole blocks is judged by."""

    costs: Costs
    limits: Bands
    prices: Floats
    """[k, m + 1] of the relaxation; they say which ways out are worth a try."""
    penalty: float
    """km that one target outside a band costs."""

    def cost(self, placed: Ints) -> float:
        """Of a plan, with what is outside its bands."""
        held = held_by(self.costs.blocks.loads, placed, len(self.limits.unit))
        at_place = sum(float(rows[np.arange(len(at)), placed[at]].sum()) for at, rows in self.costs.chunks())
        return at_place + self.penalty * float(self.limits.excess(held).sum())


def improve(terms: Terms, placed: Ints, among: Ints, seconds: float) -> Ints:
    """The best exchange of blocks among these territories; the plan itself when none is better."""
    blocks, limits = terms.costs.blocks, terms.limits
    inside = np.flatnonzero(np.isin(placed, among)).astype(np.int32)
    if not len(inside):
        return placed
    ways = _ways(terms, placed, inside, among)
    if not len(ways.block):
        return placed
    held = held_by(blocks.loads, placed, len(limits.unit))
    tied = np.isfinite(limits.most) | np.isfinite(limits.least)
    tied &= np.isin(np.arange(len(tied)), among)[:, None]
    row = np.flatnonzero(tied.ravel()).astype(np.int32)
    taken = _programme(terms, placed, ways, held, row, seconds)
    if taken is None:
        return placed
    better = placed.copy()
    better[ways.block[taken]] = ways.territory[taken]
    before = terms.penalty * float(limits.excess(held).sum())
    after = terms.penalty * float(limits.excess(held_by(blocks.loads, better, len(limits.unit))).sum())
    return better if after + float(ways.extra[taken].sum()) < before - 1e-9 * max(1.0, before) else placed


def _ways(terms: Terms, placed: Ints, inside: Ints, among: Ints) -> Pairs:
    """The moves between these territories that cost least at the prices of the relaxation."""
    loads = terms.costs.blocks.loads[inside]
    rows = terms.costs.rows(inside)
    here = rows[np.arange(len(inside)), placed[inside]][:, None]
    extra = rows[:, among] - here
    priced = extra + loads @ terms.prices[among].T - (loads * terms.prices[placed[inside]]).sum(axis=1)[:, None]
    priced[placed[inside][:, None] == among[None, :]] = np.inf
    flat = np.argsort(priced, axis=None, kind="stable")[:_WAYS]
    flat = flat[np.isfinite(priced.ravel()[flat])]
    block, column = np.divmod(flat, len(among))
    return Pairs(inside[block], among[column].astype(np.int32), extra[block, column])


def _programme(terms: Terms, placed: Ints, ways: Pairs, held: Floats, row: Ints, seconds: float) -> Ints | None:
    limits = terms.limits
    count, ties = len(ways.block), len(row)
    adds = rows_of(terms.costs.blocks.loads, placed, ways, limits)[row]
    numbers, number = np.unique(ways.block, return_inverse=True)
    once = csr_array((np.ones(count), (number, np.arange(count))), shape=(len(numbers), count + 2 * ties))
    scale = float(np.abs(ways.extra).mean()) or 1.0
    options = {"mip_rel_gap": _GAP, "node_limit": _NODES}
    found = milp(
        np.concatenate([ways.extra, np.full(2 * ties, terms.penalty)]) / scale,
        integrality=np.concatenate([np.ones(count), np.zeros(2 * ties)]),
        bounds=Bounds(0.0, np.concatenate([np.ones(count), np.full(2 * ties, np.inf)])),
        constraints=[
            LinearConstraint(
                hstack([adds, -eye_array(ties), eye_array(ties)], format="csr"),
                ((limits.least - held) / limits.unit).ravel()[row],
                ((limits.most - held) / limits.unit).ravel()[row],
            ),
            LinearConstraint(once, -np.inf, 1.0),
        ],
        options=options if np.isinf(seconds) else {**options, "time_limit": max(seconds, 0.1)},
    )
    return None if found.x is None else np.flatnonzero(found.x[:count] > 0.5).astype(np.int32)
