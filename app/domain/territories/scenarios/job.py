"""The jobs of the design scenarios: read, look for reasons why no plan can exist, search, store. Worker only.

Reading is one snapshot, searching needs no connection, and a plan is stored in one transaction with all its rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from time import monotonic
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import DomainError, FieldError, refuse
from app.domain.kernel.jobs import JobCancelled, JobContext, job
from app.domain.kernel.money import round_half_away
from app.domain.territories.contract.scenarios import DesignMethod, ScenarioTerms
from app.domain.territories.design.create import create
from app.domain.territories.design.frontier import Weights, frontier
from app.domain.territories.design.prepare import check
from app.domain.territories.design.problem import Infeasible, Progress, Search, Solution
from app.domain.territories.design.rebalance import rebalance
from app.domain.territories.scenarios.inputs import Inputs, read_inputs
from app.domain.territories.scenarios.plan import told
from app.domain.territories.scenarios.store import digest, store
from app.domain.territories.tables.scenarios import TerritoryScenario

_LISTED = 100
"""Accounts that a finding names."""
_PAUSE = 0.5
"""Seconds between two messages about progress."""


@job("scenario_check")
async def check_scenario(context: JobContext) -> Mapping[str, Any]:
    """Say why no plan can exist, without searching for one."""
    inputs = await _read(context)
    findings = await asyncio.to_thread(check, inputs.problem)
    return {"feasible": not findings, "findings": [_finding(inputs, found) for found in findings]}


@job("scenario_solve")
async def solve_scenario(context: JobContext) -> Mapping[str, Any]:
    """Find one plan. A second attempt after a crash finds what the first one stored."""
    return await _search(
        context, lambda inputs, search: [(inputs, _METHODS[inputs.terms.method](inputs.problem, search))]
    )


@job("scenario_frontier")
async def trace_frontier(context: JobContext) -> Mapping[str, Any]:
    """Find the plans between least disruption, best balance and least travel that no other beats in every respect."""
    steps = int(context.payload["steps"])
    return await _search(
        context,
        lambda inputs, search: [
            (_asked(inputs, point.weights), point.solution) for point in frontier(inputs.problem, search, steps)
        ],
        first=1,
    )


def _asked(inputs: Inputs, weights: Weights) -> Inputs:
    """The scenario as a point of the frontier was asked it."""
    terms, problem = inputs.terms, inputs.problem
    share = Decimal(str(weights.tolerance))
    goals = [
        goal.model_copy(update={"tolerance": round_half_away(goal.tolerance * share, 6)}) for goal in terms.measures
    ]
    weight = round_half_away(Decimal(weights.disruption * 1000), 4)
    return replace(
        inputs,
        terms=terms.model_copy(update={"measures": goals, "disruption": weight}),
        problem=replace(problem, tolerance=problem.tolerance * weights.tolerance, disruption=weights.disruption),
    )


_METHODS: Mapping[DesignMethod, Callable[..., Solution]] = {
    DesignMethod.REBALANCE: rebalance,
    DesignMethod.CREATE: create,
}


class _Watcher:
    """Tells how far a search in another thread is, and asks it to stop when somebody cancelled the job."""

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self.loop = asyncio.get_running_loop()
        self.told = -_PAUSE
        self.cancelled = False

    def report(self, progress: Progress) -> bool:
        now = monotonic()
        if not self.cancelled and now - self.told >= _PAUSE:
            self.told = now
            best = "" if progress.deviation is None else f", best so far within {progress.deviation:.2%}"
            said = self.context.progress(
                int(progress.share * 100), 100, unit="percent", message=f"{progress.phase}{best}"
            )
            try:
                asyncio.run_coroutine_threadsafe(said, self.loop).result()
            except JobCancelled:
                self.cancelled = True
        return not self.cancelled


async def _search(
    context: JobContext, find: Callable[[Inputs, Search], Sequence[tuple[Inputs, Solution]]], first: int = 0
) -> Mapping[str, Any]:
    if stored := await _stored(context):
        return stored
    inputs = await _read(context)
    findings = await asyncio.to_thread(check, inputs.problem)
    if findings:
        raise _infeasible(inputs, findings)
    watcher, began, terms = _Watcher(context), monotonic(), inputs.terms
    search = Search(
        seed=terms.seed,
        iterations=terms.iterations,
        deadline=float(terms.deadline_seconds),
        clock=lambda: monotonic() - began,
        report=watcher.report,
    )
    found = await asyncio.to_thread(find, inputs, search)
    seconds = Decimal(str(round(monotonic() - began, 4)))
    plans = [await asyncio.to_thread(told, asked, solution, seconds) for asked, solution in found]
    scenario = UUID(context.payload["scenario_id"])
    async with context.transaction() as tx:
        for point, plan in enumerate(plans, first):
            id = await store(tx, scenario, context.id, plan, point)
            tx.emit("scenario_result.stored", "scenario_result", id, scenario_id=scenario, digest=digest(plan))
    if watcher.cancelled:
        raise JobCancelled
    return await _stored(context)


async def _read(context: JobContext) -> Inputs:
    async with context.transaction(snapshot=True) as tx:
        row = await tx.require(TerritoryScenario, UUID(context.payload["scenario_id"]))
        terms = ScenarioTerms.model_validate({name: getattr(row, name) for name in ScenarioTerms.model_fields})
        return await read_inputs(tx, terms)


async def _stored(context: JobContext) -> Mapping[str, Any]:
    async with context.transaction() as tx:
        rows = await tx.rows(
            "select id, digest, feasible, stopped from scenario_result where org_id = :org_id and job_id = :job"
            " order by point",
            job=context.id,
        )
    results = [{**row, "id": str(row["id"]), "path": f"/v1/scenario-results/{row['id']}"} for row in rows]
    return {"results": results} if results else {}


def _finding(inputs: Inputs, found: Infeasible) -> dict[str, Any]:
    measure = None if found.measure is None else inputs.terms.measures[found.measure].measure
    return {
        "code": found.code,
        "detail": found.detail,
        "territory_code": None if found.territory is None else inputs.codes[found.territory],
        "measure": measure,
        "account_count": len(found.units),
        "account_ids": [str(inputs.accounts[unit]["id"]) for unit in found.units[:_LISTED]],
    }


def _infeasible(inputs: Inputs, findings: Sequence[Infeasible]) -> DomainError:
    listed = [_finding(inputs, found) for found in findings]
    errors = tuple(FieldError(_pointer(found), found.code, found.detail) for found in findings)
    return refuse("scenario_infeasible", f"{len(findings)} reasons were found.", errors=errors, findings=listed)


def _pointer(found: Infeasible) -> str:
    """The part of the scenario that a finding is about."""
    if found.code in ("locks_exceed_band", "group_torn"):
        return "/locks"
    if found.code in ("too_many_units",):
        return "/max_accounts"
    if found.code == "no_territory_allowed":
        return "/skills"
    return "/measures" if found.measure is None else f"/measures/{found.measure}"
