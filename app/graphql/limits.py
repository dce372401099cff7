"""How much one document may ask for: its size, its depth, its aliases and the rows it can touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from app.domain.kernel.errors import refuse
from app.reading.request import Node, Root, Slot

_WRAPPERS = frozenset({"edges", "node", "nodes", "pageInfo"})
"""What Relay puts around rows; it costs nothing."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one document. `cost` counts a row as one and each link in it as one more."""

    tokens: int = 4_000
    depth: int = 14
    aliases: int = 50
    fields: int = 2_000
    cost: int = 50_000


@dataclass
class _Measure:
    aliases: int = 0
    fields: int = 0


def check_document(document: DocumentNode, limits: Limits, *, introspection: bool) -> None:
    """Refuse `query_too_complex` or `introspection_off` before the document is validated.

    Fragments count wherever they are spread, so that few letters cannot ask for much.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            measure = _Measure()
            for depth in _walk(node.selection_set, fragments, limits, measure, 1, (), introspection):
                if depth > limits.depth:
                    raise _too_much("levels", limits.depth)


def _walk(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    limits: Limits,
    measure: _Measure,
    depth: int,
    inside: tuple[str, ...],
    introspection: bool,
) -> Iterator[int]:
    """The depth of every field. The standard introspection query is deeper than any other and harmless."""
    for node in selections.selections:
        if isinstance(node, FieldNode):
            name = node.name.value
            if name in ("__schema", "__type") and depth == 1:
                if not introspection:
                    raise refuse("introspection_off")
                _count(measure, node, limits)
                continue
            _count(measure, node, limits)
            yield depth
            if node.selection_set:
                yield from _walk(node.selection_set, fragments, limits, measure, depth + 1, inside, introspection)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            # A fragment in itself or an unknown one is the validator's to report.
            if name in fragments and name not in inside:
                within = fragments[name].selection_set
                yield from _walk(within, fragments, limits, measure, depth, (*inside, name), introspection)
        elif isinstance(node, InlineFragmentNode):
            yield from _walk(node.selection_set, fragments, limits, measure, depth, inside, introspection)


def _count(measure: _Measure, node: FieldNode, limits: Limits) -> None:
    measure.fields += 1
    measure.aliases += node.alias is not None
    if measure.fields > limits.fields:
        raise _too_much("fields", limits.fields)
    if measure.aliases > limits.aliases:
        raise _too_much("aliases", limits.aliases)


def cost(roots: Sequence[Root], values: Sequence[Any]) -> int:
    """The rows a request can touch: one for each object, times the length of the lists it stands in."""
    return sum(
        _cost_of_list(root.selection, root.list.limit, values)
        if root.list and root.id is None
        else 1 + _cost(root.selection, values)
        for root in roots
    )


def check_cost(total: int, limits: Limits) -> None:
    """Refuse `query_too_complex` when a request costs more than allowed."""
    if total > limits.cost:
        detail = f"The query costs {total}; at most {limits.cost} is allowed. Ask for fewer rows or levels."
        raise refuse("query_too_complex", detail, cost=total, limit=limits.cost)


def _cost(nodes: Sequence[Node], values: Sequence[Any]) -> int:
    total = 0
    for node in nodes:
        if node.list is not None:
            total += _cost_of_list(node.children, node.list.limit, values)
        elif node.children:
            total += (node.name not in _WRAPPERS) + _cost(node.children, values)
    return total


def _cost_of_list(connection: Sequence[Node], limit: Slot | int, values: Sequence[Any]) -> int:
    rows = values[limit.index] if isinstance(limit, Slot) else limit
    return 1 + int(rows) * (1 + _cost(connection, values))


def _too_much(what: str, limit: int) -> Exception:
    return refuse("query_too_complex", f"The query has too many {what}; at most {limit} are allowed.", limit=limit)
