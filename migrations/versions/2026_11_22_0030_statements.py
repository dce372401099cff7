"""Compensation: statements, inquiries, agreements.

Revision ID: 2026_11_22_0030
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0030"
down_revision = "2026_11_22_0029"
branch_labels = None
depends_on = None

STATES = "'open', 'in_review', 'adjusted', 'corrected', 'upheld', 'closed'"
STATES_BEFORE = "'open', 'in_review', 'adjusted', 'upheld', 'closed'"

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    alter table inquiry add column answer_by date, add column check_run_id uuid, add column correction_id uuid,
      add foreign key (org_id, check_run_id) references compensation_run,
      add foreign key (org_id, correction_id) references transaction
    """,
    "update inquiry set answer_by = cast(created_at at time zone 'UTC' as date) + 15",
    "alter table inquiry alter answer_by set not null, drop constraint inquiry_state_check,"
    f" add constraint inquiry_state_check check (state in ({STATES}))",
    "create index inquiry_answer_by on inquiry (org_id, answer_by, id)",
    "create index inquiry_check_run on inquiry (org_id, check_run_id)",
    "create index inquiry_correction on inquiry (org_id, correction_id)",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "update inquiry set state = 'adjusted' where state = 'corrected'",
    f"""
    alter table inquiry drop constraint inquiry_state_check,
      add constraint inquiry_state_check check (state in ({STATES_BEFORE})),
      drop column answer_by, drop column check_run_id, drop column correction_id
    """,
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
