"""Roles and what each may do: one table, read by the guard, by the docs and by the tests."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the organisation."""

    ADMIN = "admin"
    SALES_OPS = "sales_ops"
    FINANCE = "finance"
    COMP_ADMIN = "comp_admin"
    MANAGER = "manager"
    SELLER = "seller"
    VIEWER = "viewer"
    INTEGRATION = "integration"


A, O, F, C, M, S, V = (  # noqa: E741 (the column heads of the table below)
    Role.ADMIN,
    Role.SALES_OPS,
    Role.FINANCE,
    Role.COMP_ADMIN,
    Role.MANAGER,
    Role.SELLER,
    Role.VIEWER,
)

PERMISSIONS: dict[str, tuple[str, tuple[Role, ...]]] = {
    # organisation
    "sellers:read": ("See sellers and the reporting line", (A, O, F, C, M, S, V)),
    "sellers:write": ("Hire, move and end sellers", (A, O)),
    "calendar:read": ("See fiscal years, periods, currencies and exchange rates", (A, O, F, C, M, S, V)),
    "calendar:write": ("Set up fiscal years, currencies and exchange rates", (A, F)),
    "periods:close": ("Close and reopen periods", (F,)),
    "keys:write": ("Issue and revoke API keys", (A,)),
    "organisation:write": ("Change the organisation's settings", (A,)),
    # market
    "market:read": ("See segments and products", (A, O, F, C, M, S, V)),
    "market:write": ("Change segments and products", (A, O)),
    # accounts
    "accounts:read": ("See accounts", (A, O, F, C, M, S)),
    "accounts:write": ("Create and change accounts", (A, O, M, S)),
    "accounts:prioritise": ("Set the thresholds that sort accounts into quadrants", (A, O)),
    "scorecards:write": ("Define scorecards, publish them and score accounts", (A, O)),
    "activities:read": ("See activities, what is due and how well a cadence is kept", (A, O, F, C, M, S)),
    "activities:write": ("Plan, record and cancel activities", (A, O, M, S)),
    "leads:read": ("See leads, saved searches and what they report", (A, O, M, S)),
    "leads:write": ("Work on leads and save searches", (A, O, M, S)),
    "opportunities:read": ("See opportunities", (A, O, F, C, M, S)),
    "opportunities:write": ("Create and change opportunities", (A, O, M, S)),
    # territories
    "territories:read": ("See territory models, territories and who covers them", (A, O, F, C, M, S, V)),
    "territories:write": ("Design territories", (A, O)),
    "cadence:write": ("Set how often accounts are touched, and what travel costs", (A, O)),
    "territories:review": ("Review a territory model", (A, O, M)),
    "territories:approve": ("Approve a territory model", (A, F)),
    "territories:activate": ("Activate and archive a territory model", (A, O)),
    "assignments:propose": ("Propose territories to sellers", (A, O, M)),
    "assignments:respond": ("Accept or dispute one's own territory", (M, S)),
    # plans
    "plans:read": ("See plans and templates", (A, O, F, M, S)),
    "plans:write": ("Write and submit one's plans", (A, O, M, S)),
    "plans:review": ("Review plans", (A, O, M)),
    "plans:approve": ("Approve or reject plans", (A, F, M)),
    "plan_templates:write": ("Change plan templates", (A, O)),
    # quotas
    "quotas:read": ("See quotas", (A, O, F, C, M, S)),
    "quotas:write": ("Allocate, propose and amend quotas", (A, O, M)),
    "quotas:respond": ("Accept or dispute one's own quota", (M, S)),
    "quotas:decide": ("Investigate, revise and uphold disputed quotas", (A, O, M)),
    "quotas:lock": ("Lock quotas", (F,)),
    # compensation
    "compensation_plans:read": ("See compensation plans", (A, F, C, M, S)),
    "compensation_plans:write": ("Author compensation plans", (A, C)),
    "compensation_plans:review": ("Review compensation plans", (A, F)),
    "compensation_plans:approve": ("Approve compensation plans", (F,)),
    "compensation_plans:publish": ("Publish and retire compensation plans", (C,)),
    "agreements:respond": ("Acknowledge or query one's own plan agreement", (M, S)),
    "transactions:read": ("See transactions", (A, O, F, C, M, S)),
    "transactions:write": ("Record and correct transactions", (A, O, C)),
    "runs:read": ("See compensation runs", (A, F, C)),
    "runs:write": ("Start and cancel compensation runs", (C,)),
    "runs:review": ("Review compensation runs", (F, C)),
    "runs:approve": ("Approve, post and pay compensation runs", (F,)),
    "pay:read": ("See everybody's pay", (F, C)),
    "pay:read_visible": ("See one's own pay and, where the organisation allows, one's team's", (F, C, M, S)),
    "inquiries:write": ("Question one's own statement", (M, S)),
    "inquiries:answer": ("Decide inquiries", (F, C)),
    "inquiries:correct": ("Decide inquiries by correcting a transaction", (C,)),
    # performance
    "reports:read": ("See attainment and other reports", (A, O, F, C, M, S, V)),
    "contests:write": ("Run contests", (A, O, M)),
    "coaching:write": ("Plan and hold coaching sessions", (A, M)),
    # platform
    "jobs:read": ("See jobs", (A, O, F, C, M, S)),
    "jobs:cancel": ("Cancel one's own jobs and those one may start", (A, O, F, C, M)),
    "imports:write": ("Import data", (A, O, C)),
    "events:read": ("Read the event stream", (A, O, F, C)),
    "audit:read": ("Read the audit trail", (A, F)),
}

_ROWS_OF_ALL = frozenset({A, O, F, C, V, Role.INTEGRATION})


def permissions_of(roles: frozenset[Role], scopes: frozenset[str] | None = None) -> frozenset[str]:
    """The permissions of the roles; `scopes`, when given, narrows them, and is all that an integration has."""
    if Role.INTEGRATION in roles:
        return frozenset(scopes or ()) & PERMISSIONS.keys()
    held = {name for name, (_, holders) in PERMISSIONS.items() if roles & set(holders)}
    return frozenset(held if scopes is None else held & scopes)


def sees_all_rows(roles: frozenset[Role]) -> bool:
    """Whether the roles see the whole organisation; a manager or seller sees its own reporting line.

    A viewer sees everybody because it sees little of each: that must not widen what a manager or seller sees.
    """
    wide = _ROWS_OF_ALL - {V} if roles & {M, S} else _ROWS_OF_ALL
    return bool(roles & wide)
