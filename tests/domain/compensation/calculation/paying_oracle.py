"""An independent opinion on what a component pays, read from the plan document as an analyst would read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.figures import named_figures, read

from .crediting_oracle import CreditingOpinion, Row, World, half_up, in_force
from .naming import identify
from .world import constants_of

ZERO, ONE = Decimal(0), Decimal(1)
MONTHS_OF = {"month": 1, "rolling": 1, "quarter": 3, "half_year": 6, "year": 12}
EARLIER = ("previous", "last_year", "last_year_to_date")
LARGEST_FIGURE, LARGEST_EARNING = Decimal(10) ** 16, Decimal(10) ** 13
NO_QUOTA = ("no_quota", "zero_quota", "negative_quota")
UNKNOWN = (
    *("no_rate_for_currency", "no_margin", "no_quantity", "no_customer"),
    *("no_objectives", "objective_not_assessed", "figure_out_of_range"),
)
"""Why what a seller measures cannot be said."""


def number(text: Any) -> Decimal:
    return Decimal(str(text))


@dataclass
class Counted:
    """What counts of one credit."""

    day: date
    deal: str
    amount: Decimal | None
    margin: Decimal | None
    quantity: Decimal | None
    deals: Decimal


@dataclass
class Unit:
    """One window as of a date, or one transaction."""

    start: date
    end: date
    as_of: date
    name: str
    figures: dict[str, Decimal | None]
    measured: Decimal
    credits: int
    code: str | None = None
    quota_window: Decimal | None = None
    quota_to_date: Decimal | None = None
    quota: Decimal | None = None
    target: Decimal | None = None
    seller: str = ""
    tied: int = 1
    """How many share its place, where they share what it is worth."""
    laid_on: Decimal = ZERO
    """What stood before it where its slices are laid upon another component."""
    bands: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    tier: int | None = None
    value: Decimal | None = None
    """What the table came to."""
    earned: Decimal | None = None


class PayingOracle:
    """Knows the world, who is credited, and who reports to whom."""

    def __init__(self, world: World, crediting: CreditingOpinion, chain: Any) -> None:
        self.world = world
        self.crediting = crediting
        self.chain = chain
        self.target_period = world["target_period"][0]
        self.months = sorted(world["period"], key=lambda month: month["start_date"])
        self.sales = {sale["transaction_id"]: sale for sale in world["transaction"]}

    # What counts

    def counted(self, seller: str, component: Row, *, always: bool = False) -> list[Counted]:
        """What counts while a seller takes part, or always."""
        terms = component["terms"]
        only = terms["measure"].get("only") or {}
        found: list[Counted] = []
        for (name, role, _, _, _, _, credited, currency), worth in self.crediting.credits.items():
            sale, day = self.sales[name], self.sales[name]["transaction_date"]
            whose = terms["measure"]["whose"]
            mine = self.counts_for(seller, terms["measure"], credited, day)
            if not mine or currency != kept_in(component) or (role == "overlay") != (whose == "overlay"):
                continue
            # A return that names its deal is clawed back instead of counted.
            back = {"return"} if terms.get("clawback") else {"return", "takeback"}
            if sale.get("kind", "booking") not in {terms["trigger"], *back}:
                continue
            if not self.is_like(sale, only) or not _within_dates(day, only):
                continue
            size = self.size(sale, currency)
            if size is not None and size < number(only.get("minimum_deal") or 0):
                continue
            whole = Counted(day, name, worth.amount, worth.margin, worth.quantity, worth.deals)
            counting = self.windfall(terms.get("windfall"), size, whole)
            months = self.trait(name).get("term_months") or 0
            if terms["measure"].get("annualised") and months > 12:
                counting = [_of_twelve_months(part, months) for part in counting]
            weights = terms["measure"].get("weights", [])
            factor = next((number(weight["factor"]) for weight in weights if self.is_like(sale, weight)), None)
            found += counting if factor is None else [_weighed(part, factor) for part in counting]
        return [part for part in found if always or self.member(seller, component, part.day)]

    def counts_for(self, seller: str, measure: Row, credited: str, day: date) -> bool:
        """Whether what somebody is credited counts for a seller: its own, or of the levels of the team asked for."""
        above = self.chain(credited, day)
        if measure["whose"] == "colleagues":
            return seller == credited or (above[1:2] == self.chain(seller, day)[1:2] != [])
        levels = measure.get("levels") or {"nearest": 0}
        if seller not in above[: 1 if measure["whose"] != "team" else None]:
            return False
        last = levels.get("furthest")
        return bool(levels["nearest"] <= above.index(seller) <= (len(above) if last is None else last))

    def is_like(self, sale: Row, traits: Row) -> bool:
        """Whether a sale has the traits that are asked for; what is unknown is in no range."""
        product = sale["product_id"] and str(identify(sale["product_id"]))
        if traits.get("products") and product not in traits["products"]:
            return False
        known = self.trait(sale["transaction_id"])
        if traits.get("renewal") is not None and traits["renewal"] != bool(known.get("renewal")):
            return False
        labels = {row["label"] for row in self.world["label"] if row["transaction_id"] == sale["transaction_id"]}
        wanted = set(traits.get("labels") or ())
        if (wanted and not labels & wanted) or labels & set(traits.get("without_labels") or ()):
            return False
        return all(_in_range(known.get(name), traits.get(name) or {}) for name in ("term_months", "discount"))

    def trait(self, deal: str) -> Row:
        return next((row for row in self.world["trait"] if row["transaction_id"] == deal), {})

    def size(self, sale: Row, currency: str) -> Decimal | None:
        amount = abs(sale["amount"])
        if sale["currency"] == currency:
            return Decimal(amount)
        for rate in self.world["fx_rate"]:
            if (rate["from_currency"], rate["to_currency"]) == (sale["currency"], currency) and in_force(
                rate, sale["transaction_date"]
            ):
                return half_up(amount * rate["rate"], 4)
        return None

    def windfall(self, rule: Row | None, size: Decimal | None, part: Counted) -> list[Counted]:
        if not rule or size is None or size <= number(rule["above"]) or rule["rule"] == "pay":
            return [part]
        above = number(rule["above"])
        if rule["rule"] == "amortise":
            return self.amortised(part, rule["months"])
        left = {"cap": above, "exclude": ZERO, "split": above + (size - above) * number(rule.get("share") or 0)}
        counted = left[rule["rule"]]

        amount = part.amount
        if amount is not None:
            amount = half_up(counted * abs(part.deals), 4) * (-1 if amount < 0 else 1)
        margin = part.margin
        if margin is not None:
            margin = half_up(margin * half_up(half_up(counted, 6) / size, 12), 4)
        gone = counted == 0
        return [
            Counted(
                part.day,
                part.deal,
                amount,
                margin,
                ZERO if gone else part.quantity,
                ZERO if gone else part.deals,
            )
        ]

    def amortised(self, part: Counted, over: int) -> list[Counted]:
        own = next(month for month in self.months if month["start_date"] <= part.day < month["end_date"])
        year = [month for month in self.months if month["fiscal_year"] == own["fiscal_year"]]
        first = year.index(own)
        found = []
        for n, month in enumerate(year[first : first + over]):
            last = first + n == len(year) - 1

            def piece(value: Decimal | None, n: int = n, last: bool = last) -> Decimal | None:
                if value is None:
                    return None
                upto = value if last else half_up(half_up(value * (n + 1) / over, 10), 4)
                return upto - half_up(half_up(value * n / over, 10), 4)

            day = part.day if n == 0 else month["start_date"]
            quantity = part.quantity if n == 0 else ZERO
            deals = part.deals if n == 0 else ZERO
            found.append(Counted(day, part.deal, piece(part.amount), piece(part.margin), quantity, deals))
        return found

    def member(self, seller: str, component: Row, day: date) -> bool:
        rows = self.memberships(seller, component)
        inside = self.target_period["reach_start"] <= day < self.target_period["end_date"]
        return inside and any(counts_on(self.world, row, component, day) for row in rows)

    def memberships(self, seller: str, component: Row) -> list[Row]:
        return [
            row
            for row in self.world["participant"]
            if row["seller_id"] == seller and row["plan_id"] == component["plan_id"]
        ]

    # Windows

    def windows(self, component: Row) -> list[tuple[date, date, date]]:
        """Start, end, and from when tables are read."""
        terms = component["terms"]["window"]
        size = MONTHS_OF[terms["over"]]
        found = []
        for n, month in enumerate(self.months):
            if (month["ordinal"] - 1) % size == 0 and n + size <= len(self.months):
                start, end = month["start_date"], self.months[n + size - 1]["end_date"]
                first = max(0, n - terms["months"] + 1) if terms["over"] == "rolling" else n
                found.append((start, end, self.months[first]["start_date"]))
        return found

    def units(self, seller: str, component: Row, as_of: date) -> list[Unit]:
        """Those that have begun before a date, with everything but what they earn."""
        if component["terms"]["window"]["over"] == "transaction":
            return self.transactions(seller, component, as_of)
        found = []
        for start, end, back in self.windows(component):
            until = min(end, self.target_period["end_date"])
            if self.target_period["fiscal_year_start"] <= start < as_of and any(
                _overlap(row, start, until) for row in self.memberships(seller, component)
            ):
                found.append(self.window(seller, component, start, end, back, min(as_of, end)))
        return found

    def transactions(self, seller: str, component: Row, as_of: date) -> list[Unit]:
        groups: dict[tuple[date, str], list[Counted]] = {}
        for part in self.counted(seller, component):
            if part.day < as_of:
                groups.setdefault((part.day, part.deal), []).append(part)
        return [
            self.measured(component, Unit(day, day, day, deal, {}, ZERO, len(parts)), parts, parts)
            for (day, deal), parts in sorted(groups.items())
        ]

    def window(self, seller: str, component: Row, start: date, end: date, back: date, as_of: date) -> Unit:
        terms = component["terms"]
        read = [part for part in self.counted(seller, component) if back <= part.day < as_of]
        if terms["measure"]["of"] in ("objective_score", "earnings"):
            read = []
        if terms["measure"]["of"] == "activity":
            read = self.activities(seller, component, back, as_of)
        own = [part for part in read if part.day >= start]
        unit = self.measured(
            component, Unit(start, end, as_of, component["component_id"], {}, ZERO, len(read)), own, read
        )
        if terms["measure"]["of"] == "objective_score":
            self.score(seller, component, unit)
        self.promise(seller, component, unit, back)
        return unit

    def activities(self, seller: str, component: Row, start: date, as_of: date) -> list[Counted]:
        return [
            Counted(row["activity_date"], "", ZERO, ZERO, number(row["done"]), ZERO)
            for row in self.world["activity"]
            if row["component_id"] == component["component_id"] and start <= row["activity_date"] < as_of
            if self.counts_for(seller, component["terms"]["measure"], row["seller_id"], row["activity_date"])
            if self.member(seller, component, row["activity_date"])
        ]

    def measured(self, component: Row, unit: Unit, own: list[Counted], read: list[Counted]) -> Unit:
        of = component["terms"]["measure"]["of"]
        name = {"margin": "margin", "units": "quantity", "activity": "quantity", "deals": "deals"}.get(of, "amount")
        unit.measured = self.bought(own) if of == "customers" else _sum(own, name)
        unit.figures = {
            "measured": self.bought(read) if of == "customers" else _sum(read, name),
            "revenue": _sum(read, "amount"),
            "margin": None if _unknown(read, "margin") else _sum(read, "margin"),
            "units": None if _unknown(read, "quantity") else _sum(read, "quantity"),
            "deals": _sum(read, "deals"),
        }
        for name in ("term_months", "discount"):
            known = self.trait(unit.name).get(name)
            unit.figures[name] = None if known is None else number(known)
        if _unknown(read, "amount"):
            unit.code = "no_rate_for_currency"
        elif of == "margin" and _unknown(read, "margin"):
            unit.code = "no_margin"
        elif of == "units" and _unknown(read, "quantity"):
            unit.code = "no_quantity"
        elif of == "customers" and any(self.sales[part.deal]["account_id"] is None for part in read):
            unit.code = "no_customer"
        return unit

    def bought(self, parts: list[Counted]) -> Decimal:
        """How many customers bought more than they returned."""
        sums: dict[str, Decimal] = {}
        for part in parts:
            if account := self.sales[part.deal]["account_id"]:
                sums[account] = sums.get(account, ZERO) + (part.amount or ZERO)
        return Decimal(sum(1 for amount in sums.values() if amount > 0))

    def score(self, seller: str, component: Row, unit: Unit) -> None:
        rows = [
            row
            for row in self.world["objective"]
            if (row["component_id"], row["seller_id"]) == (component["component_id"], seller)
            if unit.start <= row["start_date"] and row["end_date"] <= unit.as_of
        ]
        if not rows:
            unit.code = "no_objectives"
        elif any(row["score"] is None for row in rows):
            unit.code = "objective_not_assessed"
        weights = sum((row["weight"] for row in rows), ZERO)
        points = sum((row["weight"] * (row["score"] or ZERO) for row in rows), ZERO)
        unit.measured = half_up(points / weights, 6) if weights else ZERO
        unit.figures["measured"] = unit.measured

    # Quota and target

    def promise(self, seller: str, component: Row, unit: Unit, back: date) -> None:
        terms = component["terms"]
        basis = terms["window"].get("quota")
        rows = [month for month in self.months if back <= month["start_date"] < unit.end]
        parts = [(month, part) for month in rows if (part := self.quota_part(seller, component, month)) is not None]
        if parts:
            unit.quota_window = sum((part for _, part in parts), ZERO)
            unit.quota_to_date = sum((part for month, part in parts if month["start_date"] < unit.as_of), ZERO)
        if basis:
            unit.quota = unit.quota_window if basis == "window" else unit.quota_to_date
        if terms["measure"]["of"] == "objective_score":
            unit.quota = ONE
        unit.target = self.target(seller, component, unit, to_date=basis == "to_date")

    def quota_part(self, seller: str, component: Row, month: Row) -> Decimal | None:
        terms = component["terms"]
        if terms["measure"]["whose"] == "colleagues":
            above = self.chain(seller, month["end_date"] - timedelta(days=1))
            whose = above[1] if len(above) > 1 else None
        else:
            whose = seller
        rows = [
            row["amount"]
            for row in self.world["quota"]
            if (row["seller_id"], row["period_code"]) == (whose, month["period_code"])
            and row.get("measure", "revenue") == terms["measure"]["of"]
            and row.get("currency", component["currency"]) in (component["currency"], "XXX")
        ]
        own = terms.get("quota") or {}
        if own.get("amount"):
            whole, place = number(own["amount"]), month["ordinal"]
            upto, before = (half_up(half_up(whole * n / 12, 10), 4) for n in (place, place - 1))
            rows = [upto - before]
        elif own.get("share"):
            rows = [half_up(row * number(own["share"]), 4) for row in rows]
        present = self.present(seller, component, month)
        earlier = month["start_date"] < self.target_period["fiscal_year_start"]
        how = "none" if earlier else terms["proration"]["quota"]
        if not rows or (how != "none" and present == 0):
            return None
        length = (month["end_date"] - month["start_date"]).days
        return half_up(half_up(rows[0] * present / length, 10), 4) if how == "days" else rows[0]

    def present(self, seller: str, component: Row, month: Row) -> int:
        return sum(_days(row, month) for row in self.memberships(seller, component))

    def target(self, seller: str, component: Row, unit: Unit, *, to_date: bool) -> Decimal | None:
        terms = component["terms"]
        if not terms.get("target"):
            return None
        how = terms["proration"]["target"]
        rows = sorted(self.memberships(seller, component), key=lambda row: row["valid_from"])
        during = [row for row in rows if _overlap(row, unit.start, unit.end)]
        total = ZERO
        for month in self.months:
            if not unit.start <= month["start_date"] < unit.end:
                continue
            there = [row for row in rows if _days(row, month)]
            counted = {"none": during[-1:], "months": there[-1:], "days": there}[how]
            for row in counted:
                year = self.year_target(terms["target"], row)
                if year is None:
                    return None
                length = (month["end_date"] - month["start_date"]).days
                part = year * _days(row, month) / (length * 12) if how == "days" else year / 12
                if not to_date or month["start_date"] < unit.as_of:
                    total += half_up(part, 10)
        return half_up(total, 4)

    def year_target(self, terms: Row, member: Row) -> Decimal | None:
        if terms.get("amount") is not None:
            return number(terms["amount"])
        incentive = member.get("target_incentive")
        return None if incentive is None else half_up(number(terms["share"]) * incentive, 4)

    # Earning

    def judged(self, seller: str, component: Row, as_of: date) -> list[Unit]:
        """The units with attainment, or why it cannot be said."""
        units = self.units(seller, component, as_of)
        for unit in units:
            unit.seller = seller
        needs_quota, needs_target = _needs(component["terms"])
        for unit in units:
            self.attain(component, unit, needs_quota, needs_target)
        return units

    def attain(self, component: Row, unit: Unit, needs_quota: bool, needs_target: bool, *, aimed: bool = True) -> None:
        """The attainment of a unit; its target does not matter where it only stands somewhere."""
        quota, measured = unit.quota, unit.figures["measured"]
        assert measured is not None
        attainment = half_up(measured / quota, 6) if quota is not None and quota > 0 else None
        if component["terms"]["measure"]["of"] == "objective_score":
            attainment = measured
        too_much = attainment is not None and abs(attainment) >= 10**12
        if unit.code is None and needs_quota and (quota is None or quota <= 0):
            unit.code = "no_quota" if quota is None else "zero_quota" if quota == 0 else "negative_quota"
        elif unit.code is None and needs_target and aimed and unit.target is None:
            unit.code = "no_target"
        elif unit.code is None and aimed and max(abs(measured), abs(unit.measured)) >= LARGEST_FIGURE:
            unit.code = "figure_out_of_range"
        elif unit.code is None and needs_quota and too_much and aimed:
            unit.code = "attainment_out_of_range"
        unit.figures["attainment"] = None if unit.code or too_much else attainment

    def figure(self, seller: str, component: Row, unit: Unit, read: Row) -> tuple[Decimal | None, str | None]:
        """A figure that a table or a gate looks at, and why there is none."""
        other, their = unit, component
        if read.get("component"):
            their = next(
                row
                for row in self.world["component"]
                if row["plan_id"] == component["plan_id"] and row["terms"]["code"] == read["component"]
            )
            if read.get("standing"):
                other, their = self.stood(seller, their, unit, read["standing"]), component
                return self.said(their, other, read["figure"])
            if read["figure"] == "everybody_earned":
                return self.all_earned(their, unit)
            if read["figure"] in ("earned", "value"):
                return self.of_another(seller, their, unit, read["figure"])
            if read.get("earlier"):
                return self.before(seller, their, unit.as_of, read)
            found = [u for u in self.judged(seller, their, unit.as_of) if u.start < unit.as_of <= u.end]
            if not found:
                return None, "no_figure"
            other = found[0]
        if read.get("earlier"):
            return self.before(seller, their, unit.as_of, read)
        return self.said(their, other, read["figure"])

    def before(self, seller: str, component: Row, as_of: date, read: Row) -> tuple[Decimal | None, str | None]:
        """A figure of an earlier window; what was not there then has sold nothing."""
        year_start = self.target_period["fiscal_year_start"]
        start = next((w[0] for w in self.windows(component) if year_start <= w[0] < as_of <= w[1]), None)
        if start is None:
            return None, "no_figure"
        year_ago = start.replace(year=start.year - 1)
        wanted = [
            w for w in self.windows(component) if (w[1] == start if read["earlier"] == "previous" else w[0] == year_ago)
        ]
        if not wanted:
            return None, "no_figure"
        begun, end, back = wanted[0]
        until = as_of.replace(year=as_of.year - 1) if read["earlier"] == "last_year_to_date" else end
        unit = Unit(begun, end, until, component["component_id"], {}, ZERO, 0)
        unit = self.measured(component, unit, [], [])
        if begun < year_start or any(_overlap(row, begun, end) for row in self.memberships(seller, component)):
            unit = self.window(seller, component, begun, end, back, until)
            self.attain(component, unit, *_needs(component["terms"]), aimed=begun >= year_start)
        else:
            unit.figures["attainment"] = None
        figure = read["figure"]
        of_quota = (*NO_QUOTA, "no_target", "attainment_out_of_range")
        if unit.code and (figure in ("attainment", "quota") or unit.code not in of_quota):
            return None, unit.code
        unit.code = None
        return self.said(component, unit, figure)

    def said(self, component: Row, unit: Unit, figure: str) -> tuple[Decimal | None, str | None]:
        """A figure of a unit of a component, or why there is none."""
        value, code = self.known(component, unit, figure)
        large = value is not None and abs(value) >= LARGEST_FIGURE
        return (None, "figure_out_of_range") if large else (value, code)

    def known(self, component: Row, unit: Unit, figure: str) -> tuple[Decimal | None, str | None]:
        if unit.code:
            return None, unit.code
        if figure == "margin_share":
            margin, revenue = unit.figures["margin"], unit.figures["revenue"]
            if margin is None:
                return None, "no_margin"
            return (half_up(margin / revenue, 6), None) if revenue else (None, "no_revenue")
        if figure in ("rank", "attainment_rank", "participants") or figure.startswith("everybody"):
            return self.place(component, unit, figure)
        if figure == "team_at_quota":
            return self.at_quota(component, unit)
        if figure == "streak":
            return self.streak(component, unit)
        if figure == "target":
            return unit.target, None if unit.target is not None else "no_target"
        value = unit.quota if figure == "quota" else unit.figures[figure]
        traits = dict.fromkeys(("term_months", "discount"), "no_trait")
        missing = (traits | {"margin": "no_margin", "units": "no_quantity"}).get(figure, "no_quota")
        return value, None if value is not None else missing

    def stood(self, seller: str, other: Row, deal: Unit, standing: str) -> Unit:
        """The window of another component as it stood at a deal: what came before it on the day by its id too."""
        start, end, back = next(w for w in self.windows(other) if w[0] <= deal.start < w[1])
        begun = max(month["end_date"] for month in self.months if month["start_date"] <= deal.start)
        until = min(begun, self.target_period["end_date"])
        unit = self.window(seller, other, start, end, back, until)
        here = (deal.start, identify(deal.name).int)
        came = [part for part in self.counted(seller, other) if part.day >= back]
        came = [part for part in came if (part.day, identify(part.deal).int) <= here]
        if standing == "before_deal":
            came = [part for part in came if (part.day, identify(part.deal).int) < here]
        unit.code = None
        stood = self.measured(other, unit, came, came)
        self.attain(other, stood, *_needs(other["terms"]), aimed=False)
        return stood

    def to_date(self, seller: str, component: Row, as_of: date) -> Row:
        """Everything about a seller and a component as of a date."""
        terms = component["terms"]
        units = self.earn(seller, component, as_of)
        single = terms["window"]["over"] == "transaction"
        last = units[-1] if units and not single else None
        measured = sum((unit.measured for unit in units), ZERO) if single else last.measured if last else ZERO
        due = [unit for unit in units if _is_due(terms["window"]["paid"], unit, as_of)]
        earned, code = self.total(seller, component, as_of, due), min((u.code for u in due if u.code), default=None)
        if terms["measure"]["of"] == "earnings":
            units = []
        if terms["measure"]["of"] == "earnings" and last:
            measured, earned, code = self.of_team(seller, component, as_of, last)
        if earned is not None and abs(earned) >= LARGEST_EARNING:
            earned, code = None, "earning_out_of_range"
        return {
            "window_start": last.start if last else None,
            "credited_to_date": measured,
            "quota_to_date": last.quota_to_date if last else None,
            "quota_window": last.quota_window if last else None,
            "target": last.target if last else None,
            "attainment": last.figures["attainment"] if last else None,
            "tier_reached": last.tier if last else None,
            "earned_to_date": earned,
            "code": code,
            "slices": {(unit.start, place): band for unit in units if not single for place, band in unit.bands.items()},
        }

    def of_team(
        self, seller: str, component: Row, as_of: date, unit: Unit
    ) -> tuple[Decimal, Decimal | None, str | None]:
        """What those below have earned, pay period by pay period, and the share of it that is paid."""
        terms, unsaid = component["terms"], set[str]()
        ends = {row["end_date"] for row in self.world["settled"]} | {self.target_period["end_date"]}
        measured, before = ZERO, self.target_period["fiscal_year_start"]
        for end in sorted(end for end in ends if end <= as_of):
            for report, other in self.paid_below(seller, component, before, end):
                paid = other["terms"]["window"]["paid"]
                if not any(_is_due(paid, unit, end) for unit in self.units(report, other, end)):
                    continue
                now = self.to_date(report, other, end)["earned_to_date"]
                then = self.to_date(report, other, before)["earned_to_date"]
                if other["currency"] != component["currency"]:
                    unsaid.add("no_rate_for_currency")
                elif now is None or then is None:
                    unsaid.add("no_figure")
                else:
                    measured += now - then
            before = end
        code = max(unsaid, default=unit.code)
        share, _ = self.passed(seller, component, unit)
        exact = measured * number(terms["rate"]["flat"]["value"])
        exact = _limit(terms, "year", exact if share == 1 else half_up(exact, 10) * share, unit.target)
        return measured, None if code else half_up(exact, _digits(component["currency"])), code

    def paid_below(self, seller: str, component: Row, since: date, until: date) -> list[tuple[str, Row]]:
        """Who belongs to the team on the last day of a time on which they report to somebody, with what pays them."""
        measure, found = component["terms"]["measure"], []
        for report in sorted({row["seller_id"] for row in self.world["participant"]} - {seller}):
            days = [until - timedelta(days=n) for n in range(1, (until - since).days + 1)]
            last = next((day for day in days if len(self.chain(report, day)) > 1), None)
            if last is None or not self.counts_for(seller, measure, report, last):
                continue
            if not self.member(seller, component, last):
                continue
            plans = {
                row["plan_id"]
                for row in self.world["participant"]
                if row["seller_id"] == report
                and row["valid_from"] < self.target_period["end_date"]
                and (row["valid_to"] is None or row["valid_to"] > self.target_period["fiscal_year_start"])
            }
            for other in self.world["component"]:
                kind, wanted = other["terms"]["kind"], measure.get("earned_by") or other["terms"]["kind"]
                if other["plan_id"] in plans and other["terms"]["measure"]["of"] != "earnings" and kind == wanted:
                    found.append((report, other))
        return found

    def total(self, seller: str, component: Row, as_of: date, due: list[Unit]) -> Decimal | None:
        """The units added up within the limits of longer times."""
        terms, digits = component["terms"], _digits(component["currency"])
        if any(unit.earned is None for unit in due):
            return None
        if not due:
            return ZERO
        left = self.budgeted(component, as_of) if terms.get("budget") else {}
        blocks: dict[int, list[Unit]] = {}
        per = next((x["per"] for x in terms.get("limits", []) if x["per"] in ("month", "quarter", "half_year")), "year")
        for unit in due:
            month = next(m["ordinal"] for m in self.months if m["start_date"] <= unit.start < m["end_date"])
            blocks.setdefault((month - 1) // MONTHS_OF[per], []).append(unit)
        amounts = []
        for units in blocks.values():
            amount = sum((left.get((seller, u.start, u.name), u.earned or ZERO) for u in units), ZERO)
            aim = self.aimed(units)
            amounts.append(amount if per == "year" else half_up(_limit(terms, per, amount, aim), digits))
        return half_up(_limit(terms, "year", sum(amounts, ZERO), self.aimed(due)), digits)

    def aimed(self, units: list[Unit]) -> Decimal | None:
        targets = [unit.target for unit in units if unit.target is not None]
        return sum(targets, ZERO) if targets else None

    def budgeted(self, component: Row, as_of: date) -> dict[tuple[str, date, str], Decimal]:
        """What the budget leaves of every unit of everybody."""
        budget, digits = component["terms"]["budget"], _digits(component["currency"])
        paid = component["terms"]["window"]["paid"]
        everybody = sorted({row["seller_id"] for row in self.world["participant"]}, key=identify)
        units = [
            (seller, unit)
            for seller in everybody
            for unit in self.earn(seller, component, as_of)
            if unit.earned is not None and _is_due(paid, unit, as_of)
        ]
        found = {(seller, u.start, u.name): u.earned or ZERO for seller, u in units}
        positive = [(seller, u) for seller, u in units if u.earned and u.earned > 0]
        first_come = budget["when_exhausted"] == "first_come"
        days = sorted({u.end for _, u in units if u.earned}) if first_come else [date.min]
        left = number(budget["amount"])
        for day in days:
            here = [(seller, u) for seller, u in positive if not first_come or u.end == day]
            # What is taken back on a day can be paid again on it.
            left -= sum((min(u.earned or ZERO, ZERO) for _, u in units if not first_come or u.end == day), ZERO)
            here.sort(key=lambda item: (identify(item[0]), item[1].start, identify(item[1].name)))
            total = sum((u.earned or ZERO for _, u in here), ZERO)
            if total > left:
                ahead = ZERO
                for seller, u in here:
                    upto = ahead + (u.earned or ZERO)
                    share = half_up(half_up(left * upto / total, 10), digits)
                    found[seller, u.start, u.name] = share - half_up(half_up(left * ahead / total, 10), digits)
                    ahead = upto
            left = max(left - total, ZERO)
        return found

    def earn(self, seller: str, component: Row, as_of: date) -> list[Unit]:
        units = self.come_to(seller, component, as_of)
        for unit in units:
            if unit.earned is not None and abs(unit.earned) >= LARGEST_EARNING:
                unit.earned, unit.code = None, "earning_out_of_range"
        return units

    def come_to(self, seller: str, component: Row, as_of: date) -> list[Unit]:
        units = self.judged(seller, component, as_of)
        for unit in units:
            self.earn_unit(seller, component, unit)
        return units

    def earn_unit(self, seller: str, component: Row, unit: Unit) -> None:
        unit.seller = seller
        terms = component["terms"]
        [(way, rate)] = [(way, rate) for way, rate in terms["rate"].items() if rate]
        inputs = (
            [rate["input"]]
            if "input" in rate
            else [rate["rows"]["input"], rate["columns"]["input"]]
            if way == "matrix"
            else []
        )
        read = [self.figure(seller, component, unit, looked_at) for looked_at in inputs]
        share, gate_codes = self.passed(seller, component, unit)
        unit.code = unit.code or next((code for _, code in read if code), None) or min(gate_codes, default=None)
        if unit.code:
            self.without_credits(unit)
            return
        if way == "formula":
            found = self.formula(seller, component, unit)
            if found is None:
                return
            exact = found
        else:
            values = [value for value, _ in read if value is not None]
            if way == "tiers" and rate["method"] == "marginal" and rate["input"].get("standing"):
                self.lay(seller, component, unit, rate["input"])
            if way == "tiers" and rate["input"].get("ties") == "share":
                unit.tied = self.tied(component, unit, rate["input"])
            self.bands(way, rate, values, unit, single=terms["window"]["over"] == "transaction")
            exact = sum((earned for _, earned in unit.bands.values()), ZERO)
        if share != 1:
            exact = half_up(exact, 10) * share
        floors = [number(x.get("amount") or 0) for x in terms.get("limits", []) if _floors(x)]
        returned = terms["window"]["over"] == "transaction" and (unit.figures["revenue"] or ZERO) < 0
        # A floor of 0 is for what returns take back.
        if returned and ZERO not in floors:
            exact = -_limit(terms, "window", -exact, unit.target)
        else:
            exact = _limit(terms, "window", exact, unit.target)
        unit.earned = half_up(exact, _digits(component["currency"]))

    def passed(self, seller: str, component: Row, unit: Unit) -> tuple[Decimal, list[str]]:
        """What the gates leave, and why some cannot be said."""
        share, codes = ONE, []
        for gate in component["terms"].get("gates", []):
            value, code = self.figure(seller, component, unit, gate["input"])
            if code:
                codes.append(code)
            elif value is not None and not _between(value, gate.get("at_least"), gate.get("at_most")):
                share = min(share, number(gate["below"]))
        return share, codes

    def tied(self, component: Row, unit: Unit, read: Row) -> int:
        """How many share the place, the seller included."""
        their, other = component, unit
        if read.get("component"):
            plan = [row for row in self.world["component"] if row["plan_id"] == component["plan_id"]]
            their = next(row for row in plan if row["terms"]["code"] == read["component"])
            seller = unit.seller
            other = next(u for u in self.judged(seller, their, unit.as_of) if u.start < unit.as_of <= u.end)
        name = "attainment" if read["figure"] == "attainment_rank" else "measured"
        return sum(1 for u in self.everybody(their, other) if u.figures[name] == other.figures[name])

    def lay(self, seller: str, component: Row, unit: Unit, read: Row) -> None:
        """The slices of a deal begin where the other component stood before it."""
        plan = [row for row in self.world["component"] if row["plan_id"] == component["plan_id"]]
        other = next(row for row in plan if row["terms"]["code"] == read["component"])
        stood = self.stood(seller, other, unit, "before_deal")
        unit.laid_on, unit.quota = stood.figures["measured"] or ZERO, stood.quota

    def without_credits(self, unit: Unit) -> None:
        """Nothing was sold: nothing is earned, and a margin rate is not missed."""
        if unit.credits == 0 and unit.code in (*NO_QUOTA, "no_revenue"):
            unit.earned = ZERO
            unit.code = None if unit.code == "no_revenue" else unit.code

    def formula(self, seller: str, component: Row, unit: Unit) -> Decimal | None:
        """What a formula comes to; else the unit says why not."""
        plan = [row for row in self.world["component"] if row["plan_id"] == component["plan_id"]]
        documents = {row["terms"]["code"]: ComponentFields.model_validate(row["terms"]) for row in plan}
        own = documents[component["terms"]["code"]]
        named = named_figures(own, list(documents.values()))
        assert own.rate.formula is not None
        constants = constants_of(self.world, component["plan_id"])
        formula = read(own.rate.formula, named, component["currency"], constants)
        values: dict[str, Decimal | None] = {constant.name: constant.value for constant in constants}
        codes = []
        for name in formula.names & named.keys():
            looked_at = {"figure": named[name].figure, "component": named[name].component}
            looked_at |= {"earlier" if named[name].moment in EARLIER else "standing": named[name].moment}
            value, code = self.figure(seller, component, unit, looked_at)
            most = {"rate": 10**3, "quantity": 10**12}.get(named[name].unit, 10**14)
            if value is not None and abs(value) >= most:
                value, code = None, "figure_out_of_range"
            values[name] = value
            codes += [code] if code else []
        result = formula.value(values)
        if isinstance(result, Decimal) and abs(result) >= 10**18:
            result = None
        if result is None:
            unit.code = min(codes, default="formula_unknown")
            self.without_credits(unit)
        assert result is None or isinstance(result, Decimal)
        return result

    def of_another(self, seller: str, other: Row, unit: Unit, figure: str) -> tuple[Decimal | None, str | None]:
        """What another component has earned in this window, or the value its table has come to."""
        if figure == "earned":
            theirs = [u for u in self.come_to(seller, other, unit.as_of) if unit.start <= u.start < unit.as_of]
            unsaid = [u.code for u in theirs if u.earned is None and u.code]
            return (None, min(unsaid)) if unsaid else (sum((u.earned or ZERO for u in theirs), ZERO), None)
        here = [u for u in self.come_to(seller, other, unit.as_of) if u.start < unit.as_of <= u.end]
        if not here:
            return None, "no_figure"
        return (None, here[0].code) if here[0].code else (here[0].value, None)

    def everybody(self, component: Row, unit: Unit) -> list[Unit]:
        """The same window of all who take part, with their attainments."""
        sellers = {row["seller_id"] for row in self.world["participant"]}
        return [
            u
            for seller in sorted(sellers)
            for u in self.judged(seller, component, unit.as_of)
            if (u.start, u.as_of) == (unit.start, unit.as_of)
        ]

    def place(self, component: Row, unit: Unit, figure: str) -> tuple[Decimal | None, str | None]:
        """Rank, sum and number of all who take part."""
        name = "attainment" if figure == "attainment_rank" else "measured"
        units = self.everybody(component, unit)
        values = [value for u in units if (value := u.figures[name]) is not None]
        own = unit.figures[name]
        if figure == "participants":
            return Decimal(len(values)), None
        if any(u.code in UNKNOWN for u in units):
            return None, "no_figure"
        if figure in ("everybody_quota", "everybody_target"):
            known = [value for u in units if (value := getattr(u, figure.removeprefix("everybody_"))) is not None]
            return (sum(known, ZERO), None) if len(known) == len(units) else (None, "no_figure")
        if figure == "everybody":
            return sum(values, ZERO), None
        if own is None:
            return None, "no_quota"
        return Decimal(1 + sum(1 for value in values if value > own)), None

    def all_earned(self, other: Row, unit: Unit) -> tuple[Decimal | None, str | None]:
        """What everybody has earned by another component in this window."""
        total = ZERO
        for seller in sorted({row["seller_id"] for row in self.world["participant"]}):
            earned, _ = self.of_another(seller, other, unit, "earned")
            if earned is None:
                return None, "no_figure"
            total += earned
        return total, None

    def at_quota(self, component: Row, unit: Unit) -> tuple[Decimal | None, str | None]:
        """The share of those below on the last day who have reached their own quota."""
        terms, last = component["terms"], unit.as_of - timedelta(days=1)
        back = next(w[2] for w in self.windows(component) if w[0] == unit.start)
        end = unit.end if terms["window"]["quota"] == "window" else unit.as_of
        months = [month for month in self.months if back <= month["start_date"] < end]
        measure = {name: value for name, value in terms["measure"].items() if name != "levels"} | {"whose": "own"}
        alone = component | {"terms": terms | {"measure": measure, "proration": {"quota": "none", "target": "none"}}}
        below = sorted({row["seller_id"] for row in self.world["reporting_line"]} - {unit.seller})
        met = []
        for report in below if self.member(unit.seller, component, last) else []:
            promised = [self.quota_part(report, alone, month) for month in months]
            quota = sum((part for part in promised if part is not None), ZERO)
            if quota <= 0 or not self.counts_for(unit.seller, terms["measure"], report, last):
                continue
            sold = [part for part in self.counted(report, alone, always=True) if back <= part.day < unit.as_of]
            theirs = self.measured(alone, Unit(unit.start, unit.end, unit.as_of, "", {}, ZERO, 0), sold, sold)
            if theirs.code:
                return None, "no_figure"
            met.append(theirs.measured >= quota)
        return (half_up(Decimal(sum(met)) / len(met), 6), None) if met else (None, "no_quota")

    def streak(self, component: Row, unit: Unit) -> tuple[Decimal | None, str | None]:
        """How many windows in a row, backwards from this one, have reached their quota."""
        windows = 0
        for earlier in reversed([u for u in self.judged(unit.seller, component, unit.as_of) if u.start <= unit.start]):
            attainment = earlier.figures["attainment"]
            if attainment is None:
                return None, "no_figure"
            if attainment < 1:
                break
            windows += 1
        return Decimal(windows), None

    def bands(self, way: str, rate: Row, read: list[Decimal], unit: Unit, *, single: bool) -> None:
        if way == "flat":
            unit.tier = 1
            unit.value = number(rate["value"])
            unit.bands[1] = (unit.measured, _pay(rate["pays"], unit.measured, unit.value, unit, single))
        elif way == "curve":
            place, value = _on_curve(rate, read[0])
            unit.tier, unit.value = place, value
            unit.bands[place] = (unit.measured, _pay(rate["pays"], unit.measured, value, unit, single))
        elif way == "matrix":
            row = _reached([number(x) for x in rate["rows"]["lower"]], read[0], rate["boundary"])
            column = _reached([number(x) for x in rate["columns"]["lower"]], read[1], rate["boundary"])
            place = column * len(rate["rows"]["lower"]) + row + 1
            unit.tier = place
            value = unit.value = number(rate["values"][row][column])
            unit.bands[place] = (unit.measured, _pay(rate["pays"], unit.measured, value, unit, single))
        else:
            self.tiers(rate, read[0], unit, single=single)

    def tiers(self, rate: Row, x: Decimal, unit: Unit, *, single: bool) -> None:
        lower = [number(tier["lower"]) for tier in rate["tiers"]]
        reached = _reached(lower, x, rate["boundary"])
        unit.tier, unit.value = reached + 1, number(rate["tiers"][reached]["value"])
        if rate["method"] == "whole":
            places = [_reached(lower, x + n, rate["boundary"]) for n in range(unit.tied)]
            worth = sum((number(rate["tiers"][place]["value"]) for place in places), ZERO)
            value = unit.value = half_up(worth / len(places), 6)
            unit.bands[reached + 1] = (unit.measured, _pay(rate["pays"], unit.measured, value, unit, single))
            return
        scale = unit.quota if rate["input"]["figure"] == "attainment" else ONE
        assert scale is not None
        for n, tier in enumerate(rate["tiers"]):
            low = number(tier["lower"]) * scale
            high = None if tier.get("upper") is None else number(tier["upper"]) * scale
            begins, ends = unit.laid_on, unit.laid_on + unit.measured
            slice_ = _common(begins, ends, None if n == 0 else low, high)
            unit.bands[n + 1] = (slice_, _pay(rate["pays"], slice_, number(tier["value"]), unit, single))


def _of_twelve_months(part: Counted, months: int) -> Counted:
    def cut(value: Decimal | None) -> Decimal | None:
        return None if value is None else half_up(half_up(value * 12 / months, 10), 4)

    return replace(part, amount=cut(part.amount), margin=cut(part.margin), quantity=cut(part.quantity))


def kept_in(component: Row) -> str:
    """In what credits for a component are kept: the currency of its plan, by the plan's exchange rates."""
    name = component.get("exchange_rates", "SPOT")
    return str(component["currency"] if name == "SPOT" else f"{component['currency']}@{name}")


def counts_on(world: World, member: Row, component: Row, day: date) -> bool:
    """Whether a credit of a day counts for a member of the plan of a component: while it takes part; before the year
    where earlier windows are read."""
    target = world["target_period"][0]
    if day >= target["fiscal_year_start"]:
        return in_force(member, day)
    rolling = component["terms"]["window"]["over"] == "rolling"
    if not rolling and not _looked_back(world, component):
        return False
    ends = member["valid_to"]
    return bool(member["valid_from"] < target["end_date"] and (ends is None or ends > target["fiscal_year_start"]))


def _looked_back(world: World, component: Row) -> bool:
    """Whether some component of the plan looks at an earlier window of this one."""
    plan = [row["terms"] for row in world["component"] if row["plan_id"] == component["plan_id"]]
    code = component["terms"]["code"]
    for terms in plan:
        mine = {code, None} if terms["code"] == code else {code}
        read = [gate["input"] for gate in terms.get("gates") or ()]
        for rate in filter(None, terms["rate"].values()):
            read += [rate[side]["input"] for side in ("rows", "columns") if side in rate]
            read += [rate["input"]] if "input" in rate else []
        if any(looked.get("earlier") and looked.get("component") in mine for looked in read):
            return True
        if terms["rate"].get("formula"):
            documents = [ComponentFields.model_validate(row) for row in plan]
            own = next(document for document in documents if document.code == terms["code"])
            named = named_figures(own, documents)
            words = set(re.findall(r"\w+", terms["rate"]["formula"]["text"]))
            if any(
                name in words and figure.moment in EARLIER and figure.component in mine
                for name, figure in named.items()
            ):
                return True
    return False


def _common(begins: Decimal, ends: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    """What of the way from one total to the next lies between two bounds; a way down counts below zero."""
    down, up = min(begins, ends), max(begins, ends)
    bottom = down if low is None else max(down, low)
    top = up if high is None else min(up, high)
    return max(top - bottom, ZERO) * (1 if ends >= begins else -1)


def _is_due(paid: str, unit: Unit, as_of: date) -> bool:
    return paid == "each_period" or (paid == "at_end" and unit.end <= as_of)


def _in_range(value: Any, asked: Row) -> bool:
    low, high = asked.get("at_least"), asked.get("below")
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= number(low)) and (high is None or value < number(high))


def _within_dates(day: date, only: Row) -> bool:
    first, after = (
        date.fromisoformat(str(only[n])) if only.get(n) else None for n in ("effective_from", "effective_to")
    )
    return (first is None or day >= first) and (after is None or day < after)


def _weighed(part: Counted, factor: Decimal) -> Counted:
    amount, margin, quantity = (
        None if value is None else half_up(value * factor, 4) for value in (part.amount, part.margin, part.quantity)
    )
    return Counted(part.day, part.deal, amount, margin, quantity, half_up(part.deals * factor, 6))


def _sum(parts: list[Counted], name: str) -> Decimal:
    return sum((value for part in parts if (value := getattr(part, name)) is not None), ZERO)


def _unknown(parts: list[Counted], name: str) -> bool:
    return any(getattr(part, name) is None for part in parts)


def _overlap(row: Row, start: date, end: date) -> bool:
    return bool(row["valid_from"] < end and (row["valid_to"] is None or start < row["valid_to"]) and start < end)


def _days(row: Row, month: Row) -> int:
    last = row["valid_to"] or date.max - timedelta(days=1)
    days: int = (min(last, month["end_date"]) - max(row["valid_from"], month["start_date"])).days
    return max(days, 0)


def _needs(terms: Row) -> tuple[bool, bool]:
    [rate] = [rate for rate in terms["rate"].values() if rate]
    read = [rate.get("input"), (rate.get("rows") or {}).get("input"), (rate.get("columns") or {}).get("input")]
    read += [gate["input"] for gate in terms.get("gates", [])]
    against = ("attainment", "quota", "attainment_rank", "streak", "everybody_quota")
    attained = any(r and r["figure"] in against and not r.get("component") for r in read)
    aimed = any(r and r["figure"] in ("target", "everybody_target") and not r.get("component") for r in read)
    if "text" in rate:
        return attained, aimed or any(limit.get("target_multiple") is not None for limit in terms.get("limits", []))
    multiple = any(limit.get("target_multiple") is not None for limit in terms.get("limits", []))
    multiple = multiple or aimed
    return attained or rate["pays"] == "base_rate", multiple or rate["pays"] in ("base_rate", "target_share")


def _reached(lower: list[Decimal], x: Decimal, boundary: str) -> int:
    return max([0, *(n for n, low in enumerate(lower) if x > low or (x == low and boundary == "higher"))])


def _pay(pays: str, amount: Decimal, value: Decimal, unit: Unit, single: bool) -> Decimal:
    if pays == "amount":
        if single:
            return value if unit.measured > 0 else -value if unit.measured < 0 else ZERO
        return value
    if pays == "target_share":
        assert unit.target is not None
        return unit.target * value
    if pays == "base_rate":
        assert unit.target is not None
        assert unit.quota
        return half_up(half_up(amount * value, 6) * unit.target / unit.quota, 10)
    return amount * value


def _on_curve(rate: Row, x: Decimal) -> tuple[int, Decimal]:
    """The piece of the curve, and the value on it."""
    points = [(number(point["at"]), number(point["value"])) for point in rate["points"]]
    place = next((n for n in range(1, len(points) - 1) if x <= points[n][0]), len(points) - 1)
    (x0, y0), (x1, y1) = points[place - 1], points[place]
    if rate["outside"] == "flat":
        x = min(max(x, x0), x1)
    value = y0 + half_up(half_up((x - x0) * (y1 - y0) / (x1 - x0), 10), 6)
    return place, max(value, ZERO)


def _between(value: Decimal, low: Any, high: Any) -> bool:
    return (low is None or value >= number(low)) and (high is None or value <= number(high))


def _floors(limit: Row) -> bool:
    return bool((limit["kind"], limit["per"]) == ("floor", "window"))


def _limit(terms: Row, per: str, amount: Decimal, target: Decimal | None) -> Decimal:
    for kind in ("decelerator", "cap", "floor"):
        for limit in terms.get("limits", []):
            if (limit["kind"], limit["per"]) != (kind, per):
                continue
            if limit.get("amount") is not None:
                at = number(limit["amount"])
            elif target is None:
                # Nothing was sold and nothing is earned: a limit of an unknown target limits nothing.
                continue
            else:
                at = number(limit["target_multiple"]) * target
            if kind == "decelerator" and amount > at:
                amount = at + half_up(amount - at, 10) * number(limit["share"])
            elif kind == "cap":
                amount = min(amount, at)
            elif kind == "floor":
                amount = max(amount, at)
    return amount


def _digits(currency: str) -> int:
    return {"JPY": 0, "KWD": 3}.get(currency, 2)
