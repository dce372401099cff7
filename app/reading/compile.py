"""Roots become one SQL statement that yields the JSON as bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.catalogue import Catalogue
from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Many, Resource
from app.reading.columns import TYPENAME, field_json
from app.reading.field_types import fields_of
from app.reading.json_text import NULL, Json, Sql, object_of, or_null, sql_of, string
from app.reading.lists import Listing, table_of
from app.reading.pages import empty_page, page_json
from app.reading.request import Dialect, ListArgs, Node, Root, Slot
from app.reading.statement import Parameter, Row, Signature, Statement
from app.reading.visibility import readable, rows_seen

# The names of GraphQL. Keys are the caller's aliases, and the only words of a caller that enter the text.
_KEY = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


@dataclass(frozen=True)
class Compiled:
    """A statement without values. Its first column is the JSON as bytes (no row: not found); the second, where
    `versioned`, is the version of the one object.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    versioned: bool = False


def compile_request(
    roots: tuple[Root, ...], dialect: Dialect, signature: Signature, catalogue: Catalogue, *, bare: bool
) -> Compiled:
    """Compile roots for actors of a signature.

    `bare` answers with the one root itself and no row when an object is not there; else with `{"data": {key: root}}`
    and null for what is not there.

    Raises:
        DomainError: `permission_required` for a root the actor may not read, `invalid_parameter` for an unknown sort
            or a missing argument.
    """
    _check_keys(roots)
    statement = Statement(catalogue, dialect, signature)
    if not bare:
        members = [(root.key, _root(statement, root)) for root in roots]
        whole = object_of([("data", object_of(members))])
        return Compiled(f"select {_bytes(sql_of(whole))}", statement.parameters)
    (root,) = roots
    resource = _readable_root(statement, root)
    if root.id is None:
        return Compiled(f"select {_bytes(_list(statement, root, resource))}", statement.parameters)
    row = statement.row(resource, _params(root.list))
    shown = _bytes(sql_of(_object(statement, row, root.selection)))
    version = f",{row.alias}.version" if resource.versioned else ""
    asked = f"{row.alias}.id = {statement.bind(root.id, 'uuid')}"
    sql = f"select {shown}{version}{_one_row(statement, row, asked)}"
    return Compiled(sql, statement.parameters, bool(version))


def _root(statement: Statement, root: Root) -> Json:
    resource = _readable_root(statement, root)
    if root.id is None:
        return (Sql(_list(statement, root, resource)),)
    row = statement.row(resource, _params(root.list))
    return _one(statement, row, f"{row.alias}.id = {statement.bind(root.id, 'uuid')}", root.selection)


def _readable_root(statement: Statement, root: Root) -> Resource:
    resource = statement.catalogue.resources[root.resource]
    if not readable(resource, statement.signature):
        raise refuse("permission_required", f"This needs the permission {resource.needs}.", permission=resource.needs)
    return resource


def _list(statement: Statement, root: Root, resource: Resource) -> str:
    listing = Listing(resource, root.list or ListArgs())
    return page_json(statement, listing, root.selection, lambda row, nodes: _object(statement, row, nodes))


def _object(statement: Statement, row: Row, nodes: Iterable[Node]) -> Json:
    return object_of((node.key, _member(statement, row, node)) for node in nodes)


def _member(statement: Statement, row: Row, node: Node) -> Json:
    if node.name == TYPENAME:
        return string(row.resource.type_name)
    if node.name in fields_of(row.resource.view):
        return field_json(statement, row, node)
    link = row.resource.links[node.name]
    target = statement.catalogue.resources[link.to]
    if isinstance(link, Many):
        return _many(statement, row, node, link, target)
    if not readable(target, statement.signature):
        return NULL
    linked = statement.row(target, _params(node.list))
    return _one(statement, linked, f"{linked.alias}.id = {statement.fill(link.on, row)}", node.children)


def _one(statement: Statement, row: Row, condition: str, nodes: Iterable[Node]) -> Json:
    shown = sql_of(_object(statement, row, nodes))
    return or_null(f"(select {shown}{_one_row(statement, row, condition)})")


def _one_row(statement: Statement, row: Row, condition: str) -> str:
    conditions = [*rows_seen(statement, row), condition]
    return f" from {table_of(statement, row)} {row.alias} where {' and '.join(conditions)}"


def _many(statement: Statement, row: Row, node: Node, link: Many, target: Resource) -> Json:
    if not readable(target, statement.signature):
        return empty_page(statement, target, node.children)
    listing = Listing(
        target,
        node.list or ListArgs(),
        link.sort,
        lambda other: f"({statement.fill(link.where, row, other=other.alias)})",
    )
    return (Sql(page_json(statement, listing, node.children, lambda item, nodes: _object(statement, item, nodes))),)


def _params(args: ListArgs | None) -> dict[str, Slot]:
    return dict(args.params) if args else {}


def _bytes(text: str) -> str:
    # Bytes are passed on as they are; text would be decoded and encoded again.
    return f"convert_to({text},'UTF8')"


def _check_keys(nodes: Iterable[Node | Root]) -> None:
    for node in nodes:
        if _KEY.fullmatch(node.key) is None:
            raise ValueError(f"{node.key!r} is not a name")
        _check_keys(node.selection if isinstance(node, Root) else node.children)
