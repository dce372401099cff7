"""Figures for formulas, rows of them, and formulas made up by Hypothesis."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from app.domain.compensation.formula import DATE, Figure, Value, money, quantity, rate

FIGURES = {
    "credited": Figure(money("EUR"), "credited revenue", "chiffre crédité"),
    "quota": Figure(money("EUR", nullable=True), "quota", "quota"),
    "share": Figure(rate(), "share", "part"),
    "attainment": Figure(rate(18, 6, nullable=True), "attainment", "taux d'atteinte"),
    "units": Figure(quantity(), "units", "unités"),
    "hired": Figure(DATE, "date of hire", "date d'embauche"),
}
RESULT = money("EUR", 38, 16)
TYPES = {
    "credited": "DECIMAL(18, 4)",
    "quota": "DECIMAL(18, 4)",
    "share": "DECIMAL(9, 6)",
    "attainment": "DECIMAL(18, 6)",
    "units": "DECIMAL(18, 4)",
    "hired": "DATE",
}
COLUMNS = {name: f"v.{name}" for name in FIGURES}
_MONEY = [Decimal(text) for text in ("0", "0.0001", "-0.0001", "1250.005", "-99.9999", "99999999999999.9999")]


def row(**changed: Value) -> dict[str, Value]:
    """One row of ordinary figures, but for what is said."""
    usual: dict[str, Value] = {
        "credited": Decimal("125000.5"),
        "quota": Decimal(100_000),
        "share": Decimal("0.6"),
        "attainment": Decimal("1.250005"),
        "units": Decimal(3),
        "hired": date(2026, 2, 28),
    }
    return usual | changed


ROWS = [
    row(),
    row(quota=Decimal(0), attainment=None),
    row(quota=None, units=Decimal(0)),
    row(credited=Decimal("-99999999999999.9999"), quota=Decimal("0.0001"), attainment=Decimal("-999999999999.999999")),
    row(credited=Decimal("99999999999999.9999"), share=Decimal("999.999999"), units=Decimal("-0.0001")),
    row(credited=Decimal("-0.0001"), attainment=Decimal("0.000001"), hired=date(2024, 2, 29)),
    *(
        row(credited=amount, quota=other, attainment=Decimal("0.999999"), share=Decimal("-0.333333"))
        for amount in _MONEY
        for other in (Decimal("-3"), Decimal("0.7"), amount)
    ),
]

_literal = st.decimals(min_value=0, max_value=2_000, places=3).map(lambda value: f"{value:f}")
_places = st.integers(0, 12).map(str)


def _binary(left: st.SearchStrategy[str], right: st.SearchStrategy[str], *ops: str) -> st.SearchStrategy[str]:
    return st.tuples(left, st.sampled_from(ops), right).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})")


def _call(name: str, *arguments: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*arguments).map(lambda parts: f"{name}({', '.join(parts)})")


def formulas(depth: int = 3) -> st.SearchStrategy[str]:
    """Texts whose units hold together; their digits may be too many."""
    return _money(depth)


def _leaf(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


def _money(depth: int) -> st.SearchStrategy[str]:
    leaf = _leaf("credited", "quota") | _literal.map(lambda text: f"EUR({text})")
    if depth == 0:
        return leaf
    inner, number = _money(depth - 1), _rate(depth - 1)
    return st.one_of(
        leaf,
        _binary(inner, inner, "+", "-"),
        _binary(inner, number, "*"),
        _binary(number, inner, "*"),
        _call("min", inner, inner, _leaf("0", "credited")),
        _call("max", inner, _leaf("0", "quota")),
        _call("round", inner, _places),
        _call("div", inner, number, _places),
        _call("abs", inner),
        _call("ceil", inner),
        inner.map(lambda text: f"-{text}"),
        st.tuples(inner, _condition(depth - 1), inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
    )


def _rate(depth: int) -> st.SearchStrategy[str]:
    leaf = _leaf("share", "attainment") | _literal
    if depth == 0:
        return leaf
    inner, amount = _rate(depth - 1), _money(depth - 1)
    return st.one_of(
        leaf,
        _binary(inner, inner, "+", "-", "*"),
        _call("div", amount, amount, _places),
        _call("div", inner, inner, _places),
        _call("floor", inner),
        _call("min", inner, inner),
        st.tuples(inner, _condition(depth - 1), inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
    )


def _condition(depth: int) -> st.SearchStrategy[str]:
    inner = max(depth - 1, 0)
    simple = st.one_of(
        _binary(_money(inner), _money(inner), "<", "<=", ">", ">=", "==", "!="),
        _binary(_rate(inner), _rate(inner), "<", ">="),
        _leaf("(hired < date(2026, 2, 28))", "(days(hired, date(2026, 7, 1)) >= 123)", "(0.5 <= share < 1)"),
    )
    if depth == 0:
        return simple
    part = _condition(depth - 1)
    return st.one_of(simple, _binary(part, part, "and", "or"), part.map(lambda text: f"(not {text})"))
