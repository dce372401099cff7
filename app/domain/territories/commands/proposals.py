"""A whole model proposed to the sellers it is planned for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.resource import by_seller
from app.domain.kernel.scope import Tx
from app.domain.kernel.visibility import rule_for
from app.domain.territories.commands.shared import check_order, model_in
from app.domain.territories.contract.models import ProposalOutcome, ProposeTerritoryModel, TerritoryModelState
from app.domain.territories.workflow.assignments import TERRITORY_ASSIGNMENT
from app.domain.workflow.history import begin_many

define(
    "proposals_open",
    Conflict,
    "Sellers have not accepted all that the model plans for them",
    "Des commerciaux n'ont pas accepté tout ce que le modèle leur prévoit",
    "See the model's proposals; wait, settle the disputes, or activate without `require_acceptance`.",
)

_STATES = tuple(state for state in TerritoryModelState if state != TerritoryModelState.ARCHIVED)

_TAKEN = """
select from territory_assignment had
where had.org_id = territory.org_id and had.territory_id = territory.id and had.valid && daterange(:start, null)
  and (had.state <> 'disputed' or had.seller_id = territory.planned_seller_id)
"""
_JUDGED = f"""
select territory.id, territory.planned_seller_id as seller_id,
       case when exists ({_TAKEN}) then 'assigned'
            when territory.planned_seller_id is null then 'unplanned'
            when seller.left_on <= :start or seller.placeholder or seller.id = :me or not {{sees}} then 'out_of_sight'
            else 'proposed' end as outcome
from territory left join seller on seller.org_id = territory.org_id and seller.id = territory.planned_seller_id
where territory.org_id = :org_id and territory.model_id = :model
  and (territory.planned_seller_id is not null or not exists (
    select from territory child where child.org_id = territory.org_id and child.parent_id = territory.id))
"""
_PROPOSE = """
insert into territory_assignment (org_id, id, territory_id, seller_id, share, effective_from, state)
select :org_id, uuidv7(), given.territory_id, given.seller_id, 1, :start, 'proposed'
from unnest(cast(:territories as uuid[]), cast(:sellers as uuid[])) as given(territory_id, seller_id)
returning id
"""
_OPEN = """
select count(*) filter (where own.state = 'proposed') as proposed,
       count(*) filter (where own.state = 'disputed') as disputed,
       count(distinct territory.id) filter (where own.id is null) as unproposed
from territory left join territory_assignment own on own.org_id = territory.org_id and own.territory_id = territory.id
where territory.org_id = :org_id and territory.model_id = :model
  and (own.id is not null or territory.planned_seller_id is not null)
"""


@command(
    Kind.ACTION,
    "territory_model",
    needs="assignments:propose",
    body=ProposeTerritoryModel,
    action="propose",
    result=ProposalOutcome,
)
async def propose_territory_model(tx: Tx, id: UUID, body: ProposeTerritoryModel) -> ProposalOutcome:
    """Propose every territory of a model, as a whole, to the seller planned for it; repeating it adds what is new."""
    model = await model_in(tx, id, _STATES)
    start = body.effective_from or model.starts_on
    _check_day(start, model.starts_on, model.ends_on)
    sees = rule_for(by_seller("territory.planned_seller_id"), tx.actor)
    judged = await tx.rows(
        _JUDGED.format(sees=sees.format(org=":org_id", seller="cast(:me as uuid)", today="cast(:today as date)")),
        model=id,
        start=start,
        me=tx.actor.seller_id,
        **({} if sees == "true" else {"today": tx.today}),
    )
    wanted = [row for row in judged if row["outcome"] == "proposed"]
    made = await tx.rows(
        _PROPOSE,
        territories=[row["id"] for row in wanted],
        sellers=[row["seller_id"] for row in wanted],
        start=start,
    )
    await begin_many(tx, TERRITORY_ASSIGNMENT, [row["id"] for row in made])
    found = [row["outcome"] for row in judged]
    outcome = ProposalOutcome(**{name: found.count(name) for name in ProposalOutcome.model_fields})
    tx.emit("territory_model.proposed", "territory_model", id, **outcome.model_dump())
    return outcome


async def check_accepted(tx: Tx, model_id: UUID) -> None:
    """Refuse with `proposals_open` while a seller has not accepted what a model plans for it."""
    (found,) = await tx.rows(_OPEN, model=model_id)
    if any(found.values()):
        detail = "{proposed} proposals wait for an answer, {disputed} are disputed, {unproposed} were never made."
        raise refuse("proposals_open", detail.format(**found), **found)


def _check_day(start: date, first: date, end: date | None) -> None:
    if start < first:
        raise refuse("invalid_input", f"The model begins on {first}.", pointer="/effective_from")
    check_order(start, end, "/effective_from")
