"""Makes up where sellers set out from, what they master, and whom they visited or will visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from math import cos, hypot, radians
from random import Random

from app.demo.plot import Account, Activity, Area, Calendar, Seller
from app.demo.regions import REGIONS

_ACTIVITIES = 1_400
_LANGUAGES = {"FR": "french", "DE": "german", "GB": "english", "ES": "spanish", "NL": "dutch"}
_METHODS = ("roi-selling", "key-accounts", "public-tenders", "remote-selling")
_OUTCOMES = ("Offer wanted", "Next step agreed", "No decision before spring", "Introduced to finance")


def settled(
    random: Random, sellers: Sequence[Seller], areas: Sequence[Area], accounts: Sequence[Account]
) -> Iterator[Seller]:
    """The sellers with a home in the city of their first account, and with languages and methods."""
    city = {account.key: account.city for account in accounts}
    first = {number: (area.accounts or area.named) for area in reversed(areas) for number, _ in area.coverage}
    culture = {region.name: region.culture for region in REGIONS}
    for seller in sellers:
        own = first.get(seller.number)
        if not own:
            yield seller
            continue
        spoken = _LANGUAGES[next(value for name, value in culture.items() if seller.team.startswith(name))]
        skills = {spoken: 5, "english": random.randint(3, 5), random.choice(_METHODS): random.randint(2, 5)}
        home = city[own[0]]
        yield replace(seller, home=(home.latitude, home.longitude), skills=tuple(skills.items()))


def activities(
    random: Random,
    calendar: Calendar,
    accounts: Sequence[Account],
    owner: Mapping[str, str],
    sellers: Sequence[Seller],
    scale: float,
) -> Iterator[Activity]:
    """Visits, calls and the rest: most of them done in the year so far, others planned, some called off."""
    home = {seller.number: seller.home for seller in sellers}
    weights = list(accumulate(float(account.potential) ** 0.7 for account in accounts))
    for _ in range(max(120, round(_ACTIVITIES * scale))):
        (account,) = random.choices(accounts, cum_weights=weights)
        seller = owner[account.key]
        kind = random.choices(("visit", "call", "video", "email", "meeting"), (45, 25, 15, 10, 5))[0]
        chance, day = random.random(), calendar.start + timedelta(days=random.randrange(_days_so_far(calendar)))
        place = home[seller]
        yield Activity(
            account=account.key,
            seller=seller,
            kind=kind,
            planned_on=_later(random, calendar) if chance < 0.1 else day if chance < 0.85 else None,
            done_on=day if chance >= 0.2 else None,
            cancelled=0.12 <= chance < 0.2,
            minutes=random.choice((15, 30, 60, 90)),
            distance_km=_there_and_back(place, account) if kind == "visit" and place and chance >= 0.25 else None,
            outcome=random.choice(_OUTCOMES) if chance >= 0.2 else None,
        )


def _days_so_far(calendar: Calendar) -> int:
    return max(1, (calendar.today - calendar.start).days)


def _later(random: Random, calendar: Calendar) -> date:
    return calendar.today + timedelta(days=random.randint(1, 45))


def _there_and_back(home: tuple[Decimal, Decimal], account: Account) -> Decimal:
    """Kilometres by road, which are a third longer than as the crow flies, and two more in town."""
    north = float(account.latitude - home[0]) * 111.2
    east = float(account.longitude - home[1]) * 111.2 * cos(radians(float(home[0])))
    return Decimal(round(2 * (1.3 * hypot(north, east) + 2)))
