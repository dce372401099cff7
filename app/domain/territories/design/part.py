"""A few neighbouring territories as a problem of their own: where they are centred, and what each of them holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array

from app.domain.territories.design.kernels.dual import Sites
from app.domain.territories.design.kernels.state import Ground
from app.domain.territories.design.problem import NOWHERE, Flags, Floats, Ints

_NODES = 100
_BETTER = 1e-5
"""Share of its cost by which another plan of the part has to be better."""


@dataclass(frozen=True, eq=False)
class Part:
    """Territories, their units that are not locked, and every place where they might be centred."""

    region: Ints
    """[w] the territories; those of the same terms share a pool of places."""
    pool: Ints
    """[w]"""
    seat: Ints
    """[w] where they are centred now."""
    units: Ints
    sites: Sites
    place: Ints
    """[c] the unit at which a site is."""
    own: Ints
    """[c] its position among the units; NOWHERE for one that is locked."""
    least: Floats
    most: Floats
    """[c, m] what a territory centred there may hold besides what is locked to it."""
    known: float
    """What the part costs now."""
    prices: Floats
    """[u] first prices for its bound."""

    @property
    def aim(self) -> float:
        """What another plan may cost at most to be better."""
        return self.known * (1 - _BETTER)


@dataclass(frozen=True, eq=False)
class Better:
    """What changes: units and the territories they go to, and where territories are centred."""

    units: Ints
    to: Ints
    region: Ints
    seat: Ints


def pools_of(g: Ground, assign: Ints) -> Ints:
    """[k] the same number for territories of the same terms; a number of its own for each to which units are locked."""
    k = len(g.least)
    if g.misfit.shape[0] or g.allowed.shape[0] or g.loyalty.any():
        return np.arange(k).astype(np.int32)
    _, pool = np.unique(np.column_stack([g.least, g.most]), axis=0, return_inverse=True)
    own: Ints = pool.reshape(-1).astype(np.int32)
    held = np.unique(assign[g.fixed])
    own[held] = k + held
    return own


def part_of(g: Ground, assign: Ints, seats: Ints, pools: Ints, region: Ints) -> Part:
    """The part that these territories are."""
    inside = np.flatnonzero(np.isin(assign, region)).astype(np.int32)
    units, locked = inside[~g.fixed[inside]], inside[g.fixed[inside]]
    numbers, pool = np.unique(pools[region], return_inverse=True)
    territory = [int(region[(pool == p).argmax()]) for p in range(len(numbers))]
    held = [locked[assign[locked] == j] for j in territory]
    places = [np.concatenate([_may_hold(g, units, j), mine]) for j, mine in zip(territory, held, strict=True)]
    place = np.concatenate(places)
    of = np.repeat(np.arange(len(places)), [len(each) for each in places])
    loads = np.array([g.loads[mine].sum(axis=0) for mine in held])[of]
    kind = np.array(territory)[of]
    most = g.most[kind] - loads
    measure = int((g.loads[units].sum(axis=0) / np.maximum(g.most[region].sum(axis=0), 1e-12)).argmax())
    sites = Sites(
        cost=np.concatenate([costs_of(g, each, units, j) for each, j in zip(places, territory, strict=True)]),
        load=np.ascontiguousarray(g.loads[units, measure]),
        room=np.ascontiguousarray(most[:, measure]),
        fixed=np.concatenate(
            [costs_of(g, each, mine, j).sum(axis=1) for each, mine, j in zip(places, held, territory, strict=True)]
        ),
        pool=of.astype(np.int32),
        open=np.bincount(pool).astype(np.int32),
    )
    position = np.full(len(assign), NOWHERE, np.int32)
    position[units] = np.arange(len(units), dtype=np.int32)
    row = np.array([np.flatnonzero((place == seats[j]) & (of == p))[0] for j, p in zip(region, pool, strict=True)])
    now = assign[units] == region[:, None]
    cost = sites.cost[row]
    paid = cost[now.argmax(axis=0), np.arange(len(units))]
    second = np.where(now, np.inf, cost).min(axis=0)
    return Part(
        region=region,
        pool=pool.astype(np.int32),
        seat=seats[region],
        units=units,
        sites=sites,
        place=place,
        own=position[place],
        least=g.least[kind] - loads,
        most=most,
        known=float(paid.sum() + sites.fixed[row].sum()),
        prices=np.where(np.isfinite(second), (paid + second) / 2, paid),
    )


def _may_hold(g: Ground, units: Ints, j: int) -> Ints:
    return units if g.allowed.shape[0] == 0 else units[g.allowed[units, j]]


def costs_of(g: Ground, places: Ints, units: Ints, j: int) -> Floats:
    """[c, u] what units cost in territory j if it is centred at these places."""
    away = g.points[places, None, :] - g.points[None, units, :]
    km = np.hypot(away[..., 0], away[..., 1])
    if g.misfit.shape[0]:
        km += g.misfit[units, j]
    cost: Floats = g.weight[units] * km + g.loyalty[units] * ((g.today[units] >= 0) & (g.today[units] != j))
    if g.allowed.shape[0]:
        cost[:, ~g.allowed[units, j] & ~g.fixed[units]] = np.inf
    return cost


def solve(g: Ground, part: Part, sites: Flags, pairs: Flags, seconds: float) -> Better | None:
    """A better plan over these sites and pairs, by an integer programme; None if none was found.

    A unit at an open site is served from there.
    """
    sites = sites & ((part.own != NOWHERE) | pairs.any(axis=1))
    rows = np.flatnonzero(sites).astype(np.int32)
    if (np.bincount(part.sites.pool[rows], minlength=len(part.sites.open)) < part.sites.open).any():
        return None
    may = pairs & sites[:, None]
    at = np.flatnonzero(part.own != NOWHERE)
    may[at, part.own[at]] = False
    row, unit = (each.astype(np.int32) for each in np.nonzero(may))
    cost = np.concatenate([part.sites.cost[row, unit], part.sites.fixed[rows]]) / part.known
    found = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        constraints=_rules(g, part, rows, row, unit, cost),
        options={"node_limit": _NODES, **({} if np.isinf(seconds) else {"time_limit": max(seconds, 0.1)})},
    )
    if found.x is None:
        return None
    chosen = found.x > 0.5
    return _told(g, part, rows[chosen[len(row) :]], row[chosen[: len(row)]], unit[chosen[: len(row)]])


def _rules(g: Ground, part: Part, rows: Ints, row: Ints, unit: Ints, cost: Floats) -> list[LinearConstraint]:
    """Pairs come first, then sites: every unit once, the sites of each pool, none but open ones, the bands, better."""
    pairs, opened = len(row), len(rows)
    number = np.zeros(len(part.place), np.int64)
    number[rows] = np.arange(opened)
    site, pair, own = pairs + np.arange(opened), np.arange(pairs), part.own[rows]
    at = np.flatnonzero(own != NOWHERE)

    def rule(
        values: Floats, where: npt.NDArray[Any], columns: npt.NDArray[Any], height: int, low: float, high: float
    ) -> None:
        matrix = coo_array((values, (where, columns)), (height, pairs + opened)).tocsr()
        rules.append(LinearConstraint(matrix, low, high))

    rules: list[LinearConstraint] = []
    once = np.ones(pairs + len(at))
    rule(once, np.r_[unit, own[at]], np.r_[pair, site[at]], len(part.units), 1, 1)
    matrix = coo_array((np.ones(opened), (part.sites.pool[rows], site)), (len(part.sites.open), pairs + opened))
    rules.append(LinearConstraint(matrix.tocsr(), part.sites.open, part.sites.open))
    both = np.r_[np.ones(pairs), -np.ones(pairs)]
    rule(both, np.r_[pair, pair], np.r_[pair, site[number[row]]], pairs, -np.inf, 0)
    rule(cost, np.zeros(len(cost), np.int64), np.arange(len(cost)), 1, -np.inf, 1 - _BETTER)
    loads = g.loads[part.units]
    for edge, sign in ((part.most, 1.0), (part.least, -1.0)):
        for measure in np.flatnonzero(np.isfinite(edge).all(axis=0)):
            least = np.where(own != NOWHERE, loads[own, measure], 0.0) - edge[rows, measure]
            values = sign * np.r_[loads[unit, measure], least] / max(float(np.abs(edge[:, measure]).max()), 1e-12)
            rule(values, np.r_[number[row], np.arange(opened)], np.r_[pair, site], opened, -np.inf, 0)
    return rules


def _told(g: Ground, part: Part, opened: Ints, row: Ints, unit: Ints) -> Better | None:
    """The plan of a programme, unless rounding hid that it is outside a band or no better.

    Territories of a pool keep their names as near as may be.
    """
    named = np.zeros(len(part.place), np.int32)
    seat = part.seat.copy()
    for p in range(len(part.sites.open)):
        members, places = np.flatnonzero(part.pool == p), opened[part.sites.pool[opened] == p]
        away = g.points[part.seat[members], None, :] - g.points[None, part.place[places], :]
        which, where = linear_sum_assignment(np.hypot(away[..., 0], away[..., 1]))
        named[places[where]] = part.region[members[which]]
        seat[members[which]] = part.place[places[where]]
    served = np.full(len(part.units), NOWHERE, np.int32)
    served[unit] = row
    own = part.own[opened]
    served[own[own != NOWHERE]] = opened[own != NOWHERE]
    cost = part.sites.cost[served, np.arange(len(served))].sum() + part.sites.fixed[opened].sum()
    held = np.zeros_like(part.most)
    np.add.at(held, served, g.loads[part.units])
    kept = (held <= part.most)[opened].all() and (held >= part.least)[opened].all()
    if (served == NOWHERE).any() or not kept or cost >= part.known:
        return None
    return Better(part.units, named[served], part.region, seat)
