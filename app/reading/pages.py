"""One page of a list as JSON: `items` and `page` in REST, the selected parts of a connection in GraphQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from app.domain.kernel.resource import Resource
from app.reading.columns import TYPENAME
from app.reading.cursor import cursor_sql
from app.reading.field_types import fields_of
from app.reading.json_text import NULL, Json, Sql, object_of, or_null, sql_of, string
from app.reading.lists import Listing, after_position, conditions_of, key_sql, table_of, total_sql, where_of
from app.reading.request import Node
from app.reading.statement import Row, Statement
from app.reading.visibility import FALSE, TRUE, pay_seen

Item = Callable[[Row, tuple[Node, ...]], Json]
"""The JSON of one row of the list."""


def page_json(statement: Statement, listing: Listing, nodes: tuple[Node, ...], item: Item) -> str:
    """SQL of one page: `{"items", "page"}` in REST, the selected parts of a connection in GraphQL."""
    page = _Page(statement, listing)
    return _Connection(page, item).sql(nodes) if statement.graphql else _rest_page(page, nodes, item)


def empty_page(statement: Statement, resource: Resource, nodes: tuple[Node, ...]) -> Json:
    """A page of a resource that the actor may not read: nothing is compiled for it."""
    if not statement.graphql:
        return ('{"items":[],"page":{"next_cursor":null,"has_next_page":false}}',)
    shown: dict[str, Json] = {"edges": ("[]",), "nodes": ("[]",), "totalCount": ("0",)}
    page_info = {"hasNextPage": ("false",), "hasPreviousPage": ("false",), TYPENAME: string("PageInfo")}

    def member(node: Node) -> Json:
        if node.name == TYPENAME:
            return string(f"{resource.type_name}Connection")
        if node.name == "pageInfo":
            return object_of((child.key, page_info.get(child.name, NULL)) for child in node.children)
        return shown[node.name]

    return object_of((node.key, member(node)) for node in nodes)


class _Page:
    """The rows of one page in order, numbered. One row more than asked for tells whether there is a next page."""

    def __init__(self, statement: Statement, listing: Listing) -> None:
        self.statement = statement
        self.listing = listing
        self.keys = listing.keys()
        inner = statement.row(listing.resource, dict(listing.args.params))
        # The same alias outside, so that declared fragments mean the same in both places.
        self.row = replace(inner, pay=f"{inner.alias}.pay_seen_")
        self._inner = inner
        limit = listing.args.limit
        self.limit = str(limit) if isinstance(limit, int) else statement.bind(limit, "int")
        self.in_page = f"{inner.alias}.number_<={self.limit}"
        self.has_next = f"count(*)>{self.limit}"

    def rows(self, *, pay: bool, size: bool = False) -> str:
        """The FROM clause. `pay` adds whether the actor sees the row's pay, `size` the number of rows found."""
        statement, inner = self.statement, self._inner
        conditions = conditions_of(statement, self.listing, inner)
        if self.listing.args.after:
            conditions.append(after_position(statement, inner, self.keys, self.listing.args.after))
        order = ",".join(f"{key_sql(statement, inner, key)}{' desc' if key.descending else ''}" for key in self.keys)
        limit = self.limit if not self.limit.isdigit() else str(int(self.limit) + 1)
        alias = inner.alias
        found = (
            f"select {alias}.* from {table_of(statement, inner)} {alias}{where_of(conditions)}"
            f" order by {order} limit {limit}{'' if limit.isdigit() else '+1'}"
        )
        extra = ""
        seen = pay_seen(statement, inner) if pay else TRUE
        if seen not in (TRUE, FALSE):
            extra += f",{seen} pay_seen_"
        if size:
            extra += ",count(*) over () size_"
        return f" from (select {alias}.*,row_number() over () number_{extra} from ({found}) {alias}) {alias}"

    def cursor(self) -> str:
        """SQL of the row's cursor as JSON text; empty where the list gives no cursors."""
        if self.listing.args.binding is None:
            return ""
        keys = [key_sql(self.statement, self.row, key) for key in self.keys]
        return cursor_sql(self.statement, keys, self.listing.args.binding)

    def items(self, item: Json) -> Json:
        """A JSON array of one JSON per row of the page."""
        items = f"coalesce(string_agg({sql_of(item)},',') filter (where {self.in_page}),'')"
        return ("[", Sql(items), "]")

    def cursor_at(self, row_number: str) -> Json:
        """The cursor of one row by its number, or null."""
        cursor = self.cursor()
        return or_null(f"max({cursor}) filter (where {self.row.alias}.number_={row_number})") if cursor else NULL

    def total(self) -> Json:
        return (Sql(f"({total_sql(self.statement, self.listing)})::text"),)

    def reads_pay(self, nodes: tuple[Node, ...]) -> bool:
        """Whether pay fields are selected or part of the order."""
        fields = fields_of(self.listing.resource.view)
        names = {node.name for node in nodes} | {key.name for key in self.keys}
        return any(name in fields and fields[name].pay for name in names)


def _rest_page(page: _Page, nodes: tuple[Node, ...], item: Item) -> str:
    items = page.items(item(page.row, nodes))
    cursor = page.cursor()
    last = f"max({cursor}) filter (where {page.row.alias}.number_={page.limit})"
    next_cursor = or_null(f"case when {page.has_next} then {last} end") if cursor else NULL
    members = [("next_cursor", next_cursor), ("has_next_page", (Sql(f"({page.has_next})::text"),))]
    if page.listing.args.count:
        members.append(("total", page.total()))
    whole = object_of([("items", items), ("page", object_of(members))])
    return f"(select {sql_of(whole)}{page.rows(pay=page.reads_pay(nodes))})"


class _Connection:
    """A Relay connection over the rows of a page; several parts of it share one pass over the rows."""

    def __init__(self, page: _Page, item: Item) -> None:
        self._page = page
        self._item = item
        self._type_name = page.listing.resource.type_name

    def sql(self, nodes: tuple[Node, ...]) -> str:
        whole = sql_of(object_of((node.key, self._member(node)) for node in nodes))
        if not any(_reads_rows(node) for node in nodes):
            return f"(select {whole})"
        edges = _children(nodes, "edges")
        selected = (*_children(nodes, "nodes"), *_children(edges, "node"))
        size = any(child.name == "endCursor" for child in _children(nodes, "pageInfo"))
        return f"(select {whole}{self._page.rows(pay=self._page.reads_pay(selected), size=size)})"

    def _member(self, node: Node) -> Json:
        match node.name:
            case "edges":
                return self._page.items(object_of((child.key, self._edge(child)) for child in node.children))
            case "nodes":
                return self._page.items(self._item(self._page.row, node.children))
            case "pageInfo":
                return object_of((child.key, self._info(child)) for child in node.children)
            case "totalCount":
                return self._page.total()
        return string(f"{self._type_name}Connection")

    def _edge(self, node: Node) -> Json:
        if node.name == TYPENAME:
            return string(f"{self._type_name}Edge")
        if node.name == "cursor":
            return (Sql(self._page.cursor()),) if self._page.cursor() else NULL
        return self._item(self._page.row, node.children)

    def _info(self, node: Node) -> Json:
        match node.name:
            case "hasNextPage":
                return (Sql(f"({self._page.has_next})::text"),)
            case "hasPreviousPage":
                return ("true" if self._page.listing.args.after else "false",)
            case "startCursor":
                return self._page.cursor_at("1")
            case "endCursor":
                return self._page.cursor_at(f"least({self._page.row.alias}.size_,{self._page.limit})")
        return string("PageInfo")


def _reads_rows(node: Node) -> bool:
    """Whether a part of a connection is aggregated over the rows of the page; the others are known without them."""
    if node.name == "pageInfo":
        return any(child.name not in ("hasPreviousPage", TYPENAME) for child in node.children)
    return node.name not in ("totalCount", TYPENAME)


def _children(nodes: Iterable[Node], name: str) -> tuple[Node, ...]:
    return tuple(child for node in nodes if node.name == name for child in node.children)
