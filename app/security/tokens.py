"""Tokens of an identity provider (OIDC, JWT): who signed them, for whom, and how long they hold."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, MissingClaimError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.registry import Header
from typing_extensions import override

from app.domain.kernel.errors import DomainError, refuse
from app.security.jwks import KeySource

# Fixed, not taken from the token: neither `none` nor a shared secret can ever verify. Ed25519 is EdDSA's newer name.
ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA", "Ed25519"})
ORGANISATION_CLAIM = "palier_org"
"""Claim that names the organisation (its UUID) for people who belong to several."""
_MOST_SUBJECT = 500
# A time no clock reaches, and the last one a float tells exactly: a claim may hold any number.
_LAST_TIME = 2**53
# A token comes in a header line, which servers cut at 8 to 16 KiB.
_MOST_CHARACTERS = 16 * 1024


@dataclass(frozen=True)
class Identity:
    """Whom a token speaks of."""

    issuer: str
    subject: str
    organisation: UUID | None
    """The organisation meant, where the token says so."""
    expires_at: float
    """Seconds since the epoch."""


class _Algorithms(JWSRegistry):
    """Our fixed list. Unlike joserfc's own it takes EdDSA, which providers still send, without a warning each time."""

    @override
    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise ValueError("algorithm not allowed")
        return self.algorithms[name]


# Header parameters we do not know are ignored, as RFC 7515 asks, unless the token calls them critical.
_REGISTRY = _Algorithms(strict_check_header=False)


class TokenVerifier:
    """Accepts the tokens that `issuer` made for `audience`.

    Args:
        keys: the issuer's signing keys.
        leeway: seconds of clock difference forgiven in `exp`, `nbf` and `iat`.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: KeySource,
        *,
        leeway: int = 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def verify(self, token: str) -> Identity:
        """Verify signature and claims; refuse with `unauthenticated`, or `unavailable` if the keys cannot be had.

        The refusal says which check failed and repeats nothing of the token.
        """
        if not token.isascii() or len(token) > _MOST_CHARACTERS:
            raise _refusal("The token is not a JSON Web Token of reasonable size.")
        header = _header(token)
        key = _choose(await self._keys.keys(header.get("kid")), header)
        try:
            claims = jwt.decode(token, key, registry=_REGISTRY).claims
        except (JoseError, ValueError, RecursionError):
            raise _refusal("The token's signature does not verify.") from None
        self._check(claims)
        return Identity(self._issuer, _subject(claims), _organisation(claims), float(min(claims["exp"], _LAST_TIME)))

    def _check(self, claims: jwt.Claims) -> None:
        try:
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise _refusal("The token has expired.") from None
        except MissingClaimError:
            raise _refusal("The token must carry the claims iss, aud, exp and sub.") from None
        except ClaimError as error:
            raise _refusal(f"The token's claim {error.claim} is not accepted.") from None


def _refusal(detail: str) -> DomainError:
    return refuse("unauthenticated", detail)


def _header(token: str) -> Header:
    """The header, read before anything is verified in order to choose the key, and believed in nothing else."""
    segment = token.partition(".")[0]
    try:
        header = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise _refusal("The token is not a JSON Web Token.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _refusal(f"The token's algorithm is not one of {', '.join(sorted(ALGORITHMS))}.")
    if "crit" in header or "b64" in header:
        raise _refusal("The token uses critical header extensions, which are not supported.")
    if not isinstance(header.get("kid"), str | None):
        raise _refusal("The token's key id is not a text.")
    return header


def _choose(keys: tuple[Key, ...], header: Header) -> Key:
    """The one key of that name which fits the algorithm; a token may leave the name out if that is unambiguous."""
    kid = header.get("kid")
    algorithm = _REGISTRY.get_alg(header["alg"])
    fitting = [key for key in keys if (kid is None or key.kid == kid) and _fits(key, algorithm)]
    if not fitting or (kid is None and len(fitting) > 1):
        raise _refusal("The token is signed with a key that its issuer does not publish.")
    return fitting[0]


def _fits(key: Key, algorithm: Any) -> bool:
    try:
        algorithm.check_key(key)
    except JoseError:
        return False
    return True


def _subject(claims: jwt.Claims) -> str:
    subject = str(claims["sub"])
    if not subject or len(subject) > _MOST_SUBJECT or not subject.isprintable():
        raise _refusal("The token's claim sub is not accepted.")
    return subject


def _organisation(claims: jwt.Claims) -> UUID | None:
    value = claims.get(ORGANISATION_CLAIM)
    try:
        return UUID(value) if value is not None else None
    except (ValueError, AttributeError, TypeError):
        raise _refusal(f"The token's claim {ORGANISATION_CLAIM} is not a UUID.") from None
