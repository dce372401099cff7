"""From rows to response models."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from benchmarks.ordinary.actions import period_actions, quota_actions
from benchmarks.ordinary.identity import Caller
from benchmarks.ordinary.tables import Account, ExternalId, FiscalPeriod, Prioritisation, Quota, Seller
from benchmarks.ordinary.views import AccountView, ExternalIdView, Money, PeriodView, QuotaView, SellerView


def money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency)


def quadrant(account: Account, thresholds: Prioritisation | None) -> str | None:
    if thresholds is None or account.currency != thresholds.currency:
        return None
    if account.potential is None or account.win_probability is None:
        return None
    likely = account.win_probability >= thresholds.win_probability_threshold
    if account.potential >= thresholds.potential_threshold:
        return "priority" if likely else "big_bet"
    return "quick_win" if likely else "deprioritised"


def account_view(
    account: Account, external_ids: Sequence[ExternalId], thresholds: Prioritisation | None
) -> AccountView:
    return AccountView(
        **account.model_dump(exclude={"org_id", "annual_revenue", "potential", "expected_value"}),
        annual_revenue=money(account.annual_revenue, account.currency),
        potential=money(account.potential, account.currency),
        expected_value=money(account.expected_value, account.currency),
        quadrant=quadrant(account, thresholds),
        external_ids=[ExternalIdView.model_validate(id) for id in external_ids],
    )


def seller_view(seller: Seller) -> SellerView:
    position = seller.position
    return SellerView(
        **seller.model_dump(exclude={"org_id"}),
        job_role=position.job_role if position else None,
        team=position.team if position else None,
        manager_id=position.manager_id if position else None,
    )


def period_view(period: FiscalPeriod, caller: Caller) -> PeriodView:
    return PeriodView(**period.model_dump(exclude={"org_id"}), allowed_actions=period_actions(period, caller))


def quota_view(quota: Quota, caller: Caller) -> QuotaView:
    return QuotaView(
        **quota.model_dump(exclude={"org_id", "amount", "counter_amount"}),
        amount=Money(amount=quota.amount, currency=quota.currency),
        counter_amount=money(quota.counter_amount, quota.currency),
        allowed_actions=quota_actions(quota, caller),
        seller=seller_view(quota.seller),
        period=period_view(quota.period, caller),
    )
