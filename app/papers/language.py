"""Numbers, days and amounts as they are written in English and in French."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_SPACE = "\u00a0"


class Tongue:
    """English or French; `words` are pairs of both."""

    def __init__(self, code: str, words: dict[str, tuple[str, str]]) -> None:
        self.code = "fr" if code == "fr" else "en"
        self._words = words

    def say(self, key: str, **values: object) -> str:
        """The words of a key, with its values filled in; a key without words is said as it is."""
        pair = self._words.get(key)
        text = key.replace("_", " ") if pair is None else pair[self.code == "fr"]
        return text.format(**values) if values else text

    def number(self, value: Decimal, least: int = 2) -> str:
        """12500.5 as `12,500.50` or `12 500,50`, with at least so many digits after the point."""
        text = f"{abs(value):f}"
        whole, _, fraction = text.partition(".")
        fraction = fraction.rstrip("0").ljust(least, "0")
        grouped = f"{int(whole):,}"
        sign = "\u2212" if value < 0 else ""
        if self.code == "fr":
            return sign + grouped.replace(",", _SPACE) + (f",{fraction}" if fraction else "")
        return sign + grouped + (f".{fraction}" if fraction else "")

    def money(self, value: Decimal, currency: str, least: int = 2) -> str:
        """An amount with its currency."""
        return f"{self.number(value, least)}{_SPACE}{currency}"

    def percent(self, ratio: Decimal) -> str:
        """0.075 as 7.5 %."""
        return f"{self.number((ratio * 100).quantize(Decimal('0.01')).normalize(), 0)}{_SPACE}%"

    def day(self, day: date) -> str:
        """31 March 2026; the first of a month is `1er` in French."""
        first = "1er" if self.code == "fr" and day.day == 1 else str(day.day)
        return f"{first} {_MONTHS[self.code][day.month - 1]} {day.year}"
