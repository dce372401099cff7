"""Units that stay together as one block, and what each pair of block and territory costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.domain.territories.design.problem import NOWHERE, Flags, Floats, Ints, Problem

_CELLS = 2_000_000
"""Pairs priced at a time: large enough for numpy, small enough for the memory of a worker."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The units of a problem gathered into blocks that go to one territory."""

    of: Ints
    """[n] the block of each unit."""
    order: Ints
    """[n] units sorted by block."""
    starts: Ints
    """[b + 1] where each block begins in `order`."""
    loads: Floats
    """[b, m + 1] what a block adds to each measure and, last, how many units it has."""

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return len(self.loads)

    def members(self, chosen: Ints) -> tuple[Ints, Ints]:
        """The units of the chosen blocks in their order, and where each block begins among them."""
        sizes = (self.starts[chosen + 1] - self.starts[chosen]).astype(np.int32)
        first = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
        step = np.arange(int(sizes.sum()), dtype=np.int32) - np.repeat(first, sizes)
        return self.order[np.repeat(self.starts[chosen], sizes) + step], first


def gather(problem: Problem) -> Blocks:
    """Each group one block, each unit without a group a block of its own; blocks keep the order of their first unit."""
    n = problem.units
    alone = problem.group < 0
    key = np.where(alone, np.arange(n), problem.group.astype(np.int64) + n)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    of = rank[inverse]
    order = np.argsort(of, kind="stable").astype(np.int32)
    starts = np.concatenate(([0], np.cumsum(np.bincount(of)))).astype(np.int32)
    members = np.column_stack([problem.loads, np.ones(n)])
    loads = np.add.reduceat(members[order], starts[:-1], axis=0) if n else members
    return Blocks(of=of, order=order, starts=starts, loads=loads)


def open_pairs(problem: Problem, units: Ints) -> Flags:
    """[u, k] where each of these units may be: its lock, else its allowed territories. A lock goes before `allowed`."""
    k = problem.territories
    fit = np.ones((len(units), k), dtype=np.bool_) if problem.allowed is None else problem.allowed[units].copy()
    held = np.flatnonzero(problem.locked[units] != NOWHERE)
    fit[held] = False
    fit[held, problem.locked[units][held]] = True
    return fit


@dataclass(frozen=True, eq=False)
class Costs:
    """What a pair of block and territory costs, in km: travel of its units, and leaving today's territory."""

    problem: Problem
    blocks: Blocks
    leaving: Floats
    """[n] km for a unit that leaves today's territory."""
    centres: Floats | None
    """[k, 2] to travel to; travel costs nothing when absent."""

    def rows(self, chosen: Ints) -> Floats:
        """[b, k] cost of each pair; infinite where it is not allowed."""
        p = self.problem
        units, first = self.blocks.members(chosen)
        cost = np.zeros((len(units), p.territories))
        if self.centres is not None:
            cost += trips(p, units, self.centres)
        today = p.today[units]
        had = np.flatnonzero(today != NOWHERE)
        cost[had] += self.leaving[units[had], None]
        cost[had, today[had]] -= self.leaving[units[had]]
        cost[~open_pairs(p, units)] = np.inf
        return cost if len(first) == len(units) else np.add.reduceat(cost, first, axis=0)

    def chunks(self) -> Iterator[tuple[Ints, Floats]]:
        """All blocks with their rows, some at a time."""
        step = max(1, _CELLS // max(1, self.problem.territories))
        for start in range(0, self.blocks.count, step):
            chosen = np.arange(start, min(start + step, self.blocks.count), dtype=np.int32)
            yield chosen, self.rows(chosen)


def trips(problem: Problem, units: Ints, centres: Floats) -> Floats:
    """[u, k] km of travel of these units to every centre, misfit included."""
    place = problem.points[units]
    away = np.hypot(place[:, :1] - centres[None, :, 0], place[:, 1:] - centres[None, :, 1])
    if problem.misfit is not None:
        away += problem.misfit[units]
    away *= problem.weight[units, None]
    return away
