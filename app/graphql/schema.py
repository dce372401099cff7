"""The GraphQL schema, derived from the catalogue: nothing here knows a resource or a command by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from app.domain.catalogue import Catalogue
from app.domain.kernel.command import CommandSpec, Kind
from app.graphql.inputs import command_input
from app.graphql.naming import camel
from app.graphql.publish import has_id, list_arguments, parameters, publish_resources
from app.graphql.scalars import SCALARS
from app.graphql.subscriptions import attach_subscriptions, publish_subscriptions
from app.graphql.types import InputMember, Member, Types
from app.graphql.walk import attach
from app.reading.filters import FilterSpec, filter_specs

VIEWER = "viewer"
NODE = "node"


@dataclass(frozen=True, eq=False)
class Published:
    """The schema, and what its names mean to the engine.

    `members` are the fields of each output type, `inputs` those of each input type, `commands` what stands behind each
    mutation, `results` the type of mutations that answer with no resource, `sorts` the enums of sorts, and `filters`
    the declared filters of each resource, by their names in GraphQL.
    """

    catalogue: Catalogue
    schema: strawberry.Schema
    members: Mapping[str, Mapping[str, Member]]
    inputs: Mapping[str, Mapping[str, InputMember]]
    commands: Mapping[str, CommandSpec]
    results: Mapping[str, str]
    sorts: frozenset[str]
    filters: Mapping[str, Mapping[str, FilterSpec]]

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self.schema._schema


@cache
def build(catalogue: Catalogue) -> Published:
    """Publish a catalogue, once: all applications over it share the schema.

    Raises RuntimeError where two declarations would get one name.
    """
    types = Types()
    publish_resources(types, catalogue.resources)
    query = _query(types, catalogue)
    commands = {camel(name): spec for name, spec in catalogue.commands.items()}
    results: dict[str, str] = {}
    mutation = _mutation(types, catalogue, commands, results) if commands else None
    subscription = publish_subscriptions(types, catalogue)
    schema = strawberry.Schema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=[types.names[resource.type_name] for resource in catalogue.resources.values()],
        config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS),
    )
    attach(schema._schema)
    attach_subscriptions(schema._schema, types.members.get("WorkflowEvent", {}))
    filters = {
        resource.name: {camel(name): spec for name, spec in filter_specs(resource).items()}
        for resource in catalogue.resources.values()
    }
    return Published(catalogue, schema, types.members, types.inputs, commands, results, frozenset(types.sorts), filters)


def sdl(published: Published) -> str:
    """The schema as text, sorted, as it is committed."""
    return published.schema.as_str() + "\n"


def _query(types: Types, catalogue: Catalogue) -> Any:
    members = types.members["Query"] = {NODE: Member(NODE, "Node"), VIEWER: Member(VIEWER, "Viewer")}
    types.define(
        "Viewer",
        [
            types.field("name", "String", "Who asks."),
            types.field("roles", "list[String]", "The roles held in the organisation."),
            types.field("permissions", "list[String]", "What the roles and scopes allow."),
            types.field("sellerId", "Optional[UUID]", "The seller this is, if any."),
            types.field("organisationId", "UUID", "The organisation."),
        ],
        "The principal that asks.",
    )
    fields = [
        types.field(NODE, "Optional[Node]", "Any object by its global id.", [types.argument("id", "ID")]),
        types.field(VIEWER, "Viewer", "Who asks, and what it may do."),
    ]
    for resource in catalogue.resources.values():
        if resource.hidden:
            continue
        one, many = camel(resource.name), camel(resource.plural)
        # A name without a plural is the list's; its objects are found by `node`.
        if has_id(resource) and one != many:
            members[one] = Member(one, resource.type_name, resource.name)
            arguments = [types.argument("id", "ID", "Its global id, or the bare uuid."), *parameters(types, resource)]
            fields.append(types.field(one, f"Optional[{resource.type_name}]", resource.description, arguments))
        if many in members:
            raise RuntimeError(f"{resource.name}: the query field {many} exists already")
        connection = f"{resource.type_name}Connection"
        members[many] = Member(many, connection, resource.name, connection=True)
        arguments = [*list_arguments(types, resource)]
        fields.append(types.field(many, f"Optional[{connection}]", resource.description, arguments))
    return types.define("Query", fields, "What can be read.")


def _mutation(types: Types, catalogue: Catalogue, commands: Mapping[str, CommandSpec], results: dict[str, str]) -> Any:
    types.members["Deleted"] = {"id": Member("id")}
    types.define("Deleted", [types.field("id", "ID", "The id it had.")], "What was deleted.")
    fields = []
    for name, spec in commands.items():
        arguments = [types.argument("input", command_input(types, spec, catalogue.resources[spec.resource]))]
        if spec.kind is Kind.DELETE:
            results[name] = "Deleted"
        elif spec.result is not None:
            results[name] = types.value(spec.result)
        type_name = results.get(name) or catalogue.resources[spec.answers].type_name
        fields.append(types.field(name, f"Optional[{type_name}]", spec.description, arguments))
    return types.define("Mutation", fields, "What can be done. Each runs in its own transaction, one after the other.")
