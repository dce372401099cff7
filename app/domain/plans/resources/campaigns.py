"""What can be read of campaigns and how far they are."""

from uuid import UUID

from app.domain.kernel.resource import Many, One, Param, Resource, by_seller
from app.domain.plans.contract.campaigns import CampaignProgressView, PlanCampaignView, ProgressGroup

PLAN_CAMPAIGN = Resource(
    "plan_campaign",
    "plan_campaigns",
    PlanCampaignView,
    "plans:read",
    "Sets of plans expected by a day.",
    links={
        "template": One("plan_template", "{row}.template_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "manager": One("seller", "{row}.manager_id", "Whose line it is for."),
        "territory": One("territory", "{row}.territory_id", "The territory it is for."),
        "plans": Many("plan", "{other}.campaign_id = {row}.id", "title", "The plans it expects."),
    },
    filters=("name", "template_id", "period_id", "manager_id", "territory_id", "due_on"),
    sorts=("name", "due_on", "created_at"),
    sort="-due_on",
    search=("name",),
)

# A plan is late by its first submission: what is sent back and submitted again was in time once.
_PROGRESS = f"""(
  with expected as (
    select campaign.id as campaign_id, campaign.name as campaign_name, campaign.due_on, plan.owner_id,
           owner.name as owner_name, place.team, plan.state, plan.completeness, plan.quality,
           plan.quality < template.minimum_quality as is_below,
           coalesce(cast(first.submitted_at at time zone 'UTC' as date), {{today}}) > campaign.due_on as is_late
    from plan_campaign campaign
    join plan on plan.org_id = {{org}} and plan.campaign_id = campaign.id
     and ({{sees_all}} or {by_seller("plan.owner_id").rule})
    join plan_template template on template.org_id = {{org}} and template.id = plan.template_id
    join seller owner on owner.org_id = {{org}} and owner.id = plan.owner_id
    left join position place on place.org_id = {{org}} and place.seller_id = owner.id and place.valid @> {{today}}
    left join plan_submission first on first.org_id = {{org}} and first.plan_id = plan.id and first.round = 1
    where campaign.org_id = {{org}} and ({{campaign_id}} is null or campaign.id = {{campaign_id}})
  ), grouped as (
    select campaign_id, campaign_name, due_on, case when {{per}} <> 'campaign' then team end as team,
           case when {{per}} = 'seller' then owner_id end as owner_id,
           case when {{per}} = 'seller' then owner_name end as owner_name, count(*) as expected,
           count(*) filter (where state in ('draft', 'changes_requested')) as draft,
           count(*) filter (where state = 'submitted') as submitted,
           count(*) filter (where state = 'reviewed') as reviewed,
           count(*) filter (where state in ('approved', 'archived')) as approved,
           count(*) filter (where state = 'rejected') as rejected, count(*) filter (where is_late) as late,
           count(*) filter (where is_below) as below_bar, round(avg(completeness), 6) as completeness,
           round(avg(quality), 6) as quality
    from expected group by 1, 2, 3, 4, 5, 6
  )
  select cast(md5(concat_ws(' ', cast(campaign_id as text), coalesce(team, '-'), cast(owner_id as text))) as uuid)
           as id, grouped.*
  from grouped
)"""

CAMPAIGN_PROGRESS = Resource(
    "campaign_progress",
    "campaign_progress",
    CampaignProgressView,
    "plans:read",
    "How far campaigns are: expected, submitted, approved, late, quality, per campaign, team or seller.",
    source=_PROGRESS,
    links={"campaign": One("plan_campaign", "{row}.campaign_id"), "owner": One("seller", "{row}.owner_id")},
    filters=("campaign_id", "team", "owner_id", "due_on", "late", "below_bar", "quality"),
    sorts=("campaign_name", "due_on", "team", "owner_name", "late", "quality"),
    sort="campaign_name",
    params={
        "campaign_id": Param(UUID, "The campaign; all by default."),
        "per": Param(ProgressGroup, "What a row is about; the campaign by default.", default=ProgressGroup.CAMPAIGN),
    },
    versioned=False,
)
