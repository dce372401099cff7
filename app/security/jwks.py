"""The public keys of an identity provider (JSON Web Key Set), given or fetched."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from app.domain.kernel.errors import refuse

_log = logging.getLogger(__name__)

# Only asymmetric keys: a shared secret in a public document would let anybody sign.
_KINDS: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_LEAST_RSA_BITS = 2048
# Providers publish two to ten keys in a few kilobytes; more is a mistake or an attack.
_MOST_KEYS = 100
_MOST_BYTES = 256 * 1024


class KeySource(Protocol):
    """Where the keys come from."""

    async def keys(self, kid: str | None) -> tuple[Key, ...]:
        """The present keys, looked up anew if none is called `kid`; refuses with `unavailable` if there are none."""
        ...


def read_keys(document: Any) -> tuple[Key, ...]:
    """The keys of a key set that can verify a signature; others are left out, as RFC 7517 asks.

    Raises:
        ValueError: the document is no key set, or nothing in it is of use.
    """
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
        raise ValueError(f"a key set holds a list `keys` of up to {_MOST_KEYS} keys")
    keys = tuple(key for entry in entries if (key := _read_key(entry)) is not None)
    if not keys:
        raise ValueError("the key set holds no RSA, EC or OKP key for signatures")
    return keys


def _read_key(entry: Any) -> Key | None:
    if not isinstance(entry, Mapping):
        return None
    kind = _KINDS.get(str(entry.get("kty")))
    if kind is None:
        return None
    try:
        key = kind.import_key(dict(entry))
        key.check_use("sig")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS:
        return None
    return key


class FixedKeys:
    """Keys that do not change while the process runs, from a parsed key set."""

    def __init__(self, document: Any) -> None:
        self._keys = read_keys(document)

    async def keys(self, kid: str | None) -> tuple[Key, ...]:
        """The keys, whatever their names."""
        return self._keys


class RemoteKeys:
    """Keys behind an address, kept and refreshed.

    Old keys are refreshed in the background, an unknown key id at once, but never twice within `pause` seconds, so that
    made-up ids cannot make us flood the provider. While the provider is away its last keys serve for `trust` seconds.

    Args:
        url: https, or http on the local machine.
        fresh: seconds after which the keys are fetched again.
        timeout: seconds one fetch may take in all.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.AsyncClient | None = None,
        fresh: float = 600,
        trust: float = 3600,
        pause: float = 10,
        timeout: float = 5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("signing keys must come over https, or anybody on the way could replace them")
        self._url = url
        self._client = client or httpx.AsyncClient()
        self._fresh, self._trust, self._pause, self._timeout = fresh, trust, pause, timeout
        self._clock = clock
        self._keys: tuple[Key, ...] = ()
        self._fetched_at = self._tried_at = float("-inf")
        self._fetch: asyncio.Task[None] | None = None

    async def keys(self, kid: str | None) -> tuple[Key, ...]:
        """The present keys; see `KeySource`."""
        known = bool(self._trusted()) and (kid is None or any(key.kid == kid for key in self._keys))
        if not known or self._clock() - self._fetched_at >= self._fresh:
            fetch = self._refresh()
            if fetch is not None and not known:
                # Shielded: one caller who hangs up must not spoil the fetch for the others.
                await asyncio.shield(fetch)
        if not self._trusted():
            raise refuse("unavailable", "The identity provider's signing keys cannot be fetched now.")
        return self._keys

    async def close(self) -> None:
        """Give up a fetch under way and the connections."""
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)
        await self._client.aclose()

    def _trusted(self) -> tuple[Key, ...]:
        return self._keys if self._clock() - self._fetched_at < self._trust else ()

    def _refresh(self) -> asyncio.Task[None] | None:
        """The fetch under way, a new one, or None while it is too early for another."""
        if self._fetch is not None and not self._fetch.done():
            return self._fetch
        if self._clock() - self._tried_at < self._pause:
            return None
        self._tried_at = self._clock()
        self._fetch = asyncio.create_task(self._load())
        return self._fetch

    async def _load(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                document = json.loads(await self._download())
            self._keys = read_keys(document)
            self._fetched_at = self._clock()
        except (TimeoutError, httpx.HTTPError, ValueError, RecursionError) as error:
            _log.warning(
                "the signing keys at %s could not be fetched: %s", self._url, str(error) or type(error).__name__
            )

    async def _download(self) -> bytes:
        """The body as sent: redirects and compression, which could hide another host or a bomb, are not followed."""
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        body = bytearray()
        async with self._client.stream("GET", self._url, headers=headers, follow_redirects=False) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"answered with status {response.status_code}")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError(f"answered with more than {_MOST_BYTES} bytes")
        return bytes(body)
