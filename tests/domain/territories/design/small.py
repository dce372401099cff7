"""Tiny designs and every plan of them, to hold the engine against."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.domain.territories.design.measure import evaluate
from app.domain.territories.design.problem import NOWHERE, Ints, Problem, Search, Solution

SEARCH = Search(seed=1, iterations=1000)


def problem_of(n: int, k: int, seed: int, **changes: Any) -> Problem:
    """Random places and whole loads; a plan of today that is rarely balanced."""
    rng = np.random.default_rng(seed)
    loads = rng.integers(1, 9, (n, 2)).astype(np.float64)
    made = Problem(
        points=rng.uniform(0, 100, (n, 2)),
        weight=rng.integers(0, 4, n).astype(np.float64),
        loads=loads,
        targets=np.tile(loads.sum(axis=0) / k, (k, 1)),
        tolerance=np.array([0.3, 0.4]),
        today=rng.integers(0, k, n).astype(np.int32),
        stake=rng.integers(0, 50, n).astype(np.float64),
        locked=np.full(n, NOWHERE, np.int32),
        group=np.full(n, NOWHERE, np.int32),
        max_units=np.full(k, n, np.int32),
    )
    return replace(made, **changes)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """With locks, forbidden pairs, groups, limits and units that are new, each now and then."""
    n, k = draw(st.integers(2, 7)), draw(st.integers(1, 3))
    problem = problem_of(n, k, draw(st.integers(0, 10_000)))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    changes: dict[str, Any] = {}
    if draw(st.booleans()):
        changes["today"] = np.where(rng.random(n) < 0.3, NOWHERE, problem.today).astype(np.int32)
    if draw(st.booleans()):
        changes["locked"] = np.where(rng.random(n) < 0.2, rng.integers(0, k, n), NOWHERE).astype(np.int32)
    elif draw(st.booleans()):
        changes["group"] = np.where(rng.random(n) < 0.5, 0, NOWHERE).astype(np.int32)
    elif draw(st.booleans()):
        allowed = rng.random((n, k)) < 0.8
        allowed[np.arange(n), rng.integers(0, k, n)] = True
        changes["allowed"] = allowed
    if draw(st.booleans()):
        changes["max_units"] = np.full(k, -(-n // k) + 1, np.int32)
    return replace(problem, **changes)


def plans(problem: Problem) -> Iterator[Solution]:
    """Every plan that keeps everything."""
    for places in product(range(problem.territories), repeat=problem.units):
        assign: Ints = np.array(places, dtype=np.int32)
        found = evaluate(problem, assign)
        if found.feasible:
            yield found
