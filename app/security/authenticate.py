"""From the text a caller sends to the actor it stands for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from app.domain.kernel.apikeys import KEY_START, parse_key
from app.domain.kernel.errors import Unauthenticated, refuse
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.security.cache import ExpiringMap
from app.security.tokens import TokenVerifier

FetchRow = Callable[..., Awaitable[Any]]
"""Runs one SQL text with positional arguments and gives its first row or None, like `asyncpg.Pool.fetchrow`."""

_BY_KEY = "select * from authenticate_key($1)"
_BY_SUBJECT = "select *, count(*) over () as organisations from authenticate_subject($1, $2, $3)"
_LONGEST_KEPT = 60.0


@dataclass(frozen=True)
class _Known:
    actor: Actor
    expires_at: float
    key_id: UUID | None = None


def bearer_token(authorization: str | None) -> str:
    """The token of an `Authorization` header; refuse with `unauthenticated` if there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refuse("unauthenticated", "Send an API key or token as `Authorization: Bearer …`.")
    return token.strip()


class Authenticator:
    """Names the actor behind an API key or token, and remembers it for a while.

    Args:
        fetchrow: runs one SQL outside any organisation, as the application's role, on a connection that may write (the
            key's last use is recorded).
        verifier: for tokens of an identity provider; without one only API keys are accepted.
        keep: seconds an answer is remembered, at most 60: how long a revocation may take to reach another process.
        keep_refused: the same for a refusal, which spares the database a caller that insists.
        capacity: answers remembered, and refusals remembered, so that a flood of bad tokens drives out no good one.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        fetchrow: FetchRow,
        *,
        verifier: TokenVerifier | None = None,
        keep: float = 30,
        keep_refused: float = 5,
        capacity: int = 10_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetchrow = fetchrow
        self._verifier = verifier
        self._keep = min(keep, _LONGEST_KEPT)
        self._keep_refused = keep_refused
        self._clock = clock
        self._known: ExpiringMap[bytes, _Known] = ExpiringMap(capacity)
        self._refused: ExpiringMap[bytes, str] = ExpiringMap(capacity)
        self._forgettings = 0

    async def actor(self, token: str) -> Actor:
        """The actor; refuses with `unauthenticated`, or `unavailable` while an identity provider cannot be reached."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        now = self._clock()
        if (known := self._known.get(digest, now)) is not None:
            return known.actor
        if (detail := self._refused.get(digest, now)) is not None:
            raise refuse("unauthenticated", detail)
        forgettings = self._forgettings
        try:
            found = await (self._by_key(token) if token.startswith(KEY_START) else self._by_token(token))
        except Unauthenticated as refusal:
            self._refused.put(digest, refusal.detail, now + self._keep_refused)
            raise
        # What was read before somebody said "forget" may be what is to be forgotten.
        if forgettings == self._forgettings:
            self._known.put(digest, found, min(now + self._keep, found.expires_at))
        return found.actor

    def forget(self, subject_id: UUID) -> None:
        """Ask the database anew about a key, or about every key and token of a principal."""
        self._forgettings += 1
        self._known.drop(lambda known: subject_id in (known.key_id, known.actor.principal_id))

    async def _by_key(self, text: str) -> _Known:
        row = await self._fetchrow(_BY_KEY, parse_key(text).hash)
        if row is None:
            raise refuse("unauthenticated", "The API key is not known, has expired or was revoked.")
        expires_at = row["expires_at"].timestamp() if row["expires_at"] else float("inf")
        return _Known(_actor(row, row["scopes"]), expires_at, row["api_key_id"])

    async def _by_token(self, token: str) -> _Known:
        if self._verifier is None:
            raise refuse("unauthenticated", "This is no API key, and no identity provider is set up here.")
        identity = await self._verifier.verify(token)
        row = await self._fetchrow(_BY_SUBJECT, identity.issuer, identity.subject, identity.organisation)
        if row is None:
            raise refuse("unauthenticated", "The token is good, but nobody here is known by its subject.")
        if row["organisations"] > 1:
            raise refuse("unauthenticated", "The subject belongs to several organisations: name one in `palier_org`.")
        return _Known(_actor(row, None), identity.expires_at)


def _actor(row: Any, scopes: list[str] | None) -> Actor:
    return Actor(
        org_id=row["org_id"],
        principal_id=row["principal_id"],
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        seller_id=row["seller_id"],
        scopes=None if scopes is None else frozenset(scopes),
    )
