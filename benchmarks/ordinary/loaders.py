"""Data loaders: one statement per link and request, in a session of their own."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import col, select
from strawberry.dataloader import DataLoader

from benchmarks.ordinary.database import new_session
from benchmarks.ordinary.queries import POSITION
from benchmarks.ordinary.tables import Account, ExternalId, Opportunity, Seller


class Loaders:
    """The loaders of one request."""

    def __init__(self, org_id: UUID) -> None:
        self._org_id = org_id
        self.accounts: DataLoader[UUID, Account | None] = DataLoader(self._accounts)
        self.sellers: DataLoader[UUID, Seller | None] = DataLoader(self._sellers)
        self.external_ids: DataLoader[UUID, list[ExternalId]] = DataLoader(self._external_ids)
        self.opportunities: DataLoader[tuple[UUID, int], list[Opportunity]] = DataLoader(self._opportunities)

    async def _accounts(self, ids: list[UUID]) -> list[Account | None]:
        statement = select(Account).where(Account.org_id == self._org_id, col(Account.id).in_(ids))
        async with new_session() as session:
            found = {row.id: row for row in (await session.exec(statement)).all()}
        return [found.get(id) for id in ids]

    async def _sellers(self, ids: list[UUID]) -> list[Seller | None]:
        statement = select(Seller).where(Seller.org_id == self._org_id, col(Seller.id).in_(ids))
        async with new_session() as session:
            rows = (await session.exec(statement.options(joinedload(POSITION)))).all()
        found = {row.id: row for row in rows}
        return [found.get(id) for id in ids]

    async def _external_ids(self, ids: list[UUID]) -> list[list[ExternalId]]:
        statement = (
            select(ExternalId)
            .where(
                ExternalId.org_id == self._org_id,
                ExternalId.resource == "account",
                col(ExternalId.subject_id).in_(ids),
            )
            .order_by(col(ExternalId.source), col(ExternalId.key))
        )
        found: defaultdict[UUID, list[ExternalId]] = defaultdict(list)
        async with new_session() as session:
            for row in (await session.exec(statement)).all():
                found[row.subject_id].append(row)
        return [found[id] for id in ids]

    async def _opportunities(self, wanted: list[tuple[UUID, int]]) -> list[list[Opportunity]]:
        place = sa.func.row_number().over(
            partition_by=col(Opportunity.account_id), order_by=(col(Opportunity.name), col(Opportunity.id))
        )
        ids = [id for id, _ in wanted]
        numbered = (
            select(Opportunity, place.label("place"))
            .where(Opportunity.org_id == self._org_id, col(Opportunity.account_id).in_(ids))
            .subquery()
        )
        shown = aliased(Opportunity, numbered)
        statement = (
            select(shown).where(numbered.c.place <= max(first for _, first in wanted)).order_by(numbered.c.place)
        )
        found: defaultdict[UUID | None, list[Opportunity]] = defaultdict(list)
        async with new_session() as session:
            for row in (await session.exec(statement)).all():
                found[row.account_id].append(row)
        return [found[id][:first] for id, first in wanted]
