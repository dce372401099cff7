"""A formula computed in `Decimal`: the same figure as the SQL, value by value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any, TypeAlias

from app.domain.compensation.formula.tree import (
    Arithmetic,
    Choice,
    Compare,
    Day,
    Days,
    Extreme,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Quotient,
    Rounded,
    Size,
)
from app.domain.kernel.money import round_half_away

Value: TypeAlias = Decimal | date | bool | None
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Worked:
    """One part of a formula and what it came to; null is unknown."""

    part: Node
    value: Value


def value_of(node: Node, values: Mapping[str, Value]) -> Value:
    """What a formula comes to; None when a part it needs is unknown, as after a division by zero."""
    return worked_of(node, values)[-1].value


def worked_of(node: Node, values: Mapping[str, Value]) -> list[Worked]:
    """Every part of a formula with what it came to, the whole last. The branch not chosen is left out."""
    with localcontext() as context:
        # Digits of two widest factors; a quotient is rounded once, from integers.
        context.prec = 100
        return list(_work(node, values))


def _work(node: Node, values: Mapping[str, Value]) -> Generator[Worked, None, Value]:
    found: Value = None
    if isinstance(node, Choice):
        test = yield from _work(node.test, values)
        if test is not None:
            found = yield from _work(node.then if test else node.otherwise, values)
    else:
        parts: list[Any] = []
        for part in node.parts():
            parts.append((yield from _work(part, values)))
        if isinstance(node, Logic):
            found = _logic(node.op, parts)
        elif None not in parts:
            found = _value(node, parts, values)
    yield Worked(node, found)
    return found


def _logic(op: str, items: list[Any]) -> bool | None:
    """Three-valued, as in SQL: one that decides is enough, whatever is unknown beside it."""
    decides = op == "or"
    if decides in items:
        return decides
    return None if None in items else not decides


def _value(node: Node, parts: list[Any], values: Mapping[str, Value]) -> Value:
    match node:
        case Number(value=known) | Day(value=known):
            return known
        case Name(name=name):
            return values[name]
        case Negative():
            return -Decimal(parts[0])
        case Not():
            return not parts[0]
        case Size():
            return abs(Decimal(parts[0]))
        case Arithmetic(op=op) | Compare(op=op):
            found: Value = _OPERATORS[op](*parts)
            return found
        case Quotient(digits=digits, limit=limit):
            quotient = _divided(parts[0], parts[1], digits)
            return None if quotient is None or (limit is not None and abs(quotient) >= limit) else quotient
        case Rounded(op=op, digits=digits):
            return _rounded(op, parts[0], digits)
        case Extreme(op=op):
            least_or_most: Decimal = min(parts) if op == "min" else max(parts)
            return least_or_most
        case Days():
            return Decimal((parts[1] - parts[0]).days)
        case _:
            raise TypeError(node)


def _rounded(op: str, value: Decimal, digits: int) -> Decimal:
    if op == "round":
        return round_half_away(value, digits)
    return value.to_integral_value(ROUND_FLOOR if op == "floor" else ROUND_CEILING)


def _divided(dividend: Decimal, divisor: Decimal, digits: int) -> Decimal | None:
    if divisor == 0:
        return None
    n, d = (Decimal(side).as_integer_ratio() for side in (dividend, divisor))
    over, under = abs(n[0] * d[1]) * 10**digits, abs(n[1] * d[0])
    whole = (2 * over + under) // (2 * under)
    return Decimal(whole if (dividend < 0) == (divisor < 0) else -whole).scaleb(-digits)
