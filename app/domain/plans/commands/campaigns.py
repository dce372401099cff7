"""How campaigns are prepared and launched, and owners reminded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.accounts.queries import QUADRANT
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.resource import by_seller
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.prefill import prefill
from app.domain.plans.commands.shared import sections_of
from app.domain.plans.commands.storing import add_drafts, store_contents
from app.domain.plans.contract.campaigns import (
    CreatePlanCampaign,
    LaunchedCampaign,
    LaunchPlanCampaign,
    PlansReminded,
    RemindOfPlans,
    UpdatePlanCampaign,
)
from app.domain.plans.contract.templates import PlanKind
from app.domain.plans.rules.content import in_order
from app.domain.plans.tables.campaigns import PlanCampaign
from app.domain.plans.tables.plans import PlanTemplate

define(
    "campaign_empty",
    Conflict,
    "Nobody is concerned by the campaign",
    "La campagne ne concerne personne",
    "Widen its manager, team, territory, quadrants or potential.",
)
define(
    "campaign_too_large",
    Invalid,
    "The campaign expects too many plans",
    "La campagne attend trop de plans",
    "Narrow it by manager, team, territory, quadrants or potential; `most` is what one may expect.",
)

_MOST = 5_000
_ORG, _TODAY = "cast(:org_id as uuid)", "cast(:today as date)"


def _led(column: str) -> str:
    """SQL of whether the actor leads the seller in a column."""
    line = by_seller(column).rule.format(org=_ORG, seller="cast(:seller as uuid)", today=_TODAY)
    return f"(:sees_all or {line})"


# Sellers of the campaign's line and team whom the actor leads; plans of placeholders are nobody's.
_SELLERS = f"""
with campaign as (
  select held.*, period.code as period_code,
         least(greatest({_TODAY}, period.start_date), period.end_date - 1) as day
  from plan_campaign held join fiscal_period period on period.org_id = held.org_id and period.id = held.period_id
  where held.org_id = {_ORG} and held.id = :id
), owner as (
  select seller.id, seller.name from campaign
  join seller on seller.org_id = {_ORG} and not seller.placeholder
   and (seller.left_on is null or seller.left_on > {_TODAY})
  join position held on held.org_id = {_ORG} and held.seller_id = seller.id and held.valid @> {_TODAY}
   and (campaign.team is null or held.team = campaign.team)
  where {_led("seller.id")} and (campaign.manager_id is null or exists (
    select from reporting_closure line where line.org_id = {_ORG} and line.ancestor_id = campaign.manager_id
     and line.descendant_id = seller.id and line.depth > 0
     and line.valid_from <= {_TODAY} and line.valid_to > {_TODAY}))
), place as (
  with recursive below(id) as (
    select territory_id from campaign where territory_id is not null union
    select lower.id from below join territory lower on lower.org_id = {_ORG} and lower.parent_id = below.id
  )
  select id from below
)
"""
_EXPECTED = {
    PlanKind.REVENUE_PLAN: "select owner.id as owner_id, null as account_id, null as territory_id,"
    " owner.name || ' ' || campaign.period_code as title from campaign cross join owner",
    PlanKind.ACCOUNT_PLAN: f"""
      select owner.id as owner_id, account.id as account_id, null as territory_id,
             account.name || ' ' || campaign.period_code as title
      from campaign cross join owner
      join account on account.org_id = {_ORG} and account.owner_id = owner.id
      where (campaign.minimum_potential is null or account.potential >= campaign.minimum_potential and account.currency
             = (select whole.currency from organisation whole where whole.org_id = {_ORG}))
        and (campaign.quadrants = jsonb_build_array()
             or campaign.quadrants ? {QUADRANT.format(account="account", org=_ORG)})
        and (campaign.territory_id is null or exists (
          select from territory_membership member where member.org_id = {_ORG} and member.account_id = account.id
           and member.territory_id in (select id from place) and member.valid @> campaign.day))""",
    PlanKind.TERRITORY_PLAN: f"""
      select distinct on (territory.id) owner.id as owner_id, null as account_id, territory.id as territory_id,
             territory.name || ' ' || campaign.period_code as title
      from campaign cross join owner
      join territory_assignment covering on covering.org_id = {_ORG} and covering.seller_id = owner.id
       and covering.state = 'accepted' and covering.valid @> campaign.day
      join territory on territory.org_id = {_ORG} and territory.id = covering.territory_id
      where campaign.territory_id is null or territory.id in (select id from place)
      order by territory.id, covering.share desc, owner.id""",
}
_SAME = {
    PlanKind.REVENUE_PLAN: "present.owner_id = expected.owner_id",
    PlanKind.ACCOUNT_PLAN: "present.account_id = expected.account_id",
    PlanKind.TERRITORY_PLAN: "present.territory_id = expected.territory_id",
}


@command(Kind.CREATE, "plan_campaign", needs="plans:review", body=CreatePlanCampaign)
async def create_plan_campaign(tx: Tx, body: CreatePlanCampaign) -> UUID:
    """Prepare a campaign: which plans are expected, of whom, by when."""
    await tx.visible("plan_template", body.template_id, pointer="/template_id")
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    template = await tx.require(PlanTemplate, body.template_id)
    if template.kind != PlanKind.ACCOUNT_PLAN:
        for field in ("minimum_potential", "quadrants"):
            if getattr(body, field):
                raise refuse("invalid_input", "Only account plans are chosen by it.", pointer=f"/{field}")
    if body.manager_id:
        await tx.visible("seller", body.manager_id, pointer="/manager_id")
    if body.territory_id:
        await tx.visible("territory", body.territory_id, pointer="/territory_id")
        if template.kind == PlanKind.REVENUE_PLAN:
            raise refuse("invalid_input", "Revenue plans are of no territory.", pointer="/territory_id")
    row = PlanCampaign(org_id=tx.org_id, created_by=tx.actor.principal_id, **body.model_dump())
    return (await tx.add(row)).id


@command(Kind.UPDATE, "plan_campaign", needs="plans:review", body=UpdatePlanCampaign)
async def update_plan_campaign(tx: Tx, id: UUID, body: UpdatePlanCampaign) -> None:
    """Rename a campaign or move its due day."""
    merge(await _own(tx, id), body)


@command(
    Kind.ACTION,
    "plan_campaign",
    needs="plans:review",
    body=LaunchPlanCampaign,
    action="launch",
    result=LaunchedCampaign,
    event="plan_campaign.launched",
)
async def launch_plan_campaign(tx: Tx, id: UUID, body: LaunchPlanCampaign) -> LaunchedCampaign:
    """Start a draft for everyone concerned, filled from data; launched again, it starts those that are missing."""
    row = await _own(tx, id)
    # The lock keeps the template as it is until the plans that use it are stored.
    await tx.visible("plan_template", row.template_id, lock=True)
    template = await tx.require(PlanTemplate, row.template_id)
    # Two campaigns for one period wait for each other, so that no plan is started twice.
    lock = f"{tx.org_id}/plan_campaign/{row.period_id}"
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=lock)
    expected = await tx.rows(
        f"{_SELLERS} select expected.*, present.id as plan_id, present.campaign_id"
        f" from ({_EXPECTED[template.kind]}) expected left join lateral ("
        "   select present.id, present.campaign_id from plan present"
        f"  where present.org_id = {_ORG} and present.kind = :kind and present.period_id = :period"
        f"   and {_SAME[template.kind]} and present.state not in ('rejected', 'archived')"
        "   order by present.campaign_id is distinct from :id, present.plan_version desc, present.id limit 1"
        f" ) present on true order by expected.title, expected.owner_id limit {_MOST + 1}",
        id=id,
        kind=str(template.kind),
        period=row.period_id,
        seller=tx.actor.seller_id,
        sees_all=tx.actor.sees_all_rows,
        today=tx.today,
    )
    if not expected:
        raise refuse("campaign_empty")
    if len(expected) > _MOST:
        raise refuse("campaign_too_large", most=_MOST)
    adopted = [found["plan_id"] for found in expected if found["plan_id"] and found["campaign_id"] is None]
    await tx.execute(
        "update plan set campaign_id = :campaign where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        campaign=id,
        ids=adopted,
    )
    drafts = [_draft(tx, id, found) for found in expected if found["plan_id"] is None]
    await add_drafts(tx, template.id, row.period_id, drafts)
    sections = sections_of(template)
    made = [draft["id"] for draft in drafts]
    filled = await prefill(tx, made, sections) if body.prefill else {}
    await store_contents(tx, sections, {plan: in_order(sections, filled.get(plan, {})) for plan in made})
    row.launched_at = tx.now
    held = await tx.value("select count(*) from plan where org_id = :org_id and campaign_id = :id", id=id)
    return LaunchedCampaign(expected=held, created=len(drafts), adopted=len(adopted))


@command(Kind.COLLECTION, "plan", needs="plans:review", body=RemindOfPlans, action="remind", result=PlansReminded)
async def remind_of_plans(tx: Tx, body: RemindOfPlans) -> PlansReminded:
    """Remind the owners of plans that campaigns expect soon or miss. Run it daily; a plan is reminded of once a day."""
    due = await tx.rows(
        "select plan.id, plan.owner_id, campaign.id as campaign_id, campaign.due_on from plan"
        " join plan_campaign campaign on campaign.org_id = plan.org_id and campaign.id = plan.campaign_id"
        " where plan.org_id = :org_id and plan.state in ('draft', 'changes_requested')"
        f" and campaign.due_on - cast(:days as int) <= {_TODAY} and {_led('plan.owner_id')}",
        days=body.within_days,
        seller=tx.actor.seller_id,
        sees_all=tx.actor.sees_all_rows,
        today=tx.today,
    )
    known = {row["id"]: row for row in due}
    fresh = await tx.rows(
        "insert into plan_reminder (org_id, id, plan_id, reminded_on)"
        " select :org_id, uuidv7(), due.id, :today from unnest(cast(:ids as uuid[])) due(id)"
        " on conflict (org_id, plan_id, reminded_on) do nothing returning plan_id",
        ids=list(known),
        today=tx.today,
    )
    for found in fresh:
        row = known[found["plan_id"]]
        facts = {"owner_id": row["owner_id"], "campaign_id": row["campaign_id"], "due_on": row["due_on"]}
        tx.emit("plan.reminded", "plan", row["id"], **facts, days_left=(row["due_on"] - tx.today).days)
    return PlansReminded(reminded=len(fresh), already=len(known) - len(fresh))


async def _own(tx: Tx, id: UUID) -> PlanCampaign:
    """The campaign, if the actor runs it or sees the whole organisation."""
    row = await tx.require(PlanCampaign, id)
    if row.created_by != tx.actor.principal_id and not tx.actor.sees_all_rows:
        raise refuse("not_concerned", "Somebody else runs this campaign.")
    return row


def _draft(tx: Tx, campaign: UUID, found: Any) -> dict[str, Any]:
    kept = ("title", "owner_id", "account_id", "territory_id")
    return {"id": tx.new_id(), "campaign_id": campaign, **{name: found[name] for name in kept}}
