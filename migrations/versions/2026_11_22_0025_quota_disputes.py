"""Quotas: evidence of disputes, amendments, reminders.

Revision ID: 2026_11_22_0025
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0025"
down_revision = "2026_11_22_0024"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # What the seller agreed to holds until it agrees to something else; months before an amendment are kept.
    "alter table quota add accepted_amount numeric(18,4) check (accepted_amount >= 0), add amended_from date",
    """
    alter table quota_month
      add accepted_amount numeric(18,4) check (accepted_amount >= 0),
      add kept_amount numeric(18,4) not null default 0 check (kept_amount between 0 and amount),
      add seasonal_amount numeric(18,4) check (seasonal_amount >= 0)
    """,
    """
    alter table quota_revision
      add effective_from date,
      add whole_amount numeric(18,4) check (whole_amount >= 0),
      add check ((effective_from is null) = (whole_amount is null))
    """,
    # The owner of the tables is no tenant: for what was accepted before, it looks past the tenants' wall.
    *[f"alter table {name} no force row level security" for name in ("quota", "quota_month")],
    "update quota set accepted_amount = amount where state in ('accepted', 'locked')",
    """
    update quota_month set accepted_amount = quota_month.amount from quota
    where quota.org_id = quota_month.org_id and quota.id = quota_month.quota_id and quota.accepted_amount is not null
    """,
    *[f"alter table {name} force row level security" for name in ("quota", "quota_month")],
    """
    create table quota_dispute (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      quota_id uuid not null,
      amount numeric(18,4) not null check (amount >= 0),
      counter_amount numeric(18,4) not null check (counter_amount >= 0),
      currency char(3) not null,
      reason text not null check (reason <> ''),
      evidence jsonb not null check (jsonb_typeof(evidence) = 'array' and jsonb_array_length(evidence) <= 20),
      opened_by uuid not null,
      opened_at timestamptz not null,
      investigated_by uuid,
      investigated_at timestamptz,
      outcome text check (outcome in ('granted', 'revised', 'upheld', 'withdrawn', 'cancelled')),
      decided_amount numeric(18,4) check (decided_amount >= 0),
      decision text,
      closed_by uuid,
      closed_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, quota_id) references quota,
      check ((outcome is null) = (closed_at is null))
    )
    """,
    "create unique index quota_dispute_one_open on quota_dispute (org_id, quota_id) where outcome is null",
    *[
        f"create index quota_dispute_{column} on quota_dispute (org_id, {column}, id)"
        for column in ("quota_id", "outcome", "opened_at", "closed_at")
    ],
    """
    create table quota_reminder (
      org_id uuid not null,
      quota_id uuid not null,
      reminded_on date not null,
      primary key (org_id, quota_id, reminded_on),
      foreign key (org_id, quota_id) references quota
    )
    """,
    "select tenant_table('quota_dispute')",
    "select versioned_table('quota_dispute')",
    "select tenant_table('quota_reminder', 'select, insert')",
    "select append_only_table('quota_reminder')",
    # Reports are told a period by its code: an unknown one is refused, where an empty list would mislead.
    """
    create function asked_period(organisation uuid, wanted text, day date) returns setof fiscal_period
    language plpgsql stable as $$
    begin
      return query select * from fiscal_period p where p.org_id = organisation
        and case when wanted is null then p.kind = 'year' and p.valid @> day else p.code = wanted end;
      if wanted is not null and not found then
        raise exception 'There is no period %.', wanted using errcode = 'PL422', column = 'period';
      end if;
    end $$
    """,
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop function asked_period",
    "drop table quota_reminder",
    "drop table quota_dispute",
    "alter table quota_revision drop whole_amount, drop effective_from",
    "alter table quota_month drop seasonal_amount, drop kept_amount, drop accepted_amount",
    "alter table quota drop amended_from, drop accepted_amount",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
