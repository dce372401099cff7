"""A formula as the rate of a component: what it may name, what is refused, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.compensation.terms.component import ComponentFields, component_findings
from app.domain.compensation.terms.constants import ConstantFields
from tests.domain.compensation.desk import COMMISSION

QUARTER = {"over": "quarter", "quota": "window", "paid": "each_period"}
BESIDE = COMMISSION | {"code": "BASE", "rate": {"flat": {"pays": "rate", "value": "0.05"}}}


def formula(text: str, **changes: Any) -> dict[str, Any]:
    own = {"code": "C", "rate": {"formula": {"text": text}}, "window": QUARTER, "target": {"share": "1"}}
    return COMMISSION | own | changes


def findings(*documents: dict[str, Any], constants: tuple[ConstantFields, ...] = ()) -> list[tuple[str, str]]:
    components = [ComponentFields.model_validate(document) for document in documents]
    found = component_findings(components, "/components", "EUR", constants)
    return [(finding.code, finding.pointer) for finding in found]


@pytest.mark.parametrize(
    "text",
    [
        "min(measured * 0.05, target * 2)",
        "target * attainment if attainment >= 0.8 else 0",
        "earned_BASE * 0.1",
        "target * value_BASE",
        "target * div(measured, quota, 6)",
        "target * value_BASE * attainment",
        "EUR(5000) if rank <= 3 and participants > 10 else 0",
        "measured * 0.02 + (everybody - measured_BASE) * 0",
    ],
)
def test_a_formula_reads_the_figures_of_its_plan(text: str) -> None:
    assert findings(formula(text), BESIDE) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("measured * rate", "formula_unknown_name"),
        ("earned_GONE * 0.1", "formula_unknown_name"),
        ("earned_C", "formula_unknown_name"),
        ("measured / quota", "formula_division"),
        ("measured + 1", "formula_unit"),
        ("attainment", "formula_unit"),
        ("USD(5)", "formula_unit"),
        ("measured * attainment * attainment * attainment", "formula_precision"),
        ("__import__('os').system('true')", "formula_character"),
        ("measured.real", "formula_not_allowed"),
        ("(lambda: measured)()", "formula_character"),
        ("measured * 1e9", "formula_number"),
        ("measured *", "formula_syntax"),
        ("(" * 500 + "measured" + ")" * 500, "formula_syntax"),
        ("measured" + " + measured" * 90, "formula_too_complex"),
    ],
)
def test_what_a_formula_cannot_say_is_refused_at_its_place(text: str, code: str) -> None:
    assert findings(formula(text), BESIDE) == [(code, "/components/0/rate/formula/text")]


def test_a_formula_does_not_read_what_another_formula_earns() -> None:
    other = formula("measured * 0.1", code="OTHER")
    assert findings(formula("earned_OTHER"), other) == [("formula_unknown_name", "/components/0/rate/formula/text")]


def test_a_transaction_has_no_quota_and_no_rank() -> None:
    window = {"over": "transaction", "paid": "each_period"}
    for name in ("quota", "rank", "measured_BASE"):
        assert findings(formula(f"measured if {name} > 0 else 0", window=window, target=None), BESIDE)
    assert findings(formula("min(measured * 0.1, EUR(500))", window=window, target=None)) == []


def test_constants_stand_for_their_numbers() -> None:
    pool = ConstantFields.model_validate({"name": "pool", "unit": "amount", "value": "50000", "label": "Team pool"})
    text = "div(pool * measured, everybody, 4)"
    assert findings(formula("min(pool, measured)"), constants=(pool,)) == []
    assert findings(formula(text), constants=(pool,)) == [("formula_unit", "/components/0/rate/formula/text")]


def test_a_formula_is_said_in_words() -> None:
    component = ComponentFields.model_validate(formula("min(measured * 0.05, target * 2)"))
    words = component.words("EUR")
    assert "It pays the smallest of (the measure times 0.05) and (target incentive times 2)." in [w.en for w in words]
    assert any("le plus petit entre" in w.fr and "la prime cible" in w.fr for w in words)
