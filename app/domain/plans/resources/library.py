"""What can be read of the library of exemplary plans."""

from app.domain.kernel.resource import One, Resource
from app.domain.plans.contract.library import ExemplaryPlanView
from app.domain.plans.queries import SHARED_TYPES

_SHARED = ", ".join(f"'{type_}'" for type_ in SHARED_TYPES)
_SECTIONS = f"""(
  select coalesce(jsonb_object_agg(section.item ->> 'key', {{row}}.whole -> (section.item ->> 'key')),
                  jsonb_build_object())
  from plan_template template cross join lateral jsonb_array_elements(template.sections) section(item)
  where template.org_id = {{org}} and template.id = {{row}}.template_id and section.item ->> 'type' in ({_SHARED})
    and {{row}}.whole -> (section.item ->> 'key') is not null
)"""

EXEMPLARY_PLAN = Resource(
    "exemplary_plan",
    "exemplary_plans",
    ExemplaryPlanView,
    "plans:read",
    "The library: approved plans marked exemplary, for everybody who reads plans to learn and to start from.",
    source="(select held.id, held.kind, held.title, held.template_id, held.period_id, held.sections as whole,"
    " held.quality, held.exemplary_reason, held.exemplary_at"
    " from plan held where held.org_id = {org} and held.exemplary_at is not null)",
    columns={"sections": _SECTIONS},
    links={
        "template": One("plan_template", "{row}.template_id", "What it consists of."),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("kind", "template_id", "period_id", "quality", "exemplary_at"),
    sorts=("exemplary_at", "quality", "title"),
    sort="-exemplary_at",
    search=("title", "exemplary_reason"),
    versioned=False,
)
