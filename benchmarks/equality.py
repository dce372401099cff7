"""Do two servers answer with the same facts, and leave the same trail? Checked before anything is timed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

_DECIMAL = re.compile(r"-?\d+\.\d+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.+")


def facts(body: bytes, leave_out: frozenset[str]) -> Any:
    """What an answer says: members in any order, decimals and instants by value, without what cannot be equal."""
    return _fact(json.loads(body), leave_out)


def difference(mine: Any, theirs: Any, at: str = "") -> str:
    """The first place where two answers differ, or nothing."""
    if isinstance(mine, dict) and isinstance(theirs, dict) and mine.keys() == theirs.keys():
        return next(filter(None, (difference(mine[name], theirs[name], f"{at}/{name}") for name in mine)), "")
    if isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        pairs = enumerate(zip(mine, theirs, strict=True))
        return next(filter(None, (difference(one, other, f"{at}/{n}") for n, (one, other) in pairs)), "")
    return "" if mine == theirs else f"{at or '/'}: {str(mine)[:300]} is not {str(theirs)[:300]}"


def _fact(value: Any, leave_out: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _fact(member, leave_out) for name, member in value.items() if name not in leave_out}
    if isinstance(value, list):
        return [_fact(item, leave_out) for item in value]
    if isinstance(value, str):
        forms: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
            (_DECIMAL, Decimal),
            (_INSTANT, datetime.fromisoformat),
        )
        for form, parse in forms:
            if form.fullmatch(value):
                with suppress(ValueError):
                    return parse(value)
    return value
