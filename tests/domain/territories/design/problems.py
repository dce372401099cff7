"""Problems to design for, small and large, plain and awkward."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.domain.territories.design.problem import NOWHERE, Problem


def problem(units: int, territories: int, *, measures: int = 1, seed: int = 0, **given: Any) -> Problem:
    """Units in a few towns; equal targets; a tolerance of a tenth; nothing locked, grouped or limited."""
    chance = np.random.default_rng(seed)
    towns = chance.uniform(0, 500, (max(1, units // 20), 2))
    loads = given.pop("loads", chance.lognormal(0, 0.4, (units, measures)))
    nowhere = np.full(units, NOWHERE, np.int32)
    made: dict[str, Any] = {
        "points": towns[chance.integers(0, len(towns), units)] + chance.normal(0, 15, (units, 2)),
        "weight": chance.integers(1, 25, units).astype(np.float64),
        "loads": loads,
        "targets": np.tile(loads.sum(axis=0) / territories, (territories, 1)),
        "tolerance": np.full(loads.shape[1], 0.1),
        "today": nowhere,
        "stake": np.zeros(units),
        "locked": nowhere,
        "group": nowhere,
        "max_units": np.full(territories, units, np.int32),
    }
    return Problem(**(made | given))


def ints(values: Any) -> Any:
    """Positions, as the engine wants them."""
    return np.asarray(values, np.int32)


@st.composite
def limited(draw: st.DrawFn) -> Problem:
    """A small problem with locks, groups and forbidden pairs that can all be kept."""
    units, territories = draw(st.integers(6, 60)), draw(st.integers(1, 5))
    seed = draw(st.integers(0, 1000))
    chance = np.random.default_rng(seed)
    group = ints(
        np.where(chance.random(units) < draw(st.sampled_from([0.0, 0.3])), chance.integers(0, 4, units), NOWHERE)
    )
    locked = ints(
        np.where(
            chance.random(units) < draw(st.sampled_from([0.0, 0.2])), chance.integers(0, territories, units), NOWHERE
        )
    )
    for number in np.unique(group[group != NOWHERE]):
        locked[group == number] = locked[group == number].max()
    allowed = chance.random((units, territories)) < draw(st.sampled_from([0.6, 1.0]))
    allowed[:, draw(st.integers(0, territories - 1))] = True
    allowed[locked != NOWHERE, locked[locked != NOWHERE]] = True
    return problem(
        units,
        territories,
        measures=draw(st.integers(1, 2)),
        seed=seed,
        group=group,
        locked=locked,
        allowed=allowed,
        today=ints(chance.integers(-1, territories, units)),
        stake=chance.random(units),
        disruption=draw(st.sampled_from([0.0, 5.0])),
        misfit=draw(st.sampled_from([None, chance.uniform(0, 20, (units, territories))])),
    )
