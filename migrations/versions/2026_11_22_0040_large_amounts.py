"""Compensation: what is converted or added up may have more digits than an amount that is given; reasons in French.

Revision ID: 2026_11_22_0040
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0040"
down_revision = "2026_11_22_0039"
branch_labels = None
depends_on = None

AMOUNTS = {
    "credit": ("amount", "margin", "quantity"),
    "earning": (
        *("quota_to_date", "quota_window", "target", "earned_to_date", "earned_before", "posted_before", "amount"),
    ),
    "balance_movement": ("amount",),
    "statement": (
        *("base", "true_up", "adjustments", "held_back", "released", "drawn", "recovered", "carried_forward", "total"),
        "year_to_date",
    ),
    "ledger_entry": ("debit", "credit"),
    "payment": ("amount",),
    "run_difference": ("before", "after", "amount"),
    "budget_risk": ("at_target", "mean", "deviation", "p5", "p50", "p90", "p95"),
    "plan_recommendation": ("cost_before", "cost_after"),
}


def _widened(digits: int) -> list[str]:
    """More digits before the point need no table to be written again; fewer are refused where they would not do."""
    tables = {
        table: [f"alter {column} type numeric({digits},4)" for column in columns] for table, columns in AMOUNTS.items()
    }
    tables["earning"].append(f"alter credited_to_date type numeric({digits + (0 if digits > 18 else 2)},6)")
    return [f"alter table {table} {', '.join(changes)}" for table, changes in tables.items()]


# Recommendations of before have no French; those that are asked for anew do.
REASONS = [
    "alter table plan_recommendation add column in_words jsonb",
    "update plan_recommendation set in_words = jsonb_build_object('en', reason, 'fr', reason)",
    "alter table plan_recommendation alter in_words set not null",
]

UP: list[str] = ["set local lock_timeout = '5s'", *_widened(28), *REASONS]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    *_widened(18),
    "alter table plan_recommendation drop column in_words",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
