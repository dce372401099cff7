"""The figures that a formula may name: its own component's, those of the others of the plan, and its constants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from app.domain.compensation.formula import Figure, Formula, FormulaError, Type, money, quantity, rate, read_formula
from app.domain.compensation.terms.choices import (
    AIMED,
    EARLIER,
    MONEY,
    NO_TRANSACTIONS,
    OF_A_TRANSACTION,
    STANDING,
    Earlier,
    InputFigure,
    Measured,
    Moment,
    Pays,
    Standing,
)
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.inputs import NAMES, at_moment, of_component
from app.domain.compensation.terms.rates.formula import FormulaFields
from app.domain.compensation.terms.window import WindowLength
from app.domain.compensation.terms.words import Words

if TYPE_CHECKING:
    from app.domain.compensation.terms.component import ComponentFields

Unit = Literal["money", "price", "quantity", "rate"]
EARNED, EVERYBODY_EARNED, VALUE = "earned", "everybody_earned", "value"
MOST_EARNED = Decimal(10) ** 18
"""A formula that comes to this or more is unknown."""
MOST_NAMES = 12
"""How many different figures one formula reads."""

_OF_ONE = (InputFigure.REVENUE, InputFigure.MARGIN, InputFigure.MARGIN_SHARE, InputFigure.UNITS, InputFigure.DEALS)
_UNITS: Mapping[InputFigure, Unit] = {
    InputFigure.ATTAINMENT: "rate",
    InputFigure.REVENUE: "money",
    InputFigure.MARGIN: "money",
    InputFigure.MARGIN_SHARE: "rate",
    InputFigure.UNITS: "quantity",
    InputFigure.DEALS: "quantity",
    InputFigure.TARGET: "money",
    InputFigure.RANK: "quantity",
    InputFigure.ATTAINMENT_RANK: "quantity",
    InputFigure.PARTICIPANTS: "quantity",
    InputFigure.EVERYBODY_TARGET: "money",
    InputFigure.TEAM_AT_QUOTA: "rate",
    InputFigure.STREAK: "quantity",
    InputFigure.TERM_MONTHS: "quantity",
    InputFigure.DISCOUNT: "rate",
}


@dataclass(frozen=True)
class Named:
    """A figure under the name it has in a formula."""

    figure: str
    component: str | None
    """The code of the component whose it is; None for the own one."""
    unit: Unit
    label: Words
    moment: Moment | None = None
    """Where that component stood at the deal that is paid, or its earlier window; None for now."""


def type_of(unit: str, currency: str) -> Type:
    """How wide a figure is; a larger one is said to be out of range instead of computed."""
    return {
        "money": money(currency, 18, 4, nullable=True),
        "price": money(currency, 20, 6, nullable=True),
        "quantity": quantity(18, 6, nullable=True),
        "rate": rate(9, 6, nullable=True),
    }[unit]


def read_text(text: str, figures: Mapping[str, Figure], currency: str) -> Formula:
    """The formula with as many places as what a table pays, or as many digits before the point as ten places leave.

    Raises:
        FormulaError: with what is wrong, and its place in the text.
    """
    try:
        return read_formula(text, figures, money(currency, 38, 16))
    except FormulaError as error:
        if error.code != "formula_precision":
            raise
        return read_formula(text, figures, money(currency, 38, 10))


def named_figures(own: ComponentFields, components: Sequence[ComponentFields]) -> dict[str, Named]:
    """Everything a formula of `own` may read, by name: `attainment`, and `attainment_REVENUE` of the component REVENUE;
    `measured_last_year` and `measured_REVENUE_last_year` of earlier windows; paid by transaction,
    `attainment_REVENUE_before_deal` and `attainment_REVENUE_with_deal`.

    A code's signs other than letters and digits are written `_`.
    """
    named = {figure.value: Named(figure.value, None, unit, NAMES[figure]) for figure, unit in _figures(own)}
    if own.window.over is WindowLength.TRANSACTION:
        return named | _standing(own, components)
    named |= _earlier(own, "", None)
    # What a team earns is known last.
    components = [other for other in components if other.measure.of is not Measured.EARNINGS]
    for other in components:
        if other is own or not other.rate.sound or other.window.over is WindowLength.TRANSACTION:
            continue
        for figure, unit in _figures(other):
            named[_name(figure.value, other)] = Named(
                figure.value, other.code, unit, of_component(NAMES[figure], other.code)
            )
        named |= _earlier(other, f"_{_signs(other.code)}", other.code)
    for other in components:
        if other is own or not other.rate.sound or other.rate.formula is not None:
            continue
        for read_as, label in ((EARNED, _EARNED), (EVERYBODY_EARNED, _EVERYBODY_EARNED)):
            named[_name(read_as, other)] = Named(read_as, other.code, "money", of_component(label, other.code))
        if other.window.over is not WindowLength.TRANSACTION:
            paid: Unit = "price" if other.rate.pays in (Pays.AMOUNT, Pays.PER_UNIT) else "rate"
            named[_name(VALUE, other)] = Named(VALUE, other.code, paid, of_component(_VALUE, other.code))
    return named


def read(
    terms: FormulaFields, named: Mapping[str, Named], currency: str, constants: Sequence[ConstantFields] = ()
) -> Formula:
    """The formula over its figures and the constants of the plan.

    Raises:
        FormulaError: with what is wrong, and its place in the text.
    """
    figures = {name: Figure(type_of(n.unit, currency), n.label.en, n.label.fr) for name, n in named.items()}
    figures |= {constant.name: constant.figure(currency) for constant in constants}
    return read_text(terms.text, figures, currency)


def read_names(
    own: ComponentFields, components: Sequence[ComponentFields], formula: Formula | None
) -> dict[str, Named]:
    """What the rate of a component reads, in the order in which the calculation numbers it: the figures of its formula
    by name, or those of its table along x and y."""
    if formula is not None:
        named = named_figures(own, components)
        return {name: named[name] for name in sorted(formula.names & named.keys())}
    found = {}
    for _, looked_at in own.rate.inputs():
        other = next((c for c in components if c.code == looked_at.component), own)
        unit = dict(_figures(other)).get(looked_at.figure, "quantity")
        name = looked_at.figure.value if other is own else _name(looked_at.figure.value, other)
        name = f"{name}_{looked_at.moment.value}" if looked_at.moment else name
        label = looked_at.model_copy(update={"ties": None}).words()
        found[name] = Named(looked_at.figure.value, looked_at.component, unit, label, looked_at.moment)
    return found


def _standing(own: ComponentFields, components: Sequence[ComponentFields]) -> dict[str, Named]:
    others = [other for other in components if other is not own and other.window.over is not WindowLength.TRANSACTION]
    return {
        f"{_name(figure.value, other)}_{standing.value}": Named(
            figure.value, other.code, unit, at_moment(of_component(NAMES[figure], other.code), standing), standing
        )
        for other in others
        if other.measure.of not in (Measured.CUSTOMERS, *NO_TRANSACTIONS)
        for figure, unit in _figures(other)
        if figure in STANDING
        for standing in Standing
    }


def _earlier(component: ComponentFields, suffix: str, code: str | None) -> dict[str, Named]:
    """The figures of the earlier windows of a component."""
    named = {}
    for figure, unit in _figures(component):
        label = of_component(NAMES[figure], code) if code else NAMES[figure]
        for earlier in Earlier if figure in EARLIER else ():
            name = f"{figure.value}{suffix}_{earlier.value}"
            named[name] = Named(figure.value, code, unit, at_moment(label, earlier), earlier)
    return named


def _figures(component: ComponentFields) -> Iterator[tuple[InputFigure, Unit]]:
    of = component.measure.of
    measured: Unit = "money" if of in MONEY else "rate" if of is Measured.OBJECTIVE_SCORE else "quantity"
    yield InputFigure.MEASURED, measured
    if of is not Measured.OBJECTIVE_SCORE:
        yield from ((figure, _UNITS[figure]) for figure in _OF_ONE)
    if component.window.over is WindowLength.TRANSACTION:
        yield from ((figure, _UNITS[figure]) for figure in sorted(OF_A_TRANSACTION))
        return
    yield InputFigure.RANK, "quantity"
    yield InputFigure.PARTICIPANTS, "quantity"
    yield InputFigure.EVERYBODY, measured
    if component.window.quota is not None or of is Measured.OBJECTIVE_SCORE:
        yield InputFigure.QUOTA, measured
        yield InputFigure.ATTAINMENT, "rate"
        yield InputFigure.ATTAINMENT_RANK, "quantity"
        yield InputFigure.STREAK, "quantity"
        yield InputFigure.EVERYBODY_QUOTA, measured
    if component.counts_reports:
        yield InputFigure.TEAM_AT_QUOTA, "rate"
    if component.target is not None:
        yield from ((figure, _UNITS[figure]) for figure in sorted(AIMED))


def _name(figure: str, component: ComponentFields) -> str:
    return f"{figure}_{_signs(component.code)}"


def _signs(code: str) -> str:
    return re.sub("[^A-Za-z0-9]", "_", code)


_EARNED = Words("what is earned", "le gain")
_EVERYBODY_EARNED = Words("what everybody has earned", "le gain de tous")
_VALUE = Words("the value reached", "la valeur atteinte")
