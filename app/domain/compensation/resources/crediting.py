"""Who is credited, as it can be read."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.compensation.contract.crediting import CreditingRuleView, ManualCreditView, OverlayAssignmentView
from app.domain.kernel.resource import IN_LINE, Filter, LinkFrom, Many, One, Resource, Visible, by_seller

CREDITING_RULE = Resource(
    "crediting_rule",
    "crediting_rules",
    CreditingRuleView,
    "compensation_plans:read",
    "Rules, dated and in order, that say who is credited for a transaction.",
    columns={
        "products": "to_jsonb({row}.products)",
        "product_families": "to_jsonb({row}.product_families)",
        "segments": "to_jsonb({row}.segments)",
    },
    links={
        "assignments": Many("overlay_assignment", "{other}.rule_id = {row}.id", "-effective_from", "Its overlays."),
    },
    filters=(
        "code",
        "name",
        "kind",
        "precedence",
        "effective_from",
        "effective_to",
        Filter("in_force_on", date, "{row}.valid @> {value}", "Rules that hold on this day."),
    ),
    sorts=("precedence", "name", "code", "effective_from"),
    sort="precedence",
    search=("name", "code"),
)

OVERLAY_ASSIGNMENT = Resource(
    "overlay_assignment",
    "overlay_assignments",
    OverlayAssignmentView,
    "compensation_plans:read",
    "Sellers who are credited beside those credited directly: named overlays and product specialists.",
    links={
        "rule": One("crediting_rule", "{row}.rule_id"),
        "seller": One("seller", "{row}.seller_id"),
        "account": One("account", "{row}.account_id"),
        "territory": One("territory", "{row}.territory_id"),
        "product": One("product", "{row}.product_id"),
    },
    filters=(
        "rule_id",
        "seller_id",
        "account_id",
        "territory_id",
        "product_id",
        "product_family",
        "effective_from",
        "effective_to",
        Filter("in_force_on", date, "{row}.valid @> {value}", "Assignments that hold on this day."),
    ),
    sorts=("effective_from",),
    visible=by_seller("{row}.seller_id"),
)

_CREDITED = (
    "exists (select from manual_credit_split s where s.org_id = {org} and s.credit_id = {row}.id and "
    + IN_LINE.format(column="s.seller_id", on="{today}")
    + ")"
)
MANUAL_CREDIT = Resource(
    "manual_credit",
    "manual_credits",
    ManualCreditView,
    "transactions:read",
    "Decisions on who is credited for single transactions, with their reasons.",
    columns={
        "splits": "coalesce((select jsonb_agg(jsonb_build_object('seller_id', s.seller_id,"
        " 'share', decimal_text(s.cum_hi - s.cum_lo)) order by s.ordinal) from manual_credit_split s"
        " where s.org_id = {org} and s.credit_id = {row}.id), jsonb_build_array())",
    },
    links={"transaction": One("transaction", "{row}.transaction_id")},
    filters=(
        "transaction_id",
        "mode",
        "decided_by",
        "decided_at",
        "withdrawn_at",
        Filter(
            "seller_id",
            list[UUID],
            "{row}.id in (select s.credit_id from manual_credit_split s where s.org_id = {org}"
            " and s.seller_id = any({value}))",
            "Sellers it credits.",
        ),
    ),
    sorts=("decided_at",),
    visible=Visible(_CREDITED),
)

SELLER_OVERLAYS = LinkFrom(
    "seller",
    "overlay_assignments",
    Many(
        "overlay_assignment", "{other}.seller_id = {row}.id", "-effective_from", "Where it is credited as an overlay."
    ),
)
TRANSACTION_MANUAL_CREDITS = LinkFrom(
    "transaction",
    "manual_credits",
    Many("manual_credit", "{other}.transaction_id = {row}.id", "-decided_at", "What was decided on who is credited."),
)
