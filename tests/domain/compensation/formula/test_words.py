"""A formula can be read aloud."""

import pytest

from app.domain.compensation.formula import money, read_formula

from .figures import FIGURES, row


@pytest.mark.parametrize(
    ("text", "en", "fr"),
    [
        (
            "min(credited * 0.05, EUR(20000.5))",
            "the smallest of (credited revenue times 0.05) and 20,000.5 EUR",
            "le plus petit entre (chiffre crédité fois 0,05) et 20\u00a0000,5 EUR",
        ),
        (
            "credited * share if attainment >= 1 and hired < date(2026, 3, 1) else 0",
            "if attainment is at least 1 and date of hire is below 2026-03-01, credited revenue times share;"
            " otherwise 0 EUR",
            "si taux d'atteinte est au moins 1 et date d'embauche est inférieur à 01/03/2026, chiffre crédité fois part"
            " ; sinon 0 EUR",
        ),
        (
            "round(div(credited, units, 1), 2)",
            "(credited revenue divided by units, to 1 decimal place) rounded to 2 decimal places",
            "(chiffre crédité divisé par unités, à 1 décimale) arrondi à 2 décimales",
        ),
        (
            "max(-credited, abs(quota), 0) * floor(share) * ceil(share) * (1 if not share > 2 else days(hired, hired))",
            "(((the largest of minus credited revenue, (quota without its sign) and 0 EUR) times (share rounded down to"
            " a whole number)) times (share rounded up to a whole number)) times (if it is not so that (share is above"
            " 2), 1; otherwise the days from date of hire to date of hire)",
            "(((le plus grand entre moins chiffre crédité, (quota sans son signe) et 0 EUR) fois (part arrondi à"
            " l'entier inférieur)) fois (part arrondi à l'entier supérieur)) fois (si il n'est pas vrai que (part est"
            " supérieur à 2), 1 ; sinon le nombre de jours du date d'embauche au date d'embauche)",
        ),
    ],
)
def test_a_formula_is_a_sentence(text: str, en: str, fr: str) -> None:
    formula = read_formula(text, FIGURES, money("EUR", 38, 10))
    assert formula.words("en") == en
    assert formula.words("fr") == fr


def test_a_formula_shows_its_working() -> None:
    formula = read_formula("credited * (0.05 if attainment >= 1 else 0.03)", FIGURES, money("EUR", 38, 10))
    assert [(said, str(value)) for said, value in formula.worked(row())] == [
        ("credited revenue", "125000.5"),
        ("attainment", "1.250005"),
        ("attainment is at least 1", "True"),
        ("if attainment is at least 1, 0.05; otherwise 0.03", "0.05"),
        ("credited revenue times (if attainment is at least 1, 0.05; otherwise 0.03)", "6250.025"),
    ]
