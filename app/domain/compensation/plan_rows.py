"""The document of a plan as rows that the calculation reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

from app.domain.compensation.terms.choices import NO_TRANSACTIONS, WITHOUT_QUOTAS, Earlier, Measured, Whose
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.counted import TraitFields
from app.domain.compensation.terms.figures import Named, named_figures, read, read_names
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.limits import LimitKind, LimitPer
from app.domain.compensation.terms.rates.curve import CurveFields
from app.domain.compensation.terms.rates.flat import FlatFields
from app.domain.compensation.terms.rates.formula import FormulaFields
from app.domain.compensation.terms.rates.matrix import AxisFields, MatrixFields
from app.domain.compensation.terms.rates.tiers import TiersFields
from app.domain.compensation.terms.windfall import WindfallRule
from app.domain.compensation.terms.window import WindowLength
from app.domain.kernel.money import SPOT, minor_digits

Row = dict[str, Any]
_NAMESPACE = UUID("6f1d7c1e-5c0a-4f53-9a55-0e5c3d7a2b11")
_BLOCKS = (LimitPer.MONTH, LimitPer.QUARTER, LimitPer.HALF_YEAR)
TRAITS = ("renewal", "term_from", "term_to", "discount_from", "discount_to")
ZERO = Decimal(0)


def counting_id(terms: ComponentFields, component_id: UUID, currency: str) -> UUID:
    """Which transactions count: the same for all components that say the same; the component's own without any."""
    if terms.measure.of in NO_TRANSACTIONS:
        return component_id
    said = terms.model_dump(mode="json", include={"trigger", "windfall"})
    measure = terms.measure.model_dump(mode="json", include={"only", "weights"})
    for traits in filter(None, (measure["only"], *measure["weights"])):
        _without_nothing(traits, "labels", "without_labels")
    said |= measure | {"currency": currency, "single": _single(terms)}
    said |= {"claws_back": terms.clawback is not None}
    said |= {"annualised": True} if terms.measure.annualised else {}
    said |= {"customers": True} if terms.measure.of is Measured.CUSTOMERS else {}
    return uuid5(_NAMESPACE, json.dumps(said, sort_keys=True))


def _without_nothing(said: Row, *names: str) -> None:
    """Leave out what came later than the plans that do not say it, so that they stay known by the same."""
    for name in names:
        if not said[name]:
            del said[name]


def counting_row(terms: ComponentFields, component_id: UUID, currency: str) -> Row | None:
    """The row of `counting`; None for components without transactions."""
    if terms.measure.of in NO_TRANSACTIONS:
        return None
    only, windfall = terms.measure.only, terms.windfall
    return {
        "counting_id": counting_id(terms, component_id, currency),
        "trigger": terms.trigger.value,
        "minimum_deal": only.minimum_deal if only else None,
        "all_products": not (only and only.of_products),
        **_trait_row(only),
        "counted_from": only.effective_from if only else None,
        "counted_to": only.effective_to if only else None,
        "all_accounts": not (only and only.segments),
        "single": _single(terms),
        "annualised": terms.measure.annualised,
        "customers": terms.measure.of is Measured.CUSTOMERS,
        "claws_back": terms.clawback is not None,
        "windfall": windfall.rule.value if windfall else WindfallRule.PAY.value,
        "windfall_above": windfall.above if windfall else None,
        "windfall_share": windfall.share if windfall else None,
        "windfall_months": windfall.months if windfall else None,
    }


def weight_rows(terms: ComponentFields, counting: UUID) -> Iterator[Row]:
    """The rows of `weight`."""
    for ordinal, weight in enumerate(terms.measure.weights, 1):
        place = {"counting_id": counting, "ordinal": ordinal, "all_products": not weight.of_products}
        yield {**place, **_trait_row(weight), "factor": weight.factor}


def _trait_row(traits: TraitFields | None) -> Row:
    term, discount = (traits.term_months, traits.discount) if traits else (None, None)
    return {
        "renewal": traits.renewal if traits else None,
        "term_from": term.at_least if term else None,
        "term_to": term.below if term else None,
        "discount_from": discount.at_least if discount else None,
        "discount_to": discount.below if discount else None,
        "all_labels": not (traits and traits.labels),
    }


def label_rows(terms: ComponentFields, counting: UUID) -> Iterator[Row]:
    """The rows of `asked_label`: of what counts at all, then of each weight."""
    for ordinal, traits in enumerate((terms.measure.only, *terms.measure.weights)):
        for labels, wanted in ((traits.labels, True), (traits.without_labels, False)) if traits else ():
            for label in dict.fromkeys(labels):
                yield {"counting_id": counting, "ordinal": ordinal, "label": label, "wanted": wanted}


def credit_currency(currency: str, exchange_rates: str) -> str:
    """In what credits are kept: the plan currency, by the rates of the day or by those of a name."""
    return currency if exchange_rates == SPOT else f"{currency}@{exchange_rates}"


def component_row(
    terms: ComponentFields,
    component_id: UUID,
    plan_id: UUID,
    ordinal: int,
    currency: str,
    ids: Mapping[str, UUID],
    exchange_rates: str = SPOT,
) -> Row:
    """The row of `component`; `ids` are those of the plan's components by their codes."""
    way, rate = terms.rate.chosen
    axes = [read for _, read in terms.rate.inputs()]
    x, y = [*axes, None, None][:2]
    measured = terms.measure.of
    return {
        "component_id": component_id,
        "plan_id": plan_id,
        "ordinal": ordinal,
        "kind": terms.kind.value,
        "currency": currency,
        "credit_currency": credit_currency(currency, exchange_rates),
        "minor_digits": minor_digits(currency),
        "counting_id": counting_id(terms, component_id, currency),
        "measure": measured.value,
        "earned_by": terms.measure.earned_by.value if terms.measure.earned_by else None,
        "rollup": terms.measure.whose is Whose.TEAM,
        "beside": terms.measure.whose is Whose.COLLEAGUES,
        "nearest": terms.measure.levels.nearest if terms.measure.levels else 0,
        "furthest": terms.measure.levels.furthest if terms.measure.levels else None,
        "role": "overlay" if terms.measure.whose is Whose.OVERLAY else "direct",
        "window_length": terms.window.over.value,
        "months": terms.window.months,
        "paid": terms.window.paid.value,
        "quota_basis": terms.window.quota.value if terms.window.quota else None,
        "quota_measure": None if measured in WITHOUT_QUOTAS else measured.value,
        "quota_share": terms.quota.share if terms.quota else None,
        "quota_amount": terms.quota.amount if terms.quota else None,
        "target_share": terms.target.share if terms.target else None,
        "target_amount": terms.target.amount if terms.target else None,
        "prorate_quota": terms.proration.quota.value,
        "prorate_target": terms.proration.target.value,
        "method": rate.method.value if isinstance(rate, TiersFields) else way,
        "pays": rate.pays.value,
        "x_figure": x.figure.value if x else None,
        "x_component_id": ids[x.component] if x and x.component else None,
        "x_standing": standing_of(x),
        "x_ties": x.ties.value if x and x.ties else None,
        "y_figure": y.figure.value if y else None,
        "y_component_id": ids[y.component] if y and y.component else None,
        "y_standing": standing_of(y),
        "boundary": rate.boundary.value if isinstance(rate, TiersFields | MatrixFields) else None,
        "outside": rate.outside.value if isinstance(rate, CurveFields) else None,
        "looks_back": False,
        "needs_quota": terms.needs_quota,
        "needs_target": terms.needs_target,
        "block": next((limit.per.value for limit in terms.limits if limit.per in _BLOCKS), None),
        "budget": terms.budget.amount if terms.budget else None,
        "when_exhausted": terms.budget.when_exhausted.value if terms.budget else None,
    }


def band_rows(terms: ComponentFields, component_id: UUID) -> Iterator[Row]:
    """The rows of `band`."""
    for ordinal, band in enumerate(_bands(terms.rate.chosen[1]), 1):
        plain: Row = {"x_place": ordinal, "y_place": 1, "y_from": ZERO, "y_to": None, "value_to": None, "last": False}
        yield {"component_id": component_id, "ordinal": ordinal} | plain | band


def _bands(rate: FlatFields | TiersFields | CurveFields | MatrixFields | FormulaFields) -> Iterator[Row]:
    if isinstance(rate, FormulaFields):
        return
    if isinstance(rate, FlatFields):
        yield {"x_from": ZERO, "x_to": None, "value": rate.value}
    elif isinstance(rate, TiersFields):
        for tier in rate.tiers:
            yield {"x_from": tier.lower, "x_to": tier.upper, "value": tier.value}
    elif isinstance(rate, CurveFields):
        for n, (low, high) in enumerate(pairwise(rate.points), 2):
            ends = {"x_from": low.at, "x_to": high.at, "value": low.value, "value_to": high.value}
            yield {**ends, "last": n == len(rate.points)}
    else:
        for y_place, (y_from, y_to) in enumerate(_ranges(rate.columns), 1):
            for x_place, (x_from, x_to) in enumerate(_ranges(rate.rows), 1):
                across: Row = {"x_place": x_place, "x_from": x_from, "x_to": x_to}
                cell = {"y_place": y_place, "y_from": y_from, "y_to": y_to}
                yield {**across, **cell, "value": rate.values[x_place - 1][y_place - 1]}


def _ranges(axis: AxisFields) -> Iterator[tuple[Decimal, Decimal | None]]:
    return zip(axis.lower, [*axis.lower[1:], None], strict=True)


def formula_rows(
    own: ComponentFields,
    component_id: UUID,
    currency: str,
    components: Sequence[ComponentFields],
    constants: Sequence[ConstantFields],
    ids: Mapping[str, UUID],
) -> Iterator[tuple[str, Row]]:
    """The row of `formula`, with its constants written out, and those of `formula_input`, the figures it reads."""
    if own.rate.formula is None:
        return
    named = named_figures(own, components)
    formula = read(own.rate.formula, named, currency, constants)
    text = formula.filled({constant.name: constant.value for constant in constants}).text
    yield "formula", {"component_id": component_id, "text": text, "currency": currency}
    for ordinal, (name, figure) in enumerate(read_names(own, components, formula).items(), 1):
        of = {"figure": figure.figure, "of_component_id": ids[figure.component] if figure.component else None}
        of |= {"standing": standing_of(figure)}
        yield (
            "formula_input",
            {"component_id": component_id, "ordinal": ordinal, "name": name, "unit": figure.unit} | of,
        )


def standing_of(read: InputFields | Named | None) -> str:
    """Where the component that is looked at stood, or in which earlier window; or that it is this one."""
    return read.moment.value if read and read.moment else "none"


def looked_back_at(relations: Mapping[str, Sequence[Row]]) -> Iterator[tuple[UUID, str]]:
    """The components whose earlier windows are looked at, and which windows."""
    for name in ("component", "gate", "formula_input"):
        for row in relations[name]:
            for axis in ("x_", "y_") if name == "component" else ("",):
                if row[f"{axis}standing"] in set(Earlier):
                    other = row[f"{axis}component_id" if axis else "of_component_id"]
                    yield other or row["component_id"], row[f"{axis}standing"]


def gate_rows(terms: ComponentFields, component_id: UUID, ids: Mapping[str, UUID]) -> Iterator[Row]:
    """The rows of `gate`."""
    for ordinal, gate in enumerate(terms.gates, 1):
        yield {
            "component_id": component_id,
            "ordinal": ordinal,
            "figure": gate.input.figure.value,
            "of_component_id": ids[gate.input.component] if gate.input.component else None,
            "standing": standing_of(gate.input),
            "at_least": gate.at_least,
            "at_most": gate.at_most,
            "below": gate.below,
        }


def limit_rows(terms: ComponentFields, component_id: UUID) -> Iterator[Row]:
    """The rows of `earning_limit`: one for each time, with all that limits it."""
    names = {LimitKind.DECELERATOR: "above", LimitKind.CAP: "cap", LimitKind.FLOOR: "floor"}
    empty: Row = {f"{name}{end}": None for name in names.values() for end in ("", "_multiple")} | {"share": None}
    for per in LimitPer:
        row = dict(empty)
        for limit in (limit for limit in terms.limits if limit.per is per):
            name = names[limit.kind]
            row |= {name: limit.amount, f"{name}_multiple": limit.target_multiple}
            row |= {"share": limit.share} if limit.kind is LimitKind.DECELERATOR else {}
        if row != empty:
            yield {"component_id": component_id, "per": per.value, **row}


def _single(terms: ComponentFields) -> bool:
    """Whether each transaction is looked at by itself."""
    windfall = terms.windfall is not None and terms.windfall.rule is not WindfallRule.PAY
    singly = windfall or terms.clawback is not None
    return (
        singly
        or terms.measure.only is not None
        or bool(terms.measure.weights)
        or terms.measure.annualised
        or terms.measure.of is Measured.CUSTOMERS
        or terms.window.over is WindowLength.TRANSACTION
    )
