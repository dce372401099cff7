"""Exact numbers: amounts, rates and money. Strings outside, `Decimal` inside, never a float.

A JSON number is refused where money is meant: it has already lost digits when a parser hands it over.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.kernel.currencies import CURRENCIES

_PATTERN = r"^-?\d+(\.\d+)?$"
_TEXT_OF_NUMBER = re.compile(_PATTERN, re.ASCII)

# ISO 4217 minor digits where they are not 2.
_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


CURRENCY_DIGITS_SQL = " ".join(
    (
        "case",
        *(
            "when {{currency}} in ({codes}) then {digits}".format(
                codes=", ".join(f"'{code}'" for code, own in _MINOR_DIGITS.items() if own == digits), digits=digits
            )
            for digits in sorted(set(_MINOR_DIGITS.values()))
        ),
        "else 2 end",
    )
)
"""`minor_digits` in SQL; the placeholder `{currency}` is a column."""


def minor_digits(currency: str) -> int:
    """Digits after the decimal point of a currency (ISO 4217): 2 for EUR, 0 for JPY, 3 for KWD."""
    return _MINOR_DIGITS.get(currency, 2)


def round_half_away(value: Decimal, digits: int) -> Decimal:
    """The one rounding mode of the product: half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _exact(whole_digits: int, scale: int) -> BeforeValidator:
    def parse(value: Any) -> Any:
        if isinstance(value, Decimal):
            number = value
        elif isinstance(value, str):
            # `Decimal` alone would also take 1e5, 1_000 and digits of other scripts.
            if not _TEXT_OF_NUMBER.match(value.strip()):
                raise PydanticCustomError("not_a_decimal", 'must be a decimal number in a string, such as "1234.50"')
            number = Decimal(value.strip())
        else:
            raise PydanticCustomError(
                "number_as_string", 'must be a string such as "1234.50": JSON numbers lose digits'
            )
        if not number.is_finite():
            raise PydanticCustomError("not_finite", "must be a finite number")
        if abs(number) >= Decimal(10) ** whole_digits:
            raise PydanticCustomError("too_large", f"must have at most {whole_digits} digits before the point")
        if number != round_half_away(number, scale):
            raise PydanticCustomError("too_precise", f"must have at most {scale} digits after the point")
        return round_half_away(number, scale)

    return BeforeValidator(parse)


def plain(value: Decimal) -> str:
    """Decimal text without exponent and without needless zeros beyond two digits."""
    text = f"{value:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction.ljust(2, '0')}"


_TEXT = PlainSerializer(plain, return_type=str)


def _schema(description: str, example: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "string",
            "pattern": _PATTERN,
            "maxLength": 32,
            "description": description,
            "examples": [example],
        }
    )


Amount = Annotated[
    Decimal, _exact(14, 4), _TEXT, _schema("Exact decimal amount, up to 4 digits after the point.", "1234.50")
]
"""An amount of money without its currency, numeric(18,4)."""

Total = Annotated[Decimal, _exact(24, 6), _TEXT, _schema("Exact number, as large as it may become.", "1234.50")]
"""What was converted or added up, an amount or another figure: it may be larger than one that is given."""

Rate = Annotated[Decimal, _exact(3, 6), _TEXT, _schema("Exact rate or share; 0.05 is 5 %.", "0.05")]
"""A rate, share or probability, numeric(9,6); 0.05 is 5 %."""

Share = Annotated[
    Decimal, _exact(3, 6), Field(ge=0, le=1), _TEXT, _schema("Exact share from 0 to 1; 0.25 is 25 %.", "0.25")
]
"""A rate between 0 and 1."""

Kilometres = Annotated[
    Decimal, _exact(9, 3), Field(ge=0), _TEXT, _schema("Exact distance in kilometres, up to 3 digits.", "42.5")
]
"""A distance, numeric(12,3)."""

Figure = Annotated[Decimal, _exact(14, 6), _TEXT, _schema("Exact number; its unit is said where it stands.", "1234.50")]
"""A number of any unit, an amount as well as a count or a ratio, numeric(20,6)."""

RateName = Annotated[str, Field(pattern="^[A-Z][A-Z0-9_]{0,19}$", examples=["SPOT"])]
"""Which exchange rates: `SPOT` are those of the day, others such as `BUDGET_2026` are the organisation's own."""
SPOT = "SPOT"
FxRate = Annotated[Decimal, _exact(9, 9), Field(gt=0), _TEXT, _schema("Exact exchange rate.", "1.084500000")]
"""Units of the target currency for one unit of the source currency, numeric(18,9)."""


def _known(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("unknown_currency", "must be a currency of ISO 4217, such as EUR")
    return code


Currency = Annotated[
    str,
    Field(pattern=r"^[A-Z]{3}$", min_length=3, max_length=3, description="ISO 4217 currency code.", examples=["EUR"]),
    AfterValidator(_known),
]


class Money(BaseModel):
    """An exact amount in a currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Amount = Field(
        description="Exact decimal amount in units of the currency, as a string.", examples=["1234.50"]
    )
    currency: Currency
