"""Kernel: the application role, the tenant wall, audit chain, outbox, idempotency, history, external ids, jobs.

Revision ID: 2026_11_22_0001
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0001"
down_revision = None
branch_labels = None
depends_on = None

UP = [
    "set local lock_timeout = '5s'",
    "create extension if not exists btree_gist",
    """
    do $$ begin
      create role palier_app nologin;
    exception when duplicate_object or unique_violation then null;
    end $$
    """,
    """
    do $$ begin
      if not pg_has_role(current_user, 'palier_app', 'member') then
        execute format('grant palier_app to %I', current_user);
      end if;
    end $$
    """,
    # The service compares the schema's revision with the one it needs.
    "grant select on alembic_version to palier_app",
    "do $$ begin execute format('grant usage on schema %I to palier_app', current_schema()); end $$",
    # The tenant of a statement. Unset or empty means no tenant, hence no rows: the wall fails closed.
    """
    create function tenant() returns uuid language sql stable parallel safe
    return nullif(current_setting('palier.org_id', true), '')::uuid
    """,
    """
    create function tenant_table(name regclass, privileges text default 'select, insert, update, delete')
    returns void language plpgsql as $$
    begin
      execute format('alter table %s enable row level security', name);
      execute format('alter table %s force row level security', name);
      execute format('create policy tenant_rows on %s using (true) with check (true)', name);
      execute format('create policy tenant on %s as restrictive using (org_id = (select tenant()))
                      with check (org_id = (select tenant()))', name);
      execute format('grant %s on %s to palier_app', privileges, name);
    end $$
    """,
    """
    create function count_version() returns trigger language plpgsql as $$
    begin
      new.version := old.version + 1;
      new.updated_at := now();
      return new;
    end $$
    """,
    """
    create function versioned_table(name regclass) returns void language plpgsql as $$
    begin
      execute format('create trigger count_version before update on %s for each row execute function count_version()',
                     name);
    end $$
    """,
    """
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name using errcode = 'check_violation';
    end $$
    """,
    """
    create function append_only_table(name regclass) returns void language plpgsql as $$
    begin
      execute format('create trigger append_only before update or delete on %s
                      for each row execute function refuse_change()', name);
      execute format('create trigger append_only_truncate before truncate on %s
                      for each statement execute function refuse_change()', name);
    end $$
    """,
    # Exact decimal as text: at least two digits after the point, no needless zeros beyond.
    """
    create function decimal_text(value numeric) returns text language sql immutable parallel safe strict
    return case when value = round(value, 2) then round(value, 2)::text else trim_scale(value)::text end
    """,
    """
    create table organisation (
      org_id uuid primary key,
      id uuid not null generated always as (org_id) stored,
      name text not null check (name <> ''),
      currency char(3) not null,
      locale text not null default 'en' check (locale in ('en', 'fr')),
      managers_see_pay boolean not null default true,
      fiscal_year_start_month int not null default 1 check (fiscal_year_start_month between 1 and 12),
      quota_over_assignment numeric(9,6) not null default 0.10 check (quota_over_assignment >= 0),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )
    """,
    """
    create table principal (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      kind text not null check (kind in ('person', 'service')),
      name text not null check (name <> ''),
      email text,
      issuer text,
      subject text,
      roles text[] not null,
      seller_id uuid,
      active boolean not null default true,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, issuer, subject),
      check (roles <@ array['admin','sales_ops','finance','comp_admin','manager','seller','viewer','integration'])
    )
    """,
    "create index principal_seller on principal (org_id, seller_id)",
    """
    create table audit_head (org_id uuid primary key references organisation, seq bigint not null, hash bytea not null)
    """,
    """
    create table audit_entry (
      org_id uuid not null references organisation,
      id uuid not null,
      seq bigint not null,
      occurred_at timestamptz not null,
      actor_id uuid not null,
      actor_name text not null,
      action text not null,
      subject text not null,
      subject_id uuid not null,
      data jsonb not null,
      previous_hash bytea not null,
      hash bytea not null,
      primary key (org_id, id),
      unique (org_id, seq)
    )
    """,
    "create index audit_entry_subject on audit_entry (org_id, subject, subject_id, seq)",
    """
    create table event (
      org_id uuid not null references organisation,
      id uuid not null,
      seq bigint not null,
      name text not null,
      subject text not null,
      subject_id uuid not null,
      data jsonb not null,
      occurred_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, seq)
    )
    """,
    "create index event_subject on event (org_id, subject, subject_id, seq)",
    # One canonical text per entry is hashed with the hash before it, so a changed, missing or moved entry shows.
    """
    create function audit_text(seq bigint, at timestamptz, actor uuid, action text, subject text, subject_id uuid,
                               data jsonb) returns text language sql stable
    return concat_ws(chr(31), seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor, action,
                     subject, subject_id, data)
    """,
    # Written last in the transaction: the chain's head is locked only from here to the commit.
    """
    create function record_events(org uuid, at timestamptz, actor uuid, actor_name text, entries jsonb)
    returns bigint language plpgsql as $$
    declare
      head audit_head;
      entry jsonb;
      next_hash bytea;
      entry_id uuid;
    begin
      insert into audit_head values (org, 0, sha256(convert_to(org::text, 'UTF8'))) on conflict do nothing;
      select * into head from audit_head where org_id = org for update;
      for entry in select * from jsonb_array_elements(entries) loop
        head.seq := head.seq + 1;
        entry_id := uuidv7();
        next_hash := sha256(head.hash || convert_to(audit_text(head.seq, at, actor, entry->>'name', entry->>'subject',
                            (entry->>'subject_id')::uuid, entry->'data'), 'UTF8'));
        insert into audit_entry values (org, entry_id, head.seq, at, actor, actor_name, entry->>'name',
          entry->>'subject', (entry->>'subject_id')::uuid, entry->'data', head.hash, next_hash);
        insert into event values (org, entry_id, head.seq, entry->>'name', entry->>'subject',
          (entry->>'subject_id')::uuid, entry->'data', at);
        head.hash := next_hash;
      end loop;
      update audit_head set seq = head.seq, hash = head.hash where org_id = org;
      return head.seq;
    end $$
    """,
    """
    create table idempotency_key (
      org_id uuid not null references organisation,
      principal_id uuid not null,
      key text not null check (length(key) between 1 and 200),
      fingerprint bytea not null,
      status int,
      headers jsonb,
      body text,
      created_at timestamptz not null default now(),
      primary key (org_id, principal_id, key)
    )
    """,
    """
    create table transition (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      machine text not null,
      subject_id uuid not null,
      action text not null,
      from_state text,
      to_state text not null,
      actor_id uuid not null,
      actor_name text not null,
      comment text,
      data jsonb not null default '{}',
      occurred_at timestamptz not null,
      primary key (org_id, id)
    )
    """,
    "create index transition_subject on transition (org_id, machine, subject_id, id)",
    """
    create table external_id (
      org_id uuid not null references organisation,
      resource text not null,
      source text not null check (source <> ''),
      key text not null check (key <> ''),
      subject_id uuid not null,
      primary key (org_id, resource, source, key)
    )
    """,
    "create index external_id_subject on external_id (org_id, resource, subject_id)",
    """
    create table job (
      org_id uuid not null references organisation,
      id uuid not null,
      kind text not null,
      state text not null default 'queued'
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      principal_id uuid not null,
      payload jsonb not null,
      done bigint not null default 0,
      total bigint,
      unit text not null default 'steps',
      message text,
      attempts int not null default 0,
      cancel_requested boolean not null default false,
      result jsonb,
      problem jsonb,
      started_at timestamptz,
      finished_at timestamptz,
      heartbeat_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id)
    )
    """,
    "create index job_state on job (org_id, state, id)",
    *[
        f"select tenant_table('{name}')"
        for name in ("organisation", "principal", "audit_head", "idempotency_key", "external_id", "job")
    ],
    *[f"select tenant_table('{name}', 'select, insert')" for name in ("audit_entry", "event", "transition")],
    *[f"select versioned_table('{name}')" for name in ("organisation", "principal", "job")],
    *[f"select append_only_table('{name}')" for name in ("audit_entry", "event", "transition")],
]

DOWN = [
    "set local lock_timeout = '5s'",
    *[
        f"drop table {name}"
        for name in (
            "job",
            "external_id",
            "transition",
            "idempotency_key",
            "event",
            "audit_entry",
            "audit_head",
            "principal",
            "organisation",
        )
    ],
    "drop function record_events, audit_text, decimal_text, append_only_table, refuse_change, versioned_table,"
    " count_version, tenant_table, tenant",
    "drop extension if exists btree_gist",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
