"""What can be asked of the territories."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.fields import OptionalComment
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.territories import placement
from app.domain.territories.contract import (
    ActivateTerritoryModel,
    ApplyTerritoryRules,
    CloneTerritoryModel,
    CreateTerritory,
    CreateTerritoryModel,
    EndTerritoryAssignment,
    PinAccount,
    ProposeTerritoryAssignment,
    ReviseTerritoryAssignment,
    RuleOutcome,
    TerritoryAssignmentState,
    TerritoryModelState,
    TerritoryRule,
    UnpinAccount,
    UpdateTerritory,
    UpdateTerritoryModel,
)
from app.domain.territories.rules import end_when_archived, in_order, placing_day
from app.domain.territories.tables import Territory, TerritoryAssignment, TerritoryModel
from app.domain.territories.workflow import DESIGNED, PLACEABLE, TERRITORY_ASSIGNMENT, TERRITORY_MODEL
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
    "territory_cycle",
    Invalid,
    "A territory would be part of itself",
    "Un territoire ferait partie de lui-même",
    "Choose a parent that is not below the territory.",
)
define(
    "account_not_pinned",
    Conflict,
    "The account is not pinned to the territory on that day",
    "Le compte n'est pas épinglé au territoire ce jour-là",
    "See the account's territory memberships.",
)
define(
    "coverage_exceeds_whole",
    Conflict,
    "The shares of the territory would add up to more than the whole",
    "Les parts du territoire dépasseraient l'ensemble",
    "Lower the share, choose other dates, or end another assignment first.",
)

# -- territory models ------------------------------------------------------------------------------------------------


@command(Kind.CREATE, "territory_model", needs="territories:write", body=CreateTerritoryModel)
async def create_territory_model(tx: Tx, body: CreateTerritoryModel) -> UUID:
    """Begin a draft of a territory design."""
    return await _begin_model(tx, TerritoryModel(org_id=tx.org_id, model_version=1, **body.model_dump()))


@command(Kind.UPDATE, "territory_model", needs="territories:write", body=UpdateTerritoryModel)
async def update_territory_model(tx: Tx, id: UUID, body: UpdateTerritoryModel) -> None:
    """Change a territory model that is still being designed. Apply its rules again after changing its dates."""
    model = await _model(tx, id, DESIGNED)
    _apply(model, body)
    _check_order(model.starts_on, model.ends_on, "/ends_on")


@command(
    Kind.ACTION,
    "territory_model",
    needs="territories:write",
    body=CloneTerritoryModel,
    action="clone",
    event="territory_model.cloned",
)
async def clone_territory_model(tx: Tx, id: UUID, body: CloneTerritoryModel) -> UUID:
    """Begin a draft with the territories, rules and pins of another model; answers with the draft.

    Accounts are placed when the rules are applied, and sellers when territories are proposed to them.
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
        based_on_id=id,
    )
    await _begin_model(tx, clone)
    await tx.execute(_COPY_TERRITORIES, original=id, clone=clone.id)
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

    Where several rules match, the lowest priority number wins, then the deeper territory, then the code. Pins stay.
    Memberships before the day stay as they were.
    """
    model = await _model(tx, id, PLACEABLE)
    start = _placing_day(tx, model, body.effective_from)
    outcome = await placement.place(tx, id, start)
    tx.emit("territory_model.rules_applied", "territory_model", id, effective_from=start, **outcome.model_dump())
    return outcome


@on_move(TERRITORY_MODEL, "activate")
async def _put_in_force(tx: Tx, id: UUID, body: ActivateTerritoryModel) -> None:
    """End the model before, if asked to; refuse when another one still overlaps."""
    model = await tx.require(TerritoryModel, id, lock=True)
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


@on_move(TERRITORY_MODEL, "archive")
async def _take_out_of_force(tx: Tx, id: UUID, body: OptionalComment) -> None:
    model = await tx.require(TerritoryModel, id, lock=True)
    model.ends_on = end_when_archived(model.starts_on, model.ends_on, tx.today)


# -- territories -----------------------------------------------------------------------------------------------------


@command(Kind.CREATE, "territory", needs="territories:write", body=CreateTerritory)
async def create_territory(tx: Tx, body: CreateTerritory) -> UUID:
    """Add a territory to a model that is still being designed."""
    await _model(tx, body.model_id, DESIGNED, pointer="/model_id")
    if body.parent_id:
        await _check_parent(tx, body.model_id, body.parent_id)
    await _check_rule(tx, body.rule)
    own = body.model_dump(exclude={"rule"})
    return (await tx.add(Territory(org_id=tx.org_id, rule=body.rule.model_dump(mode="json"), **own))).id


@command(Kind.UPDATE, "territory", needs="territories:write", body=UpdateTerritory)
async def update_territory(tx: Tx, id: UUID, body: UpdateTerritory) -> None:
    """Change a territory of a model that is still being designed. Rules take effect when they are applied."""
    territory = await tx.require(Territory, id)
    await _model(tx, territory.model_id, DESIGNED)
    if body.parent_id:
        await _check_parent(tx, territory.model_id, body.parent_id, id)
    if body.rule:
        await _check_rule(tx, body.rule)
    _apply(territory, body)


@command(Kind.DELETE, "territory", needs="territories:write")
async def delete_territory(tx: Tx, id: UUID, body: Any) -> None:
    """Remove a territory from a model that is still being designed; refused while another or a seller depends on it."""
    territory = await tx.require(Territory, id)
    await _model(tx, territory.model_id, DESIGNED)
    await tx.execute("delete from territory_membership where org_id = :org_id and territory_id = :id", id=id)
    await tx.session.delete(territory)


@command(
    Kind.ACTION,
    "territory",
    needs="territories:write",
    body=PinAccount,
    action="pin",
    answers="territory_membership",
)
async def pin_account(tx: Tx, id: UUID, body: PinAccount) -> UUID:
    """Hold an account in a territory from a day on, whatever the rules say; answers with the membership."""
    territory = await tx.require(Territory, id)
    model = await _model(tx, territory.model_id, PLACEABLE)
    await tx.visible("account", body.account_id, pointer="/account_id")
    start = _placing_day(tx, model, body.effective_from)
    membership = await placement.pin(tx, model.id, id, body.account_id, start, body.comment)
    tx.emit("territory.account_pinned", "territory", id, account_id=body.account_id, effective_from=start)
    return membership


@command(
    Kind.ACTION,
    "territory",
    needs="territories:write",
    body=UnpinAccount,
    action="unpin",
)
async def unpin_account(tx: Tx, id: UUID, body: UnpinAccount) -> None:
    """Let the rules decide again about a pinned account from a day on."""
    territory = await tx.require(Territory, id)
    model = await _model(tx, territory.model_id, PLACEABLE)
    await tx.visible("account", body.account_id, pointer="/account_id")
    start = await placement.unpin(tx, id, body.account_id, body.effective_from)
    if start is None:
        raise refuse("account_not_pinned", pointer="/account_id")
    await placement.place(tx, model.id, max(start, model.starts_on), body.account_id)
    tx.emit("territory.account_unpinned", "territory", id, account_id=body.account_id, effective_from=start)


# -- assignments -----------------------------------------------------------------------------------------------------


@command(Kind.CREATE, "territory_assignment", needs="assignments:propose", body=ProposeTerritoryAssignment)
async def propose_territory_assignment(tx: Tx, body: ProposeTerritoryAssignment) -> UUID:
    """Propose a territory, or a share of it, to a seller."""
    await tx.visible("territory", body.territory_id, pointer="/territory_id", lock=True)
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    if body.seller_id == tx.actor.seller_id:
        raise refuse("four_eyes", "Nobody takes a territory that they proposed themselves.", pointer="/seller_id")
    _check_order(body.effective_from, body.effective_to, "/effective_to")
    row = await tx.add(TerritoryAssignment(org_id=tx.org_id, **body.model_dump()))
    await begin(tx, TERRITORY_ASSIGNMENT, row.id)
    await _check_whole(tx, row.territory_id)
    return row.id


@command(Kind.DELETE, "territory_assignment", needs="assignments:propose", event="territory_assignment.withdrawn")
async def withdraw_territory_assignment(tx: Tx, id: UUID, body: Any) -> None:
    """Withdraw a proposal that the seller has not accepted. An accepted one is ended instead."""
    row = await tx.require(TerritoryAssignment, id)
    if row.state not in (TerritoryAssignmentState.PROPOSED, TerritoryAssignmentState.DISPUTED):
        raise refuse("immutable", "It was accepted; end it instead.", state=row.state)
    await tx.session.delete(row)


@on_move(TERRITORY_ASSIGNMENT, "revise")
async def _propose_again(tx: Tx, id: UUID, body: ReviseTerritoryAssignment) -> None:
    row = await tx.require(TerritoryAssignment, id, lock=True)
    await tx.require(Territory, row.territory_id, lock=True)
    _apply(row, body, but="comment")
    _check_order(row.effective_from, row.effective_to, "/effective_to")
    await tx.flush()
    await _check_whole(tx, row.territory_id)


@on_move(TERRITORY_ASSIGNMENT, "end")
async def _end_coverage(tx: Tx, id: UUID, body: EndTerritoryAssignment) -> None:
    row = await tx.require(TerritoryAssignment, id, lock=True)
    _check_order(row.effective_from, body.effective_to, "/effective_to")
    if row.effective_to is not None and body.effective_to > row.effective_to:
        raise refuse("invalid_input", f"It ends on {row.effective_to} already.", pointer="/effective_to")
    row.effective_to = body.effective_to


# -- shared by the commands above ------------------------------------------------------------------------------------

# Children find their copied parents through the old ids, in the one statement that makes them all.
_COPY_TERRITORIES = """
with copy as materialized (
  select *, uuidv7() as new_id from territory where org_id = :org_id and model_id = :original
)
insert into territory (org_id, id, model_id, code, name, parent_id, priority, rule)
select copy.org_id, copy.new_id, :clone, copy.code, copy.name, parent.new_id, copy.priority, copy.rule
from copy left join copy parent on parent.id = copy.parent_id
"""
_COPY_PINS = """
insert into territory_membership (org_id, id, model_id, territory_id, account_id, source, reason, effective_from)
select :org_id, uuidv7(), :clone, copy.id, held.account_id, 'pin', held.reason, :start
from territory_membership held
join territory own on own.org_id = :org_id and own.id = held.territory_id
join territory copy on copy.org_id = :org_id and copy.model_id = :clone and copy.code = own.code
where held.org_id = :org_id and held.model_id = :original and held.source = 'pin' and held.valid @> cast(:day as date)
"""


def _apply(row: Any, body: Any, but: str = "") -> None:
    """Merge patch: what the caller set is changed, the rest stays; null only where there may be nothing."""
    for name in body.model_fields_set - {but}:
        value = getattr(body, name)
        if value is None and not row.__table__.c[name].nullable:
            raise refuse("invalid_input", "It cannot be null.", pointer=f"/{name}")
        setattr(row, name, value.model_dump(mode="json") if isinstance(value, TerritoryRule) else value)


def _check_order(start: date, end: date | None, pointer: str) -> None:
    if not in_order(start, end):
        raise refuse("invalid_input", f"It must be after {start}.", pointer=pointer)


async def _begin_model(tx: Tx, model: TerritoryModel) -> UUID:
    _check_order(model.starts_on, model.ends_on, "/ends_on")
    await tx.add(model)
    await begin(tx, TERRITORY_MODEL, model.id)
    return model.id


async def _model(
    tx: Tx, id: UUID, states: tuple[TerritoryModelState, ...], *, pointer: str | None = None
) -> TerritoryModel:
    """The model, locked so that its design changes in one place at a time; refused as `immutable` in other states."""
    model = await tx.require(TerritoryModel, id, pointer=pointer, lock=True)
    if model.state not in states:
        raise refuse("immutable", f"The model is {model.state}.", state=model.state)
    return model


def _placing_day(tx: Tx, model: TerritoryModel, asked: date | None) -> date:
    start = placing_day(model.state, model.starts_on, asked, tx.today)
    if not in_order(start, model.ends_on):
        raise refuse("invalid_input", f"The model ends on {model.ends_on}.", pointer="/effective_from")
    return start


async def _check_parent(tx: Tx, model_id: UUID, parent_id: UUID, id: UUID | None = None) -> None:
    """The parent is of the same model and, for an existing territory, not below it."""
    parent = await tx.require(Territory, parent_id, pointer="/parent_id")
    if parent.model_id != model_id:
        raise refuse("unknown_reference", "The parent is of another model.", pointer="/parent_id")
    looped = id and await tx.value(
        "with recursive up (id) as (select cast(:parent as uuid) union select t.parent_id from up join territory t"
        " on t.org_id = :org_id and t.id = up.id where t.parent_id is not null)"
        " select 1 from up where id = :id",
        parent=parent_id,
        id=id,
    )
    if looped:
        raise refuse("territory_cycle", pointer="/parent_id")


async def _check_rule(tx: Tx, rule: TerritoryRule) -> None:
    """What a rule names exists and is visible to whoever writes it."""
    if rule.segment_id:
        await tx.visible("segment", rule.segment_id, pointer="/rule/segment_id")
    missing = await tx.value(
        "select named.place - 1 from unnest(cast(:ids as uuid[])) with ordinality named(id, place) where not exists"
        " (select from account where org_id = :org_id and account.id = named.id) order by place limit 1",
        ids=rule.account_ids or [],
    )
    if missing is not None:
        raise refuse("unknown_reference", "There is no such account.", pointer=f"/rule/account_ids/{missing}")


async def _check_whole(tx: Tx, territory_id: UUID) -> None:
    peak = await tx.value("select territory_coverage_peak(:org_id, :territory)", territory=territory_id)
    if peak > 1:
        raise refuse("coverage_exceeds_whole", f"The shares would reach {plain(peak)}.", pointer="/share")
