"""Who calls: API keys, remembered in the process after the first look."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Header

from app.domain.kernel.permissions import Role, permissions_of
from benchmarks.ordinary.database import new_session
from benchmarks.ordinary.refusals import Refused

_known: dict[str, Caller] = {}


@dataclass(frozen=True)
class Caller:
    """A principal and what it may do."""

    org_id: UUID
    principal_id: UUID
    name: str
    seller_id: UUID | None
    permissions: frozenset[str]

    def require(self, permission: str) -> None:
        if permission not in self.permissions:
            raise Refused(403, "permission_required")


async def caller_of(authorization: Annotated[str, Header()] = "") -> Caller:
    token = authorization.removeprefix("Bearer ")
    if token not in _known:
        async with new_session() as session, session.begin():
            statement = sa.text("select * from authenticate_key(:hash)")
            connection = await session.connection()
            row = (await connection.execute(statement, {"hash": sha256(token.encode()).digest()})).one_or_none()
        if row is None:
            raise Refused(401, "unauthenticated")
        permissions = permissions_of(frozenset(Role(role) for role in row.roles))
        _known[token] = Caller(row.org_id, row.principal_id, row.name, row.seller_id, permissions)
    return _known[token]


CallerOf = Annotated[Caller, Depends(caller_of)]
