"""From syntax to typed tree: the allow-list of what can be said, with units and bounds."""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from difflib import get_close_matches
from typing import Any, Final, Literal

from app.domain.compensation.formula import types
from app.domain.compensation.formula.sql import MOST_WEIGHT, weight_of
from app.domain.compensation.formula.syntax import FormulaError, indent, parse
from app.domain.compensation.formula.tree import (
    Arithmetic,
    Choice,
    Compare,
    Comparison,
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
from app.domain.compensation.formula.types import BOOL, DATE, MOST_DIGITS, NUMERIC, Kind, Type
from app.domain.kernel.currencies import CURRENCIES
from app.domain.kernel.money import round_half_away

_MOST_PLACES: Final = 12
_LITERAL_DIGITS: Final = 18
_SUGGESTED: Final = 8

_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


_TOO_MANY_DIGITS: Final = (
    "This can have {} digits before and {} after the point: round(…, n) a part of it, or keep it within min and max."
)


def read_tree(text: str, names: Mapping[str, Type], result: Type) -> Node:
    """The typed tree of `text`, whose value has the unit of `result` and fits its digits.

    Raises:
        FormulaError: with the first thing that is wrong, and its place.
    """
    with localcontext() as context:
        # Bounds are exact: twice the widest digits, and some.
        context.prec = 100
        node = _fitting(_Reader(text, names).expression(parse(text)), result, len(text))
    if (weight := weight_of(node)) > MOST_WEIGHT:
        raise FormulaError("formula_too_complex", f"Write it with fewer nested parts ({weight}).", 0, len(text))
    return node


class _Reader:
    """Goes through the syntax once and knows the text, for numbers and places."""

    def __init__(self, text: str, names: Mapping[str, Type]) -> None:
        self.text = text
        self.names = names
        self.indent = indent(text)
        self.readers: dict[type[ast.expr], Callable[[Any], Node]] = {
            ast.Constant: self.constant,
            ast.Name: self.name,
            ast.UnaryOp: self.unary,
            ast.BinOp: self.binary,
            ast.Compare: self.comparison,
            ast.BoolOp: self.logic,
            ast.IfExp: self.choice,
            ast.Call: self.call,
        }
        self.functions: dict[str, Callable[[ast.Call], Node]] = {
            "min": self.extreme,
            "max": self.extreme,
            "round": self.rounded,
            "floor": self.whole,
            "ceil": self.whole,
            "abs": self.size,
            "div": self.quotient,
            "days": self.days,
            "date": self.date,
        }

    def wrong(self, at: ast.expr, code: str, detail: str) -> FormulaError:
        start, end = at.col_offset + self.indent, (at.end_col_offset or at.col_offset + 1) + self.indent
        return FormulaError(f"formula_{code}", detail, start, end)

    def expression(self, at: ast.expr) -> Node:
        if type(at) not in self.readers:
            raise self.wrong(at, "not_allowed", "This is not part of the formula language.")
        return self.readers[type(at)](at)

    def numeric(self, at: ast.expr) -> Node:
        node = self.expression(at)
        if node.type.kind not in NUMERIC:
            raise self.wrong(at, "unit", f"Here must stand a figure, not {node.type}.")
        return node

    def of(self, at: ast.expr, wanted: Type) -> Node:
        node = self.expression(at)
        if node.type.kind is not wanted.kind:
            raise self.wrong(at, "unit", f"Here must stand {wanted}, not {node.type}.")
        return node

    def sized(self, at: ast.expr, unit: Type, low: Decimal, high: Decimal, scale: int) -> Type:
        found = unit.spanning(low, high, scale)
        if found.whole + scale > MOST_DIGITS:
            raise self.wrong(at, "precision", _TOO_MANY_DIGITS.format(found.whole, scale))
        return found

    # Leaves

    def constant(self, at: ast.Constant) -> Node:
        text = self.text[at.col_offset + self.indent : (at.end_col_offset or 0) + self.indent]
        if not _PLAIN_NUMBER.fullmatch(text):
            raise self.wrong(at, "number", "Write numbers plainly, such as 1000 or 0.05.")
        whole, _, places = text.partition(".")
        # Written otherwise, it is still the same number: 2.50 is 2.5.
        whole, places = whole.lstrip("0") or "0", places.rstrip("0")
        if len(whole) + len(places) > _LITERAL_DIGITS or len(places) > _MOST_PLACES:
            raise self.wrong(at, "number", f"Use at most {_LITERAL_DIGITS} digits, {_MOST_PLACES} after the point.")
        value = Decimal(f"{whole}.{places}" if places else whole)
        return Number(Type(Kind.NUMBER, value, value, len(places)), value)

    def name(self, at: ast.Name) -> Node:
        if at.id not in self.names:
            near = get_close_matches(at.id, self.names, _SUGGESTED) if len(self.names) > _SUGGESTED else []
            said = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(sorted(self.names))}"
            raise self.wrong(at, "unknown_name", f"{at.id} is not known here; {said}.")
        return Name(self.names[at.id], at.id)

    # Operators

    def unary(self, at: ast.UnaryOp) -> Node:
        if isinstance(at.op, ast.USub):
            of = self.numeric(at.operand)
            return Negative(of.type.spanning(-of.type.high, -of.type.low, of.type.scale), of)
        if isinstance(at.op, ast.Not):
            test = self.of(at.operand, BOOL)
            return Not(test.type, test)
        raise self.wrong(at, "not_allowed", "This sign is not part of the formula language.")

    def binary(self, at: ast.BinOp) -> Node:
        if isinstance(at.op, ast.Div | ast.FloorDiv):
            raise self.wrong(at, "division", "Write div(a, b, digits): a division says how many places it keeps.")
        if isinstance(at.op, ast.Add | ast.Sub):
            a, b, unit = self.matched(at, (at.left, at.right))
            scale = max(a.type.scale, b.type.scale)
            if isinstance(at.op, ast.Add):
                low, high = a.type.low + b.type.low, a.type.high + b.type.high
                return Arithmetic(self.sized(at, unit, low, high, scale), "+", a, b)
            low, high = a.type.low - b.type.high, a.type.high - b.type.low
            return Arithmetic(self.sized(at, unit, low, high, scale), "-", a, b)
        if isinstance(at.op, ast.Mult):
            a, b = self.numeric(at.left), self.numeric(at.right)
            if (both := types.product(a.type, b.type)) is None:
                raise self.wrong(at, "unit", "Two amounts of money are not multiplied.")
            ends = [x * y for x in (a.type.low, a.type.high) for y in (b.type.low, b.type.high)]
            return Arithmetic(self.sized(at, both, min(ends), max(ends), a.type.scale + b.type.scale), "*", a, b)
        raise self.wrong(at, "not_allowed", "This operator is not part of the formula language.")

    def matched(self, at: ast.expr, parts: tuple[ast.expr, ast.expr]) -> tuple[Node, Node, Type]:
        """Two values of one unit; a bare zero is zero in any currency."""
        a, b = (self.expression(part) for part in parts)
        a, b = _zero_as(a, b.type), _zero_as(b, a.type)
        unit = types.together(a.type, b.type)
        if unit is None or unit.kind is Kind.BOOL:
            raise self.wrong(at, "unit", _units(a.type, b.type))
        if unit.kind is Kind.DATE and not isinstance(at, ast.Compare | ast.IfExp):
            raise self.wrong(at, "unit", "Dates are compared, or counted with days(start, end).")
        return a, b, unit

    def comparison(self, at: ast.Compare) -> Node:
        """One comparison, or a chain such as 0.8 <= attainment < 1, which is both of them."""
        sides = [at.left, *at.comparators]
        found: list[Node] = []
        for op, left, right in zip(at.ops, sides, sides[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise self.wrong(at, "not_allowed", "This comparison is not part of the formula language.")
            a, b, unit = self.matched(at, (left, right))
            found.append(Compare(replace(BOOL, nullable=unit.nullable), _COMPARISONS[type(op)], a, b))
        return found[0] if len(found) == 1 else _both("and", found)

    def logic(self, at: ast.BoolOp) -> Node:
        return _both("and" if isinstance(at.op, ast.And) else "or", [self.of(value, BOOL) for value in at.values])

    def choice(self, at: ast.IfExp) -> Node:
        test = self.of(at.test, BOOL)
        a, b, unit = self.matched(at, (at.body, at.orelse))
        unit = replace(unit, nullable=unit.nullable or test.type.nullable)
        low, high = min(a.type.low, b.type.low), max(a.type.high, b.type.high)
        return Choice(self.sized(at, unit, low, high, max(a.type.scale, b.type.scale)), test, a, b)

    # Functions

    def call(self, at: ast.Call) -> Node:
        name = _called(at)
        if at.keywords or any(isinstance(argument, ast.Starred) for argument in at.args):
            raise self.wrong(at, "argument", "Give arguments in their order, without names.")
        if name in CURRENCIES:
            return self.amount(at, name)
        if name not in self.functions:
            known = ", ".join([*sorted(self.functions), "EUR and other currencies"])
            raise self.wrong(at, "unknown_function", f"There is no such function; there are {known}.")
        return self.functions[name](at)

    def arguments(self, at: ast.Call, count: int, shape: str) -> list[ast.expr]:
        if len(at.args) != count:
            raise self.wrong(at, "argument", f"Write {shape}.")
        return at.args

    def places(self, at: ast.expr) -> int:
        if isinstance(at, ast.Constant) and type(at.value) is int and 0 <= at.value <= _MOST_PLACES:
            return at.value
        raise self.wrong(at, "argument", f"Places are a whole number from 0 to {_MOST_PLACES}.")

    def amount(self, at: ast.Call, currency: str) -> Node:
        (given,) = self.arguments(at, 1, f"{currency}(1000) for an amount in {currency}")
        if not isinstance(given, ast.Constant):
            raise self.wrong(given, "argument", f"Write an amount as a number: {currency}(1000).")
        number = self.constant(given)
        assert isinstance(number, Number)
        if number.type.scale > 4:
            raise self.wrong(given, "number", "An amount has at most 4 digits after the point.")
        return Number(replace(number.type, kind=Kind.MONEY, currency=currency), number.value)

    def extreme(self, at: ast.Call) -> Node:
        op, choose = ("min", min) if _called(at) == "min" else ("max", max)
        if len(at.args) < 2:
            raise self.wrong(at, "argument", f"Write {op}(a, b) with two or more figures.")
        items = [self.numeric(argument) for argument in at.args]
        measured = next((item.type for item in items if item.type.kind is not Kind.NUMBER), items[0].type)
        items = [_zero_as(item, measured) for item in items]
        unit = items[0].type
        for item in items[1:]:
            if (both := types.together(unit, item.type)) is None:
                raise self.wrong(at, "unit", _units(unit, item.type))
            unit = both
        low, high = choose(item.type.low for item in items), choose(item.type.high for item in items)
        type_ = self.sized(at, unit, low, high, max(item.type.scale for item in items))
        return Extreme(type_, "min" if op == "min" else "max", tuple(items))

    def rounded(self, at: ast.Call) -> Node:
        given, places = self.arguments(at, 2, "round(a, digits)")
        of, digits = self.numeric(given), self.places(places)
        low, high = (round_half_away(bound, digits) for bound in (of.type.low, of.type.high))
        # While it is rounded it still has all its places.
        self.sized(at, of.type, low, high, of.type.scale)
        return Rounded(self.sized(at, of.type, low, high, digits), "round", of, digits)

    def whole(self, at: ast.Call) -> Node:
        op: Literal["floor", "ceil"] = "floor" if _called(at) == "floor" else "ceil"
        (given,) = self.arguments(at, 1, f"{op}(a)")
        of = self.numeric(given)
        way = ROUND_FLOOR if op == "floor" else ROUND_CEILING
        low, high = (bound.to_integral_value(way) for bound in (of.type.low, of.type.high))
        return Rounded(self.sized(at, of.type, low, high, 0), op, of, 0)

    def size(self, at: ast.Call) -> Node:
        (given,) = self.arguments(at, 1, "abs(a)")
        of = self.numeric(given)
        low = Decimal(0) if of.type.low <= 0 <= of.type.high else min(abs(of.type.low), abs(of.type.high))
        return Size(of.type.spanning(low, of.type.most, of.type.scale), of)

    def quotient(self, at: ast.Call) -> Node:
        dividend, divisor, places = self.arguments(at, 3, "div(a, b, digits)")
        a, b, digits = self.numeric(dividend), self.numeric(divisor), self.places(places)
        unit = types.quotient(a.type, b.type)
        if unit is None:
            raise self.wrong(at, "unit", f"What divides {a.type} cannot be {b.type}.")
        if isinstance(b, Number) and b.value == 0:
            raise self.wrong(divisor, "division", "Nothing is divided by zero.")
        shift = max(a.type.scale, b.type.scale, 4) - 4
        smallest = min(abs(b.type.low), abs(b.type.high)) if b.type.low * b.type.high > 0 else _step(b.type.scale)
        most = (a.type.most / smallest).to_integral_value(ROUND_CEILING)
        # What the exact division of the engines can hold; see `hooks/`.
        widest = max(a.type.whole + 9, b.type.whole + 9, a.type.whole + digits + 6) + shift
        if widest > MOST_DIGITS or most >= 10 ** (MOST_DIGITS - _MOST_PLACES):
            raise self.wrong(
                at, "precision", "This division has too many digits to be exact: round(…, n) a part of it."
            )
        limit = Decimal(10) ** (14 if unit.kind is Kind.MONEY else 12)
        limited = most >= limit
        nullable = a.type.nullable or b.type.nullable or limited or b.type.low <= 0 <= b.type.high
        high = min(most, limit)
        low = Decimal(0) if a.type.low >= 0 and b.type.low >= 0 else -high
        found = replace(self.sized(at, unit, low, high, digits), nullable=nullable)
        return Quotient(found, a, b, digits, limit if limited else None)

    def days(self, at: ast.Call) -> Node:
        start, end = (self.of(part, DATE) for part in self.arguments(at, 2, "days(start, end)"))
        nullable = start.type.nullable or end.type.nullable
        return Days(types.quantity(7, 0, nullable=nullable), start, end)

    def date(self, at: ast.Call) -> Node:
        values = [part.value if isinstance(part, ast.Constant) else None for part in at.args]
        try:
            year, month, day = (value for value in values if type(value) is int)
            return Day(DATE, datetime.date(year, month, day))
        except (ValueError, OverflowError):
            raise self.wrong(at, "argument", "Write a date as date(2026, 12, 31).") from None


def _called(at: ast.Call) -> str:
    return at.func.id if isinstance(at.func, ast.Name) else ""


def _step(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)


def _zero_as(node: Node, unit: Type) -> Node:
    zero = isinstance(node, Number) and node.type.kind is Kind.NUMBER and node.value == 0
    return (
        replace(node, type=replace(node.type, kind=Kind.MONEY, currency=unit.currency))
        if zero and unit.kind is Kind.MONEY
        else node
    )


def _both(op: str, items: list[Node]) -> Node:
    nullable = any(item.type.nullable for item in items)
    return Logic(replace(BOOL, nullable=nullable), "and" if op == "and" else "or", tuple(items))


def _units(a: Type, b: Type) -> str:
    amount, other = (a, b) if a.kind is Kind.MONEY else (b, a)
    if amount.kind is Kind.MONEY and other.kind is Kind.NUMBER:
        return f"A number has no currency: write {amount.currency}(1000) for an amount."
    return f"These do not go together: {a} and {b}."


def _fitting(node: Node, result: Type, length: int) -> Node:
    node = _zero_as(node, result)
    unit = types.together(node.type, result)
    if unit is None or unit.kind is not result.kind:
        raise FormulaError("formula_unit", f"The result is to be {result}, not {node.type}.", 0, length)
    if node.type.scale > result.scale or node.type.whole > result.whole:
        detail = f"{_TOO_MANY_DIGITS.format(node.type.whole, node.type.scale)} {result.whole} and {result.scale} fit."
        raise FormulaError("formula_precision", detail, 0, length)
    return node
