"""An independent opinion on pay: slow loops over plain rows in Decimal, sharing no code with the steps.

It is written from the rules as an analyst would say them, one transaction and one seller at a time.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

Row = dict[str, Any]
World = dict[str, list[Row]]
ZERO = Decimal(0)


@dataclass
class Opinion:
    """Everything the oracle says, keyed by the names used in the world."""

    credits: dict[tuple[str, str, int, str, str], Decimal | None] = field(default_factory=dict)
    lines: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    slices: dict[tuple[str, str, str, int], tuple[Decimal, Decimal]] = field(default_factory=dict)
    lost: set[tuple[str, str, int, str, str, str]] = field(default_factory=set)
    uncredited: dict[str, str] = field(default_factory=dict)
    periods: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    """What each pay period of a line counted and earned by itself, whether or not there is a line of it."""
    deals: dict[tuple[str, str, str], dict[str, Decimal]] = field(default_factory=dict)
    """What it counted of each transaction."""


def half_up(value: Decimal, digits: int) -> Decimal:
    """Half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def in_force(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"]))


def opinion(world: World) -> Opinion:
    with localcontext() as context:
        context.prec = 100
        return _Oracle(world).say()


class _Oracle:
    def __init__(self, world: World) -> None:
        self.world = world
        self.target = world["target_period"][0]
        self.said = Opinion()

    def say(self) -> Opinion:
        for transaction in self.world["transaction"]:
            if self.target["fiscal_year_start"] <= transaction["transaction_date"] < self.target["end_date"]:
                self.credit(transaction)
        paid = {
            (p["seller_id"], c["component_id"]): c
            for p in self.world["participant"]
            for c in self.world["component"]
            if p["plan_id"] == c["plan_id"]
            and p["valid_from"] < self.target["end_date"]
            and (p["valid_to"] is None or p["valid_to"] > self.target["fiscal_year_start"])
        }
        for (seller, _), component in paid.items():
            self.pay(seller, component)
        keys = {(p["seller_id"], p["component_id"], p["period_code"]) for p in self.world["posted"]}
        for seller, component_id, origin in keys:
            posted = self.posted(seller, component_id, origin)
            if (seller, component_id) not in paid and posted:
                self.said.lines[seller, component_id, origin] = {
                    "kind": "true_up",
                    "earning": None,
                    "earned_before": ZERO,
                    "posted_before": posted,
                    "code": "no_longer_eligible",
                }
        return self.said

    # Crediting

    def claims(self, transaction: Row, rule: str) -> list[tuple[int, str, Decimal, Decimal]]:
        day, account = transaction["transaction_date"], transaction["account_id"]
        if rule == "explicit_split":
            rows = [x for x in self.world[rule] if x["transaction_id"] == transaction["transaction_id"]]
        elif rule == "territory_coverage":
            homes = [
                m["territory_id"]
                for m in self.world["membership"]
                if account is not None and m["account_id"] == account and in_force(m, day)
            ]
            rows = [c for c in self.world["coverage"] if c["territory_id"] in homes and in_force(c, day)]
        else:
            owners = [
                o
                for o in self.world["account_owner"]
                if account is not None and o["account_id"] == account and in_force(o, day)
            ]
            return [(1, o["seller_id"], ZERO, Decimal(1)) for o in owners]
        return [(r["ordinal"], r["seller_id"], r["cum_lo"], r["cum_hi"]) for r in rows]

    def credit(self, transaction: Row) -> None:
        name, day = transaction["transaction_id"], transaction["transaction_date"]
        rules = sorted(self.world["crediting_rule"], key=lambda rule: int(rule["ordinal"]))
        named = [(rule["kind"], self.claims(transaction, rule["kind"])) for rule in rules]
        named = [(rule, claims) for rule, claims in named if claims]
        if not named:
            self.said.uncredited[name] = "no_rule_applies"
            return
        winner, winning = named[0]
        for rule, claims in named[1:]:
            for ordinal, seller, _, _ in claims:
                self.said.lost.add((name, rule, ordinal, seller, "lower_precedence", winner))
        amounts: list[Decimal | None] = []
        for ordinal, seller, low, high in winning:
            if not any(p["seller_id"] == seller and in_force(p, day) for p in self.planned()):
                self.said.lost.add((name, winner, ordinal, seller, "not_eligible", winner))
            for currency in self.currencies(seller, day):
                converted = self.convert(transaction["amount"], transaction["currency"], currency, day)
                share = None if converted is None else half_up(converted * high, 4) - half_up(converted * low, 4)
                self.said.credits[name, winner, ordinal, seller, currency] = share
                amounts.append(share)
                if share is None:
                    self.said.lost.add((name, winner, ordinal, seller, "no_rate_for_currency", winner))
        if not amounts:
            self.said.uncredited[name] = "not_eligible"
        elif all(amount is None for amount in amounts):
            self.said.uncredited[name] = "no_rate_for_currency"
        elif max(high for _, _, _, high in winning) < 1:
            self.said.uncredited[name] = "partly_covered"

    def planned(self) -> list[Row]:
        plans = {c["plan_id"] for c in self.world["component"]}
        return [p for p in self.world["participant"] if p["plan_id"] in plans]

    def chain(self, seller: str, day: date) -> list[str]:
        """The seller and its managers on that day, upwards."""
        found = [seller]
        while True:
            above = [r for r in self.world["reporting_line"] if r["seller_id"] == found[-1] and in_force(r, day)]
            if not above:
                return found
            found.append(above[0]["manager_id"])

    def currencies(self, seller: str, day: date) -> set[str]:
        """The plan currencies in which somebody is paid on this seller's credits that day."""
        return {
            c["currency"]
            for person in self.chain(seller, day)
            for p in self.world["participant"]
            for c in self.world["component"]
            if p["seller_id"] == person and in_force(p, day) and c["plan_id"] == p["plan_id"]
            if person == seller or c["rollup"]
        }

    def convert(self, amount: Decimal, given: str, wanted: str, day: date) -> Decimal | None:
        if given == wanted:
            return amount
        for rate in self.world["fx_rate"]:
            if (rate["from_currency"], rate["to_currency"]) == (given, wanted) and in_force(rate, day):
                return half_up(amount * rate["rate"], 4)
        return None

    # Paying

    def counted(self, seller: str, component: Row, before: date) -> list[Decimal | None]:
        return [amount for _, _, amount in self.contributions(seller, component, before)]

    def contributions(self, seller: str, component: Row, before: date) -> list[tuple[str, date, Decimal | None]]:
        """The credits that count; a return that names its deal does not where the component claws back."""
        days = {t["transaction_id"]: t["transaction_date"] for t in self.world["transaction"]}
        kinds = {t["transaction_id"]: t.get("kind", "booking") for t in self.world["transaction"]}
        claws_back = any(c["component_id"] == component["component_id"] for c in self.world["clawback"])
        found = []
        for (name, _, _, credited, currency), amount in self.said.credits.items():
            day = days[name]
            takes_part = any(
                p["seller_id"] == seller and p["plan_id"] == component["plan_id"] and in_force(p, day)
                for p in self.world["participant"]
            )
            mine = seller == credited or (component["rollup"] and seller in self.chain(credited, day))
            ignored = claws_back and kinds[name] == "takeback"
            if day < before and currency == component["currency"] and takes_part and mine and not ignored:
                found.append((name, day, amount))
        return found

    def quotas(self, seller: str, component: Row, before: date | None) -> list[Decimal]:
        found = []
        for month in self.world["period"]:
            present = any(
                p["seller_id"] == seller
                and p["plan_id"] == component["plan_id"]
                and p["valid_from"] < month["end_date"]
                and (p["valid_to"] is None or month["start_date"] < p["valid_to"])
                for p in self.world["participant"]
            )
            if present and (before is None or month["start_date"] < before):
                found += [
                    q["amount"]
                    for q in self.world["quota"]
                    if q["seller_id"] == seller and q["period_code"] == month["period_code"]
                ]
        return found

    def posted(self, seller: str, component_id: str, origin: str) -> Decimal:
        key = (seller, component_id, origin)
        rows = (p for p in self.world["posted"] if (p["seller_id"], p["component_id"], p["period_code"]) == key)
        return sum((p["amount"] for p in rows), ZERO)

    def to_date(self, seller: str, component: Row, before: date) -> Row:
        amounts = self.counted(seller, component, before)
        credited = sum((a for a in amounts if a is not None), ZERO)
        whole_year = self.quotas(seller, component, None)
        so_far = self.quotas(seller, component, before)
        figures: Row = {
            "credited_to_date": credited,
            "quota_annual": sum(whole_year, ZERO) if whole_year else None,
            "quota_to_date": sum(so_far, ZERO) if whole_year else None,
            "attainment": None,
            "tier_reached": None,
            "earned_to_date": None,
            "code": None,
            "slices": {},
        }
        basis = figures["quota_annual"] if component["quota_basis"] == "annual" else figures["quota_to_date"]
        if any(amount is None for amount in amounts):
            figures["code"] = "no_rate_for_currency"
        elif basis is None:
            figures["code"] = "no_quota"
        elif basis == 0:
            figures["code"] = "zero_quota"
        elif basis < 0:
            figures["code"] = "negative_quota"
        elif abs(half_up(credited / basis, 6)) >= 10**12:
            figures["code"] = "attainment_out_of_range"
        if figures["code"] is not None:
            if not amounts:
                figures["earned_to_date"] = ZERO
            return figures
        attainment = half_up(credited / basis, 6)
        figures["attainment"] = attainment
        earned = ZERO
        for tier in sorted(self.world["tier"], key=lambda t: int(t["ordinal"])):
            if tier["component_id"] != component["component_id"]:
                continue
            low, high = tier["from_attainment"], tier["to_attainment"]
            top = credited if high is None else min(credited, high * basis)
            slice_ = max(ZERO, top - low * basis)
            earned += slice_ * tier["rate"]
            figures["slices"][tier["ordinal"]] = (slice_, slice_ * tier["rate"])
            on_bound_counts = component["boundary"] == "higher" or low == 0
            if attainment > low or (attainment == low and on_bound_counts):
                figures["tier_reached"] = tier["ordinal"]
        figures["earned_to_date"] = half_up(earned, component["minor_digits"])
        return figures

    def pay(self, seller: str, component: Row) -> None:
        """Walk through the pay periods of the year; each owes what it adds, less what was posted for it."""
        key = (seller, component["component_id"])
        periods = {p["period_code"]: (p["end_date"], "true_up") for p in self.world["settled"]}
        periods.setdefault(self.target["period_code"], (self.target["end_date"], "base"))
        reached, before = ZERO, self.target["fiscal_year_start"]
        earned_before, counted_before = ZERO, ZERO
        for origin, (end, kind) in sorted(periods.items(), key=lambda item: item[1]):
            posted = self.posted(*key, origin)
            line = self.to_date(seller, component, end) | {"earned_before": reached, "posted_before": posted}
            line["kind"] = kind
            earned = line["earned_to_date"]
            if earned is not None:
                counted, own = line["credited_to_date"] - counted_before, earned - (earned_before or ZERO)
                self.said.periods[*key, origin] = {"counted": counted, "earned": own}
            self.said.deals[*key, origin] = {}
            for name, day, amount in self.contributions(seller, component, end):
                if day >= before:
                    of = self.said.deals[*key, origin]
                    of[name] = of.get(name, ZERO) + (amount or ZERO)
            earned_before, counted_before, before = earned, line["credited_to_date"], end
            if kind == "base" and line["code"] is not None:
                line["earned_to_date"] = line["earning"] = None
            elif earned is not None:
                line["earning"] = earned - reached - posted
                line["code"] = None
            unsaid_at_the_end = earned is None and end == self.target["end_date"]
            if kind == "base" or unsaid_at_the_end or (earned is not None and line["earning"]):
                self.line(*key, origin, line)
            # What cannot be said moves nothing: the period stays at what was posted for it.
            reached = reached + posted if earned is None else earned

    def line(self, seller: str, component_id: str, origin: str, figures: Row) -> None:
        for ordinal, slice_ in figures.pop("slices").items():
            self.said.slices[seller, component_id, origin, ordinal] = slice_
        self.said.lines[seller, component_id, origin] = figures
