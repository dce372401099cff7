"""REST: a session by dependency, ORM rows, response models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Header, Query

from benchmarks.ordinary import commands, queries
from benchmarks.ordinary.database import Session
from benchmarks.ordinary.identity import CallerOf
from benchmarks.ordinary.refusals import Refused
from benchmarks.ordinary.showing import account_view, period_view, quota_view
from benchmarks.ordinary.views import (
    AccountView,
    CreateAccount,
    MovePeriod,
    Page,
    PageInfo,
    PeriodView,
    QuotaView,
    StoredView,
)

Item = TypeVar("Item", bound=StoredView)
Limit = Annotated[int, Query(ge=1, le=200)]
IfMatch = Annotated[str, Header()]

router = APIRouter(prefix="/v1")


@router.get("/accounts/{id}", response_model=AccountView)
async def get_account(id: UUID, caller: CallerOf, session: Session) -> AccountView:
    caller.require("accounts:read")
    account = (await session.exec(queries.one_account(caller.org_id, id))).first()
    if account is None:
        raise Refused(404, "not_found")
    return account_view(account, account.external_ids, await queries.thresholds_of(session, caller.org_id))


@router.get("/accounts", response_model=Page[AccountView])
async def list_accounts(caller: CallerOf, session: Session, owner_id: UUID, limit: Limit = 50) -> Page[AccountView]:
    caller.require("accounts:read")
    statement = queries.owned_accounts(caller.org_id, owner_id, limit).options(queries.WITH_EXTERNAL_IDS)
    accounts = (await session.exec(statement)).all()
    thresholds = await queries.thresholds_of(session, caller.org_id)
    return _page([account_view(account, account.external_ids, thresholds) for account in accounts], limit)


@router.get("/quotas", response_model=Page[QuotaView])
async def list_quotas(
    caller: CallerOf, session: Session, period_id: UUID, include: str, limit: Limit = 50
) -> Page[QuotaView]:
    caller.require("quotas:read")
    if include != "seller,period":
        raise Refused(422, "invalid_parameter")
    quotas = (await session.exec(queries.quotas_of(caller.org_id, period_id, limit))).all()
    return _page([quota_view(quota, caller) for quota in quotas], limit)


@router.post("/accounts", response_model=AccountView, status_code=201)
async def create_account(body: CreateAccount, caller: CallerOf, session: Session) -> AccountView:
    account = await commands.create_account(session, caller, body)
    return account_view(account, [], await queries.thresholds_of(session, caller.org_id))


@router.post("/periods/{id}/close", response_model=PeriodView)
async def close_period(id: UUID, body: MovePeriod, caller: CallerOf, session: Session, if_match: IfMatch) -> PeriodView:
    version = int(if_match.strip('"'))
    return period_view(await commands.move_period(session, caller, id, "close", version, body.comment), caller)


@router.post("/periods/{id}/reopen", response_model=PeriodView)
async def reopen_period(
    id: UUID, body: MovePeriod, caller: CallerOf, session: Session, if_match: IfMatch
) -> PeriodView:
    version = int(if_match.strip('"'))
    return period_view(await commands.move_period(session, caller, id, "reopen", version, body.comment), caller)


def _page(items: Sequence[Item], limit: int) -> Page[Item]:
    shown = list(items[:limit])
    more = len(items) > limit
    return Page(items=shown, page=PageInfo(next_cursor=str(shown[-1].id) if more else None, has_next_page=more))
