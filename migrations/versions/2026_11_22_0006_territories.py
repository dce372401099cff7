"""Territories: models, territories, account membership, assignments to sellers.

Revision ID: 2026_11_22_0006
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0006"
down_revision = "2026_11_22_0005"
branch_labels = None
depends_on = None

TABLES = ("territory_model", "territory", "territory_membership", "territory_assignment")

UP = [
    "set local lock_timeout = '5s'",
    # What was in force stays so: archived models keep their dates. The check waits for the commit, because a model may
    # end the one before it in the same transaction.
    """
    create table territory_model (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null check (code <> ''),
      name text not null check (name <> ''),
      model_version int not null check (model_version >= 1),
      starts_on date not null,
      ends_on date check (ends_on >= starts_on),
      valid daterange not null generated always as (daterange(starts_on, ends_on)) stored,
      description text,
      based_on_id uuid,
      state text not null check (state in
        ('draft', 'submitted', 'reviewed', 'changes_requested', 'approved', 'active', 'archived')),
      submitted_by uuid,
      submitted_at timestamptz,
      reviewed_by uuid,
      reviewed_at timestamptz,
      approved_by uuid,
      approved_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code, model_version),
      foreign key (org_id, based_on_id) references territory_model,
      constraint territory_model_one_in_force exclude using gist (org_id with =, valid with &&)
        where (state in ('active', 'archived')) deferrable initially deferred
    )
    """,
    "create index territory_model_based_on on territory_model (org_id, based_on_id)",
    "create index territory_model_starts on territory_model (org_id, starts_on, id)",
    """
    create table territory (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      model_id uuid not null,
      code text not null check (code <> ''),
      name text not null check (name <> ''),
      parent_id uuid check (parent_id <> id),
      priority int not null check (priority between 0 and 10000),
      rule jsonb not null,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, model_id, id),
      unique (org_id, model_id, code),
      foreign key (org_id, model_id) references territory_model,
      foreign key (org_id, model_id, parent_id) references territory (org_id, model_id, id)
    )
    """,
    "create index territory_parent on territory (org_id, parent_id)",
    "create index territory_code on territory (org_id, code, id)",
    "create index territory_name on territory (org_id, name, id)",
    # One statement ends old memberships and begins new ones, in no order: `deferrable` checks when it is done.
    """
    create table territory_membership (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      model_id uuid not null,
      territory_id uuid not null,
      account_id uuid not null,
      source text not null check (source in ('rule', 'pin')),
      reason jsonb not null,
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      primary key (org_id, id),
      foreign key (org_id, model_id, territory_id) references territory (org_id, model_id, id),
      foreign key (org_id, account_id) references account,
      constraint territory_membership_one_at_a_time unique (org_id, model_id, account_id, valid without overlaps)
        deferrable
    )
    """,
    "create index territory_membership_territory on territory_membership (org_id, territory_id, id)",
    "create index territory_membership_account on territory_membership (org_id, account_id, id)",
    "create index territory_membership_start on territory_membership (org_id, effective_from, id)",
    """
    create table territory_assignment (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      territory_id uuid not null,
      seller_id uuid not null,
      share numeric(9,6) not null check (share > 0 and share <= 1),
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      state text not null check (state in ('proposed', 'accepted', 'disputed', 'ended')),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, territory_id) references territory,
      foreign key (org_id, seller_id) references seller,
      constraint territory_assignment_one_at_a_time unique (org_id, territory_id, seller_id, valid without overlaps)
    )
    """,
    "create index territory_assignment_territory on territory_assignment (org_id, territory_id, id)",
    "create index territory_assignment_seller on territory_assignment (org_id, seller_id, id)",
    "create index territory_assignment_start on territory_assignment (org_id, effective_from, id)",
    # A sum only rises where an assignment begins, so looking there finds the highest. A disputed one holds no share.
    """
    create function territory_coverage_peak(org uuid, territory uuid) returns numeric language sql stable
    return (
      select coalesce(max(at_start.total), 0) from (
        select sum(held.share) as total
        from territory_assignment start
        join territory_assignment held on held.org_id = start.org_id and held.territory_id = start.territory_id
         and held.state <> 'disputed' and held.valid @> start.effective_from
        where start.org_id = org and start.territory_id = territory and start.state <> 'disputed'
        group by start.id
      ) at_start
    )
    """,
    # The lock makes two transactions that each stay within the whole see one another.
    """
    create function check_territory_coverage() returns trigger language plpgsql as $$
    begin
      perform 1 from territory where org_id = new.org_id and id = new.territory_id for no key update;
      if territory_coverage_peak(new.org_id, new.territory_id) > 1 then
        raise exception 'the shares of a territory add up to more than the whole'
          using errcode = 'check_violation', constraint = 'territory_coverage_whole';
      end if;
      return null;
    end $$
    """,
    """
    create constraint trigger territory_coverage_whole after insert or update on territory_assignment
    deferrable initially deferred for each row execute function check_territory_coverage()
    """,
    *[f"select tenant_table('{name}')" for name in TABLES],
    *[f"select versioned_table('{name}')" for name in ("territory_model", "territory", "territory_assignment")],
]

DOWN = [
    "set local lock_timeout = '5s'",
    "drop trigger territory_coverage_whole on territory_assignment",
    "drop function check_territory_coverage, territory_coverage_peak",
    *[f"drop table {name}" for name in reversed(TABLES)],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
