"""What design scenarios can be asked to do. The search itself is a job: it brings libraries no request should load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, FieldError, Invalid, define, refuse
from app.domain.kernel.fields import Nothing
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.scenarios import (
    CreateTerritoryScenario,
    DesignMethod,
    DesignTerms,
    TraceFrontier,
    UpdateTerritoryScenario,
)
from app.domain.territories.rules import new_territory_codes, placing_day
from app.domain.territories.scenarios.terms import PLACED_TODAY
from app.domain.territories.tables.models import TerritoryModel
from app.domain.territories.tables.scenarios import TerritoryScenario

# The job refuses with it; defined here, so that the API can explain it without loading the job.
define(
    "scenario_infeasible",
    Invalid,
    "No plan can keep the scenario's limits",
    "Aucun plan ne peut respecter les limites du scénario",
    "Change what is listed: widen a tolerance, lift a lock, or allow more accounts per territory.",
)
define(
    "frontier_needs_today",
    Conflict,
    "The frontier is one of re-balancing",
    "La frontière ne concerne que le rééquilibrage",
    "Trace it for a scenario with the method rebalance.",
)
define(
    "too_many_territories",
    Invalid,
    "There are more territories than accounts",
    "Il y a plus de territoires que de comptes",
    "Draw fewer territories, or include more accounts.",
)

_LISTS = set(DesignTerms.model_fields)
_MOST_FINDINGS = 50


@command(Kind.CREATE, "territory_scenario", needs="territories:write", body=CreateTerritoryScenario)
async def create_territory_scenario(tx: Tx, body: CreateTerritoryScenario) -> UUID:
    """Describe a design to be found: its start, the measures to balance, and the limits to respect."""
    await tx.visible("territory_model", body.model_id, pointer="/model_id")
    model = await tx.require(TerritoryModel, body.model_id)
    terms = body.model_dump(mode="json", include=_LISTS)
    values = body.model_dump(exclude={*_LISTS, "as_of"})
    as_of = body.as_of or placing_day(model.state, model.starts_on, None, tx.today)
    row = TerritoryScenario(org_id=tx.org_id, as_of=as_of, **values, **terms)
    await _check(tx, row)
    return (await tx.add(row)).id


@command(Kind.UPDATE, "territory_scenario", needs="territories:write", body=UpdateTerritoryScenario)
async def update_territory_scenario(tx: Tx, id: UUID, body: UpdateTerritoryScenario) -> None:
    """Change a scenario. Results that were found already keep the terms they were found for."""
    row = await tx.require(TerritoryScenario, id, lock=True)
    merge(row, body, skip=frozenset(_LISTS))
    for name, value in body.model_dump(mode="json", include=_LISTS & body.model_fields_set).items():
        if value is None:
            raise refuse("invalid_input", f"{name} cannot be removed.", pointer=f"/{name}")
        setattr(row, name, value)
    with tx.session.no_autoflush:
        await _check(tx, row)


@command(Kind.DELETE, "territory_scenario", needs="territories:write")
async def delete_territory_scenario(tx: Tx, id: UUID, body: Any) -> None:
    """Remove a scenario without results; delete its results first."""
    await tx.session.delete(await tx.require(TerritoryScenario, id))


@command(
    Kind.ACTION,
    "territory_scenario",
    needs="territories:write",
    action="validate",
    answers="job",
    event="territory_scenario.validation_started",
)
async def validate_territory_scenario(tx: Tx, id: UUID, body: Nothing) -> UUID:
    """Look for reasons why no plan can exist, before any search.

    The result of the job is `{"feasible", "findings": [{"code", "detail", "territory_code", "measure",
    "account_ids"}]}`. Solving looks for the same first.
    """
    return await enqueue(tx, "scenario_check", {"scenario_id": str(id)}, needs="territories:write")


@command(
    Kind.ACTION,
    "territory_scenario",
    needs="territories:write",
    action="solve",
    answers="job",
    event="territory_scenario.solve_started",
)
async def solve_territory_scenario(tx: Tx, id: UUID, body: Nothing) -> UUID:
    """Search for a plan. Cancelling the job keeps the best plan so far as a result that says so.

    The job names the result it stored; it ends with `scenario_infeasible` where no plan can exist.
    """
    await _check(tx, await tx.require(TerritoryScenario, id))
    return await enqueue(tx, "scenario_solve", {"scenario_id": str(id)}, needs="territories:write")


@command(
    Kind.ACTION,
    "territory_scenario",
    needs="territories:write",
    body=TraceFrontier,
    action="trace-frontier",
    answers="job",
    event="territory_scenario.frontier_started",
)
async def trace_scenario_frontier(tx: Tx, id: UUID, body: TraceFrontier) -> UUID:
    """Search for several plans between least disruption, best balance and least travel.

    Each plan that no other beats in every respect becomes a result; `point` numbers them.
    """
    row = await tx.require(TerritoryScenario, id)
    if row.method != DesignMethod.REBALANCE:
        raise refuse("frontier_needs_today", method=row.method)
    await _check(tx, row)
    asked = {"scenario_id": str(id), "steps": body.steps}
    return await enqueue(tx, "scenario_frontier", asked, needs="territories:write")


async def _check(tx: Tx, row: TerritoryScenario) -> None:
    """What the scenario names exists, is said once, and fits its method."""
    if (row.method == DesignMethod.CREATE) != (row.territory_count is not None):
        said = "needs" if row.method == DesignMethod.CREATE else "takes no"
        raise refuse("invalid_input", f"The method {row.method} {said} territory_count.", pointer="/territory_count")
    codes = await _codes(tx, row)
    findings = [*_repeated(row), *_unknown_codes(row, codes), *await _unknown_accounts(tx, row)]
    if findings:
        raise refuse("invalid_input", errors=tuple(findings[:_MOST_FINDINGS]))
    accounts = await tx.value(
        f"select count(*) from account a left join ({PLACED_TODAY}) held on held.account_id = a.id"
        " where a.org_id = :org_id and (:unplaced or held.account_id is not null)",
        model=row.model_id,
        as_of=row.as_of,
        unplaced=row.include_unplaced,
    )
    if accounts < len(codes):
        raise refuse(
            "too_many_territories",
            f"{len(codes)} territories for {accounts} accounts.",
            pointer="/territory_count" if row.territory_count else "/model_id",
        )


async def _codes(tx: Tx, row: TerritoryScenario) -> frozenset[str]:
    if row.territory_count is not None:
        return frozenset(new_territory_codes(row.territory_count))
    found = await tx.rows(
        "select t.code from territory t where t.org_id = :org_id and t.model_id = :model and not exists"
        " (select from territory child where child.org_id = :org_id and child.parent_id = t.id)",
        model=row.model_id,
    )
    if not found:
        raise refuse("model_empty", pointer="/model_id")
    return frozenset(item["code"] for item in found)


def _repeated(row: TerritoryScenario) -> Iterator[FieldError]:
    for name, field in (("measures", "measure"), ("targets", "territory_code"), ("locks", "account_id")):
        seen: set[str] = set()
        for n, item in enumerate(getattr(row, name)):
            if item[field] in seen:
                yield FieldError(f"/{name}/{n}/{field}", "invalid_input", f"{item[field]} is named twice.")
            seen.add(item[field])


def _unknown_codes(row: TerritoryScenario, codes: frozenset[str]) -> list[FieldError]:
    return [
        FieldError(
            f"/{name}/{n}/territory_code",
            "unknown_reference",
            f"The design has no territory {goal['territory_code']} without others below it.",
        )
        for name in ("targets", "locks")
        for n, goal in enumerate(getattr(row, name))
        if goal["territory_code"] not in codes
    ]


async def _unknown_accounts(tx: Tx, row: TerritoryScenario) -> list[FieldError]:
    named = {f"/locks/{n}/account_id": lock["account_id"] for n, lock in enumerate(row.locks)}
    for field in ("keep_together", "skills"):
        for n, group in enumerate(getattr(row, field)):
            named |= {f"/{field}/{n}/account_ids/{i}": id for i, id in enumerate(group["account_ids"])}
    if not named:
        return []
    known = await tx.rows(
        "select id from account where org_id = :org_id and id = any(cast(:ids as uuid[]))", ids=list(named.values())
    )
    ids = {str(item["id"]) for item in known}
    return [
        FieldError(pointer, "unknown_reference", f"There is no account {id}.")
        for pointer, id in named.items()
        if id not in ids
    ]
