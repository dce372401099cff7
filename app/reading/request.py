"""What is asked of the engine. A shape is hashable and holds no value of a request, so compiled texts can be shared."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

MAX_LIMIT = 200
"""Most rows of one page: it bounds the size of an answer and the time of a statement."""
DEFAULT_LIMIT = 50


class Dialect(StrEnum):
    """REST answers are snake case with enum values; GraphQL answers are Relay with enum names and global ids."""

    REST = "rest"
    GRAPHQL = "graphql"


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that comes with the request: `values[index]`."""

    index: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One declared filter with one of its operators (`filters.OPERATORS`) and the slot of its value.

    The value is of the filter's Python type; a list of it for `in`; a bool for `is_null`.
    """

    filter: str
    op: str
    value: Slot


@dataclass(frozen=True, slots=True)
class ListArgs:
    """Arguments of one list: which rows, in which order, how many, after which.

    `sort` holds declared sorts (`-` for descending); empty means the list's own. `after` is the key that a cursor
    holds, as `cursor.after` makes it: a slot of the text of each key, None where the key is null; empty is the first
    page. `limit` as a number is part of the shape, which lets PostgreSQL plan for it. `search` is the slot of a
    `filters.search_pattern`. `count` is empty, `exact` (capped) or `estimated`. `binding` is the slot of the digest
    (`cursor.binding_of`) that ties cursors to this list; without it no cursor is made.
    """

    conditions: tuple[Condition, ...] = ()
    sort: tuple[str, ...] = ()
    limit: Slot | int = DEFAULT_LIMIT
    after: tuple[Slot | None, ...] = ()
    search: Slot | None = None
    params: tuple[tuple[str, Slot], ...] = ()
    count: str = ""
    binding: Slot | None = None


def _remembered_hash(self: Node | Root) -> int:
    """Hash once: every request looks its compiled text up by the whole selection."""
    known: int | None = self.__dict__.get("hash")
    if known is None:
        known = self.__dict__["hash"] = hash(tuple(getattr(self, part.name) for part in fields(self)))
    return known


@dataclass(frozen=True)
class Node:
    """One selected thing under the key it is answered with: a view field, a link, or `__typename`.

    `name` is the declared name in snake case; only what Relay names (`pageInfo`, `endCursor`, …) is in camel case.
    `children` select inside a link, a connection, money or a nested object. `list` has the arguments of a link; of a
    link to one only its `params` count.
    """

    key: str
    name: str
    children: tuple[Node, ...] = ()
    list: ListArgs | None = None

    __hash__ = _remembered_hash


@dataclass(frozen=True)
class Root:
    """One object (`id`) or one list of a resource. Of an object's `list` only the `params` count.

    Selection is of the items in REST; in GraphQL a list root selects `edges`, `nodes`, `pageInfo`, `totalCount`.
    """

    key: str
    resource: str
    selection: tuple[Node, ...]
    id: Slot | None = None
    list: ListArgs | None = None

    __hash__ = _remembered_hash
