"""${message[:1].upper() + message[1:]}.

Revision ID: ${up_revision}
"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

UP: list[str] = []
DOWN: list[str] = []


def upgrade() -> None:
    """Make the change, one statement at a time."""
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    """Take it back."""
    for statement in DOWN:
        op.execute(statement)
