"""Before any search: places in a plane, units that stay together as one, and why no plan can exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.domain.territories.design.measure import bands
from app.domain.territories.design.problem import NOWHERE, Flags, Floats, Infeasible, Ints, Problem

_EARTH = 6371.0088
_SLACK = 1e-9


def project(latitudes: Floats, longitudes: Floats) -> Floats:
    """[n, 2] kilometres in a plane, from degrees: an equidistant conic that fits where the units are.

    North-south distances are exact. East-west ones are exact at two parallels, one tenth of the units beyond each, and
    wrong by at most 0.2 % within France, 1.5 % within the contiguous United States, 3 % within Europe.
    """
    if not len(latitudes):
        return np.zeros((0, 2))
    north, east = np.radians(latitudes), np.radians(longitudes)
    middle = np.arctan2(np.sin(east).mean(), np.cos(east).mean())
    east = (east - middle + np.pi) % (2 * np.pi) - np.pi
    low, high = np.quantile(north, [0.1, 0.9])
    cone = np.sin(low) if high - low < 1e-6 else (np.cos(low) - np.cos(high)) / (high - low)
    if abs(cone) < 1e-6:
        return np.column_stack([_EARTH * np.cos(low) * east, _EARTH * north])
    radius = _EARTH * (np.cos(low) / cone + low - north)
    across = _EARTH * (np.cos(low) / cone + low - (low + high) / 2)
    return np.column_stack([radius * np.sin(cone * east), across - radius * np.cos(cone * east)])


@dataclass(frozen=True, eq=False)
class Grouping:
    """A problem in which units that stay together are one."""

    problem: Problem
    of: Ints
    """[n] the collapsed unit of each unit."""
    sizes: Ints
    """How many units each collapsed one stands for; `max_units` counts these."""

    def expand(self, assign: Ints) -> Ints:
        """[n] the plan of the units from one of the collapsed units."""
        return assign[self.of]


def collapse(problem: Problem) -> Grouping:
    """Make one unit of each group: at its weighted middle, with the lock and all the limits of its members.

    Its distance is that of the middle, so travel of a group that is spread out is approximate until it is measured.
    Its territory of today is the one where most of its stake is.
    """
    alone = problem.group == NOWHERE
    label = np.where(alone, np.arange(problem.units), problem.units + problem.group)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    of: Ints = inverse.reshape(-1).astype(np.int32)
    count = len(first)
    sizes = np.bincount(of, minlength=count).astype(np.int32)
    if count == problem.units:
        return Grouping(problem, np.arange(count, dtype=np.int32), np.ones(count, np.int32))

    def total(values: Floats) -> Floats:
        return np.bincount(of, values, minlength=count).astype(np.float64)

    weight = total(problem.weight)
    pull = np.where(weight[of] > 0, problem.weight, 1.0)
    share = pull / total(pull)[of]
    today, stake = _today(problem, of, count)
    locked = np.full(count, NOWHERE, np.int32)
    np.maximum.at(locked, of, problem.locked)
    return Grouping(
        replace(
            problem,
            points=np.column_stack([total(share * axis) for axis in problem.points.T]),
            weight=weight,
            loads=np.column_stack([total(load) for load in problem.loads.T]),
            today=today,
            stake=stake,
            locked=locked,
            group=np.full(count, NOWHERE, np.int32),
            allowed=None if problem.allowed is None else _all_of(problem.allowed, of, count),
            misfit=None if problem.misfit is None else _mean_of(problem.misfit, share, of, count),
            neighbours=None if problem.neighbours is None else of[problem.neighbours],
        ),
        of,
        sizes,
    )


def _today(problem: Problem, of: Ints, count: int) -> tuple[Ints, Floats]:
    """The territory that holds most of each collapsed unit's stake, and how much that is."""
    held = np.flatnonzero(problem.today != NOWHERE)
    pair = of[held].astype(np.int64) * problem.territories + problem.today[held]
    pairs, which = np.unique(pair, return_inverse=True)
    stake = np.bincount(which.reshape(-1), problem.stake[held], minlength=len(pairs))
    owner, territory = np.divmod(pairs, max(problem.territories, 1))
    order = np.lexsort((-territory, stake, owner))
    today, most = np.full(count, NOWHERE, np.int32), np.zeros(count)
    today[owner[order]] = territory[order]
    most[owner[order]] = stake[order]
    return today, most


def _all_of(allowed: Flags, of: Ints, count: int) -> Flags:
    found = np.ones((count, allowed.shape[1]), np.bool_)
    np.logical_and.at(found, of, allowed)
    return found


def _mean_of(misfit: Floats, share: Floats, of: Ints, count: int) -> Floats:
    found = np.zeros((count, misfit.shape[1]))
    np.add.at(found, of, misfit * share[:, None])
    return found


def check(problem: Problem) -> list[Infeasible]:
    """Everything that keeps any plan from existing, as far as it can be told without a search."""
    broken = [*_numbers(problem), *_empty(problem)]
    if broken:
        return broken
    torn = list(_torn(problem))
    if torn:
        return torn
    grouping = collapse(problem)
    reachable = _reachable(grouping.problem)
    return [
        *_targets(problem),
        *_homeless(grouping, reachable),
        *_too_heavy(grouping, reachable),
        *_locks(grouping),
        *_counts(problem),
        *_out_of_reach(grouping, reachable),
    ]


def _numbers(problem: Problem) -> Iterator[Infeasible]:
    missing: Flags = np.any(~np.isfinite(problem.points), axis=1)
    if missing.any():
        yield Infeasible("unit_without_place", "Units have no coordinates.", units=_listed(missing))
    for name, values in (
        ("weight", problem.weight[:, None]),
        ("stake", problem.stake[:, None]),
        ("load", problem.loads),
    ):
        wrong: Flags = np.any(~(np.isfinite(values) & (values >= 0)), axis=1)
        if wrong.any():
            yield Infeasible("number_invalid", f"A {name} is negative or not a number.", units=_listed(wrong))


def _empty(problem: Problem) -> Iterator[Infeasible]:
    if not problem.units:
        yield Infeasible("no_units", "There is nothing to assign.")
    if not problem.territories:
        yield Infeasible("no_territories", "There is no territory to assign to.")
    if problem.units and problem.territories:
        for measure in np.flatnonzero(problem.loads.sum(axis=0) <= 0):
            yield Infeasible("measure_empty", "No unit has any of this measure.", measure=int(measure))


def _torn(problem: Problem) -> Iterator[Infeasible]:
    locked = np.flatnonzero((problem.group != NOWHERE) & (problem.locked != NOWHERE))
    for group in np.unique(problem.group[locked]):
        members = locked[problem.group[locked] == group]
        if len(np.unique(problem.locked[members])) > 1:
            units = tuple(int(unit) for unit in members)
            yield Infeasible("group_torn", "Units that stay together are locked to different territories.", units=units)


def _targets(problem: Problem) -> Iterator[Infeasible]:
    total, asked = problem.loads.sum(axis=0), problem.targets.sum(axis=0)
    least, most = bands(problem)
    for measure in range(len(total)):
        if abs(asked[measure] - total[measure]) > 1e-6 * total[measure]:
            detail = f"Targets add up to {asked[measure]:g}, but the units hold {total[measure]:g}."
            yield Infeasible("targets_do_not_sum", detail, measure=measure)
        low, high = least[:, measure].sum(), most[:, measure].sum()
        if not low * (1 - _SLACK) <= total[measure] <= high * (1 + _SLACK):
            detail = f"The territories can hold {low:g} to {high:g}, the units {total[measure]:g}."
            yield Infeasible("bands_do_not_hold_total", detail, measure=measure)


def _reachable(problem: Problem) -> Flags | None:
    """[n, k] where a unit may go, its lock applied; None if anywhere."""
    locked = problem.locked != NOWHERE
    if problem.allowed is None:
        return None
    found = problem.allowed.copy()
    only = np.zeros((int(locked.sum()), problem.territories), np.bool_)
    only[np.arange(len(only)), problem.locked[locked]] = True
    found[locked] &= only
    return found


def _homeless(grouping: Grouping, reachable: Flags | None) -> Iterator[Infeasible]:
    if reachable is None:
        return
    homeless: Flags = np.all(~reachable, axis=1)
    if homeless.any():
        detail = "Units may be in no territory, or not in the one they are locked to."
        yield Infeasible("no_territory_allowed", detail, units=_listed(homeless[grouping.of]))


def _too_heavy(grouping: Grouping, reachable: Flags | None) -> Iterator[Infeasible]:
    problem = grouping.problem
    _, most = bands(problem)
    for measure in range(most.shape[1]):
        room = np.full(problem.units, most[:, measure].max())
        if reachable is not None:
            room = np.where(reachable, most[:, measure], -np.inf).max(axis=1)
        locked = problem.locked != NOWHERE
        room[locked] = most[problem.locked[locked], measure]
        heavy = np.isfinite(room) & (problem.loads[:, measure] > room * (1 + _SLACK))
        if heavy.any():
            detail = "A unit, or units that stay together, are heavier than any territory they may be in can hold."
            yield Infeasible("unit_exceeds_band", detail, measure=measure, units=_listed(heavy[grouping.of]))


def _locks(grouping: Grouping) -> Iterator[Infeasible]:
    problem = grouping.problem
    locked = problem.locked != NOWHERE
    _, most = bands(problem)
    for measure in range(most.shape[1]):
        held = np.bincount(problem.locked[locked], problem.loads[locked, measure], problem.territories)
        for territory in np.flatnonzero(held > most[:, measure] * (1 + _SLACK)):
            detail = f"What is locked to it holds {held[territory]:g}; its band ends at {most[territory, measure]:g}."
            units = _listed(locked[grouping.of] & (problem.locked[grouping.of] == territory))
            yield Infeasible("locks_exceed_band", detail, int(territory), measure, units)
    count = np.bincount(problem.locked[locked], grouping.sizes[locked], problem.territories)
    for territory in np.flatnonzero(count > problem.max_units):
        detail = f"{count[territory]:g} units are locked to it; it may have {problem.max_units[territory]}."
        yield Infeasible("too_many_units", detail, int(territory))


def _counts(problem: Problem) -> Iterator[Infeasible]:
    if problem.max_units.clip(0, problem.units).sum() < problem.units:
        yield Infeasible("too_many_units", "There are more units than the limits of all territories allow together.")
    least, _ = bands(problem)
    needing = int((least > 0).any(axis=1).sum())
    if needing > problem.units:
        detail = f"{needing} territories need at least one of {problem.units} units."
        yield Infeasible("too_few_units", detail)


def _out_of_reach(grouping: Grouping, reachable: Flags | None) -> Iterator[Infeasible]:
    """A territory that cannot be filled: all that may be in it is too little."""
    problem = grouping.problem
    least, _ = bands(problem)
    locked = problem.locked != NOWHERE
    held = np.zeros_like(problem.targets)
    np.add.at(held, problem.locked[locked], problem.loads[locked])
    total = problem.loads.sum(axis=0)
    reach = total - held.sum(axis=0) + held if reachable is None else reachable.T.astype(np.float64) @ problem.loads
    for territory, measure in np.argwhere(reach * (1 + _SLACK) < least):
        found, needed = reach[territory, measure], least[territory, measure]
        detail = f"All that may be in it adds up to {found:g}; its band begins at {needed:g}."
        yield Infeasible("band_out_of_reach", detail, int(territory), int(measure))


def _listed(flags: Flags) -> tuple[int, ...]:
    return tuple(int(unit) for unit in np.flatnonzero(flags))
