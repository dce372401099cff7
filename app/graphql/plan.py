"""From a document to what the reading engine is asked: roots with slots, and where each slot's value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
)
from graphql.execution.values import VariableValues

from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Resource
from app.graphql.naming import camel, id_of
from app.graphql.publish import DEFAULT_FIRST, MAX_FIRST, has_id
from app.graphql.schema import NODE, Published
from app.graphql.types import Member
from app.graphql.variables import Given, Source, plain, source_of
from app.reading.cursor import Cursors, after, binding_of
from app.reading.field_types import FieldType, field_type
from app.reading.filters import MAX_VALUES, FilterSpec, in_order, search_pattern
from app.reading.request import Condition, ListArgs, Node, Root, Slot
from app.reading.values import parse


class NotAReadError(Exception):
    """A root field that the engine cannot answer: introspection, the viewer, `__typename`."""


@dataclass(frozen=True, eq=False)
class ListUse:
    """A list whose cursors are made or read. `name` is the resource or link it belongs to."""

    name: str
    args: ListArgs
    binding: int
    after: Source | None


@dataclass(frozen=True, eq=False)
class Plan:
    """Roots without the values of a request; `values` adds them."""

    roots: tuple[Root, ...]
    sources: tuple[Source, ...]
    lists: tuple[ListUse, ...]
    _placed: dict[tuple[Any, ...], tuple[Root, ...]] = field(default_factory=dict)

    def bind(self, variables: Mapping[str, Any], cursors: Cursors) -> tuple[tuple[Root, ...], list[Any]]:
        """The roots and the values of their slots. Refuses bad values and foreign cursors."""
        values = [source(variables) for source in self.sources]
        starts: dict[int, tuple[Slot | None, ...]] = {}
        for use in self.lists:
            binding = values[use.binding] = binding_of(use.name, use.args, values)
            cursor = use.after(variables) if use.after else None
            if cursor is not None:
                key = cursors.decode(cursor, binding, pointer="/after")
                starts[use.binding] = after(key, len(values))
                values += key
        return (self._from(starts) if starts else self.roots), values

    def _from(self, starts: Mapping[int, tuple[Slot | None, ...]]) -> tuple[Root, ...]:
        """The roots with lists that start after cursors; there are few such shapes, so each is made once."""
        shape = tuple(starts.items())
        placed = self._placed.get(shape)
        if placed is None:
            placed = tuple(
                replace(root, selection=_place(root.selection, starts), list=_start(root.list, starts))
                for root in self.roots
            )
            if len(self._placed) < _MAX_PLACED:
                self._placed[shape] = placed
        return placed


_MAX_PLACED = 16


class Planner:
    """Plans one operation. The variables may be symbols (for a plan that is kept) or values."""

    def __init__(
        self, published: Published, fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues
    ) -> None:
        self.published = published
        self._fragments = fragments
        self._variables = variables
        self._sources: list[Source] = []
        self._lists: list[ListUse] = []

    def plan(self, roots: Iterable[Root]) -> Plan:
        """Everything planned so far, for these roots."""
        return Plan(tuple(roots), tuple(self._sources), tuple(self._lists))

    # -- roots ---------------------------------------------------------------------------------------------------

    def root(self, key: str, fields: Sequence[FieldNode], type_name: str = "Query") -> Root:
        """One root field that reads. Raises NotAReadError for what is no resource."""
        name = fields[0].name.value
        member = self.published.members[type_name].get(name)
        if member is None or (name != NODE and not member.resource):
            raise NotAReadError(name)
        arguments = self.arguments(type_name, fields[0])
        if member.connection:
            return self._list_root(key, member, fields, arguments)
        resource = self._resource(member, arguments["id"])
        identity = self.slot(arguments["id"], partial(id_of, resource.name, pointer="/id"))
        params = tuple(sorted(self._params(resource, arguments)))
        selection = self.select(_sets(fields), resource.type_name)
        return Root(key, resource.name, selection, id=identity, list=ListArgs(params=params) if params else None)

    def _list_root(self, key: str, member: Member, fields: Sequence[FieldNode], arguments: dict[str, Any]) -> Root:
        selection = self.select(_sets(fields), member.type)
        return Root(key, member.resource, selection, list=self._list(member.resource, member, arguments, selection))

    def _resource(self, member: Member, given: Any) -> Resource:
        resources = self.published.catalogue.resources
        if member.resource:
            return resources[member.resource]
        prefix = given.prefix if isinstance(given, Given) else str(given).rpartition(":")[0]
        resource = resources.get(prefix)
        # What is read only through links is as visible as what it hangs on, which an id alone does not tell.
        if resource is None or resource.hidden or not has_id(resource):
            raise refuse("invalid_parameter", "`node` needs the global id of an object.", pointer="/id")
        return resource

    def arguments(self, type_name: str, field: FieldNode) -> dict[str, Any]:
        """The arguments of a field on a type, as graphql-core coerces them."""
        parent: Any = self.published.core.type_map[type_name]
        return get_argument_values(parent.fields[field.name.value], field, self._variables)

    # -- selections ----------------------------------------------------------------------------------------------

    def select(self, sets: Iterable[SelectionSetNode], type_name: str) -> tuple[Node, ...]:
        """The nodes selected on a type."""
        return tuple(self._node(key, fields, type_name) for key, fields in self.collect(sets, type_name).items())

    def collect(self, sets: Iterable[SelectionSetNode], type_name: str) -> dict[str, list[FieldNode]]:
        """Fields by the key they are answered under, fragments resolved and directives obeyed."""
        found: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self._collect(selections, type_name, found, set())
        return found

    def _collect(
        self, selections: SelectionSetNode, type_name: str, found: dict[str, list[FieldNode]], spread: set[str]
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in spread:
                    continue
                spread.add(node.name.value)
                fragment = self._fragments[node.name.value]
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, type_name):
                self._collect(fragment.selection_set, type_name, found, spread)

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, condition: str, type_name: str) -> bool:
        return condition == type_name or (condition == "Node" and "id" in self.published.members[type_name])

    def _node(self, key: str, fields: Sequence[FieldNode], type_name: str) -> Node:
        name = fields[0].name.value
        if name == "__typename":
            return Node(key, name)
        member = self.published.members[type_name][name]
        children = self.select(_sets(fields), member.type) if member.type else ()
        if not member.connection:
            return Node(key, member.name, children)
        arguments = self.arguments(type_name, fields[0])
        return Node(key, member.name, children, self._list(f"{type_name}.{name}", member, arguments, children))

    # -- lists ---------------------------------------------------------------------------------------------------

    def slot(self, value: Any, convert: Any) -> Slot:
        """A slot for a value that may be a symbol."""
        self._sources.append(source_of(value, convert))
        return Slot(len(self._sources) - 1)

    def _list(self, name: str, member: Member, arguments: dict[str, Any], selection: Sequence[Node]) -> ListArgs:
        resource = self.published.catalogue.resources[member.resource]
        first = arguments.get("first")
        limit = self.slot(first, _page_size) if isinstance(first, Given) else _page_size(first)
        search, cursor = arguments.get("search"), arguments.get("after")
        args = ListArgs(
            conditions=in_order([*self._conditions(resource, arguments.get("filter") or {})]),
            sort=_order(arguments.get("sort") or ()),
            limit=limit,
            search=None if search is None else self.slot(search, _search),
            params=tuple(sorted(self._params(resource, arguments))),
            count="exact" if any(node.name == "totalCount" for node in selection) else "",
        )
        if cursor is None and not _shows_cursor(selection):
            return args
        binding = self.slot(None, lambda value: value)
        self._lists.append(ListUse(name, args, binding.index, None if cursor is None else source_of(cursor, _cursor)))
        return replace(args, binding=binding)

    def _conditions(self, resource: Resource, given: Mapping[str, Any]) -> Iterator[Condition]:
        specs = self.published.filters[resource.name]
        for name, operators in given.items():
            for operator, value in (operators or {}).items():
                convert = partial(_operand, specs[name], operator, f"/filter/{name}/{operator}")
                yield Condition(specs[name].name, OPERATORS.get(operator, operator), self.slot(value, convert))

    def _params(self, resource: Resource, given: Mapping[str, Any]) -> Iterator[tuple[str, Slot]]:
        for name, declared in resource.params.items():
            if (value := given.get(camel(name))) is not None:
                convert = partial(_value, field_type(declared.type), f"/{camel(name)}")
                yield name, self.slot(value, convert)


OPERATORS = {"isNull": "is_null"}


def _operand(spec: FilterSpec, operator: str, pointer: str, value: Any) -> Any:
    if operator == "isNull":
        return plain(value, pointer)
    if operator != "in":
        return _value(spec.type, pointer, value)
    if value is not None and len(value) > MAX_VALUES:
        raise refuse("invalid_parameter", f"At most {MAX_VALUES} values are taken.", pointer=pointer)
    return [_value(spec.type, pointer, one) for one in plain(value, pointer)]


def _value(type_: FieldType, pointer: str, value: Any) -> Any:
    return parse(type_, plain(value, pointer), pointer)


def _sets(fields: Iterable[FieldNode]) -> list[SelectionSetNode]:
    return [field.selection_set for field in fields if field.selection_set]


def _page_size(first: Any) -> int:
    if first is None:
        return DEFAULT_FIRST
    if not 1 <= first <= MAX_FIRST:
        raise refuse("invalid_parameter", f"`first` must be from 1 to {MAX_FIRST}.", pointer="/first")
    return int(first)


def _order(sorts: Sequence[Enum]) -> tuple[str, ...]:
    names = tuple(str(sort.value) for sort in sorts)
    if len({name.removeprefix("-") for name in names}) < len(names):
        raise refuse("invalid_parameter", "`sort` takes each field once.", pointer="/sort")
    return names


def _search(text: str) -> str:
    return search_pattern(text, pointer="/search")


def _cursor(text: Any) -> Any:
    return text


def _shows_cursor(selection: Iterable[Node]) -> bool:
    return any(
        node.name in ("cursor", "endCursor", "startCursor")
        or (node.name in ("edges", "pageInfo") and _shows_cursor(node.children))
        for node in selection
    )


def _start(args: ListArgs | None, starts: Mapping[int, tuple[Slot | None, ...]]) -> ListArgs | None:
    if args is None or args.binding is None or args.binding.index not in starts:
        return args
    return replace(args, after=starts[args.binding.index])


def _place(nodes: tuple[Node, ...], starts: Mapping[int, tuple[Slot | None, ...]]) -> tuple[Node, ...]:
    return tuple(
        replace(node, children=_place(node.children, starts), list=_start(node.list, starts)) if node.children else node
        for node in nodes
    )
