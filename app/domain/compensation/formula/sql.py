"""A formula as SQL, in the portable exact subset of the calculation's steps.

Every numeric part is DECIMAL(38, its places). Nothing of the text gets here: names become the columns the caller
gives, and literals are written from values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

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
from app.domain.compensation.formula.types import NUMERIC

MOST_WEIGHT: Final = 4_000
"""How much SQL one formula may become."""
_SYMBOLS = {"==": "=", "!=": "<>"}


def sql_of(node: Node, columns: Mapping[str, str]) -> str:
    """The expression, reading each name from the SQL in `columns`."""
    return _Writer(columns).write(node)


def decimal(expression: str, scale: int) -> str:
    """The expression as the widest exact decimal with these places."""
    return f"CAST({expression} AS DECIMAL(38, {scale}))"


def weight_of(node: Node) -> int:
    """How often parts are repeated in SQL: where a value can be unknown, it is asked for."""
    parts = [weight_of(part) for part in node.parts()]
    if isinstance(node, Quotient):
        return (2 * parts[0] + 4 * parts[1] + 10) * (2 if node.limit is not None else 1)
    if isinstance(node, Extreme) and node.type.nullable:
        return 2 * sum(parts) + 2
    if isinstance(node, Choice) and node.test.type.nullable:
        return 2 * parts[0] + sum(parts[1:]) + 2
    return sum(parts) + 1


class _Writer:
    def __init__(self, columns: Mapping[str, str]) -> None:
        self.columns = columns

    def write(self, node: Node) -> str:
        return self.value(node) if node.type.kind in NUMERIC else self.other(node)

    def scaled(self, node: Node, scale: int) -> str:
        if isinstance(node, Number):
            return decimal(f"'{node.value:f}'", scale)
        text = self.write(node)
        return text if node.type.scale == scale or node.type.kind not in NUMERIC else decimal(text, scale)

    def value(self, node: Node) -> str:
        scale = node.type.scale
        match node:
            case Number(value=value):
                return decimal(f"'{value:f}'", scale)
            case Name(name=name):
                return decimal(self.columns[name], scale)
            case Negative(of=of):
                return f"(-{self.write(of)})"
            case Arithmetic(op="*", left=left, right=right):
                return decimal(f"{decimal(self.write(left), left.type.scale)} * {self.write(right)}", scale)
            case Arithmetic(op=op, left=left, right=right):
                return decimal(f"{self.scaled(left, scale)} {op} {self.scaled(right, scale)}", scale)
            case Size(of=of):
                return f"ABS({self.write(of)})"
            case Rounded():
                return self.rounded(node)
            case Quotient():
                return self.quotient(node)
            case Extreme(op=op, items=items):
                return self.extreme("LEAST" if op == "min" else "GREATEST", items, scale)
            case Days(start=start, end=end):
                return decimal(f"CAST({self.write(end)} - {self.write(start)} AS BIGINT)", 0)
            case Choice():
                return self.choice(node)
            case _:
                raise TypeError(node)

    def other(self, node: Node) -> str:
        match node:
            case Day(value=value):
                return f"CAST('{value.isoformat()}' AS DATE)"
            case Name(name=name):
                return self.columns[name]
            case Not(of=of):
                return f"(NOT {self.write(of)})"
            case Compare(op=op, left=left, right=right):
                scale = max(left.type.scale, right.type.scale)
                return f"({self.scaled(left, scale)} {_SYMBOLS.get(op, op)} {self.scaled(right, scale)})"
            case Logic(op=op, items=items):
                return "(" + f" {op.upper()} ".join(self.write(item) for item in items) + ")"
            case Choice():
                return self.choice(node)
            case _:
                raise TypeError(node)

    def rounded(self, node: Rounded) -> str:
        text = self.write(node.of)
        if node.op != "round":
            text = f"{node.op.upper()}({text})"
        elif node.digits < node.of.type.scale:
            text = f"ROUND({text}, {node.digits})"
        return decimal(text, node.type.scale)

    def quotient(self, node: Quotient) -> str:
        # `div` takes up to four places: with more, both sides move their point alike.
        shift = max(node.left.type.scale, node.right.type.scale, 4) - 4
        sides = [self.write(side) for side in (node.left, node.right)]
        if shift:
            places = (node.left.type.scale, node.right.type.scale)
            wide = [decimal(side, scale) for side, scale in zip(sides, places, strict=True)]
            sides = [decimal(f"{side} * {decimal(str(10**shift), 0)}", 4) for side in wide]
        exact = f"div({', '.join(sides)}, {node.digits})"
        if node.limit is None:
            return decimal(exact, node.type.scale)
        # Its places are cut only where it is known to be small enough.
        limit = decimal(f"'{node.limit:f}'", 12)
        within = f"ABS({decimal(exact, 12)}) < {limit}"
        return f"(CASE WHEN {within} THEN {decimal(exact, node.type.scale)} END)"

    def extreme(self, function: str, items: tuple[Node, ...], scale: int) -> str:
        """LEAST and GREATEST pass over what is unknown; a formula does not."""
        values = [self.scaled(item, scale) for item in items]
        found = f"{function}({', '.join(values)})"
        unknown = [f"{value} IS NULL" for value, item in zip(values, items, strict=True) if item.type.nullable]
        return f"(CASE WHEN {' OR '.join(unknown)} THEN NULL ELSE {found} END)" if unknown else found

    def choice(self, node: Choice) -> str:
        """An unknown condition chooses neither."""
        test = self.write(node.test)
        then, otherwise = (self.scaled(part, node.type.scale) for part in (node.then, node.otherwise))
        second = f"WHEN NOT {test} THEN" if node.test.type.nullable else "ELSE"
        return f"(CASE WHEN {test} THEN {then} {second} {otherwise} END)"
