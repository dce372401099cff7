"""What a formula may say; everything else is refused with its place, whatever its author had in mind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.compensation.formula import BOOL, FormulaError, money, rate, read_formula
from app.domain.compensation.formula.syntax import LONGEST

from .figures import FIGURES, RESULT


def refusal(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        read_formula(text, FIGURES, RESULT)
    assert 0 <= caught.value.start <= caught.value.end <= max(len(text), 1)
    assert caught.value.detail
    return caught.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("__import__('os').system('x')", "character"),
        ('open("/etc/passwd")', "character"),
        ("credited.__class__.__mro__", "not_allowed"),
        ("(credited).real", "not_allowed"),
        ("[x for x in (1,)]", "character"),
        ("{credited}", "character"),
        ("(x for x in credited)", "not_allowed"),
        ("lambda: 1", "character"),
        ("(y := credited)", "character"),
        ("credited; quota", "character"),
        ("credited -- drop table plan", "syntax"),
        ("credited # quota", "character"),
        ("credited\\\nquota", "character"),
        ("credited\x00", "character"),
        ("ｃredited", "character"),
        ("сredited", "character"),
        ("credited\u00a0", "character"),
        ("credited\u202e", "character"),
        ("'credited'", "character"),
        ("f'{credited}'", "character"),
        ("credited, quota", "not_allowed"),
        ("(yield)", "not_allowed"),
        ("await credited", "not_allowed"),
        ("credited if quota", "syntax"),
        ("import os", "syntax"),
        ("credited = 1", "syntax"),
        ("", "syntax"),
        ("   \n ", "syntax"),
        ("()", "not_allowed"),
        ("None", "number"),
        ("True", "number"),
        ("...", "number"),
        ("9**9**9", "not_allowed"),
        ("credited // quota", "division"),
        ("credited / quota", "division"),
        ("+credited", "not_allowed"),
        ("credited is quota", "not_allowed"),
        ("credited in quota", "not_allowed"),
        ("credited < quota", "unit"),
        ("1e308 * credited", "number"),
        ("1_000 * credited", "number"),
        ("0x10 * credited", "number"),
        ("1j * credited", "number"),
        ("1if credited > 0 else 0", "number"),
        (".5 * credited", "number"),
        ("5. * credited", "number"),
        ("1.0000000000001 * credited", "number"),
        (f"{10**19} * credited", "number"),
        (f"{'9' * 1_900} * credited", "number"),
        ("EUR(0.00001)", "number"),
        ("eval(credited)", "unknown_function"),
        ("getattr(credited)", "unknown_function"),
        ("print(1)", "unknown_function"),
        ("min(credited)(quota)", "unknown_function"),
        ("EURO(5)", "unknown_function"),
        ("min", "unknown_name"),
        ("EUR", "unknown_name"),
        ("salary * 2", "unknown_name"),
        ("Credited * 2", "unknown_name"),
        ("min(*credited)", "argument"),
        ("round(credited, digits=2)", "argument"),
        ("round(credited)", "argument"),
        ("round(credited, 13)", "argument"),
        ("round(credited, -1)", "argument"),
        ("round(credited, units)", "argument"),
        ("round(credited, 2.0)", "argument"),
        ("min(credited)", "argument"),
        ("div(credited, quota)", "argument"),
        ("div(credited, 0, 2)", "division"),
        ("EUR(credited)", "argument"),
        ("EUR(-5)", "argument"),
        ("credited * days(hired, date(2026, 2, 30))", "argument"),
        ("credited * days(hired, date(0, 1, 1))", "argument"),
        ("credited * days(hired, date(2026, 1))", "argument"),
        ("credited + 5", "unit"),
        ("credited + units", "unit"),
        ("credited + USD(5)", "unit"),
        ("min(credited, USD(5))", "unit"),
        ("min(credited, 5)", "unit"),
        ("credited > 5 and credited", "unit"),
        ("credited * quota", "unit"),
        ("credited * (credited > quota)", "unit"),
        ("credited if credited else quota", "unit"),
        ("credited if not quota else quota", "unit"),
        ("credited if credited > 1 else quota", "unit"),
        ("credited if quota > 0 else 1", "unit"),
        ("share + units", "unit"),
        ("div(share, credited, 2)", "unit"),
        ("hired - hired", "unit"),
        ("-hired", "unit"),
        ("hired", "unit"),
        ("share", "unit"),
        ("units", "unit"),
        ("1", "unit"),
        ("USD(5)", "unit"),
        ("div(credited, quota, 6)", "unit"),
        ("days(hired, credited)", "unit"),
        ("credited * share * share * share * share", "precision"),
        ("credited * attainment * attainment", "precision"),
        ("div(credited * share, share * share * share, 12)", "precision"),
    ],
)
def test_a_formula_out_of_the_language_is_refused(text: str, code: str) -> None:
    assert refusal(text).code == f"formula_{code}"


@pytest.mark.parametrize(
    "text",
    [
        "credited" + " " * LONGEST,
        "-" * 1_999 + "1",
        "not " * 400 + "credited",
        "(" * 1_000,
        "(" * 199 + "credited" + ")" * 199 + "+",
        "min(" * 300 + "credited" + ",0)" * 300,
        "credited" + " + credited" * 150,
        "credited if quota > 0 else " * 60 + "credited",
        "div(credited, " * 60 + "1" + ", 2)" * 60,
    ],
)
def test_a_formula_of_any_size_is_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    assert refusal(text).code in {"formula_too_long", "formula_too_complex", "formula_syntax", "formula_unit"}
    assert time.perf_counter() - began < 1


def test_parts_that_double_in_sql_are_counted() -> None:
    text = "credited"
    for _ in range(12):
        text = f"div({text}, attainment, 2)"
    assert refusal(text).code == "formula_too_complex"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120) | st.text("credit quoa0159.,()+-*/<>= EUR_\n", max_size=60))
def test_no_text_does_anything_but_read_or_be_refused(text: str) -> None:
    try:
        formula = read_formula(text, FIGURES, RESULT)
    except FormulaError as error:
        place = error.start, error.end
    else:
        place = 0, 0
        assert read_formula(formula.text, FIGURES, RESULT).text == formula.text
    assert 0 <= place[0] <= place[1] <= max(len(text), 1)


def test_the_place_of_what_is_wrong_is_told() -> None:
    text = "credited * 0.05\n   + salary"
    error = refusal(text)
    assert text[error.start : error.end] == "salary"
    assert "known: attainment, credited" in error.detail


def test_a_number_beside_an_amount_is_told_its_currency() -> None:
    assert "write EUR(1000)" in refusal("min(credited, 1000)").detail


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("( credited*0.050 )", "credited * 0.05"),
        ("credited - (quota - EUR(1.50))", "credited - (quota - EUR(1.5))"),
        ("(credited - quota) - EUR(1.00)", "credited - quota - EUR(1)"),
        ("(credited + quota) * share", "(credited + quota) * share"),
        ("credited\n* (share if 0.8 <= share < 1 else 1)", "credited * (share if 0.8 <= share and share < 1 else 1)"),
        ("max(credited, 0)", "max(credited, EUR(0))"),
        (
            "credited if (share > 1 or share < 0) and not units > 2 else quota",
            "credited if (share > 1 or share < 0) and not units > 2 else quota",
        ),
        ("-(credited + quota)", "-(credited + quota)"),
        ("--credited", "--credited"),
        (
            "(credited if share > 1 else quota) if units > 2 else 0",
            "(credited if share > 1 else quota) if units > 2 else EUR(0)",
        ),
    ],
)
def test_a_formula_is_kept_in_one_way_of_writing(text: str, canonical: str) -> None:
    formula = read_formula(text, FIGURES, RESULT)
    assert formula.text == canonical
    again = read_formula(canonical, FIGURES, RESULT)
    assert (again.tree, again.digest) == (formula.tree, formula.digest)


def test_a_formula_can_be_a_rate_or_a_condition() -> None:
    assert read_formula("share * 2", FIGURES, rate(18, 6)).names == {"share"}
    assert read_formula("0.05", FIGURES, rate(18, 6)).value({}) is not None
    assert read_formula("credited > quota", FIGURES, BOOL).nullable


def test_what_the_result_cannot_hold_is_refused() -> None:
    read_formula("credited * share", FIGURES, money("EUR", 38, 10))
    with pytest.raises(FormulaError, match="round"):
        read_formula("credited * share", FIGURES, money("EUR", 38, 9))
    read_formula("round(credited * share, 9)", FIGURES, money("EUR", 38, 9))
    with pytest.raises(FormulaError, match="min and max"):
        read_formula("credited * 100000", FIGURES, money("EUR", 18, 4))
    read_formula("max(min(credited, EUR(5000)), 0) * 100000", FIGURES, money("EUR", 18, 4))
