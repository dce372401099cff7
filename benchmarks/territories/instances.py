"""Accounts and postal areas, made from a seed: towns of all sizes, heavy-tailed revenue, visits by class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.domain.territories.design.create import create
from app.domain.territories.design.problem import NOWHERE, Contiguity, Floats, Problem, Search

WIDTH, HEIGHT = 4_500.0, 2_500.0
"""km, about the contiguous United States."""


@dataclass(frozen=True)
class Instance:
    """A design that is measured."""

    name: str
    problem: Problem
    iterations: int
    expected_seconds: float


def accounts(units: int, territories: int) -> Problem:
    """Accounts with two measures, revenue and visits, near towns whose sizes follow Zipf's law."""
    chance = np.random.default_rng(units)
    towns = np.column_stack([chance.uniform(0, WIDTH, 3_000), chance.uniform(0, HEIGHT, 3_000)])
    size = 1 / np.arange(1, 3_001)
    points = towns[chance.choice(3_000, units, p=size / size.sum())] + chance.normal(0, 12, (units, 2))
    revenue = np.round(np.minimum(np.exp(chance.normal(0, 1.3, units)), np.exp(3.9)) * 20_000)
    large, middle = np.quantile(revenue, [0.9, 0.6])
    visits = np.select([revenue > large, revenue > middle], [24.0, 12.0], 4.0)
    return _problem(points, visits, np.column_stack([revenue, visits]), territories, 0.02)


def areas(territories: int, tolerance: float, contiguity: Contiguity) -> Problem:
    """29,545 areas, denser around towns, that hold people and may have to touch."""
    chance = np.random.default_rng(29_545)
    towns = np.column_stack([chance.uniform(0, WIDTH, 400), chance.uniform(0, HEIGHT, 400)])
    near = towns[chance.integers(0, 400, 20_000)] + chance.normal(0, 40, (20_000, 2))
    anywhere = np.column_stack([chance.uniform(0, WIDTH, 9_545), chance.uniform(0, HEIGHT, 9_545)])
    people = np.round(np.minimum(chance.lognormal(8.6, 1.1, 29_545), 60_000) + 300)
    return _problem(np.concatenate([near, anywhere]), people, people[:, None], territories, tolerance, contiguity)


def _problem(
    points: Floats,
    weight: Floats,
    loads: Floats,
    territories: int,
    tolerance: float,
    contiguity: Contiguity = Contiguity.NONE,
) -> Problem:
    nowhere = np.full(len(points), NOWHERE, np.int32)
    return Problem(
        points=points,
        weight=weight / weight.mean(),
        loads=loads,
        targets=np.tile(loads.sum(axis=0) / territories, (territories, 1)),
        tolerance=np.full(loads.shape[1], tolerance),
        today=nowhere,
        stake=loads[:, 0],
        locked=nowhere,
        group=nowhere,
        max_units=np.full(territories, len(points), np.int32),
        contiguity=contiguity,
    )


def instances(scale: float) -> list[Instance]:
    """What is measured; a smaller scale keeps the units of each territory."""

    def of(number: int) -> int:
        return max(2, round(number * scale))

    made = [
        Instance("1k to 20, 2 measures, 2 %", accounts(of(1_000), of(20)), 4_000_000, 3),
        Instance("5k to 50, 2 measures, 2 %", accounts(of(5_000), of(50)), 8_000_000, 3),
        Instance("200k to 500, 2 measures, 2 %", accounts(of(200_000), of(500)), 25_000_000, 20),
    ]
    if scale == 1:
        made[2:2] = [
            Instance("29.5k areas to 200, 2 %", areas(200, 0.02, Contiguity.NONE), 6_000_000, 5),
            Instance("29.5k areas to 200, contiguous, 3 %", areas(200, 0.03, Contiguity.HARD), 10_000_000, 10),
        ]
    return made


def drifted(units: int, territories: int) -> Problem:
    """A design of last year, for this one: loads have drifted by place and by account, some are new, some are held.

    Within 5 %; the stake is the revenue. One account in sixteen is new, and one in twenty, if not new, is locked.
    """
    last = accounts(units, territories)
    today = create(last, Search(iterations=min(8_000_000, 400 * units))).assign
    chance = np.random.default_rng(5)
    angle = chance.uniform(0, 2 * np.pi, 4)
    waves = np.array([np.cos(angle), np.sin(angle)]) / chance.uniform(400, 1200, 4)
    wave = np.cos(last.points @ waves + chance.uniform(0, 6, 4)).sum(axis=1)
    revenue = last.loads[:, 0] * np.exp(0.08 * wave + chance.normal(0, 0.25, units))
    visits = np.maximum(1.0, np.round(last.loads[:, 1] * np.exp(0.05 * wave + chance.normal(0, 0.1, units))))
    new, named = chance.random(units) < 0.06, chance.random(units) < 0.05
    loads = np.column_stack([revenue, visits])
    return replace(
        last,
        weight=visits / visits.mean(),
        loads=loads,
        targets=np.tile(loads.sum(axis=0) / territories, (territories, 1)),
        tolerance=np.full(2, 0.05),
        today=np.where(new, NOWHERE, today).astype(np.int32),
        stake=revenue,
        locked=np.where(named & ~new, today, NOWHERE).astype(np.int32),
    )
