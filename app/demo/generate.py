"""Makes up a company and its year: the same one for the same seed, day and scale. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, count
from math import exp
from random import Random

from app.demo import customers
from app.demo.fieldwork import activities, settled
from app.demo.names import FIRST_NAMES, INDUSTRIES, LAST_NAMES, STEMS, UNITS, plain
from app.demo.places import cities_of, split
from app.demo.plot import Account, Area, Calendar, City, Company, Seller
from app.demo.regions import COUNTRY_NAMES, REGIONS, Region
from app.demo.sales import opportunities, transactions

DOMAIN = "demo.example"
_ACCOUNTS = 5_000
_QUOTA_PER_SELLER = 1_800_000
_SHARED = 0.18
"""Share of the territories that two sellers cover."""


def generate(seed: int, today: date, scale: float = 1.0) -> Company:
    """The company as of a day. `scale` shrinks every number alike; its shape stays."""
    calendar = calendar_on(today)
    sellers = list(_sellers(Random(f"{seed}/sellers"), calendar, scale))  # noqa: S311
    accounts = list(_accounts(Random(f"{seed}/accounts"), scale))  # noqa: S311
    areas = list(_areas(Random(f"{seed}/areas"), accounts, sellers))  # noqa: S311
    sellers = list(settled(Random(f"{seed}/homes"), sellers, areas, accounts))  # noqa: S311
    owner = {key: area.coverage[0][0] for area in areas for key in area.accounts if area.coverage}
    owner |= {key: area.coverage[0][0] for area in areas for key in area.named}
    strength = {seller.number: seller.strength for seller in sellers}
    quota_total = Decimal(_QUOTA_PER_SELLER * sum(seller.level == 3 for seller in sellers))
    deals = opportunities(Random(f"{seed}/deals"), calendar, accounts, owner, strength, scale)  # noqa: S311
    sold = transactions(
        Random(f"{seed}/sold"),  # noqa: S311
        calendar,
        accounts,
        owner,
        strength,
        quota_total,
        scale,
    )
    people = list(customers.contacts(Random(f"{seed}/contacts"), accounts, owner, scale))  # noqa: S311
    return Company(
        domain=DOMAIN,
        calendar=calendar,
        sellers=tuple(sellers),
        accounts=tuple(accounts),
        areas=tuple(areas),
        opportunities=tuple(deals),
        transactions=tuple(sold),
        contacts=tuple(people),
        relations=tuple(customers.relations(Random(f"{seed}/relations"), people, accounts)),  # noqa: S311
        cells=tuple(customers.cells(Random(f"{seed}/cells"), calendar, people, accounts, scale)),  # noqa: S311
        references=tuple(customers.references(people, accounts)),
        leads=tuple(customers.leads(Random(f"{seed}/leads"), accounts, owner, scale)),  # noqa: S311
        activities=tuple(
            activities(Random(f"{seed}/activities"), calendar, accounts, owner, sellers, scale)  # noqa: S311
        ),
        quota_total=quota_total,
        owner=owner,
    )


def calendar_on(today: date) -> Calendar:
    """The fiscal year whose last quarter today lies in: it begins with a quarter of the calendar year."""
    month = (today.month - 1) // 3 * 3 + 1
    start = date(today.year - (month < 10), (month + 2) % 12 + 1, 1)
    end = start.replace(year=start.year + 1)
    return Calendar((end - timedelta(days=1)).year, start, end, today)


def _sellers(random: Random, calendar: Calendar, scale: float) -> Iterator[Seller]:
    """Four levels: the head of sales, a director per region, managers, and those who sell."""
    used: set[str] = set()
    number = 1000

    def hire(role: str, team: str, culture: str, manager: str | None, level: int) -> Seller:
        nonlocal number
        number += 1
        name = _person(random, culture, used)
        mail = f"{plain(name)}@{DOMAIN}"
        years = 8 if level < 3 else 5
        hired = calendar.start - timedelta(days=random.randint(400, years * 365))
        if level == 3 and random.random() < 0.06:
            hired = calendar.start + timedelta(days=random.randint(20, 150))
        strength = exp(random.gauss(-0.03, 0.28))
        return Seller(f"E{number}", name, mail, role, team, manager, hired, level, strength)

    head = hire("Head of sales", "Sales", "FR", None, 0)
    yield head
    for region in REGIONS:
        director = hire("Regional director", region.name, region.culture, head.number, 1)
        yield director
        wanted = max(3, round(region.sellers * scale))
        managers = max(1, min(region.managers, round(wanted / 7)))
        for m in range(managers):
            team = f"{region.name} {m + 1}"
            manager = hire("Sales manager", team, region.culture, director.number, 2)
            yield manager
            for n in range(m, wanted, managers):
                role = "Key account manager" if n == 0 else "Account executive"
                yield hire(role, team, region.culture, manager.number, 3)


def _person(random: Random, culture: str, used: set[str]) -> str:
    firsts, lasts = FIRST_NAMES[culture].split(), LAST_NAMES[culture].split()
    while True:
        name = f"{random.choice(firsts)} {random.choice(lasts)}"
        if name not in used:
            used.add(name)
            return name


def _accounts(random: Random, scale: float) -> Iterator[Account]:
    """Groups and what belongs to them, then companies that stand alone; in each country's real cities."""
    used: set[str] = set()
    all_sellers = sum(region.sellers for region in REGIONS)
    serial = 0
    for region in REGIONS:
        for country, share in region.countries.items():
            wanted = max(10, round(_ACCOUNTS * scale * region.sellers / all_sellers * share))
            cities = cities_of(country)
            weights = [city.population**0.85 for city in cities]
            group: Account | None = None
            left = 0
            for _ in range(wanted):
                serial += 1
                city = random.choices(cities, weights)[0]
                key = f"A{serial:05d}"
                if group and left:
                    left -= 1
                    yield _subsidiary(random, key, group, city, used)
                    continue
                account = _company(random, key, city, used)
                if random.random() < 0.08:
                    group, left = _as_group(account), random.randint(1, 6)
                    account = group
                yield account


def _company(random: Random, key: str, city: City, used: set[str]) -> Account:
    industry = random.choice(list(INDUSTRIES))
    word = random.choice(INDUSTRIES[industry])
    first = city.name if industry == "Public sector" else random.choice(STEMS.split())
    name = _unused(f"{first} {word}", city, used)
    employees = max(4, round(exp(random.gauss(5.3, 1.35))))
    return Account(
        key=key,
        name=name,
        parent=None,
        industry=industry,
        city=city,
        latitude=city.latitude + _jitter(random),
        longitude=city.longitude + _jitter(random),
        employees=employees,
        annual_revenue=_rounded(employees * exp(random.gauss(11.9, 0.5))),
        potential=_rounded(exp(random.gauss(10.7, 0.9)) * (employees / 200) ** 0.35),
        win_probability=Decimal(min(95, max(3, round(random.betavariate(2.2, 2.8) * 100)))) / 100,
    )


def _as_group(account: Account) -> Account:
    name, employees = f"{account.name} Group", account.employees + 1200
    return replace(account, name=name, employees=employees, potential=account.potential * 3)


def _subsidiary(random: Random, key: str, group: Account, city: City, used: set[str]) -> Account:
    own = _company(random, key, city, set(used))
    name = _unused(f"{group.name.removesuffix(' Group')} {random.choice(UNITS)}", city, used)
    return replace(own, name=name, parent=group.key, industry=group.industry)


def _unused(name: str, city: City, used: set[str]) -> str:
    """The name itself, with the city where it is taken, with a number where that is taken too."""
    there = f"{name} {city.name}"
    found = next(own for own in chain((name, there), (f"{there} {n}" for n in count(2))) if own not in used)
    used.add(found)
    return found


def _areas(random: Random, accounts: list[Account], sellers: list[Seller]) -> Iterator[Area]:
    """The tree of territories: regions, countries, and in them areas that are covered; beside them named accounts."""
    for region in REGIONS:
        yield Area(region.code, region.name, None)
        covering = [seller for seller in sellers if seller.team.startswith(f"{region.name} ") and seller.level == 3]
        key_manager = next(seller for seller in covering if seller.job_role == "Key account manager")
        field = [seller for seller in covering if seller is not key_manager]
        of_region = [account for account in accounts if account.city.country in region.countries]
        largest = sorted(of_region, key=lambda account: (-account.potential, account.key))
        named = tuple(account.key for account in largest[: max(2, len(of_region) // 130)])
        yield Area(
            f"{region.code}-KEY",
            f"{region.name}, key accounts",
            region.code,
            priority=10,
            named=named,
            coverage=((key_manager.number, Decimal(1)),),
        )
        yield from _fields(random, region, of_region, named, field)


def _fields(
    random: Random, region: Region, accounts: list[Account], named: tuple[str, ...], sellers: list[Seller]
) -> Iterator[Area]:
    """Country by country, as many areas as its share of the region's sellers can cover."""
    total = max(len(region.countries), round(len(sellers) / (1 + _SHARED)))
    by_country = {c: [a for a in accounts if a.city.country == c] for c in region.countries}
    parts = _portions(total, {country: len(found) for country, found in by_country.items()})
    leaves = []
    for country, found in by_country.items():
        parent = region.code if len(region.countries) == 1 else f"{region.code}-{country}"
        if parent != region.code:
            yield Area(parent, COUNTRY_NAMES[country], region.code)
        for n, patch in enumerate(split(found, parts[country]), 1):
            name = ", ".join(patch.cities[:2]) + (f" and {len(patch.cities) - 2} more" if len(patch.cities) > 2 else "")
            size = f" (from {patch.min_employees} employees)" if patch.min_employees else ""
            leaves.append(
                Area(
                    f"{region.code}-{country}-{n:02d}" if parent != region.code else f"{region.code}-{n:02d}",
                    f"{name}{size or (' (smaller)' if patch.max_employees else '')}",
                    parent,
                    country=country,
                    cities=patch.cities,
                    min_employees=patch.min_employees,
                    max_employees=patch.max_employees,
                    accounts=tuple(account.key for account in patch.accounts if account.key not in set(named)),
                )
            )
    yield from _covered(random, leaves, sellers)


def _covered(random: Random, leaves: list[Area], sellers: list[Seller]) -> Iterator[Area]:
    """One seller for each area while there are enough; who is left joins somebody, who covers the larger part."""
    first = [sellers[n % len(sellers)] for n in range(len(leaves))]
    left = sellers[len(leaves) :]
    second = dict(zip(random.sample(range(len(leaves)), len(left)), left, strict=True))
    for n, leaf in enumerate(leaves):
        if n in second:
            part = random.choice((Decimal("0.5"), Decimal("0.4")))
            yield replace(leaf, coverage=((first[n].number, 1 - part), (second[n].number, part)))
        else:
            yield replace(leaf, coverage=((first[n].number, Decimal(1)),))


def _portions(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Shares of a number in whole parts, at least one each."""
    sum_of_weights = sum(weights.values())
    found = {name: max(1, total * weight // sum_of_weights) for name, weight in weights.items()}
    most = max(found, key=lambda name: weights[name])
    found[most] = max(1, found[most] + total - sum(found.values()))
    return found


def _jitter(random: Random) -> Decimal:
    """Somewhere in the city, not on its central point."""
    return Decimal(round(random.gauss(0, 0.02) * 1_000_000)).scaleb(-6)


def _rounded(value: float) -> Decimal:
    return Decimal(round(value / 100) * 100)
