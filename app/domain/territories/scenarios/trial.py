"""What moving accounts would do to a result: exact sums, with the middles of the territories where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.money import round_half_away
from app.domain.territories.contract.scenario_results import (
    DesignFigure,
    MoveIssue,
    MovesOutcome,
    TerritoryChange,
)

_MOST = Decimal("999.999999")
"""A deviation is shown up to here."""


@dataclass(frozen=True)
class Trial:
    """A result, its territories by code, the accounts that are to move, and where each of them goes.

    Rows are as they are stored. `families` counts the accounts of each keep-together group that moves.
    """

    result: Mapping[Any, Any]
    territories: Mapping[str, Mapping[Any, Any]]
    accounts: Mapping[UUID, Mapping[Any, Any]]
    goes: Mapping[UUID, str]
    families: Mapping[int, int]


def outcome(trial: Trial) -> MovesOutcome:
    """The figures before and after, what changes per territory, and which rules of the scenario would break."""
    touched = {trial.accounts[id]["territory_code"] for id in trial.goes}.union(trial.goes.values())
    before = {code: _loads(row) for code, row in trial.territories.items() if code in touched}
    after = {code: list(loads) for code, loads in before.items()}
    for id, code in trial.goes.items():
        row = trial.accounts[id]
        for n, load in enumerate(row["loads"]):
            after[row["territory_code"]][n] -= load
            after[code][n] += load
    changed = {code: loads for code, loads in after.items() if before[code] != loads}
    means = _means(trial)
    measures = [_figures(trial, means, loads) for loads in ({}, changed)]
    issues = list(_issues(trial))
    return MovesOutcome(
        **_moved(trial),
        travel_before=trial.result["travel"],
        travel_after=trial.result["travel"] + _further(trial),
        measures_before=measures[0],
        measures_after=measures[1],
        territories=[
            change for code, loads in changed.items() for change in _changes(trial, means, code, before[code], loads)
        ],
        issues=issues,
        feasible=not issues and all(figure.deviation <= figure.tolerance for figure in measures[1]),
    )


def deviation(load: Decimal, target: Decimal, mean: Decimal) -> Decimal:
    """Load less target as a share of the target; of the mean target where a territory's own is zero."""
    share_of = target or mean or Decimal(1)
    return max(-_MOST, min(_MOST, round_half_away((load - target) / share_of, 6)))


def _loads(row: Mapping[Any, Any]) -> list[Decimal]:
    return [Decimal(figure["load"]) for figure in row["measures"]]


def _targets(row: Mapping[Any, Any]) -> list[Decimal]:
    return [Decimal(figure["target"]) for figure in row["measures"]]


def _means(trial: Trial) -> list[Decimal]:
    columns = zip(*(_targets(row) for row in trial.territories.values()), strict=True)
    return [sum(column, Decimal(0)) / len(trial.territories) for column in columns]


def _figures(trial: Trial, means: Sequence[Decimal], changed: Mapping[str, Sequence[Decimal]]) -> list[DesignFigure]:
    """The figures with other loads in some territories; how far away the others are is stored."""
    away = [
        [abs(Decimal(figure["deviation"])) for figure in row["measures"]]
        for code, row in trial.territories.items()
        if code not in changed
    ]
    for code, loads in changed.items():
        targets = _targets(trial.territories[code])
        away.append([abs(deviation(*each)) for each in zip(loads, targets, means, strict=True)])
    known = [DesignFigure.model_validate(figure) for figure in trial.result["measures"]]
    worst = [max(column) for column in zip(*away, strict=True)]
    return [figure.model_copy(update={"deviation": most}) for figure, most in zip(known, worst, strict=True)]


def _changes(
    trial: Trial, means: Sequence[Decimal], code: str, before: Sequence[Decimal], after: Sequence[Decimal]
) -> Iterator[TerritoryChange]:
    targets = _targets(trial.territories[code])
    for n, figure in enumerate(trial.result["measures"]):
        then = deviation(after[n], targets[n], means[n])
        yield TerritoryChange(
            territory_code=code,
            measure=figure["measure"],
            before=before[n],
            after=after[n],
            deviation_before=deviation(before[n], targets[n], means[n]),
            deviation_after=then,
            within=abs(then) <= Decimal(figure["tolerance"]),
        )


def _moved(trial: Trial) -> dict[str, Any]:
    stake, count = trial.result["moved_stake"], trial.result["moved_accounts"]
    after, moving = stake, count
    for id, code in trial.goes.items():
        row = trial.accounts[id]
        leaves = row["from_code"] is not None and row["from_code"] != _stands_for(trial, code)
        after += row["stake"] * (leaves - row["moved"])
        moving += leaves - row["moved"]
    return {
        "moved_stake_before": stake,
        "moved_stake_after": after,
        "moved_accounts_before": count,
        "moved_accounts_after": moving,
    }


def _stands_for(trial: Trial, code: str) -> str | None:
    found: str | None = trial.territories[code]["succeeds"]
    return found


def _further(trial: Trial) -> Decimal:
    """Kilometres a year that the moves add."""
    added = Decimal(0)
    for id, code in trial.goes.items():
        row = trial.accounts[id]
        was = trial.territories[row["territory_code"]]
        added += row["visits"] * (_distance(row, trial.territories[code]) - _distance(row, was))
    return round_half_away(max(added, -Decimal(trial.result["travel"])), 4)


def _distance(row: Mapping[Any, Any], territory: Mapping[Any, Any]) -> Decimal:
    east, north = Decimal(row["x"] - territory["x"]), Decimal(row["y"] - territory["y"])
    return (east * east + north * north).sqrt()


def _issues(trial: Trial) -> Iterator[MoveIssue]:
    most = trial.result["terms"]["max_accounts"]
    strict = {n for n, need in enumerate(trial.result["terms"]["skills"]) if need["required"]}
    moving = {id: code for id, code in trial.goes.items() if code != trial.accounts[id]["territory_code"]}
    counts = {code: row["account_count"] for code, row in trial.territories.items()}
    together: dict[int, Counter[str]] = {}
    for id, code in moving.items():
        row = trial.accounts[id]
        counts[row["territory_code"]] -= 1
        counts[code] += 1
        if row["locked"]:
            yield MoveIssue(code="locked", detail="It is locked where it is.", account_id=id, territory_code=code)
        if strict.intersection(row["needs"]).intersection(trial.territories[code]["lacks"]):
            said = "Its sellers lack a required skill."
            yield MoveIssue(code="skill_missing", detail=said, account_id=id, territory_code=code)
        if row["family"] is not None:
            together.setdefault(row["family"], Counter())[code] += 1
    for id, code in moving.items():
        family = trial.accounts[id]["family"]
        if family is not None and together[family][code] < trial.families[family]:
            said = "It has to stay with accounts that do not move with it."
            yield MoveIssue(code="kept_together", detail=said, account_id=id, territory_code=code)
    for code in sorted(set(moving.values())):
        if most is not None and counts[code] > most:
            yield MoveIssue(code="too_many_accounts", detail=f"It would have {counts[code]}.", territory_code=code)
