"""What is read, as ORM statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from benchmarks.ordinary.tables import Account, FiscalPeriod, Prioritisation, Quota, Seller

# SQLModel declares relationships by the type of their values, which is not what loader options take.
_SELLER: Any = Quota.seller
_PERIOD: Any = Quota.period
POSITION: Any = Seller.position
_EXTERNAL_IDS: Any = Account.external_ids

WITH_EXTERNAL_IDS = selectinload(_EXTERNAL_IDS)


async def thresholds_of(session: AsyncSession, org_id: UUID) -> Prioritisation | None:
    return (await session.exec(select(Prioritisation).where(Prioritisation.org_id == org_id))).first()


def one_account(org_id: UUID, id: UUID) -> SelectOfScalar[Account]:
    return select(Account).where(Account.org_id == org_id, Account.id == id).options(WITH_EXTERNAL_IDS)


def plain_account(org_id: UUID, id: UUID) -> SelectOfScalar[Account]:
    """Without its external ids, which GraphQL asks a loader for."""
    return select(Account).where(Account.org_id == org_id, Account.id == id)


def owned_accounts(org_id: UUID, owner_id: UUID, limit: int) -> SelectOfScalar[Account]:
    """By name; one more than asked for tells whether there is a next page."""
    return (
        select(Account)
        .where(Account.org_id == org_id, Account.owner_id == owner_id)
        .order_by(col(Account.name), col(Account.id))
        .limit(limit + 1)
    )


def quotas_of(org_id: UUID, period_id: UUID, limit: int) -> SelectOfScalar[Quota]:
    """The newest first, with seller and period."""
    return (
        select(Quota)
        .where(Quota.org_id == org_id, Quota.period_id == period_id)
        .order_by(sa.desc(col(Quota.id)))
        .limit(limit + 1)
        .options(joinedload(_SELLER).joinedload(POSITION), selectinload(_PERIOD))
    )


def locked_period(org_id: UUID, id: UUID) -> SelectOfScalar[FiscalPeriod]:
    return select(FiscalPeriod).where(FiscalPeriod.org_id == org_id, FiscalPeriod.id == id).with_for_update()
