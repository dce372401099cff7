"""Compensation: transactions that came too late for a closed period, and how the amounts of formulas were worked out.

Revision ID: 2026_11_22_0036
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0036"
down_revision = "2026_11_22_0035"
branch_labels = None
depends_on = None

SEVERITIES = "'converted', 'cleaned', 'noted', 'rejected', 'ignored'"
SEVERITIES_BEFORE = "'converted', 'cleaned', 'rejected', 'ignored'"


def _severities(admitted: str) -> list[str]:
    return [
        "alter table import_finding drop constraint import_finding_severity_check",
        f"alter table import_finding add constraint import_finding_severity_check check (severity in ({admitted}))",
    ]


UP: list[str] = [
    "set local lock_timeout = '5s'",
    # The shortest period of its date that was closed when it was recorded; null is the usual case.
    "alter table transaction add column closed_period_id uuid,"
    " add foreign key (org_id, closed_period_id) references fiscal_period",
    "create index transaction_late on transaction (org_id, closed_period_id, id) where closed_period_id is not null",
    *_severities(SEVERITIES),
    # What a component reads, in the order in which its workings give the values; known from the next time it is saved.
    "alter table compensation_component add column reads jsonb not null default '[]'",
    "alter table earning add column workings jsonb not null default '[]'",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table earning drop column workings",
    "alter table compensation_component drop column reads",
    "delete from import_finding where severity = 'noted'",
    *_severities(SEVERITIES_BEFORE),
    "drop index transaction_late",
    "alter table transaction drop column closed_period_id",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
