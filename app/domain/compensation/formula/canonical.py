"""The one way a formula is written: what is stored, compared and hashed."""

from __future__ import annotations

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
from app.domain.compensation.formula.types import Kind

# How tightly a part holds together, from loose to tight.
_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _TIGHT = range(9)
_BINDS: Final[dict[str, int]] = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "and": _AND, "or": _OR}


def canonical(node: Node) -> str:
    """Text that reads back as the same tree, with blanks and brackets only where they belong."""
    return _text(node, _CHOICE)


def _text(node: Node, outside: int) -> str:
    binds, text = _said(node)
    return f"({text})" if binds < outside else text


def _said(node: Node) -> tuple[int, str]:
    match node:
        case Number(value=value):
            return _TIGHT, f"{node.type.currency}({value:f})" if node.type.kind is Kind.MONEY else f"{value:f}"
        case Day(value=value):
            return _TIGHT, f"date({value.year}, {value.month}, {value.day})"
        case Name(name=name):
            return _TIGHT, name
        case Negative(of=of):
            return _SIGN, f"-{_text(of, _SIGN)}"
        case Not(of=of):
            return _NOT, f"not {_text(of, _NOT)}"
        case Arithmetic(op=op, left=left, right=right):
            binds = _BINDS[op]
            # Read from the left: a - (b - c) keeps its brackets.
            return binds, f"{_text(left, binds)} {op} {_text(right, binds + 1)}"
        case Compare(op=op, left=left, right=right):
            return _COMPARE, f"{_text(left, _SUM)} {op} {_text(right, _SUM)}"
        case Logic(op=op, items=items):
            binds = _BINDS[op]
            return binds, f" {op} ".join(_text(item, binds + 1) for item in items)
        case Choice(test=test, then=then, otherwise=otherwise):
            return _CHOICE, f"{_text(then, _OR)} if {_text(test, _OR)} else {_text(otherwise, _CHOICE)}"
        case _:
            return _TIGHT, _call(node)


def _call(node: Node) -> str:
    arguments = [_text(part, _CHOICE) for part in node.parts()]
    match node:
        case Quotient(digits=digits):
            name, arguments = "div", [*arguments, str(digits)]
        case Rounded(op=op, digits=digits):
            name, arguments = op, [*arguments, str(digits)] if op == "round" else arguments
        case Extreme(op=op):
            name = op
        case Size():
            name = "abs"
        case Days():
            name = "days"
        case _:
            raise TypeError(node)
    return f"{name}({', '.join(arguments)})"
