"""What can be read of the figures of plans: one by one, down the line, and between two plans."""

from uuid import UUID

from app.domain.kernel.resource import One, Param, Resource, Visible
from app.domain.plans.contract.revenue import CascadeBalanceView, PlanFigureComparisonView, PlanFigureView
from app.domain.plans.queries import BALANCE_SQL, FIGURES_SQL
from app.domain.plans.resources.plans import of_plan

PLAN_FIGURE = Resource(
    "plan_figure",
    "plan_figures",
    PlanFigureView,
    "plans:read",
    "The measures of plans, figure by figure.",
    source="(select cast(md5(figure.plan_id || figure.measure || figure.period_id) as uuid) as id, figure.*"
    f" from ({FIGURES_SQL}) figure)",
    links={
        "plan": One("plan", "{row}.plan_id"),
        "owner": One("seller", "{row}.owner_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("plan_id", "owner_id", "measure", "period_id", "period_code", "amount", "currency", "state"),
    sorts=("amount", "period_code"),
    sort="period_code",
    visible=of_plan("{row}.plan_id"),
    versioned=False,
)

_BALANCE = f"""(
  select cast(md5(balance.plan_id || balance.measure || balance.period_id) as uuid) as id, balance.*,
         balance.amount - balance.children_amount as gap,
         case when balance.mixed then 'other_currency' when balance.amount < balance.children_amount then 'below'
              when balance.amount > balance.children_amount then 'above' else 'balanced' end as status
  from ({BALANCE_SQL}) balance
)"""

CASCADE_BALANCE = Resource(
    "cascade_balance",
    "cascade_balances",
    CascadeBalanceView,
    "plans:read",
    "Whether plans hold what the plans below them sum to, by measure and period.",
    source=_BALANCE,
    path="cascade-balance",
    links={
        "plan": One("plan", "{row}.plan_id"),
        "owner": One("seller", "{row}.owner_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("plan_id", "owner_id", "measure", "period_id", "gap", "status"),
    sorts=("gap", "period_code"),
    sort="period_code",
    visible=of_plan("{row}.plan_id"),
    versioned=False,
)

_OTHER = (
    "coalesce({with_plan_id}, (select held.based_on_id from plan held"
    " where held.org_id = {org} and held.id = {plan_id}))"
)
_COMPARISON = f"""(
  with chosen as (select {_OTHER} as with_id),
  here as (select figure.* from ({FIGURES_SQL}) figure where figure.plan_id = {{plan_id}}),
  there as (select figure.* from ({FIGURES_SQL}) figure where figure.plan_id = (select with_id from chosen)),
  joined as (
    select coalesce(here.measure, there.measure) as measure, coalesce(here.period_code, there.period_code)
             as period_code, coalesce(here.period_id, there.period_id) as period_id,
           there.amount as before, here.amount as after, there.currency as before_currency,
           here.currency as after_currency
    from here full join there on there.measure = here.measure and there.period_id = here.period_id
  )
  select cast(md5(joined.measure || joined.period_id) as uuid) as id, {{plan_id}} as plan_id,
         chosen.with_id as with_plan_id, joined.*,
         case when joined.before_currency <> joined.after_currency then null
              else coalesce(joined.after, 0) - coalesce(joined.before, 0) end as change,
         case when joined.before_currency = joined.after_currency and joined.before <> 0 and abs(joined.after) < 1000
                   * abs(joined.before) then round((joined.after - joined.before) / joined.before, 6) end as change_rate
  from joined cross join chosen
)"""

PLAN_FIGURE_COMPARISON = Resource(
    "plan_figure_comparison",
    "plan_figure_comparisons",
    PlanFigureComparisonView,
    "plans:read",
    "The figures of a plan against those of another, such as the version it is based on.",
    source=_COMPARISON,
    path="plan-figure-comparison",
    links={"plan": One("plan", "{row}.plan_id"), "with_plan": One("plan", "{row}.with_plan_id")},
    filters=("measure", "period_code", "change"),
    sorts=("period_code", "change"),
    sort="period_code",
    visible=Visible(f"({of_plan('{row}.plan_id').rule} and {of_plan('{row}.with_plan_id').rule})"),
    params={
        "plan_id": Param(UUID, "The plan; nothing is compared without one."),
        "with_plan_id": Param(UUID, "The plan to compare with; the version it is based on by default."),
    },
    versioned=False,
)
