"""Accounts: contacts and their relations, the penetration cube, references.

Revision ID: 2026_11_22_0016
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0016"
down_revision = "2026_11_22_0015"
branch_labels = None
depends_on = None

VERSIONED = ("contact", "contact_relation", "holding", "reference", "reference_use")

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # Anonymised means that nothing of the person is left; the row stays for what was decided and counted.
    """
    create table contact (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      owner_id uuid,
      name text check (name <> ''),
      job_title text,
      function text,
      email text,
      phone text,
      decision_role text check (decision_role in ('decision_maker', 'influencer', 'champion', 'user', 'blocker')),
      relation_strength int not null check (relation_strength between 0 and 5),
      left_on date,
      anonymised_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, account_id, id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, owner_id) references seller,
      constraint contact_has_name check (name is not null or anonymised_at is not null),
      constraint contact_anonymous check (anonymised_at is null or left_on is not null
        and coalesce(name, job_title, email, phone) is null)
    )
    """,
    *[
        f"create index contact_{column} on contact (org_id, {column}, id)"
        for column in ("name", "owner_id", "created_at")
    ],
    """
    create table contact_relation (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      from_contact_id uuid not null,
      to_contact_id uuid not null check (to_contact_id <> from_contact_id),
      kind text not null check (kind in ('reports_to', 'influences', 'works_with', 'knows')),
      strength int not null check (strength between 1 and 5),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, from_contact_id, to_contact_id, kind),
      foreign key (org_id, from_contact_id) references contact,
      foreign key (org_id, to_contact_id) references contact
    )
    """,
    "create index contact_relation_to on contact_relation (org_id, to_contact_id, id)",
    # Who knows whom has no direction: said once, it is said.
    "create unique index contact_relation_mutual on contact_relation (org_id, kind,"
    " least(from_contact_id, to_contact_id), greatest(from_contact_id, to_contact_id))"
    " where kind in ('works_with', 'knows')",
    # A contact's cell belongs to the contact's own unit: the key leads over both.
    """
    create table holding (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      product_id uuid not null,
      contact_id uuid,
      status text not null check (status in ('owned', 'competitor', 'open', 'proposed', 'not_applicable')),
      potential numeric(18,4) check (potential >= 0),
      currency char(3) not null,
      competitor text check (competitor is null or status = 'competitor'),
      shown_on date,
      since date,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      constraint holding_one_cell unique nulls not distinct (org_id, account_id, product_id, contact_id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, product_id) references product,
      foreign key (org_id, account_id, contact_id) references contact (org_id, account_id, id)
    )
    """,
    *[
        f"create index holding_{column} on holding (org_id, {column}, id)"
        for column in ("product_id", "contact_id", "potential", "shown_on", "created_at")
    ],
    """
    create table reference (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      kind text not null check (kind in ('reference', 'testimonial', 'referral')),
      account_id uuid not null,
      contact_id uuid,
      product_id uuid,
      subject text,
      target_account_id uuid,
      target_contact_id uuid,
      max_uses int check (max_uses between 1 and 1000),
      per_days int check (per_days between 1 and 3660),
      outcome text check (outcome in ('helped', 'no_effect', 'hindered')),
      state text not null check (state in ('requested', 'agreed', 'declined', 'retired')),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, contact_id) references contact,
      foreign key (org_id, product_id) references product,
      foreign key (org_id, target_account_id) references account,
      foreign key (org_id, target_contact_id) references contact,
      constraint reference_limit check ((max_uses is null) = (per_days is null)),
      constraint reference_target check
        ((kind = 'referral') = (coalesce(target_account_id, target_contact_id) is not null))
    )
    """,
    *[
        f"create index reference_{column} on reference (org_id, {column}, id)"
        for column in ("account_id", "contact_id", "product_id", "target_account_id", "target_contact_id", "created_at")
    ],
    """
    create table reference_use (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      reference_id uuid not null,
      account_id uuid,
      opportunity_id uuid,
      used_on date not null,
      outcome text check (outcome in ('helped', 'no_effect', 'hindered')),
      comment text,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, reference_id) references reference,
      foreign key (org_id, account_id) references account,
      foreign key (org_id, opportunity_id) references opportunity,
      constraint reference_use_for_somebody check (coalesce(account_id, opportunity_id) is not null)
    )
    """,
    "create index reference_use_reference on reference_use (org_id, reference_id, used_on)",
    *[
        f"create index reference_use_{column} on reference_use (org_id, {column}, id)"
        for column in ("account_id", "opportunity_id", "used_on")
    ],
    # The first day, from a given one on, whose use leaves no `per_days` days with more than `max_uses` uses. Such days
    # are the given one, or end the rest after some use; a window is fullest where a use ends it.
    """
    create function reference_free_on(org uuid, wanted uuid, asked date) returns date language sql stable
    return (
      select min(candidate.day)
      from reference held
      cross join lateral (
        select asked as day union
        select used.used_on + held.per_days from reference_use used
        where used.org_id = org and used.reference_id = held.id and used.used_on + held.per_days > asked
      ) candidate
      where held.org_id = org and held.id = wanted and not exists (
        select from (
          select candidate.day as day union
          select used.used_on from reference_use used where used.org_id = org and used.reference_id = held.id
            and used.used_on >= candidate.day and used.used_on < candidate.day + held.per_days
        ) last
        where (select count(*) from reference_use used where used.org_id = org and used.reference_id = held.id
                 and used.used_on > last.day - held.per_days and used.used_on <= last.day) >= held.max_uses
      )
    )
    """,
    *[f"select tenant_table('{name}')" for name in VERSIONED],
    *[f"select versioned_table('{name}')" for name in VERSIONED],
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop function reference_free_on",
    *[f"drop table {name}" for name in reversed(VERSIONED)],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
