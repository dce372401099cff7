"""Quotas with their months and revisions."""

from app.domain.kernel.resource import Many, One, Resource
from app.domain.quotas.contract.quotas import QuotaMonthView, QuotaRevisionView, QuotaView
from app.domain.quotas.sight import QUOTAS_SEEN, of_quota_seen

QUOTA = Resource(
    "quota",
    "quotas",
    QuotaView,
    "quotas:read",
    "What sellers are to bring, and where each quota stands.",
    links={
        "seller": One("seller", "{row}.seller_id", "Whose quota it is."),
        "territory": One("territory", "{row}.territory_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "allocation": One("allocation", "{row}.allocation_id", "The allocation that made it."),
        "months": Many("quota_month", "{other}.quota_id = {row}.id", "starts_on", "Its months, in order."),
        "revisions": Many("quota_revision", "{other}.quota_id = {row}.id", "occurred_at", "Every amount it had."),
        "disputes": Many("quota_dispute", "{other}.quota_id = {row}.id", "opened_at", "How it was disputed."),
    },
    filters=(
        "seller_id",
        "territory_id",
        "period_id",
        "allocation_id",
        "measure",
        "state",
        "amount",
        "created_at",
        "updated_at",
    ),
    sorts=("amount", "created_at", "updated_at"),
    visible=QUOTAS_SEEN,
)

QUOTA_MONTH = Resource(
    "quota_month",
    "quota_months",
    QuotaMonthView,
    "quotas:read",
    "What of a quota falls into each month.",
    links={"period": One("fiscal_period", "{row}.period_id")},
    filters=("period_id", "starts_on"),
    sorts=("starts_on",),
    sort="starts_on",
    visible=of_quota_seen("{row}.quota_id"),
    versioned=False,
    hidden=True,
)

QUOTA_REVISION = Resource(
    "quota_revision",
    "quota_revisions",
    QuotaRevisionView,
    "quotas:read",
    "Every amount a quota had; append-only.",
    filters=("action", "actor_id", "occurred_at"),
    sorts=("occurred_at",),
    sort="occurred_at",
    visible=of_quota_seen("{row}.quota_id"),
    versioned=False,
    hidden=True,
)
