"""What two calculations of a period say, side by side. Pure but for the credits, which it reads from the artefacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import duckdb

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.lines import EarningLine, Outcome
from app.domain.compensation.contract.simulations import (
    SimulatedComponent,
    SimulatedParts,
    SimulatedPeriod,
    SimulatedTotal,
)

ZERO = Decimal(0)
_RATE = Decimal("0.000001")
Key = tuple[UUID, str]
"""A seller and a currency."""

# Of deals that are booked, invoiced and paid, the earliest event counts that a seller is credited for at all.
_CREDITED = """
select currency, coalesce(sum(amount), 0) from (
  select *, min(case kind when 'booking' then 1 when 'invoice' then 2 when 'payment' then 3 end)
    over (partition by seller_id, currency) as earliest
  from read_parquet(?) where role = 'direct')
where credit_date >= ? and (kind in ('return', 'takeback')
  or kind = case earliest when 1 then 'booking' when 2 then 'invoice' else 'payment' end)
group by currency
"""


def nothing() -> SimulatedParts:
    """What costs nothing."""
    return SimulatedParts(**dict.fromkeys(SimulatedParts.model_fields, ZERO))


@dataclass(frozen=True)
class Paid:
    """What a seller earns, or costs, in one currency."""

    known: Decimal
    """Of the lines that can be said."""
    code: str | None = None
    """Why some line cannot be said."""
    parts: SimulatedParts = field(default_factory=nothing)
    """What a cost is made of."""

    @property
    def amount(self) -> Decimal | None:
        """All of it, if it can be said."""
        return None if self.code else self.known


@dataclass(frozen=True)
class Both:
    """A seller in one currency, before and after."""

    seller_id: UUID
    currency: str
    before: Paid
    after: Paid

    @property
    def difference(self) -> Decimal | None:
        """What it would earn more; None where one of both cannot be said."""
        known = self.before.amount is not None and self.after.amount is not None
        return self.after.known - self.before.known if known else None


@dataclass(frozen=True)
class Named:
    """A component by what stays the same between versions of its plan."""

    plan_code: str
    code: str
    name: str
    currency: str
    claws_back: bool = False


def own_lines(outcome: Outcome) -> list[EarningLine]:
    """The lines of what the period itself earns; what was earned before it has no code."""
    return [line for line in outcome.lines if line.origin]


def paid(outcome: Outcome) -> dict[Key, Paid]:
    """What each seller earns, by currency."""
    found: dict[Key, Paid] = {}
    for line in own_lines(outcome):
        if line.currency is None:
            continue
        key = line.seller_id, line.currency
        was = found.get(key, Paid(ZERO))
        found[key] = Paid(was.known + (line.earning or ZERO), was.code or line.code)
    return found


def costing(earned: Mapping[Key, Paid], parts: Mapping[Key, SimulatedParts]) -> dict[Key, Paid]:
    """What each seller costs, given what it earns and what that cost is made of."""
    found = {}
    for key in {*earned, *parts}:
        made_of = parts.get(key) or nothing()
        found[key] = Paid(made_of.cost, earned[key].code if key in earned else None, made_of)
    return found


def side_by_side(old: Mapping[Key, Paid], new: Mapping[Key, Paid]) -> list[Both]:
    """Everybody whom one of both pays; who is in neither plan gets nothing there."""
    return [Both(*key, old.get(key, Paid(ZERO)), new.get(key, Paid(ZERO))) for key in sorted({*old, *new})]


def credited(outcome: Outcome, since: object) -> dict[str, Decimal]:
    """Revenue credited directly from a day on, by currency."""
    path = kept(outcome.artefact, "credit")
    with duckdb.connect() as connection:
        return dict(connection.execute(_CREDITED, [path, since]).fetchall())


def totals(both: list[Both], before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> list[SimulatedTotal]:
    """Everybody added up, by currency; `before` and `after` are the revenue credited."""
    found = []
    for currency in sorted({one.currency for one in both}):
        here = [one for one in both if one.currency == currency]
        differences = [one.difference for one in here if one.difference is not None]
        old, new = sum((one.before.known for one in here), ZERO), sum((one.after.known for one in here), ZERO)
        revenue_before, revenue_after = before.get(currency, ZERO), after.get(currency, ZERO)
        found.append(
            SimulatedTotal(
                currency=currency,
                before=old,
                after=new,
                before_parts=_added(one.before.parts for one in here),
                after_parts=_added(one.after.parts for one in here),
                credited_before=revenue_before,
                credited_after=revenue_after,
                cost_of_sales_before=share(old, revenue_before),
                cost_of_sales_after=share(new, revenue_after),
                winners=sum(one > 0 for one in differences),
                losers=sum(one < 0 for one in differences),
                unchanged=sum(one == 0 for one in differences),
                needs_attention=len(here) - len(differences),
            )
        )
    return found


def _added(parts: Iterable[SimulatedParts]) -> SimulatedParts:
    known = list(parts)
    sums = {name: sum((getattr(one, name) for one in known), ZERO) for name in SimulatedParts.model_fields}
    return SimulatedParts(**sums)


def period_by_period(
    periods: Iterable[UUID], before: Mapping[Key, SimulatedParts], after: Mapping[Key, SimulatedParts]
) -> list[SimulatedPeriod]:
    """The pay periods in turn, and each currency in them."""
    currencies = sorted({currency for _, currency in (*before, *after)})
    return [
        SimulatedPeriod(
            period_id=period,
            currency=currency,
            before=before.get((period, currency)) or nothing(),
            after=after.get((period, currency)) or nothing(),
        )
        for period in periods
        for currency in currencies
    ]


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share of 6 places where there is a whole, and it can be written."""
    if whole <= 0 or abs(part) >= 999 * whole:
        return None
    return (part / whole).quantize(_RATE, ROUND_HALF_UP)


def by_component(before: Outcome, after: Outcome, names: Mapping[UUID, Named]) -> list[SimulatedComponent]:
    """What each component costs, and how many it pays; versions of one component are one."""
    sides = [_component_sums(outcome, names) for outcome in (before, after)]
    known = {(named.plan_code, named.code): named for named in names.values()}
    found = []
    for key in sorted({*sides[0], *sides[1]}):
        old, new = (side.get(key, {}) for side in sides)
        found.append(
            SimulatedComponent(
                plan_code=key[0],
                component_code=key[1],
                component_name=known[key].name,
                currency=known[key].currency,
                before=sum(old.values(), ZERO),
                after=sum(new.values(), ZERO),
                earners_before=sum(amount > 0 for amount in old.values()),
                earners_after=sum(amount > 0 for amount in new.values()),
            )
        )
    return found


def _component_sums(outcome: Outcome, names: Mapping[UUID, Named]) -> dict[tuple[str, str], dict[UUID, Decimal]]:
    found: dict[tuple[str, str], dict[UUID, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for line in own_lines(outcome):
        named = names[line.component_id]
        found[named.plan_code, named.code][line.seller_id] += line.earning or ZERO
    return found
