"""Exact numbers come as plain decimal text, and only in currencies there are."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.kernel.currencies import CURRENCIES
from app.domain.kernel.money import _MINOR_DIGITS, Amount, Currency

AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
CURRENCY: TypeAdapter[str] = TypeAdapter(Currency)


@pytest.mark.parametrize("text", ["0", "-12.5", "1234.5000", " 7.25 ", "99999999999999.9999"])
def test_plain_decimal_text_is_an_amount(text: str) -> None:
    assert AMOUNT.validate_python(text) == Decimal(text.strip())


@pytest.mark.parametrize("text", ["1e5", "1_000", "1,5", "٣", ".5", "5.", "+1", "--1", "", "NaN", "Infinity"])
def test_other_spellings_of_a_number_are_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AMOUNT.validate_python(text)
    assert refused.value.errors()[0]["type"] == "not_a_decimal"


def test_a_currency_is_one_of_iso_4217() -> None:
    for code in ("EUR", "USD", "JPY", "XXX"):
        assert CURRENCY.validate_python(code) == code
    for code in ("XYZ", "ZZZ", "AAA"):
        with pytest.raises(ValidationError) as refused:
            CURRENCY.validate_python(code)
        assert refused.value.errors()[0]["type"] == "unknown_currency"


def test_currencies_are_codes_and_hold_all_with_unusual_digits() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
    assert _MINOR_DIGITS.keys() <= CURRENCIES
