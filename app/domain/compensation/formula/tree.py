"""The typed tree of a formula: what is left when the text was read and found sound."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from app.domain.compensation.formula.types import Type


@dataclass(frozen=True)
class Node:
    """A part of a formula."""

    type: Type

    def parts(self) -> Iterator[Node]:
        """The parts it is made of, in order."""
        for item in fields(self):
            value = getattr(self, item.name)
            yield from (part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Node))


@dataclass(frozen=True)
class Number(Node):
    """A number or an amount, as written."""

    value: Decimal


@dataclass(frozen=True)
class Day(Node):
    """A date, as written."""

    value: datetime.date


@dataclass(frozen=True)
class Name(Node):
    """A figure that is known when the formula is computed."""

    name: str


@dataclass(frozen=True)
class Negative(Node):
    """The other sign."""

    of: Node


@dataclass(frozen=True)
class Arithmetic(Node):
    """A sum, a difference or a product; exact."""

    op: Literal["+", "-", "*"]
    left: Node
    right: Node


@dataclass(frozen=True)
class Quotient(Node):
    """A division to a number of places; unknown when the divisor is zero or the quotient reaches `limit`."""

    left: Node
    right: Node
    digits: int
    limit: Decimal | None
    """None when no quotient comes near it."""


@dataclass(frozen=True)
class Rounded(Node):
    """Half away from zero, or down (`floor`) or up (`ceil`) to the whole number."""

    op: Literal["round", "floor", "ceil"]
    of: Node
    digits: int


@dataclass(frozen=True)
class Size(Node):
    """Without its sign."""

    of: Node


@dataclass(frozen=True)
class Extreme(Node):
    """The smallest or the largest; unknown when one of them is."""

    op: Literal["min", "max"]
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Days(Node):
    """Days from one date to another."""

    start: Node
    end: Node


Comparison: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True)
class Compare(Node):
    """A comparison; unknown when one side is."""

    op: Comparison
    left: Node
    right: Node


@dataclass(frozen=True)
class Logic(Node):
    """All (`and`) or any (`or`) of several conditions, in three-valued logic."""

    op: Literal["and", "or"]
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Not(Node):
    """The contrary of a condition."""

    of: Node


@dataclass(frozen=True)
class Choice(Node):
    """One of two values by a condition; unknown when the condition is."""

    test: Node
    then: Node
    otherwise: Node


def names_in(node: Node) -> frozenset[str]:
    """The figures a formula needs."""
    own = frozenset((node.name,)) if isinstance(node, Name) else frozenset[str]()
    return own.union(*(names_in(part) for part in node.parts()))


def filled(node: Node, values: Mapping[str, Decimal]) -> Node:
    """The same formula with numbers in the place of some names."""
    if isinstance(node, Name):
        return Number(node.type, values[node.name].normalize()) if node.name in values else node

    def within(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(within(item) for item in part)
        return filled(part, values) if isinstance(part, Node) else part

    return replace(node, **{item.name: within(getattr(node, item.name)) for item in fields(node)})
