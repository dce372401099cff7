"""Identity: API keys, and the one door through the tenant wall, by which a caller's organisation is found.

Revision ID: 2026_11_22_0002
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0002"
down_revision = "2026_11_22_0001"
branch_labels = None
depends_on = None

UP = [
    "set local lock_timeout = '5s'",
    # The hash is random and looked up before the organisation is known, so it alone is unique.
    """
    create table api_key (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      principal_id uuid not null,
      name text not null check (name <> ''),
      prefix text not null check (prefix <> ''),
      hash bytea not null unique check (length(hash) = 32),
      scopes text[],
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, principal_id) references principal
    )
    """,
    "create index api_key_principal on api_key (org_id, principal_id)",
    "create index principal_subject on principal (issuer, subject)",
    # A key is renamed, shortened or revoked; its holder, secret and scopes never change.
    "select tenant_table('api_key', 'select, insert, update (name, expires_at, revoked_at)')",
    # Nobody logs in as this role. It owns the two functions below and may read what they read, of every organisation:
    # the tables' owner could not, for the wall holds for owners too.
    """
    do $$ begin
      if not exists (select from pg_roles where rolname = 'palier_auth') then
        begin
          create role palier_auth nologin;
        exception when duplicate_object or unique_violation then null;
        end;
      end if;
      if not pg_has_role(current_user, 'palier_auth', 'member') then
        execute format('grant palier_auth to %I', current_user);
      end if;
    end $$
    """,
    *[
        f"""
        alter policy tenant on {table} using (org_id = (select tenant()) or current_user = 'palier_auth')
        with check (org_id = (select tenant()) or current_user = 'palier_auth')
        """
        for table in ("principal", "api_key")
    ],
    "grant select on principal, api_key to palier_auth",
    "grant update (last_used_at) on api_key to palier_auth",
    # The bodies are parsed now, so no search path of a caller can put another table in their way.
    """
    create function authenticate_key(key_hash bytea)
    returns table (org_id uuid, principal_id uuid, name text, roles text[], seller_id uuid, scopes text[],
                   expires_at timestamptz, api_key_id uuid)
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    begin atomic
      with active as (
        select k.org_id, k.id, k.principal_id, p.name, p.roles, p.seller_id, k.scopes, k.expires_at, k.last_used_at
        from api_key k join principal p on p.org_id = k.org_id and p.id = k.principal_id
        where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and p.active
      ), due as (
        -- Once a minute is enough, and a caller never waits for whoever is changing the key.
        select k.org_id, k.id from api_key k join active a on a.org_id = k.org_id and a.id = k.id
        where k.last_used_at is null or k.last_used_at < now() - interval '1 minute'
        for no key update of k skip locked
      ), touched as (
        update api_key k set last_used_at = now() from due where k.org_id = due.org_id and k.id = due.id
      )
      select a.org_id, a.principal_id, a.name, a.roles, a.seller_id, a.scopes, a.expires_at, a.id from active a;
    end
    """,
    """
    create function authenticate_subject(token_issuer text, token_subject text, organisation_id uuid default null)
    returns table (org_id uuid, principal_id uuid, name text, roles text[], seller_id uuid)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    begin atomic
      select p.org_id, p.id, p.name, p.roles, p.seller_id from principal p
      where p.issuer = token_issuer and p.subject = token_subject and p.active
        and (organisation_id is null or p.org_id = organisation_id);
    end
    """,
    "revoke all on function authenticate_key, authenticate_subject from public",
    "grant execute on function authenticate_key, authenticate_subject to palier_app",
    # Taking ownership needs the right to create in the schema, for the moment it takes.
    """
    do $$ begin
      execute format('grant usage, create on schema %I to palier_auth', current_schema());
      alter function authenticate_key owner to palier_auth;
      alter function authenticate_subject owner to palier_auth;
      execute format('revoke create on schema %I from palier_auth', current_schema());
    end $$
    """,
]

DOWN = [
    "set local lock_timeout = '5s'",
    "drop function authenticate_subject, authenticate_key",
    "drop table api_key",
    "drop index principal_subject",
    "revoke select on principal from palier_auth",
    "alter policy tenant on principal using (org_id = (select tenant())) with check (org_id = (select tenant()))",
    # The role stays: it belongs to the server, and another database may use it.
    "do $$ begin execute format('revoke usage on schema %I from palier_auth', current_schema()); end $$",
]


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
