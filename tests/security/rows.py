"""Organisations, principals and keys as raw rows: identity comes before the commands that would make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.kernel.apikeys import ApiKey, new_key
from app.domain.kernel.ids import uuid7


@dataclass
class Rows:
    """Writes rows as the owner of the database, above all walls."""

    owner: Any

    async def organisation(self, name: str = "Northwind") -> UUID:
        org = uuid7()
        await self.owner.execute("insert into organisation (org_id, name, currency) values ($1, $2, 'EUR')", org, name)
        return org

    async def seller(self, org: UUID) -> UUID:
        seller = uuid7()
        insert = "insert into seller (org_id, id, name, hired_on) values ($1, $2, 'Ada', '2020-01-01')"
        await self.owner.execute(insert, org, seller)
        return seller

    async def principal(self, org: UUID, *roles: str, subject: str | None = None, seller: UUID | None = None) -> UUID:
        principal = uuid7()
        await self.owner.execute(
            "insert into principal (org_id, id, kind, name, issuer, subject, roles, seller_id)"
            " values ($1, $2, $3, 'Ada', $4, $5, $6, $7)",
            *(org, principal, "person" if subject else "service"),
            *("https://id.example.com/" if subject else None, subject, list(roles or ("viewer",)), seller),
        )
        return principal

    async def key(
        self, org: UUID, principal: UUID, *, scopes: list[str] | None = None, expires_at: datetime | None = None
    ) -> tuple[ApiKey, UUID]:
        key, key_id = new_key("test"), uuid7()
        await self.owner.execute(
            "insert into api_key (org_id, id, principal_id, name, prefix, hash, scopes, expires_at)"
            " values ($1, $2, $3, 'CRM', $4, $5, $6, $7)",
            *(org, key_id, principal, key.prefix, key.hash, scopes, expires_at),
        )
        return key, key_id
