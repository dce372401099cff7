"""Accounts: scores that are written in bulk, segments that are compared in bulk.

Revision ID: 2026_11_22_0026
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0026"
down_revision = "2026_11_22_0025"
branch_labels = None
depends_on = None

_FOREIGN_KEYS = ("account_score_org_id_account_id_fkey", "account_score_org_id_scorecard_id_fkey")
_LISTS = ("industries", "countries")
_NUMBERS = (
    ("min_employees", "int"),
    ("max_employees", "int"),
    ("min_annual_revenue", "numeric"),
    ("max_annual_revenue", "numeric"),
)

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # Comparing typed columns is many times quicker than looking into a document once per account.
    """
    create function json_texts(list jsonb) returns text[] language sql immutable parallel safe strict
    return array(select jsonb_array_elements_text(list))
    """,
    "alter table segment "
    + ", ".join(
        [f"add {name} text[] generated always as (json_texts(rule->'{name}')) stored" for name in _LISTS]
        + [f"add {name} {kind} generated always as (cast(rule->>'{name}' as {kind})) stored" for name, kind in _NUMBERS]
    ),
    "alter table account_score add found numeric[], add counted numeric[], add missing text[]",
    # The owner of the tables is no tenant: for what was scored before, it looks past the tenants' wall.
    "alter table account_score no force row level security",
    """
    update account_score set
      found = array(select cast(line ->> 0 as numeric) from jsonb_array_elements(contributions)
                    with ordinality listed(line, place) order by place),
      counted = array(select cast(line ->> 1 as numeric) from jsonb_array_elements(contributions)
                      with ordinality listed(line, place) order by place),
      missing = array(select line ->> 2 from jsonb_array_elements(contributions)
                      with ordinality listed(line, place) order by place)
    """,
    "alter table account_score force row level security",
    "alter table account_score drop contributions, alter found set not null, alter counted set not null,"
    " alter missing set not null",
    # Looking up one account and one scorecard for each of all accounts cost more than their scores. Scores are derived
    # from the accounts in the statement that stores them; the application cannot delete a scorecard.
    *[f"alter table account_score alter constraint {name} not enforced" for name in _FOREIGN_KEYS],
    "revoke delete on scorecard from palier_app",
    # Scores go with their account. Whoever scores holds the scorecard locked: this waits for the scores to be there.
    """
    create function forget_account_scores() returns trigger language plpgsql as $$
    begin
      perform from scorecard where org_id in (select org_id from gone) order by id for share;
      delete from account_score using gone
      where account_score.org_id = gone.org_id and account_score.account_id = gone.id;
      return null;
    end $$
    """,
    """
    create trigger account_scores_go after delete on account referencing old table as gone
    for each statement execute function forget_account_scores()
    """,
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop trigger account_scores_go on account",
    "drop function forget_account_scores",
    "grant delete on scorecard to palier_app",
    *[f"alter table account_score alter constraint {name} enforced" for name in _FOREIGN_KEYS],
    "alter table account_score add contributions jsonb",
    "alter table account_score no force row level security",
    """
    update account_score set contributions = coalesce((
      select jsonb_agg(jsonb_build_array(value, share, reason) order by place)
      from unnest(found, counted, missing) with ordinality listed(value, share, reason, place)), '[]')
    """,
    "alter table account_score force row level security",
    "alter table account_score drop missing, drop counted, drop found, alter contributions set not null",
    "alter table segment " + ", ".join(f"drop {name}" for name in (*_LISTS, *(name for name, _ in _NUMBERS))),
    "drop function json_texts",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
