"""View fields: the SQL of their values, and the SQL of the JSON they are shown as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from pydantic import BaseModel

from app.domain.kernel.money import Money
from app.domain.kernel.resource import AllowedAction
from app.reading.actions import allowed_actions
from app.reading.field_types import SQL_TYPES, FieldType, Kind, fields_of, value_type_name
from app.reading.json_text import NULL, Json, Sql, object_of, or_null, sql_of, string
from app.reading.request import Node
from app.reading.statement import Row, Statement
from app.reading.visibility import FALSE, TRUE, pay_seen

TYPENAME = "__typename"
# to_json knows how to write these, quotes included.
_BY_TO_JSON = {Kind.TEXT, Kind.DATE, Kind.INSTANT, Kind.NUMBER, Kind.LIST, Kind.OBJECT, Kind.JSON}


def column_sql(statement: Statement, row: Row, name: str) -> str:
    """The SQL of a field's value. Pay that the actor may not see is null here, so in filters and sorts as well."""
    declared = row.resource.columns.get(name)
    plain = f"({statement.fill(declared, row)})" if declared else f"{row.alias}.{name}"
    type_ = fields_of(row.resource.view)[name]
    if not type_.pay:
        return plain
    seen = pay_seen(statement, row)
    if seen == TRUE:
        return plain
    if seen == FALSE:
        return f"null::{SQL_TYPES.get(type_.kind, 'text')}"
    return f"(case when {seen} then {plain} end)"


def field_json(statement: Statement, row: Row, node: Node) -> Json:
    """The JSON of one selected field of a row."""
    type_ = fields_of(row.resource.view)[node.name]
    if type_.kind is Kind.ACTIONS:
        return allowed_actions(statement, row, lambda *action: _action(node.children, *action))
    if type_.pay and pay_seen(statement, row) == FALSE:
        return NULL
    value = column_sql(statement, row, node.name)
    if type_.kind is Kind.MONEY:
        return _money(statement, row, value, node.children)
    if node.name == "id" and statement.graphql:
        return or_null(f"'\"{row.resource.name}:'||{value}||'\"'")
    stored = statement.graphql and type_.kind in (Kind.OBJECT, Kind.LIST)
    projected = _projected(statement, f"to_jsonb({value})", type_, node.children) if stored else None
    return projected or _scalar(statement, value, type_)


def _scalar(statement: Statement, value: str, type_: FieldType) -> Json:
    if type_.kind in _BY_TO_JSON:
        return or_null(f"to_json({value})::text")
    if type_.kind in (Kind.BOOLEAN, Kind.INTEGER):
        return or_null(f"({value})::text")
    if type_.kind is Kind.DECIMAL:
        return or_null(f"'\"'||decimal_text({value})||'\"'")
    if type_.kind is Kind.ENUM and statement.graphql:
        return or_null(f"'\"'||upper({value})||'\"'")
    return or_null(f"'\"'||{value}||'\"'")


def _money(statement: Statement, row: Row, value: str, children: Iterable[Node]) -> Json:
    shown = {
        "amount": (Sql(f"'\"'||decimal_text({value})||'\"'"),),
        "currency": (Sql(f"'\"'||{_currency(statement, row)}||'\"'"),),
        TYPENAME: string("Money"),
    }
    nodes = tuple(children) or (Node("amount", "amount"), Node("currency", "currency"))
    # Without its amount there is no money, whatever of it is asked for.
    return or_null(f"case when {value} is not null then {sql_of(object_of(_members(shown, nodes)))} end")


def _currency(statement: Statement, row: Row) -> str:
    declared = row.resource.columns.get("currency")
    return f"({statement.fill(declared, row)})" if declared else f"{row.alias}.currency"


def _action(children: Iterable[Node], action: str, allowed: bool, code: str | None) -> Json:
    shown = {
        "action": string(action),
        "allowed": ("true" if allowed else "false",),
        "code": string(code) if code else NULL,
        TYPENAME: string(AllowedAction.__name__),
    }
    nodes = tuple(children) or tuple(Node(name, name) for name in ("action", "allowed", "code"))
    return object_of(_members(shown, nodes))


def _members(shown: Mapping[str, Json], nodes: Iterable[Node]) -> Iterable[tuple[str, Json]]:
    return ((node.key, shown[node.name]) for node in nodes)


def _projected(statement: Statement, value: str, type_: FieldType, nodes: tuple[Node, ...]) -> Json | None:
    """GraphQL's view of a stored document; None where the whole is shown as it is stored.

    `value` is the SQL of a jsonb.
    """
    if type_.kind in (Kind.OBJECT, Kind.MONEY):
        return or_null(f"case when {_present(value)} then {sql_of(_object(statement, value, type_, nodes))} end")
    if type_.kind is Kind.ENUM:
        return or_null(f"'\"'||upper({value}#>>'{{}}')||'\"'")
    if type_.kind is Kind.LIST and type_.item is not None:
        element = f"{statement.alias()}.value"
        item = _projected(statement, element, type_.item, nodes)
        return item and _list(value, element.partition(".")[0], item)
    return None


def _list(value: str, alias: str, item: Json) -> Json:
    elements = f"select string_agg({sql_of(item)},',' order by {alias}.ordinality)"
    source = f"jsonb_array_elements({value}) with ordinality {alias}(value, ordinality)"
    return or_null(f"case when {_present(value)} then '['||coalesce(({elements} from {source}),'')||']' end")


def _object(statement: Statement, value: str, type_: FieldType, nodes: tuple[Node, ...]) -> Json:
    model = cast("type[BaseModel]", type_.of)
    return object_of((node.key, _member(statement, value, model, node)) for node in nodes)


def _member(statement: Statement, value: str, model: Any, node: Node) -> Json:
    if node.name == TYPENAME:
        return string("Money" if model is Money else value_type_name(model))
    type_ = fields_of(model)[node.name]
    member = f"({value}->'{node.name}')"
    projected = _projected(statement, member, type_, node.children)
    return projected or or_null(f"{member}::text")


def _present(value: str) -> str:
    return f"jsonb_typeof({value}) <> 'null'"
