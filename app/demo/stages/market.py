"""Sales operations describe the market, then list accounts and deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from app.demo.offer import PRODUCTS, SEGMENTS
from app.demo.people import Demo
from app.demo.plot import Account, Opportunity
from app.domain.accounts.commands.accounts import upsert_accounts
from app.domain.accounts.commands.opportunities import upsert_opportunities
from app.domain.accounts.contract.accounts import CreateAccount
from app.domain.accounts.contract.opportunities import CreateOpportunity
from app.domain.market.commands import upsert_products
from app.domain.market.contract import CreateProduct

SOURCE = "crm"
"""What the external keys of accounts, deals and transactions are from."""
_AT_ONCE = 4_000

Item = TypeVar("Item")


async def describe(demo: Demo) -> None:
    """Segments and products."""
    operations = demo.desk["sales_ops"]
    ids = await demo.all(operations, "create_segment", [(None, segment) for segment in SEGMENTS])
    demo.ids |= dict(zip((segment["code"] for segment in SEGMENTS), ids, strict=True))
    sold_from = demo.company.calendar.start - timedelta(days=1000)
    async with demo.service.operations.transaction(operations) as tx:
        rows = {
            product.code: CreateProduct.model_validate(
                {
                    "code": product.code,
                    "name": product.name,
                    "family": product.family,
                    "list_price": product.list_price,
                    "margin": product.margin,
                    "effective_from": sold_from,
                }
            )
            for product in PRODUCTS
        }
        demo.ids |= (await upsert_products(tx, SOURCE, rows)).ids


async def list_accounts(demo: Demo) -> None:
    """Every account with its place in its group, then the thresholds of the quadrants."""
    operations = demo.desk["sales_ops"]
    for chunk in chunks(demo.company.accounts, _AT_ONCE):
        rows = {account.key: CreateAccount.model_validate(_account(demo, account)) for account in chunk}
        parents = {account.key: account.parent for account in chunk if account.parent}
        async with demo.service.operations.transaction(operations) as tx:
            demo.ids |= (await upsert_accounts(tx, SOURCE, rows, parents)).ids
    await demo.do(operations, "set_prioritisation", basis="median")


async def list_opportunities(demo: Demo) -> None:
    """Every deal; a part of them then moves on, by the hand of its seller."""
    operations = demo.desk["sales_ops"]
    for chunk in chunks(demo.company.opportunities, _AT_ONCE):
        rows = {deal.key: CreateOpportunity.model_validate(_opportunity(demo, deal)) for deal in chunk}
        async with demo.service.operations.transaction(operations) as tx:
            demo.ids |= (await upsert_opportunities(tx, SOURCE, rows)).ids
    following = {"prospecting": "engaging", "engaging": "proposal"}
    moving = [deal for deal in demo.company.opportunities if deal.stage in following][:40]
    for deal in moving:
        await demo.do(
            demo.sellers[deal.seller],
            "change_opportunity_stage",
            demo.ids[deal.key],
            stage=following[deal.stage],
            comment="The buyer asked for the next step.",
        )


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in portions that one transaction takes easily."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _account(demo: Demo, account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "industry": account.industry,
        "country": account.city.country,
        "city": account.city.name,
        "latitude": account.latitude,
        "longitude": account.longitude,
        "employees": account.employees,
        "annual_revenue": account.annual_revenue,
        "potential": account.potential,
        "win_probability": account.win_probability,
        "owner_id": demo.seller_id(demo.company.owner[account.key]),
    }


def _opportunity(demo: Demo, deal: Opportunity) -> dict[str, Any]:
    return {
        "name": deal.name[:200],
        "account_id": demo.ids[deal.account],
        "product_id": demo.ids[deal.product],
        "seller_id": demo.seller_id(deal.seller),
        "stage": deal.stage,
        "amount": deal.amount,
        "opened_on": deal.opened_on,
        "expected_close_on": deal.expected_close_on,
        "closed_on": deal.closed_on,
    }
