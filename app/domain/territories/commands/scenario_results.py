"""What the results of scenarios can be asked to do: be tried with other moves, explained, adopted, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, FieldError, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.territories.commands.models import begin_model
from app.domain.territories.contract.scenario_results import (
    AdoptScenarioResult,
    ExplainAccounts,
    Explanations,
    MovesOutcome,
    TryMoves,
)
from app.domain.territories.scenarios import adoption, explanation
from app.domain.territories.scenarios.trial import Trial, outcome
from app.domain.territories.tables.models import TerritoryModel

define(
    "scenario_outdated",
    Conflict,
    "The model has changed since the plan was found",
    "Le modèle a changé depuis que le plan a été trouvé",
    "Solve the scenario again, then adopt the new result.",
)

_RESULT = "select * from scenario_result where org_id = :org_id and id = :id"
_TERRITORIES = (
    "select code, succeeds, account_count, x, y, measures, lacks from scenario_territory"
    " where org_id = :org_id and result_id = :id order by code"
)
_PLACEMENTS = (
    "select * from scenario_placement where org_id = :org_id and result_id = :id"
    " and account_id = any(cast(:accounts as uuid[]))"
)
_FAMILIES = (
    "select family, count(*) as size from scenario_placement where org_id = :org_id and result_id = :id"
    " and family = any(cast(:families as int[])) group by family"
)


@command(
    Kind.ACTION,
    "scenario_result",
    needs="territories:write",
    body=TryMoves,
    action="what-if",
    result=MovesOutcome,
    event="scenario_result.tried",
)
async def try_scenario_moves(tx: Tx, id: UUID, body: TryMoves) -> MovesOutcome:
    """Say exactly what up to 100 moves would do to a plan: loads, deviations, stake, travel, and broken rules.

    Travel is to the middles of the territories as they are, and contiguity is not looked at again.
    """
    (result,) = await tx.rows(_RESULT, id=id)
    territories = {row["code"]: row for row in await tx.rows(_TERRITORIES, id=id)}
    goes = {move.account_id: move.territory_code for move in body.moves}
    accounts = await _placements(tx, id, [move.account_id for move in body.moves], "/moves/{}/account_id")
    unknown = [
        FieldError(f"/moves/{n}/territory_code", "unknown_reference", f"The result has no {move.territory_code}.")
        for n, move in enumerate(body.moves)
        if move.territory_code not in territories
    ]
    if unknown:
        raise refuse("invalid_input", errors=tuple(unknown))
    families = sorted({row["family"] for row in accounts.values() if row["family"] is not None})
    counted = await tx.rows(_FAMILIES, id=id, families=families) if families else []
    sizes = {row["family"]: row["size"] for row in counted}
    return outcome(Trial(result, territories, accounts, goes, sizes))


@command(
    Kind.ACTION,
    "scenario_result",
    needs="territories:write",
    body=ExplainAccounts,
    action="explain",
    result=Explanations,
    event="scenario_result.explained",
)
async def explain_scenario_accounts(tx: Tx, id: UUID, body: ExplainAccounts) -> Explanations:
    """Say why accounts are where a plan puts them: what the place costs, today's place, and the next best ones."""
    await _placements(tx, id, body.account_ids, "/account_ids/{}")
    return Explanations(accounts=await explanation.explain(tx, id, body.account_ids))


@command(
    Kind.ACTION,
    "scenario_result",
    needs="territories:write",
    body=AdoptScenarioResult,
    action="adopt",
    answers="territory_model",
)
async def adopt_scenario_result(tx: Tx, id: UUID, body: AdoptScenarioResult) -> UUID:
    """Make a draft territory model of a plan; answers with the draft.

    It has the territories of the model the plan starts from (or the new ones), and each account where the plan puts it,
    as a membership of source `design`. Applying rules leaves those where they are unless asked otherwise.
    """
    (result,) = await tx.rows(_RESULT, id=id)
    base = await tx.require(TerritoryModel, result["model_id"])
    code = body.code or base.code
    latest = await tx.value(
        "select max(model_version) from territory_model where org_id = :org_id and code = :code", code=code
    )
    terms = result["terms"]
    draft = TerritoryModel(
        org_id=tx.org_id,
        code=code,
        name=body.name or terms["name"],
        model_version=(latest or 0) + 1,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        based_on_id=base.id,
    )
    await begin_model(tx, draft)
    missing = await adoption.adopt(tx, result, draft.id, body.starts_on)
    if missing:
        raise refuse("scenario_outdated", f"The model {base.code} has no territory {missing} any more.")
    tx.emit("scenario_result.adopted", "scenario_result", id, model_id=draft.id, scenario_id=result["scenario_id"])
    return draft.id


@command(Kind.DELETE, "scenario_result", needs="territories:write")
async def delete_scenario_result(tx: Tx, id: UUID, body: Any) -> None:
    """Remove a result with its territories and placements. Models that were made of it stay."""
    await tx.execute("delete from scenario_result where org_id = :org_id and id = :id", id=id)


async def _placements(tx: Tx, id: UUID, accounts: list[UUID], pointer: str) -> Mapping[UUID, Mapping[Any, Any]]:
    """The accounts' rows by id, each asked for once."""
    found = {row["account_id"]: row for row in await tx.rows(_PLACEMENTS, id=id, accounts=accounts)}
    wrong = [
        FieldError(pointer.format(n), "unknown_reference", f"The result has no account {account}.")
        for n, account in enumerate(accounts)
        if account not in found
    ]
    wrong += [
        FieldError(pointer.format(n), "invalid_input", f"The account {account} is named twice.")
        for n, account in enumerate(accounts)
        if account in accounts[:n]
    ]
    if wrong:
        raise refuse("invalid_input", errors=tuple(wrong))
    return found
