"""What accounts must score, computed a second time: plain Python, exact fractions, one account after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

CHANCE = {"prospecting": "0.1", "engaging": "0.3", "proposal": "0.6"}


@dataclass(frozen=True)
class Deal:
    stage: str
    amount: Decimal | None
    currency: str = "EUR"
    closed_on: date | None = None


@dataclass(frozen=True)
class OracleAccount:
    name: str
    facts: Mapping[str, Any]
    currency: str = "EUR"
    deals: tuple[Deal, ...] = ()
    ratings: Mapping[str, Sequence[int]] = field(default_factory=dict)
    touched: tuple[date, ...] = ()
    segment: str | None = None


def rounded(value: Fraction, digits: int = 6) -> Decimal:
    """Half away from zero; for values from 0 on."""
    return Decimal(floor(value * 10**digits + Fraction(1, 2))).scaleb(-digits)


def year_before(day: date) -> date:
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def value_of(account: OracleAccount, criterion: Mapping[str, Any], today: date) -> tuple[Decimal | None, str]:
    """The value of a criterion, and why there would be none."""
    figure = criterion["figure"]
    if figure is None:
        given = account.ratings.get(criterion["code"], ())
        return (Decimal(given[-1]) if given else None), "not_rated"
    if figure in ("employees", "win_probability"):
        return _decimal(account.facts.get(figure)), "unknown"
    if figure in ("potential", "annual_revenue", "expected_value"):
        return _money(account, figure)
    since = year_before(today)
    if figure == "touches":
        return Decimal(sum(since < day <= today for day in account.touched)), "unknown"
    return _of_deals(account.deals, figure, since, today)


def _money(account: OracleAccount, figure: str) -> tuple[Decimal | None, str]:
    if account.currency != "EUR":
        return None, "other_currency"
    if figure != "expected_value":
        return _decimal(account.facts.get(figure)), "unknown"
    potential, chance = (_decimal(account.facts.get(name)) for name in ("potential", "win_probability"))
    if potential is None or chance is None:
        return None, "unknown"
    return rounded(Fraction(potential) * Fraction(chance), 4), "unknown"


def _of_deals(deals: Sequence[Deal], figure: str, since: date, today: date) -> tuple[Decimal | None, str]:
    closed = [deal for deal in deals if deal.closed_on and since < deal.closed_on <= today]
    won = [deal for deal in closed if deal.stage == "won"]
    before = year_before(since) if (today.month, today.day) != (2, 29) else date(today.year - 2, 2, 28)
    earlier = [deal for deal in deals if deal.stage == "won" and deal.closed_on and before < deal.closed_on <= since]
    if figure == "win_rate":
        return (rounded(Fraction(len(won), len(closed))) if closed else None), "unknown"
    if figure in ("open_pipeline", "weighted_pipeline"):
        counted = [deal for deal in deals if deal.closed_on is None and deal.amount is not None]
    else:
        counted = won + (earlier if figure == "won_revenue_growth" else [])
    if any(deal.currency != "EUR" for deal in counted):
        return None, "other_currency"
    if figure == "won_revenue_growth":
        base = _sum(earlier)
        return (rounded(Fraction(_sum(won)) / Fraction(base)) - 1 if base else None), "unknown"
    if figure == "weighted_pipeline":
        weighed = sum((Fraction(deal.amount or 0) * Fraction(CHANCE[deal.stage]) for deal in counted), Fraction(0))
        return rounded(weighed, 4), "unknown"
    return _sum(counted), "unknown"


def _sum(deals: Sequence[Deal]) -> Decimal:
    return sum((deal.amount or Decimal(0) for deal in deals), Decimal(0))


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def group_of(account: OracleAccount, within: str) -> str | None:
    if within == "organisation":
        return "all"
    return account.segment if within == "segment" else account.facts.get(within)


def sub_score(
    criterion: Mapping[str, Any], value: Decimal, account: OracleAccount, peers: Sequence[tuple[OracleAccount, Decimal]]
) -> Decimal | None:
    match criterion["method"]:
        case "bands":
            reached = [band for band in criterion["bands"] if value >= Decimal(band["from_value"])]
            return Decimal(reached[-1]["score"]) if reached else Decimal(0)
        case "linear":
            low, high = Fraction(criterion["low"]), Fraction(criterion["high"])
            found = rounded(min(max((Fraction(value) - low) / (high - low), Fraction(0)), Fraction(1)))
        case _:
            group = group_of(account, criterion["within"])
            if group is None:
                return None
            others = [held for peer, held in peers if group_of(peer, criterion["within"]) == group]
            below, equal = sum(held < value for held in others), sum(held == value for held in others)
            found = rounded(Fraction(2 * below + equal, 2 * len(others)))
    return 1 - found if criterion["less_is_better"] else found


def score(accounts: Sequence[OracleAccount], card: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Per account name: score, class and the list of (value, sub-score, points, missing)."""
    values = [
        [(account, *value_of(account, criterion, today)) for account in accounts] for criterion in card["criteria"]
    ]
    found = {}
    for place, account in enumerate(accounts):
        rows = []
        for criterion, column in zip(card["criteria"], values, strict=True):
            _, value, why = column[place]
            peers = [(peer, held) for peer, held, _ in column if held is not None]
            sub = None if value is None else sub_score(criterion, value, account, peers)
            missing = None if sub is not None else why if value is None else "no_group"
            counted = Decimal(0) if sub is None and criterion["missing"] == "zero" else sub
            rows.append((Fraction(criterion["weight"]), value, counted, missing))
        total = sum((weight for weight, _, counted, _ in rows if counted is not None), Fraction(0))
        lines = [
            (value, counted, None if counted is None else rounded(100 * weight * Fraction(counted) / total), missing)
            for weight, value, counted, missing in rows
        ]
        gained = sum((weight * Fraction(counted) for weight, _, counted, _ in rows if counted is not None), Fraction(0))
        whole = rounded(100 * gained / total) if total else None
        found[account.name] = (whole, _class(whole, card["classes"]), lines)
    return found


def _class(score: Decimal | None, classes: Mapping[str, str]) -> str | None:
    if score is None:
        return None
    return next((name.upper() for name in "abc" if score >= Decimal(classes[name])), "D")
