"""Everything that can change after a period was paid, one change at a time."""

from __future__ import annotations

from tests.domain.compensation.desk import Desk
from tests.domain.compensation.test_crediting import account

DEARER = [{"lower": "0", "upper": "1", "value": "0.07"}, {"lower": "1", "value": "0.2"}]


async def january(desk: Desk) -> tuple[str, str]:
    """Sam and Sue sell; the account of Sam's and its deal, and a deal that will turn out wrong."""
    at = await account(desk)
    await desk.sell("2026-01-10", "110000", "sam")
    await desk.sell("2026-01-11", "1000.33", "sam", "sue", shares=("0.333333", "0.666667"))
    deal = {"kind": "booking", "transaction_date": "2026-01-15", "amount": {"amount": "3000", "currency": "EUR"}}
    await desk.world.post("comp_admin", "/v1/transactions", {**deal, "account_id": at})
    return at, await desk.sell("2026-01-21", "500", "sue")


async def correct(desk: Desk, deal: str) -> None:
    body = {"reason": "Typo", "amount": {"amount": "750", "currency": "EUR"}}
    await desk.world.post("comp_admin", f"/v1/transactions/{deal}/correct", body)


async def raise_rates(desk: Desk) -> None:
    """The next version of the plan pays more."""
    plan = await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/revise")
    (component,) = plan["components"]
    rate = {"tiers": component["rate"]["tiers"] | {"tiers": DEARER}}
    known = {name: value for name, value in component.items() if name not in ("id", "ordinal", "in_words")}
    await desk.change("comp_admin", f"/v1/compensation-plans/{plan['id']}", components=[known | {"rate": rate}])
    await desk.put_in_force(plan["id"])


async def lower_quota(desk: Desk, since: str | None = None) -> None:
    (quota,) = await desk.items("sales_ops", "/v1/quotas", seller_id=desk.world.sellers["sam"])
    body = {"amount": "100000", "comment": "A smaller patch", "effective_from": since}
    await desk.world.post("sales_ops", f"/v1/quotas/{quota['id']}/amend", body)
    await desk.world.post("sam", f"/v1/quotas/{quota['id']}/accept")


async def reassign(desk: Desk, at: str) -> None:
    """Sue turns out to have owned the account since the middle of January."""
    body = {"owner_id": desk.world.sellers["sue"], "effective_from": "2026-01-14"}
    await desk.world.post("sales_ops", f"/v1/accounts/{at}/assign-owner", body)
