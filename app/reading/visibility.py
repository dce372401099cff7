"""Which rows an actor sees, and of which rows the pay. Decided here for every surface."""

from __future__ import annotations

from dataclasses import replace

from app.domain.kernel.resource import Resource, Visible
from app.domain.kernel.visibility import rule_for
from app.reading.statement import Context, Row, Signature, Statement

TRUE, FALSE = "true", "false"


def readable(resource: Resource, signature: Signature) -> bool:
    """Whether the actor may read the resource at all."""
    return not resource.needs or signature.may(resource.needs)


def rows_seen(statement: Statement, row: Row) -> list[str]:
    """The conditions under which the actor sees the row: of its organisation, and visible to it."""
    conditions = []
    # A source that limits itself to the organisation need not show the column.
    if "{org}" not in row.resource.source:
        conditions.append(f"{row.alias}.org_id = {statement.context(Context.ORG)}")
    rule = rule_for(row.resource.visible, statement.signature)
    if rule != TRUE:
        conditions.append(f"({statement.fill(rule, row)})")
    return conditions


def pay_seen(statement: Statement, row: Row) -> str:
    """The condition under which the actor sees the pay fields of the row; `true` and `false` where it is known."""
    rule = _pay_rule(row.resource, statement.signature)
    if rule in (TRUE, FALSE):
        return rule
    return row.pay or f"({statement.fill(rule, row)})"


def _pay_rule(resource: Resource, signature: Signature) -> str:
    if resource.pay is not None:
        return rule_for(replace(resource.pay, pay=True), signature)
    # Pay with no rule of its own is for those who see all pay.
    return rule_for(Visible(FALSE, pay=True), signature)
