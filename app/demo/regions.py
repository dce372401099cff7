"""Where the company sells, and with whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A director's part of the world."""

    code: str
    name: str
    culture: str
    """Whose names its people bear."""
    countries: dict[str, float]
    """Share of the region's accounts by country."""
    sellers: int
    """People who sell there, of the whole company's 165."""
    managers: int


REGIONS = (
    Region("FR", "France", "FR", {"FR": 1.0}, 40, 6),
    Region("DACH", "DACH", "DE", {"DE": 0.74, "AT": 0.12, "CH": 0.14}, 40, 6),
    Region("UKI", "United Kingdom and Ireland", "GB", {"GB": 0.87, "IE": 0.13}, 33, 5),
    Region("SOUTH", "Southern Europe", "ES", {"ES": 0.42, "IT": 0.45, "PT": 0.13}, 28, 4),
    Region("NORTH", "Benelux and Nordics", "NL", {"NL": 0.4, "BE": 0.25, "SE": 0.2, "DK": 0.15}, 24, 3),
)
COUNTRY_NAMES = {
    "FR": "France",
    "DE": "Germany",
    "AT": "Austria",
    "CH": "Switzerland",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "ES": "Spain",
    "IT": "Italy",
    "PT": "Portugal",
    "NL": "Netherlands",
    "BE": "Belgium",
    "SE": "Sweden",
    "DK": "Denmark",
}
CURRENCIES = {"GB": "GBP", "CH": "CHF"}
"""Where invoices are not in euros."""
