"""What territory models can be asked to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.fields import OptionalComment
from app.domain.kernel.scope import Tx
from app.domain.territories import handover, placement
from app.domain.territories.commands.proposals import check_accepted
from app.domain.territories.commands.shared import apply_patch, check_order, first_day, model_in
from app.domain.territories.contract.models import (
    ActivateTerritoryModel,
    ApplyTerritoryRules,
    CloneTerritoryModel,
    CreateTerritoryModel,
    Reassigned,
    RuleOutcome,
    TerritoryModelState,
    UpdateTerritoryModel,
)
from app.domain.territories.rules import end_when_archived, in_order
from app.domain.territories.tables.models import TerritoryModel
from app.domain.territories.workflow.models import DESIGNED, PLACEABLE, TERRITORY_MODEL
from app.domain.workflow.history import begin, on_move

define(
    "model_empty",
    Conflict,
    "The territory model has no territory",
    "Le modèle n'a aucun territoire",
    "Add a territory first.",
)
define(
    "model_overlap",
    Conflict,
    "Another territory model is in force on these dates",
    "Un autre modèle de territoires est en vigueur à ces dates",
    "Choose other dates, or activate with `supersede` to end the active model that runs into this one.",
)
define(
    "model_not_in_force",
    Conflict,
    "The territory model is not in force today",
    "Le modèle de territoires n'est pas en vigueur aujourd'hui",
    "Use the action `reassign-owners` while the model is in force.",
)


@command(Kind.CREATE, "territory_model", needs="territories:write", body=CreateTerritoryModel)
async def create_territory_model(tx: Tx, body: CreateTerritoryModel) -> UUID:
    """Begin a draft of a territory design."""
    return await begin_model(tx, TerritoryModel(org_id=tx.org_id, model_version=1, **body.model_dump()))


@command(Kind.UPDATE, "territory_model", needs="territories:write", body=UpdateTerritoryModel)
async def update_territory_model(tx: Tx, id: UUID, body: UpdateTerritoryModel) -> None:
    """Change a territory model that is still being designed. Apply its rules again after changing its dates."""
    model = await model_in(tx, id, DESIGNED)
    apply_patch(model, body)
    check_order(model.starts_on, model.ends_on, "/ends_on")


@command(
    Kind.ACTION,
    "territory_model",
    needs="territories:write",
    body=CloneTerritoryModel,
    action="clone",
    event="territory_model.cloned",
)
async def clone_territory_model(tx: Tx, id: UUID, body: CloneTerritoryModel) -> UUID:
    """Begin a draft with the territories, rules, pins, adopted design and cadences of another; answers with the draft.

    Other accounts are placed when the rules are applied, and sellers when territories are proposed to them.
    """
    original = await tx.require(TerritoryModel, id)
    code = body.code or original.code
    latest = await tx.value(
        "select max(model_version) from territory_model where org_id = :org_id and code = :code", code=code
    )
    clone = TerritoryModel(
        org_id=tx.org_id,
        code=code,
        name=body.name or original.name,
        model_version=(latest or 0) + 1,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        description=original.description,
        holdover_days=original.holdover_days,
        based_on_id=id,
    )
    await begin_model(tx, clone)
    await tx.execute(placement.COPY_TERRITORIES, original=id, clone=clone.id)
    await tx.execute(_COPY_CADENCE, original=id, clone=clone.id)
    await tx.execute(
        _COPY_PINS, original=id, clone=clone.id, start=clone.starts_on, day=max(original.starts_on, clone.starts_on)
    )
    return clone.id


@command(
    Kind.ACTION,
    "territory_model",
    needs="territories:write",
    body=ApplyTerritoryRules,
    action="apply-rules",
    result=RuleOutcome,
)
async def apply_territory_rules(tx: Tx, id: UUID, body: ApplyTerritoryRules) -> RuleOutcome:
    """Place every account by the territories' rules from a day on, and say how many found no place or several.

    Where several rules match, the lowest priority number wins, then the deeper territory, then the code. Pins stay, and
    so does what an adopted design placed, unless `displace_design` is asked for. Memberships before the day stay as
    they were.
    """
    model = await model_in(tx, id, PLACEABLE)
    start = first_day(tx, model, body.effective_from)
    outcome = await placement.place(tx, id, start, displace_design=body.displace_design)
    tx.emit("territory_model.rules_applied", "territory_model", id, effective_from=start, **outcome.model_dump())
    return outcome


@on_move(TERRITORY_MODEL, "activate")
async def _put_in_force(tx: Tx, id: UUID, body: ActivateTerritoryModel) -> None:
    """End the model before, if asked to; refuse when another one still overlaps."""
    model = await tx.require(TerritoryModel, id, lock=True)
    if body.require_acceptance:
        await check_accepted(tx, id)
    others = await tx.rows(
        "select id, code, state, starts_on from territory_model where org_id = :org_id and id <> :id"
        " and state in ('active', 'archived') and valid && daterange(:start, :end) order by starts_on for update",
        id=id,
        start=model.starts_on,
        end=model.ends_on,
    )
    for other in others:
        if not (
            body.supersede and other["state"] == TerritoryModelState.ACTIVE and other["starts_on"] < model.starts_on
        ):
            raise refuse("model_overlap", f"The model {other['code']} is in force then.", model_id=other["id"])
        previous = await tx.require(TerritoryModel, other["id"], lock=True)
        previous.ends_on = model.starts_on
        tx.emit("territory_model.superseded", "territory_model", previous.id, by=id, ends_on=model.starts_on)
    model.move_open_deals = body.move_open_deals
    await tx.flush()
    await handover.follow_model(tx, id)
    if body.reassign_owners:
        await _reassign(tx, model, "/reassign_owners")


@command(Kind.ACTION, "territory_model", needs="territories:activate", action="reassign-owners", result=Reassigned)
async def reassign_account_owners(tx: Tx, id: UUID, body: Any) -> Reassigned:
    """Let each account belong to the seller who covers it today by the model in force; others keep their owner."""
    return await _reassign(tx, await model_in(tx, id, (TerritoryModelState.ACTIVE,)))


async def _reassign(tx: Tx, model: TerritoryModel, pointer: str | None = None) -> Reassigned:
    if not (model.starts_on <= tx.today and in_order(tx.today, model.ends_on)):
        raise refuse("model_not_in_force", f"It is in force from {model.starts_on}.", pointer=pointer)
    return Reassigned(accounts=await handover.reassign_owners(tx, model.id))


@on_move(TERRITORY_MODEL, "archive")
async def _take_out_of_force(tx: Tx, id: UUID, body: OptionalComment) -> None:
    model = await tx.require(TerritoryModel, id, lock=True)
    model.ends_on = end_when_archived(model.starts_on, model.ends_on, tx.today)


_COPY_CADENCE = """
insert into cadence_policy
  (org_id, id, name, account_class, coverage_mode, territory_id, interval_days, window_days, channel_mix)
select :org_id, uuidv7(), policy.name, policy.account_class, policy.coverage_mode, copy.id, policy.interval_days,
       policy.window_days, policy.channel_mix
from cadence_policy policy
join territory own on own.org_id = :org_id and own.id = policy.territory_id and own.model_id = :original
join territory copy on copy.org_id = :org_id and copy.model_id = :clone and copy.code = own.code
where policy.org_id = :org_id
"""
_COPY_PINS = """
insert into territory_membership (org_id, id, model_id, territory_id, account_id, source, reason, effective_from)
select :org_id, uuidv7(), :clone, copy.id, held.account_id, held.source, held.reason, :start
from territory_membership held
join territory own on own.org_id = :org_id and own.id = held.territory_id
join territory copy on copy.org_id = :org_id and copy.model_id = :clone and copy.code = own.code
where held.org_id = :org_id and held.model_id = :original and held.source in ('pin', 'design')
 and held.valid @> cast(:day as date)
"""


async def begin_model(tx: Tx, model: TerritoryModel) -> UUID:
    """Store a draft and begin its history."""
    check_order(model.starts_on, model.ends_on, "/ends_on")
    await tx.add(model)
    await begin(tx, TERRITORY_MODEL, model.id)
    return model.id
