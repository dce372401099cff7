"""SQL that builds JSON text by concatenation, at half the cost of PostgreSQL's own JSON builders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sql:
    """An SQL expression of type text that is never null and yields JSON."""

    text: str


Json = tuple[str | Sql, ...]
"""JSON as a sequence of what is fixed (str) and what the database fills in."""

NULL: Json = ("null",)


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def or_null(expression: str) -> Json:
    """The expression's JSON text, or JSON null where it is null."""
    return (Sql(f"coalesce({expression},'null')"),)


def string(text: str) -> Json:
    """A fixed JSON string."""
    return (json.dumps(text),)


def array(items: Iterable[Json]) -> Json:
    """A JSON array of a fixed number of items."""
    parts: list[str | Sql] = ["["]
    for index, item in enumerate(items):
        parts += ("," if index else "", *item)
    return (*parts, "]")


def object_of(members: Iterable[tuple[str, Json]]) -> Json:
    """A JSON object with fixed keys."""
    parts: list[str | Sql] = ["{"]
    for index, (key, value) in enumerate(members):
        parts += ("," if index else "", *string(key), ":", *value)
    return (*parts, "}")


def sql_of(parts: Json) -> str:
    """The SQL expression that yields the whole text; fixed neighbours become one literal."""
    terms: list[str] = []
    fixed = ""
    for part in parts:
        if isinstance(part, str):
            fixed += part
            continue
        if fixed:
            terms.append(quoted(fixed))
        terms.append(part.text)
        fixed = ""
    if fixed or not terms:
        terms.append(quoted(fixed))
    return terms[0] if len(terms) == 1 else f"({'||'.join(terms)})"
