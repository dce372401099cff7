"""The first plan: space is cut in two, and each half again, so that every part holds what its territory should."""

from __future__ import annotations

import numpy as np

from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem


def bisect(problem: Problem, seed: int, turn: int) -> Ints:
    """[n] recursive weighted bisection along axes at an angle of the seed and the turn.

    A territory that holds locked units, or has some today, goes to the side where they are.
    """
    angle = float(np.random.default_rng((seed, turn)).uniform(0, np.pi)) if turn else 0.0
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points, anchors = problem.points @ rotation, _anchors(problem) @ rotation
    heaviness = _shares(problem.loads, problem.loads.sum(axis=0))
    due = _shares(problem.targets, problem.targets.sum(axis=0))
    assign = np.zeros(problem.units, np.int32)
    open_: list[tuple[Ints, Ints]] = [(np.arange(problem.units, dtype=np.int32), np.arange(len(due), dtype=np.int32))]
    while open_:
        units, territories = open_.pop()
        if len(territories) == 1 or not len(units):
            assign[units] = territories[0]
            continue
        axis = int(_spread(points[units], heaviness[units]).argmax())
        territories = _along(anchors[territories, axis], territories)
        half = len(territories) // 2
        units = units[np.argsort(points[units, axis], kind="stable")]
        filled = np.cumsum(heaviness[units])
        share = due[territories[:half]].sum() / max(due[territories].sum(), 1e-300)
        cut = int(np.searchsorted(filled, filled[-1] * share))
        cut = min(max(cut, min(half, len(units) - 1)), max(len(units) - (len(territories) - half), 1))
        open_.append((units[:cut], territories[:half]))
        open_.append((units[cut:], territories[half:]))
    return np.where(problem.locked != NOWHERE, problem.locked, assign).astype(np.int32)


def _shares(values: Floats, total: Floats) -> Floats:
    shares: Floats = (values / np.where(total > 0, total, 1.0)).mean(axis=1)
    return shares


def _anchors(problem: Problem) -> Floats:
    """[k, 2] the middle of what is locked to each territory, else of what it has today; not a number without."""
    anchors = np.full((problem.territories, 2), np.nan)
    for of in (problem.today if problem.disruption else np.full_like(problem.today, NOWHERE), problem.locked):
        units = np.flatnonzero(of != NOWHERE)
        count = np.bincount(of[units], minlength=problem.territories)
        sums = np.column_stack([np.bincount(of[units], axis[units], problem.territories) for axis in problem.points.T])
        anchors[count > 0] = sums[count > 0] / count[count > 0][:, None]
    return anchors


def _along(anchors: Floats, territories: Ints) -> Ints:
    """The territories in the order of their anchors; those without are between."""
    if np.isnan(anchors).all():
        return territories
    return territories[np.argsort(np.where(np.isnan(anchors), np.nanmedian(anchors), anchors), kind="stable")]


def _spread(points: Floats, heaviness: Floats) -> Floats:
    weight = heaviness + 1e-12 * max(heaviness.max(), 1e-300)
    middle = np.average(points, axis=0, weights=weight)
    spread: Floats = np.average((points - middle) ** 2, axis=0, weights=weight)
    return spread
