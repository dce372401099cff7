"""Plain words in English and French, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.kernel.money import plain


@dataclass(frozen=True)
class Words:
    """The same words in both languages."""

    en: str
    fr: str


def quoted(text: str) -> str:
    """A text of ours as a literal in SQL."""
    return "'" + text.replace("'", "''") + "'"


def say(en: str, fr: str, **parts: Words | str | int) -> Words:
    """A sentence with its parts filled in, each in the language of the sentence."""
    texts = {name: part if isinstance(part, Words) else Words(str(part), str(part)) for name, part in parts.items()}
    return Words(
        en.format(**{name: part.en for name, part in texts.items()}),
        fr.format(**{name: part.fr for name, part in texts.items()}),
    )


def join(parts: Iterable[Words], by: str = "; ") -> Words:
    """Several one after the other; French sets a narrow space before a semicolon."""
    found = list(parts)
    return Words(by.join(part.en for part in found), by.replace(";", "\u202f;").join(part.fr for part in found))


def number(value: Decimal) -> Words:
    """12500.5 is `12,500.50` in English and `12 500,50` in French; whole numbers have no decimals."""
    text = plain(value)
    whole, _, fraction = text.removeprefix("-").partition(".")
    sign = "-" if text.startswith("-") else ""
    digits = "" if not fraction.strip("0") else fraction
    grouped = f"{int(whole):,}"
    english = f"{sign}{grouped}" + (f".{digits}" if digits else "")
    french = f"{sign}{grouped.replace(',', chr(0x202F))}" + (f",{digits}" if digits else "")
    return Words(english, french)


def percent(value: Decimal) -> Words:
    """0.075 is 7.5 %."""
    text = f"{value * 100:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Words(f"{text} %", f"{text.replace('.', ',')} %")


def money(value: Decimal, currency: str) -> Words:
    """An amount with its currency."""
    return say("{n} {currency}", "{n} {currency}", n=number(value), currency=currency)
