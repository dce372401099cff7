"""Which seller a plan proposes for which territory. Only the worker imports this."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import numpy as np

from app.domain.kernel.money import round_half_away
from app.domain.territories.contract.scenario_results import SellerMatch
from app.domain.territories.design.problem import Flags, Floats, Solution
from app.domain.territories.design.sellers import match
from app.domain.territories.scenarios.inputs import Inputs

KM_PER_SKILL = 50.0
"""A skill that a seller lacks counts as so many kilometres."""


def matched_sellers(inputs: Inputs, solution: Solution) -> dict[int, tuple[UUID, SellerMatch]]:
    """A seller for each territory, as far as there are sellers: near, with the skills, knowing the accounts.

    Keeping the stake of an average territory counts as much as the average distance from a home to a territory. A
    seller whose home is not known counts as living where the others do on average.
    """
    if not inputs.sellers:
        return {}
    unknown = np.isnan(inputs.homes[:, 0])
    middle = solution.centres.mean(axis=0) if unknown.all() else inputs.homes[~unknown].mean(axis=0)
    homes = np.where(unknown[:, None], middle, inputs.homes)
    away = np.hypot(*(homes[:, None, :] - solution.centres[None, :, :]).transpose(2, 0, 1)).mean()
    stake = float(inputs.problem.stake.sum()) / len(inputs.codes)
    found = match(
        homes,
        solution.centres,
        has=_has(inputs),
        asks=_asks(inputs, solution),
        held=_held(inputs, solution),
        km_per_skill=KM_PER_SKILL,
        km_per_stake=float(away) / stake if stake else 0.0,
    )
    pairs = zip(found.sellers, found.territories, found.distance, found.missing, found.kept, strict=True)
    return {
        int(territory): (
            inputs.sellers[seller]["id"],
            SellerMatch(
                distance=None if unknown[seller] else _figure(distance),
                missing_skills=int(missing),
                kept_stake=_figure(kept),
            ),
        )
        for seller, territory, distance, missing, kept in pairs
    }


def _figure(value: float) -> Decimal:
    return round_half_away(Decimal(float(value)), 4)


def _has(inputs: Inputs) -> Flags:
    found = np.zeros((len(inputs.sellers), len(inputs.terms.skills)), dtype=np.bool_)
    for row, seller in zip(found, inputs.sellers, strict=True):
        row[list(seller["skills"])] = True
    return found


def _asks(inputs: Inputs, solution: Solution) -> Flags:
    """[k, q] whether an account of a territory needs a skill."""
    found = np.zeros((len(inputs.codes), len(inputs.terms.skills)), dtype=np.bool_)
    for account, territory in zip(inputs.accounts, solution.assign, strict=True):
        found[territory, list(inputs.needs.get(account["id"], ()))] = True
    return found


def _held(inputs: Inputs, solution: Solution) -> Floats:
    """[s, k] stake of a territory's accounts that are in a seller's territories today."""
    index = {seller["id"]: n for n, seller in enumerate(inputs.sellers)}
    sellers_of: dict[str, list[int]] = {}
    for row in inputs.covered:
        if row["seller_id"] in index:
            sellers_of.setdefault(row["code"], []).append(index[row["seller_id"]])
    found = np.zeros((len(inputs.sellers), len(inputs.codes)))
    for unit, account in enumerate(inputs.accounts):
        for seller in sellers_of.get(account["code"], ()):
            found[seller, solution.assign[unit]] += inputs.problem.stake[unit]
    return found
