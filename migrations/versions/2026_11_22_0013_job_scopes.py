"""Jobs: the scopes of the key that asked, so that a job may do no more than the key; the permission that starts it.

Revision ID: 2026_11_22_0013
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0013"
down_revision = "2026_11_22_0012"
branch_labels = None
depends_on = None

UP = [
    "set local lock_timeout = '5s'",
    # Jobs from before are cancelled as they were: by whoever may cancel jobs.
    "alter table job add column scopes text[], add column needs text not null default 'jobs:cancel'",
    "alter table job alter column needs drop default",
]
DOWN = ["set local lock_timeout = '5s'", "alter table job drop column scopes, drop column needs"]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
