"""Annealing: what the kernels do, region by region, while the heat falls and the penalty slowly grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.spatial import cKDTree

from app.domain.territories.design.graph import Graph
from app.domain.territories.design.kernels.moves import link
from app.domain.territories.design.kernels.passes import borders, recentre
from app.domain.territories.design.kernels.search import search_region
from app.domain.territories.design.kernels.seats import FEW
from app.domain.territories.design.kernels.state import Ground, Region, Rules, State
from app.domain.territories.design.measure import bands, deviations, distances
from app.domain.territories.design.problem import NOWHERE, Contiguity, Flags, Floats, Ints, Problem
from app.domain.territories.design.threads import Run, chunks
from app.domain.territories.design.watch import Watch

_ALPHA, _ALPHA_SEATED, _CAP = 2.0, 4.0, 50.0
"""What a typical load outside a band costs at first, in a typical unit's travel; and how many times more at most."""
_STEP, _STRIDE = 4.0, 0.1
"""How much a price rises for each mean load that a territory has outside its band, in a typical unit's travel for each
of its load, less where it has swung; and the most mean loads that count."""
_WARM, _LATE = 0.005, 20
"""Heat, in the travel of a typical unit, of blocks added at the highest penalty while no plan is feasible; how many."""
_HEAT, _HEAT_SEATED = (0.2, 0.001), (1.0, 0.01)
"""Heat at the start, with moves enough for it, and at the end, in the travel of a typical unit. To seat a territory
elsewhere costs more than to move a unit, so what is centred at units needs more."""
_CENTRING, _REOPENING = 0.05, 0.2
"""Shares of the moves that centre a territory at another unit, and that close one and open it elsewhere."""
_ENOUGH = 100
"""Moves for each unit: a search with fewer starts cooler, for it could not mend what heat undoes."""
_CUT = 0.5
"""What neighbours in different territories cost when contiguity is soft, in the travel of a typical unit."""
_TURN = 2.399963
"""Radians between the lines that part the regions of one block and of the next: the golden angle."""
_MARGIN = 0.04
"""Share of its tolerance by which the band is narrower that loads are kept in: the last ones need not fit exactly."""
_LOOKS, _LOOKED = 40, 0.75
"""How often somebody may look at a search, were it all cold; and the share of it from which on it is."""
_ROUNDING = 5e-10
_NEAR, _NEAR_SEATED = 12, 24
"""How many units nearby a move may look at."""


def _idle() -> None:
    return


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan of the search."""

    assign: Ints
    centres: Floats
    seat: Ints
    """[k] the unit at which a territory is centred; NOWHERE when it may be anywhere."""
    prices: Floats
    """[k, m] at which it was balanced."""
    feasible: bool = False


class Annealing:
    """One search: its state, its best plan, and the blocks of moves that lead from one to the next."""

    def __init__(self, problem: Problem, graph: Graph | None, start: Plan, sizes: Ints, seed: int, run: Run) -> None:
        self.problem, self.run = problem, run
        self.ground = ground_of(problem, graph, sizes, start.prices)
        self.state = _state(self.ground, start)
        self.typical = max(float((problem.weight * distances(problem, start.assign, start.centres)).mean()), 1e-9)
        self.whole = problem.contiguity is Contiguity.HARD
        self.cut = _CUT * self.typical if problem.contiguity is Contiguity.SOFT else 0.0
        self.unit, self.share = (_positive(of.mean(axis=0)) for of in (self.ground.loads, self.state.loads))
        self.hot, self.cold = _HEAT_SEATED if problem.centre_at_unit else _HEAT
        self.alpha = (_ALPHA_SEATED if problem.centre_at_unit else _ALPHA) * self.typical / self.unit
        self.step, self.side = np.full_like(self.ground.prices, _STEP), np.zeros_like(self.ground.prices)
        self.limits = self.alpha / 10, self.alpha * _CAP
        self.scratch = [_Scratch(problem, graph, seed, number) for number in range(_regions(problem))]
        self.best_assign, self.best_seat = start.assign.copy(), start.seat.copy()
        self.best: Plan | None = None
        self.best_cost = np.inf
        self.turns = 0
        self.regions: list[Region] = []
        self.block = max(20_000, problem.units // 2)

    def search(self, watch: Watch, begin: float, end: float) -> Plan:
        """The best feasible plan; the last one if none was feasible."""
        (found,) = side_by_side([self], watch, watch.search.iterations, (begin, end), end)
        return found

    @property
    def found(self) -> Plan:
        """The best feasible plan so far; the present one if there is none."""
        return self.best or self._plan(self.state.assign, self.state.centres, self.state.seat, feasible=False)

    def deviation(self) -> float:
        """Largest deviation as it stands."""
        return float(deviations(self.problem, self.state.loads[:, : self.problem.loads.shape[1]]).max(initial=0.0))

    def moves(self, hot: float, cold: float, reopening: float) -> list[Callable[[], None]]:
        """One block of moves in every region; `settle` when all are done."""
        seats = self.problem.centre_at_unit
        few = seats and self.ground.start.shape[0] <= 1 and self.problem.units <= FEW * self.problem.territories
        rules = Rules(self.alpha, self.whole, self.cut, _CENTRING if seats else 0.0, reopening if seats else 0.0, few)
        self.regions = self._regions()
        moves, heats = self.block // len(self.regions), (hot * self.typical, cold * self.typical)
        return [partial(search_region, self.ground, self.state, each, rules, moves, *heats) for each in self.regions]

    def settle(self) -> None:
        """The best of all regions together may be the best plan."""
        self.turns += 1
        self.state.loads[:] = _loads(self.ground, self.state.assign)
        cost = sum(float(each.tally[1]) for each in self.regions)
        self.feasible = min(float(each.tally[3] / max(each.tally[2], 1)) for each in self.regions)
        if cost < self.best_cost:
            self.best_cost = cost
            seat = self.best_seat
            centres = self.problem.points[seat] if self.problem.centre_at_unit else self.state.centres
            self.best = self._plan(self.best_assign, centres, seat, feasible=True)

    def steer(self, done: float, until: float) -> None:
        """Penalty, prices and centres for the next block."""
        self._adapt(_CAP ** ((until - done) / 0.85), done)
        self.reprice()
        if not self.problem.centre_at_unit and done < 0.9:
            recentre(self.problem.points, self.problem.weight, self.state.assign, self.state.centres)

    def _plan(self, assign: Ints, centres: Floats, seat: Ints, feasible: bool) -> Plan:
        prices = self.ground.prices[:, : self.problem.loads.shape[1]]
        return Plan(assign.copy(), centres.copy(), seat.copy(), prices.copy(), feasible)

    def _regions(self) -> list[Region]:
        """The territories parted by lines across the map, in another direction each time."""
        count = len(self.scratch)
        angle = self.turns * _TURN
        order = np.argsort(self.state.centres @ np.array([np.cos(angle), np.sin(angle)]), kind="stable")
        of = np.zeros(self.problem.territories, np.int32)
        of[order] = np.arange(len(order)) * count // len(order)
        border = np.zeros(self.problem.units, np.bool_)
        parts = chunks(self.problem.units)
        self.run([partial(borders, self.ground.near, self.state.assign, *part, border) for part in parts])
        home = of[self.state.assign]
        return [
            each.region(number, of, home == number, border, self.best_assign, self.best_seat)
            for number, each in enumerate(self.scratch)
        ]

    def _adapt(self, growth: float, done: float) -> None:
        """The penalty grows while plans are seldom feasible, and falls when they mostly are."""
        if self.feasible <= 0.2:
            self.alpha = np.minimum(self.alpha * growth, self.limits[1])
        elif self.feasible >= 0.6 and done < 0.75:
            self.alpha = np.maximum(self.alpha / growth, self.limits[0])

    def reprice(self) -> None:
        """A load outside its band changes the price there, block by block: what is too much here finds its way far off.

        The penalty alone acts between neighbours; it would have to grow until the search freezes.
        """
        if self.problem.centre_at_unit:
            return
        ground, loads = self.ground, self.state.loads
        beyond = np.maximum(loads - ground.aim_most, 0.0) - np.maximum(ground.aim_least - loads, 0.0)
        turned, again = np.sign(beyond) * self.side < 0, np.sign(beyond) * self.side > 0
        self.step = np.where(turned, self.step / 2, np.where(again, np.minimum(self.step * 1.2, _STEP), self.step))
        self.side = np.where(beyond != 0, np.sign(beyond), self.side)
        ground.prices[:] += self.step * self.typical / self.unit * np.clip(beyond / self.share, -_STRIDE, _STRIDE)


def side_by_side(
    searches: Sequence[Annealing],
    watch: Watch,
    moves: int,
    told: tuple[float, float],
    end: float,
    look: Callable[[], None] = _idle,
) -> list[Plan]:
    """Searches of one problem, block by block together: the best feasible plan of each, else its last one.

    Each tries so many moves, fewer when the share `end` of the time would be over. `told` are the shares of the whole
    work at which they are said to begin and end; `look` is called now and then when plans are cold.
    """
    one = searches[0]
    blocks = max(1, -(-moves // one.block))
    first = one.hot * min(1.0, max(0.05, moves / one.problem.units / _ENOUGH))
    for done, until in watch.blocks("search", blocks, told, end, one.deviation):
        hot, cold = (first * (one.cold / first) ** at for at in (done, until))
        _turn(searches, hot, cold, _REOPENING if done < 0.9 else 0.0)
        for each in searches:
            each.steer(done, until)
        if done >= _LOOKED and int(until * _LOOKS) > int(done * _LOOKS):
            look()
    for each in searches:
        each.alpha = each.limits[1] * 20
    for cooler in (0.1, 0.01):
        _turn(searches, one.cold * cooler * 10, one.cold * cooler, 0.0)
    for _ in range(_LATE):
        watch.goes_on("search", told[1], one.deviation())
        late = [each for each in searches if not each.best]
        if not late or watch.stopped == "cancelled" or watch.left() <= 0:
            break
        for each in late:
            each.reprice()
        _turn(late, _WARM, one.cold * 0.1, 0.0)
    return [each.found for each in searches]


def _turn(searches: Sequence[Annealing], hot: float, cold: float, reopening: float) -> None:
    """One block of moves of each search, at this heat in the travel of a typical unit."""
    searches[0].run([moves for each in searches for moves in each.moves(hot, cold, reopening)])
    for each in searches:
        each.settle()


class _Scratch:
    """What a region works with, kept from block to block; its random numbers go on."""

    def __init__(self, problem: Problem, graph: Graph | None, seed: int, number: int) -> None:
        self.random = np.array([_mixed(seed, number)], np.uint64)
        size = problem.units if graph else 0
        self.stamp, self.queue = np.zeros(size + 1, np.int64), np.zeros(size, np.int32)
        self.changes = np.zeros((2200, 3), np.int32)

    def region(self, number: int, of: Ints, mine: Flags, border: Flags, best: Ints, best_seat: Ints) -> Region:
        units, edge = np.flatnonzero(mine).astype(np.int32), np.flatnonzero(mine & border).astype(np.int32)
        tally = np.zeros(4)
        return Region(
            number, of, units, edge, self.random, self.stamp, self.queue, self.changes, tally, best, best_seat
        )


def _nearby(problem: Problem) -> Ints:
    """[n, q] the nearest other units of each."""
    count = min(_NEAR_SEATED if problem.centre_at_unit else _NEAR, problem.units - 1)
    _, near = cKDTree(problem.points).query(problem.points, count + 1, workers=-1)
    # Of units at one place, any may come before oneself, or all of them instead of oneself.
    oneself = near == np.arange(problem.units)[:, None]
    oneself[~oneself.any(axis=1), -1] = True
    return np.ascontiguousarray(near[~oneself].reshape(problem.units, count), np.int32)


def _touching(graph: Graph) -> Ints:
    """[n, q] the neighbours of each, over again where there are fewer than q."""
    degree = np.diff(graph.start)
    turn = np.arange(min(int(degree.max()), _NEAR))
    found: Ints = graph.ends[graph.start[:-1, None] + turn % np.maximum(degree, 1)[:, None]]
    return np.ascontiguousarray(found)


def ground_of(problem: Problem, graph: Graph | None, sizes: Ints, prices: Floats) -> Ground:
    """The limit of units is one more measure, if it can be reached."""
    loads, (least, most), width = problem.loads, bands(problem), problem.tolerance * problem.targets
    if (problem.max_units < sizes.sum()).any():
        loads = np.column_stack([loads, sizes])
        least = np.column_stack([least, np.full(problem.territories, -np.inf)])
        most = np.column_stack([most, problem.max_units])
        width, prices = (np.column_stack([each, np.zeros(problem.territories)]) for each in (width, prices))
    return Ground(
        points=np.ascontiguousarray(problem.points, np.float64),
        weight=np.ascontiguousarray(problem.weight, np.float64),
        loads=np.ascontiguousarray(loads, np.float64),
        least=least - _ROUNDING * np.abs(most),
        most=most + _ROUNDING * np.abs(most),
        aim_least=least + _MARGIN * width,
        aim_most=most - _MARGIN * width,
        # A territory that is opened elsewhere would bring the price of where it was.
        prices=np.zeros_like(least) if problem.centre_at_unit else np.array(prices, np.float64),
        near=_touching(graph) if graph else _nearby(problem),
        start=graph.start if graph else np.zeros(1, np.int32),
        ends=graph.ends if graph else np.zeros(0, np.int32),
        today=np.ascontiguousarray(problem.today, np.int32),
        loyalty=(problem.disruption or 0.0) * problem.stake,
        fixed=problem.locked != NOWHERE,
        misfit=np.zeros((0, 0)) if problem.misfit is None else np.ascontiguousarray(problem.misfit, np.float64),
        allowed=np.zeros((0, 0), np.bool_) if problem.allowed is None else np.ascontiguousarray(problem.allowed),
    )


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, 1.0)


def _loads(ground: Ground, assign: Ints) -> Floats:
    width = len(ground.least)
    return np.column_stack([np.bincount(assign, load, minlength=width) for load in ground.loads.T])


def _state(ground: Ground, start: Plan) -> State:
    first = np.zeros(len(ground.least), np.int32)
    after, before = np.zeros(len(start.assign), np.int32), np.zeros(len(start.assign), np.int32)
    link(start.assign, first, after, before)
    loads = _loads(ground, start.assign)
    return State(start.assign.copy(), start.centres.copy(), start.seat.copy(), loads, first, after, before)


def _regions(problem: Problem) -> int:
    """So that each has territories enough to exchange units; by the problem alone, never by the machine."""
    each = 100 if problem.centre_at_unit else 400
    return min(8, max(1, problem.territories // 8), max(1, problem.units // each))


def _mixed(seed: int, number: int) -> int:
    mixed = ((seed + 1) * 0x9E3779B97F4A7C15 + (number + 1) * 0xBF58476D1CE4E5B9) % 2**64
    return mixed or 1
