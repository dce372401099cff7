"""Lists: which rows, in which order, from where on, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Filter, Resource
from app.reading.columns import column_sql
from app.reading.field_types import fields_of
from app.reading.filters import takes_many, value_type
from app.reading.json_text import Json
from app.reading.request import Condition, ListArgs, Node, Slot
from app.reading.statement import Row, Statement
from app.reading.visibility import FALSE, rows_seen

COUNT_LIMIT = 100_000
"""Rows are counted up to here; a total of this size means at least as many."""
_ESTIMATE_FROM = 1_000
_SAMPLE_PERCENT = 1
_COMPARISONS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Item = Callable[[Row, tuple[Node, ...]], Json]
Where = Callable[[Row], str]


@dataclass(frozen=True)
class Key:
    """One column of the order. Nulls count as greatest, as PostgreSQL's indexes have them."""

    name: str
    descending: bool
    sql_type: str
    nullable: bool


@dataclass(frozen=True)
class Listing:
    """A list to compile: the resource, its arguments, its default order, and how it hangs on its parent."""

    resource: Resource
    args: ListArgs
    sort: str = ""
    where: Where | None = None

    def keys(self) -> tuple[Key, ...]:
        """The order asked for, always made total by the id. Only declared sorts are taken from a caller."""
        fields = fields_of(self.resource.view)
        names = self.args.sort or tuple((self.sort or self.resource.sort).split(","))
        keys: list[Key] = []
        for text in names:
            name = text.removeprefix("-")
            if self.args.sort and name != "id" and name not in self.resource.sorts:
                raise refuse("invalid_parameter", f"It cannot be sorted by {name!r}.", pointer="/sort")
            if name == "id":
                keys.append(Key("id", text.startswith("-"), "uuid", nullable=False))
                return tuple(keys)
            field = fields[name]
            keys.append(Key(name, text.startswith("-"), field.sql, field.nullable or field.pay))
        return (*keys, Key("id", keys[-1].descending, "uuid", nullable=False))


def table_of(statement: Statement, row: Row) -> str:
    """What to select the row from."""
    return statement.fill(row.resource.source, row) if row.resource.source else row.resource.name


def conditions_of(statement: Statement, listing: Listing, row: Row) -> list[str]:
    """Everything that decides whether a row belongs to the list, before paging."""
    conditions = rows_seen(statement, row)
    if listing.where is not None:
        conditions.append(listing.where(row))
    conditions += [_condition(statement, row, condition) for condition in listing.args.conditions]
    if listing.args.search is not None:
        pattern = statement.bind(listing.args.search, "text")
        matches = " or ".join(f"{_searched(statement, row, name)} ilike {pattern}" for name in row.resource.search)
        conditions.append(f"({matches})")
    return conditions


def _condition(statement: Statement, row: Row, condition: Condition) -> str:
    for declared in row.resource.filters:
        if isinstance(declared, Filter) and declared.name == condition.filter:
            sql_type = value_type(declared).sql + ("[]" if takes_many(declared) else "")
            value = statement.bind(condition.value, sql_type)
            return f"({statement.fill(declared.sql, row, value=value)})"
    column = column_sql(statement, row, condition.filter)
    sql_type = fields_of(row.resource.view)[condition.filter].sql
    if condition.op == "in":
        return f"{column} = any({statement.bind(condition.value, f'{sql_type}[]')})"
    if condition.op == "is_null":
        return f"({column} is null) = {statement.bind(condition.value, 'boolean')}"
    return f"{column} {_COMPARISONS[condition.op]} {statement.bind(condition.value, sql_type)}"


def _searched(statement: Statement, row: Row, name: str) -> str:
    return column_sql(statement, row, name) if name in fields_of(row.resource.view) else f"{row.alias}.{name}"


def total_sql(statement: Statement, listing: Listing) -> str:
    """Rows of the whole list: counted, up to a limit, or estimated from a sample of the table's pages."""
    capped = _counted(statement, listing, COUNT_LIMIT)
    if listing.args.count != "estimated" or listing.resource.source:
        return capped
    row = statement.row(listing.resource, dict(listing.args.params))
    conditions = conditions_of(statement, listing, row)
    sample = f"tablesample system ({_SAMPLE_PERCENT}) repeatable (0)"
    sampled = (
        f"select count(*)*{100 // _SAMPLE_PERCENT} from {row.resource.name} {row.alias} {sample}{where_of(conditions)}"
    )
    few = statement.alias()
    return (
        f"select case when {few}.n<{_ESTIMATE_FROM} then {few}.n else greatest({few}.n,({sampled})) end"
        f" from ({_counted(statement, listing, _ESTIMATE_FROM)}) {few}(n)"
    )


def _counted(statement: Statement, listing: Listing, limit: int) -> str:
    row = statement.row(listing.resource, dict(listing.args.params))
    conditions = conditions_of(statement, listing, row)
    found = f"select 1 from {table_of(statement, row)} {row.alias}{where_of(conditions)} limit {limit}"
    return f"select count(*) from ({found}) {statement.alias()}"


def where_of(conditions: list[str]) -> str:
    """The WHERE clause, if there is anything to say."""
    return f" where {' and '.join(conditions)}" if conditions else ""


def key_sql(statement: Statement, row: Row, key: Key) -> str:
    """The SQL of a key's value."""
    # The id is the row's even where a view shows none.
    return f"{row.alias}.id" if key.name == "id" else column_sql(statement, row, key.name)


def after_position(statement: Statement, row: Row, keys: tuple[Key, ...], position: tuple[Slot | None, ...]) -> str:
    """The condition for rows behind a position. Null counts as greatest: last ascending, first descending."""
    columns = [key_sql(statement, row, key) for key in keys]
    # A cursor holds texts; the server parses them, as it wrote them.
    values = [
        None if slot is None else f"{statement.bind(slot, 'text')}::{key.sql_type}"
        for key, slot in zip(keys, position, strict=True)
    ]
    descending = keys[0].descending
    plain = all(
        value is not None and key.descending == descending and (descending or not key.nullable)
        for key, value in zip(keys, values, strict=True)
    )
    if plain:
        return f"({','.join(columns)}) {'<' if descending else '>'} ({','.join(str(value) for value in values)})"
    chain = ""
    for key, column, value in reversed(list(zip(keys, columns, values, strict=True))):
        behind = _behind(key, column, value)
        same = f"{column} is null" if value is None else f"{column} = {value}"
        chain = f"({behind} or ({same} and {chain}))" if chain else behind
    if values[0] is not None and (descending or not keys[0].nullable):
        # Says nothing new, but an index can use it.
        chain = f"{columns[0]} {'<=' if descending else '>='} {values[0]} and {chain}"
    return f"({chain})"


def _behind(key: Key, column: str, value: str | None) -> str:
    if value is None:
        return f"{column} is not null" if key.descending else FALSE
    if key.descending:
        return f"{column} < {value}"
    return f"({column} > {value} or {column} is null)" if key.nullable else f"{column} > {value}"
