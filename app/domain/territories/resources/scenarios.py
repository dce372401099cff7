"""What can be read of design scenarios and of the plans found for them."""

from uuid import UUID

from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, by_seller
from app.domain.territories.contract.scenario_results import (
    ScenarioComparisonView,
    ScenarioPlacementView,
    ScenarioResultView,
    ScenarioTerritoryView,
)
from app.domain.territories.contract.scenarios import TerritoryScenarioView

TERRITORY_SCENARIO = Resource(
    "territory_scenario",
    "territory_scenarios",
    TerritoryScenarioView,
    "territories:read",
    "Questions to the design engine: what to balance, from where, and within which limits.",
    links={
        "model": One("territory_model", "{row}.model_id", "The model it starts from."),
        "results": Many("scenario_result", "{other}.scenario_id = {row}.id", "-id", "Plans found for it."),
    },
    filters=("name", "model_id", "method", "created_at"),
    sorts=("name", "created_at"),
    search=("name",),
)

SCENARIO_RESULT = Resource(
    "scenario_result",
    "scenario_results",
    ScenarioResultView,
    "territories:read",
    "Plans found for scenarios, with their figures and the bound no plan can stay below.",
    columns={
        "scenario_name": "{row}.terms->>'name'",
        "method": "{row}.terms->>'method'",
        "as_of": "cast({row}.terms->>'as_of' as date)",
        "stake_basis": "{row}.terms->>'stake'",
    },
    links={
        "scenario": One("territory_scenario", "{row}.scenario_id"),
        "model": One("territory_model", "{row}.model_id", "The model it starts from."),
        "job": One("job", "{row}.job_id", "The job that found it."),
        "territories": Many("scenario_territory", "{other}.result_id = {row}.id", "code", "Its territories."),
        "placements": Many("scenario_placement", "{other}.result_id = {row}.id", "id", "Where it puts each account."),
    },
    filters=("scenario_id", "model_id", "job_id", "feasible", "stopped", "digest", "moved_stake", "created_at"),
    sorts=("moved_stake", "travel", "created_at"),
    versioned=False,
)

SCENARIO_TERRITORY = Resource(
    "scenario_territory",
    "scenario_territories",
    ScenarioTerritoryView,
    "territories:read",
    "Territories of the results of scenarios, with what they hold and the seller proposed for each.",
    links={
        "result": One("scenario_result", "{row}.result_id"),
        "seller": One("seller", "{row}.seller_id", "The seller proposed for it."),
    },
    filters=("result_id", "code", "seller_id", "succeeds"),
    sorts=("code",),
    sort="code",
    versioned=False,
)

_OWNER = "(select a.owner_id from account a where a.org_id = {org} and a.id = {row}.account_id)"

SCENARIO_PLACEMENT = Resource(
    "scenario_placement",
    "scenario_placements",
    ScenarioPlacementView,
    "territories:read",
    "Where the results of scenarios put each account, and why.",
    columns={
        "loads": "select jsonb_agg(decimal_text(load) order by place)"
        " from unnest({row}.loads) with ordinality held(load, place)",
    },
    links={
        "result": One("scenario_result", "{row}.result_id"),
        "account": One("account", "{row}.account_id"),
    },
    filters=(
        "result_id",
        "account_id",
        "territory_code",
        "from_code",
        "moved",
        "locked",
        "reason",
        "stake",
    ),
    sorts=("stake",),
    sort="id",
    visible=by_seller(_OWNER),
    versioned=False,
)

# Territories of two designs correspond when they take over the same territory of the model.
_COMPARISONS = """(
  with one as (select * from scenario_result where org_id = {org} and id = {result_id}),
  other as (select * from scenario_result where org_id = {org} and id = {with_id}),
  placed as (
    select held.result_id, held.account_id, coalesce(place.succeeds, place.code) as code
    from scenario_placement held join scenario_territory place on place.org_id = held.org_id
     and place.result_id = held.result_id and place.code = held.territory_code
    where held.org_id = {org} and held.result_id in ({result_id}, {with_id})
  )
  select one.id, other.id as with_id, one.terms->>'name' as scenario_name, other.terms->>'name' as with_scenario_name,
         (select count(*) from (select * from placed where result_id = {result_id}) mine
          full join (select * from placed where result_id = {with_id}) theirs using (account_id)
          where mine.code is distinct from theirs.code) as differing_accounts,
         one.moved_accounts, other.moved_accounts as with_moved_accounts,
         one.moved_stake, other.moved_stake as with_moved_stake, one.must_move, other.must_move as with_must_move,
         one.travel, other.travel as with_travel, one.touring, other.touring as with_touring,
         one.measures, other.measures as with_measures, one.feasible, other.feasible as with_feasible,
         one.currency
  from one cross join other
)"""

SCENARIO_COMPARISON = Resource(
    "scenario_comparison",
    "scenario_comparisons",
    ScenarioComparisonView,
    "territories:read",
    "Two results of scenarios side by side; each shows today's figures too.",
    source=_COMPARISONS,
    links={
        "result": One("scenario_result", "{row}.id"),
        "with": One("scenario_result", "{row}.with_id"),
    },
    sorts=(),
    sort="id",
    params={
        "result_id": Param(UUID, "The one result."),
        "with_id": Param(UUID, "The other result."),
    },
    versioned=False,
)

MODEL_SCENARIOS = LinkFrom(
    "territory_model",
    "scenarios",
    Many("territory_scenario", "{other}.model_id = {row}.id", "-id", "Design scenarios that start from it."),
)
