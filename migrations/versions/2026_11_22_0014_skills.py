"""Organisation: where sellers work from, their skills.

Revision ID: 2026_11_22_0014
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0014"
down_revision = "2026_11_22_0013"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table seller add column latitude numeric(9,6) check (latitude between -90 and 90),"
    " add column longitude numeric(9,6) check (longitude between -180 and 180)",
    """
    create table seller_skill (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      skill text not null check (skill <> ''),
      level int not null check (level between 1 and 5),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, seller_id, skill),
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index seller_skill_skill on seller_skill (org_id, skill, id)",
    "create index seller_skill_level on seller_skill (org_id, level, id)",
    "select versioned_table('seller_skill')",
    "select tenant_table('seller_skill')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table seller_skill",
    "alter table seller drop column latitude, drop column longitude",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
