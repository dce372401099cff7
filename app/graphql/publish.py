"""The output types: one object type and one connection for each resource, made from its view and its links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import strawberry
from graphql import GraphQLAbstractType
from pydantic import BaseModel
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from app.domain.kernel.resource import Many, One, Resource
from app.graphql.inputs import filter_input, sort_input
from app.graphql.naming import camel
from app.graphql.types import Member, Types
from app.graphql.walk import Info
from app.reading.field_types import field_type

MAX_FIRST = 100
"""Most nodes of one page: bulk belongs to REST."""
DEFAULT_FIRST = 50

PAGE_INFO = {
    "hasNextPage": Member("hasNextPage"),
    "endCursor": Member("endCursor"),
    "hasPreviousPage": Member("hasPreviousPage"),
    "startCursor": Member("startCursor"),
}


@strawberry.interface(description="An object with a global id.")
class Node:
    """What `node(id)` finds."""

    id: strawberry.ID = strawberry.field(description="Identifies the object among all objects.")

    @classmethod
    def resolve_type(cls, value: Any, info: Info, type_: GraphQLAbstractType) -> str:
        """The reading engine's answer says what it is, because `node` asks for it; see `walk`."""
        return str(value.type_name)


def publish_resources(types: Types, resources: Mapping[str, Resource]) -> None:
    """Define the object type, edge and connection of every resource."""
    types.names["Node"] = Node
    types.members["PageInfo"] = PAGE_INFO
    types.define("PageInfo", _page_info(types), "Where a page stands in its list.")
    for resource in resources.values():
        _publish(types, resource, resources)


def has_id(resource: Resource) -> bool:
    """Whether the resource's objects can be asked for one by one, without the arguments that a report needs."""
    needed = any(param.required for param in resource.params.values())
    return "id" in resource.view.model_fields and not resource.hidden and not needed


def list_arguments(types: Types, resource: Resource) -> Iterator[StrawberryArgument]:
    """What every list of the resource may be asked with, on the root and on a link."""
    yield types.argument("first", "Int", f"How many, at most {MAX_FIRST}.", DEFAULT_FIRST)
    yield types.argument("after", "Optional[String]", "The cursor of the last one already seen.")
    if name := filter_input(types, resource):
        yield types.argument("filter", f"Optional[{name}]", "Conditions that all hold.")
    name = sort_input(types, resource)
    yield types.argument("sort", f"Optional[list[{name}]]", "The order, most important first.")
    if resource.search:
        yield types.argument("search", "Optional[String]", "Words to look for.")
    yield from parameters(types, resource)


def parameters(types: Types, resource: Resource) -> Iterator[StrawberryArgument]:
    """The resource's own arguments, such as the day at which it is read."""
    for key, param in resource.params.items():
        leaf = types.parameter(field_type(param.type))
        yield types.argument(camel(key), leaf if param.required else f"Optional[{leaf}]", param.description)


def _publish(types: Types, resource: Resource, resources: Mapping[str, Resource]) -> None:
    name = resource.type_name
    if not types.new(name, resource):
        raise RuntimeError(f"two resources would be the GraphQL type {name}")
    members = types.members[name] = {}
    fields = [*_columns(types, members, resource.view, identified="id" in resource.view.model_fields)]
    fields += _links(types, members, resource, resources)
    base = Node if "id" in members else object
    made = types.define(name, fields, resource.description, base)
    # Children are plain dictionaries, which no class test could tell apart.
    made.__strawberry_definition__.is_type_of = lambda value, info: True
    _publish_connection(types, resource)


def _columns(
    types: Types, members: dict[str, Member], view: type[BaseModel], *, identified: bool
) -> Iterator[StrawberryField]:
    for key, info in view.model_fields.items():
        if key == "id" and identified:
            members["id"] = Member("id")
            continue  # The interface declares it.
        expression, inner = types.output(info)
        members[camel(key)] = Member(key, inner)
        yield types.field(camel(key), expression, info.description or "")


def _links(
    types: Types, members: dict[str, Member], resource: Resource, resources: Mapping[str, Resource]
) -> Iterator[StrawberryField]:
    for key, link in resource.links.items():
        target = resources[link.to]
        if camel(key) in members:
            raise RuntimeError(f"{resource.name}: the link {key} hides a field")
        match link:
            case One():
                members[camel(key)] = Member(key, target.type_name, target.name)
                yield types.field(camel(key), f"Optional[{target.type_name}]", link.description or target.description)
            case Many():
                connection = f"{target.type_name}Connection"
                members[camel(key)] = Member(key, connection, target.name, connection=True)
                yield types.field(
                    camel(key), connection, link.description or target.description, [*list_arguments(types, target)]
                )


def _publish_connection(types: Types, resource: Resource) -> None:
    name = resource.type_name
    types.members[f"{name}Edge"] = {"node": Member("node", name, resource.name), "cursor": Member("cursor")}
    types.define(
        f"{name}Edge",
        [types.field("node", name, "The object."), types.field("cursor", "String", "Where it stands in the list.")],
        f"A {name} in a list.",
    )
    types.members[f"{name}Connection"] = {
        "edges": Member("edges", f"{name}Edge"),
        "nodes": Member("nodes", name, resource.name),
        "pageInfo": Member("pageInfo", "PageInfo"),
        "totalCount": Member("totalCount"),
    }
    types.define(
        f"{name}Connection",
        [
            types.field("edges", f"list[{name}Edge]", "The page, with cursors."),
            types.field("nodes", f"list[{name}]", "The page, without cursors."),
            types.field("pageInfo", "PageInfo", "Where the page stands."),
            types.field("totalCount", "Optional[Int]", "How many there are in all, counted up to a bound."),
        ],
        f"A page of {resource.plural.replace('_', ' ')}.",
    )


def _page_info(types: Types) -> Iterable[StrawberryField]:
    yield types.field("hasNextPage", "Boolean", "Whether more follow.")
    yield types.field("endCursor", "Optional[String]", "Give it as `after` to get what follows.")
    yield types.field("hasPreviousPage", "Boolean", "Whether the page began after a cursor.")
    yield types.field("startCursor", "Optional[String]", "The cursor of the first one.")
