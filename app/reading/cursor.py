"""Cursors: the key of a row, signed so that it can only be used with the list it came from.

A cursor is base64url of a truncated HMAC-SHA-256 followed by the key, a JSON array of texts. The database makes it,
so that an answer is passed through; here it is read and verified.
"""

from __future__ import annotations

import base64
import hmac
import json
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from app.domain.kernel.errors import refuse
from app.reading.request import ListArgs, Slot
from app.reading.statement import Context, Statement

_MAC_BYTES = 16
_BLOCK = 64
MAX_CURSOR_LENGTH = 4_000
"""A key may hold texts of the caller, so cursors are bounded generously."""


class Cursors:
    """Reads what `cursor_sql` made; both hold the same secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        key = (secret if len(secret) <= _BLOCK else sha256(secret).digest()).ljust(_BLOCK, b"\0")
        self.inner_key = bytes(byte ^ 0x36 for byte in key)
        self.outer_key = bytes(byte ^ 0x5C for byte in key)

    def decode(self, cursor: str, binding: bytes, *, pointer: str = "/cursor") -> tuple[str | None, ...]:
        """The key in a cursor, as texts. Refuses `cursor_mismatch` unless it was made for the list of `binding`."""
        try:
            if len(cursor) > MAX_CURSOR_LENGTH:
                raise ValueError("too long")
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (Base64Error, ValueError) as error:
            raise refuse("cursor_mismatch", "The cursor is damaged.", pointer=pointer) from error
        mac, key = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, hmac.digest(self._secret, binding + key, "sha256")[:_MAC_BYTES]):
            raise refuse("cursor_mismatch", pointer=pointer)
        return tuple(json.loads(key))


def cursor_sql(statement: Statement, keys: Sequence[str], binding: Slot) -> str:
    """SQL of a cursor as JSON text, from the SQL of the key's values."""
    key = f"convert_to(to_json(array[{','.join(f'({key})::text' for key in keys)}])::text,'UTF8')"
    bound = statement.bind(binding, "bytea")
    inner = f"sha256({statement.context(Context.INNER_KEY)}||{bound}||{key})"
    mac = f"substr(sha256({statement.context(Context.OUTER_KEY)}||{inner}),1,{_MAC_BYTES})"
    return f"'\"'||translate(encode({mac}||{key},'base64'),E'+/=\\n','-_')||'\"'"


def after(key: Sequence[str | None], first_slot: int) -> tuple[Slot | None, ...]:
    """`ListArgs.after` for a decoded key whose values are appended to the request's from `first_slot` on."""
    return tuple(None if text is None else Slot(first_slot + index) for index, text in enumerate(key))


def binding_of(resource: str, args: ListArgs, values: Sequence[Any]) -> bytes:
    """Digest of what a cursor depends on: the resource (or link), its filters and arguments with values, the order."""
    said = [
        resource,
        args.sort,
        sorted((condition.filter, condition.op, repr(values[condition.value.index])) for condition in args.conditions),
        args.search and values[args.search.index],
        sorted((name, repr(values[slot.index])) for name, slot in args.params),
    ]
    return sha256(repr(said).encode()).digest()
