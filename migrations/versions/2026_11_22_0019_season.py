"""Territories: vacancies, holdovers, proposals.

Revision ID: 2026_11_22_0019
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0019"
down_revision = "2026_11_22_0018"
branch_labels = None
depends_on = None

_PEAK = """
create or replace function territory_coverage_peak(org uuid, territory uuid) returns numeric language sql stable
return (
  select coalesce(max(at_start.total), 0) from (
    select sum(held.share) as total
    from territory_assignment start
    join territory_assignment held on held.org_id = start.org_id and held.territory_id = start.territory_id
     and {held} and held.valid @> start.effective_from
    where start.org_id = org and start.territory_id = territory and {start}
    group by start.id
  ) at_start
)
"""
_UNDISPUTED = "{0}.state <> 'disputed'"
# Until it is accepted, a successor stands where the one it replaces still does.
_COUNTED = f"{_UNDISPUTED} and ({{0}}.state <> 'proposed' or {{0}}.replaces_id is null)"

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table seller add column placeholder boolean not null default false",
    "alter table territory_model"
    " add column holdover_days int not null default 0 check (holdover_days between 0 and 1096),"
    " add column move_open_deals boolean not null default false",
    "alter table territory add column planned_seller_id uuid,"
    " add foreign key (org_id, planned_seller_id) references seller",
    "create index territory_planned_seller on territory (org_id, planned_seller_id)",
    "alter table territory_assignment add column replaces_id uuid,"
    " add foreign key (org_id, replaces_id) references territory_assignment on delete set null (replaces_id)",
    "create index territory_assignment_replaces on territory_assignment (org_id, replaces_id)",
    _PEAK.format(held=_COUNTED.format("held"), start=_COUNTED.format("start")),
    """
    create table holdover (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      model_id uuid not null,
      opportunity_id uuid not null,
      account_id uuid not null,
      from_seller_id uuid not null,
      to_seller_id uuid not null,
      until date not null,
      state text not null check (state in ('held', 'released', 'lapsed')),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, model_id) references territory_model,
      foreign key (org_id, opportunity_id) references opportunity,
      foreign key (org_id, account_id) references account,
      foreign key (org_id, from_seller_id) references seller,
      foreign key (org_id, to_seller_id) references seller
    )
    """,
    "create unique index holdover_one_of_a_deal on holdover (org_id, opportunity_id) where state = 'held'",
    "create index holdover_due on holdover (org_id, until, id)",
    *[
        f"create index holdover_{column} on holdover (org_id, {column}_id, id)"
        for column in ("model", "opportunity", "account", "from_seller", "to_seller")
    ],
    "select versioned_table('holdover')",
    "select tenant_table('holdover')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table holdover",
    _PEAK.format(held=_UNDISPUTED.format("held"), start=_UNDISPUTED.format("start")),
    "alter table territory_assignment drop column replaces_id",
    "alter table territory drop column planned_seller_id",
    "alter table territory_model drop column holdover_days, drop column move_open_deals",
    "alter table seller drop column placeholder",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
