"""What is written, with the same trail as the product leaves: audit entry, event, history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.ordinary.actions import PERIOD
from benchmarks.ordinary.identity import Caller
from benchmarks.ordinary.queries import locked_period
from benchmarks.ordinary.refusals import Refused
from benchmarks.ordinary.tables import Account, FiscalPeriod, Organisation, Transition
from benchmarks.ordinary.views import CreateAccount

_RECORD = sa.text("select record_events(:org_id, :now, :actor, :name, cast(:entries as jsonb))")
_TARGET = {"close": "closed", "reopen": "open"}


async def create_account(session: AsyncSession, caller: Caller, body: CreateAccount) -> Account:
    caller.require("accounts:write")
    values = body.model_dump()
    if body.currency is None:
        currency = select(Organisation.currency).where(col(Organisation.org_id) == caller.org_id)
        values["currency"] = (await session.exec(currency)).one()
    account = Account(org_id=caller.org_id, **values)
    session.add(account)
    await session.flush()
    await _record(session, caller, datetime.now(UTC), "account.created", "account", account.id)
    await session.commit()
    await session.refresh(account)
    return account


async def move_period(
    session: AsyncSession, caller: Caller, id: UUID, action: str, version: int, comment: str | None
) -> FiscalPeriod:
    caller.require("periods:close")
    period = (await session.exec(locked_period(caller.org_id, id))).first()
    if period is None:
        raise Refused(404, "not_found")
    if period.version != version:
        raise Refused(412, "stale_version")
    if action not in [name for name, _, _ in PERIOD[period.state]]:
        raise Refused(409, "illegal_transition")
    if action == "reopen" and comment is None:
        raise Refused(422, "invalid_input")
    now, before = datetime.now(UTC), period.state
    period.state = _TARGET[action]
    session.add(period)
    session.add(
        Transition(
            org_id=caller.org_id,
            machine="fiscal_period",
            subject_id=id,
            action=action,
            from_state=before,
            to_state=period.state,
            actor_id=caller.principal_id,
            actor_name=caller.name,
            comment=comment,
            occurred_at=now,
        )
    )
    await session.flush()
    facts = {"action": action, "from_state": before, "to_state": period.state}
    await _record(session, caller, now, f"fiscal_period.{period.state}", "fiscal_period", id, facts)
    await session.commit()
    await session.refresh(period)
    return period


async def _record(
    session: AsyncSession,
    caller: Caller,
    now: datetime,
    name: str,
    subject: str,
    id: UUID,
    data: dict[str, Any] | None = None,
) -> None:
    entries = [{"name": name, "subject": subject, "subject_id": id, "data": data or {}}]
    values = {"org_id": caller.org_id, "now": now, "actor": caller.principal_id, "name": caller.name}
    connection = await session.connection()
    await connection.execute(_RECORD, {**values, "entries": orjson.dumps(entries).decode()})
