"""What the made-up company had in its pipeline and what it sold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from math import exp
from random import Random
from typing import Generic, TypeVar

from app.demo.offer import PRODUCTS
from app.demo.plot import Account, Calendar, Opportunity, Transaction
from app.demo.regions import CURRENCIES

Item = TypeVar("Item")

_OPPORTUNITIES = 8_000
_TRANSACTIONS = 60_000
_SEASON = (0.8, 0.9, 1.15, 0.95, 0.95, 1.15, 0.8, 0.6, 1.1, 1.0, 1.1, 1.5)
"""How much of a year's business falls into a month of the fiscal year."""
_EUROS = {"EUR": 1.0, "GBP": 1.17, "CHF": 1.066}
_OPEN_STAGES = ("prospecting", "prospecting", "engaging", "engaging", "engaging", "proposal", "proposal")


def opportunities(
    random: Random,
    calendar: Calendar,
    accounts: Sequence[Account],
    owner: Mapping[str, str],
    strength: Mapping[str, float],
    scale: float,
) -> Iterator[Opportunity]:
    """Deals of last year and this one: most are decided, the others in every open stage."""
    buyers = _Draw(random, accounts, [float(a.potential) * strength[owner[a.key]] for a in accounts])
    products = _Draw(random, PRODUCTS, [product.weight for product in PRODUCTS])
    first = calendar.start - timedelta(days=365)
    for n in range(max(80, round(_OPPORTUNITIES * scale))):
        account, product = buyers.next(), products.next()
        opened = first + timedelta(days=random.randint(0, (calendar.today - first).days - 5))
        expected = opened + timedelta(days=max(14, round(random.gauss(95, 40))))
        closing = expected + timedelta(days=round(random.gauss(4, 12)))
        decided = opened < closing < calendar.today
        won = random.random() < 0.3 + 0.5 * float(account.win_probability)
        worth = exp(random.gauss(11.0, 0.8)) * strength[owner[account.key]]
        yield Opportunity(
            key=f"O{n + 1:05d}",
            name=f"{product.name} for {account.name}",
            account=account.key,
            seller=owner[account.key],
            product=product.code,
            stage=("won" if won else "lost") if decided else random.choice(_OPEN_STAGES),
            amount=Decimal(round(worth / 50) * 50),
            opened_on=opened,
            expected_close_on=max(expected, opened + timedelta(days=1)),
            closed_on=closing if decided else None,
        )


def transactions(
    random: Random,
    calendar: Calendar,
    accounts: Sequence[Account],
    owner: Mapping[str, str],
    strength: Mapping[str, float],
    quota_total: Decimal,
    scale: float,
) -> Iterator[Transaction]:
    """Invoices of the year to date, which add up to about what the quotas ask for by now.

    Some name their sellers themselves, a few nobody, some take an earlier one back, and where the currency is another
    they are in it.
    """
    customers = [account for account in accounts if random.random() < 0.6] or list(accounts)
    buyers = _Draw(random, customers, [float(a.potential) ** 0.8 * strength[owner[a.key]] for a in customers])
    products = _Draw(random, PRODUCTS, [product.weight for product in PRODUCTS])
    days = _days(calendar)
    when = _Draw(random, days, [_season(calendar, day) for day in days])
    count = max(400, round(_TRANSACTIONS * scale))
    whole_year = sum(_season(calendar, day) for day in _days(calendar, whole=True))
    due = sum(_season(calendar, day) for day in days) / whole_year
    mean = float(quota_total) * due * 0.97 / count
    numbers = sorted(strength)
    for n in range(count):
        account = buyers.next()
        seller = owner[account.key]
        currency = CURRENCIES.get(account.city.country, "EUR")
        worth = mean / exp(0.405) * exp(random.gauss(0, 0.9)) / _EUROS[currency]
        chance = random.random()
        taken_back = chance > 0.985
        yield Transaction(
            key=f"T{n + 1:06d}",
            kind="return" if taken_back else "invoice",
            day=when.next(),
            amount=Decimal(round(worth * (-25 if taken_back else 100))).scaleb(-2),
            currency=currency,
            account=None if chance < 0.001 else account.key,
            product=products.next().code,
            splits=_splits(random, seller, numbers) if 0.001 <= chance < 0.03 else (),
        )


def _splits(random: Random, seller: str, others: Sequence[str]) -> tuple[tuple[str, Decimal], ...]:
    """Two who share, or three in thirds that add up to exactly one."""
    helpers = random.sample([number for number in others if number != seller], 2)
    if random.random() < 0.2:
        third = Decimal("0.333333")
        return (seller, third), (helpers[0], third), (helpers[1], 1 - 2 * third)
    part = random.choice((Decimal("0.3"), Decimal("0.5"), Decimal("0.25")))
    return (seller, 1 - part), (helpers[0], part)


def _days(calendar: Calendar, *, whole: bool = False) -> list[date]:
    """The working days of the year, up to yesterday or all."""
    last = calendar.end if whole else max(calendar.today, calendar.start + timedelta(days=7))
    days = (calendar.start + timedelta(days=n) for n in range((last - calendar.start).days))
    return [day for day in days if day.weekday() < 5]


def _season(calendar: Calendar, day: date) -> float:
    return _SEASON[(day.month - calendar.start.month) % 12]


class _Draw(Generic[Item]):
    """Draws from weighted choices, quickly many times."""

    def __init__(self, random: Random, items: Sequence[Item], weights: Sequence[float]) -> None:
        self._random, self._items, self._steps = random, items, list(accumulate(weights))

    def next(self) -> Item:
        return self._random.choices(self._items, cum_weights=self._steps)[0]
