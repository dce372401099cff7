"""An independent opinion on pay: slow loops over plain rows in Decimal, sharing no code with the steps.

It is written from the rules as an analyst would say them, one transaction and one seller at a time.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from .crediting_oracle import CreditingOpinion, CreditingOracle, Row, World, in_force
from .paying_oracle import Counted, PayingOracle, counts_on, kept_in

ZERO = Decimal(0)


@dataclass
class Opinion:
    """Everything the oracle says, keyed by the names used in the world."""

    crediting: CreditingOpinion = field(default_factory=CreditingOpinion)
    lines: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    slices: dict[tuple[str, str, str, date, int], tuple[Decimal, Decimal]] = field(default_factory=dict)
    periods: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    """What each pay period of a line earned by itself, whether or not there is a line of it."""
    deals: dict[tuple[str, str, str], dict[str, Decimal]] = field(default_factory=dict)
    """What it counted of each transaction."""
    singly: dict[tuple[str, str, str], dict[str, Decimal]] = field(default_factory=dict)
    """What each transaction earned in it that is paid by itself, and its shared budget left."""


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
        crediting = CreditingOracle(self.world, self.currencies, self.takes_part)
        for transaction in self.world["transaction"]:
            if self.target["reach_start"] <= transaction["transaction_date"] < self.target["end_date"]:
                crediting.credit(transaction)
        self.said.crediting = crediting.said
        # What was lost before the year is that year's business.
        days = {row["transaction_id"]: row["transaction_date"] for row in self.world["transaction"]}
        now = {name for name, day in days.items() if day >= self.target["fiscal_year_start"]}
        crediting.said.lost = {row for row in crediting.said.lost if row[0] in now}
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

    def takes_part(self, seller: str, role: str, day: date) -> bool:
        """Whether the seller's own plan counts its credits of a role that day."""
        plans = {c["plan_id"]: c for c in self.world["component"] if _role(c) == role and _counts(c, 0)}
        members = [p for p in self.planned() if p["seller_id"] == seller]
        counting = [c for c in self.world["component"] if c["plan_id"] in plans and _role(c) == role and _counts(c, 0)]
        return any(p["plan_id"] == c["plan_id"] and counts_on(self.world, p, c, day) for p in members for c in counting)

    def currencies(self, seller: str, role: str, day: date) -> set[str]:
        """The plan currencies in which somebody is paid on this seller's credits of a role that day."""
        return {
            kept_in(c)
            for depth, person in [*enumerate(self.chain(seller, day)), *self.beside(seller, day)]
            for p in self.world["participant"]
            for c in self.world["component"]
            if p["seller_id"] == person and c["plan_id"] == p["plan_id"] and counts_on(self.world, p, c, day)
            if _role(c) == role
            if _counts(c, depth)
        }

    def beside(self, seller: str, day: date) -> list[tuple[int, str]]:
        """Who else reports to the same manager on that day, at no level."""
        manager = self.chain(seller, day)[1:2]
        others = {row["seller_id"] for row in self.world["reporting_line"]} - {seller}
        return [(-1, other) for other in sorted(others) if manager and self.chain(other, day)[1:2] == manager]

    # Paying

    def posted(self, seller: str, component_id: str, origin: str) -> Decimal:
        key = (seller, component_id, origin)
        rows = (p for p in self.world["posted"] if (p["seller_id"], p["component_id"], p["period_code"]) == key)
        return sum((p["amount"] for p in rows), ZERO)

    def to_date(self, seller: str, component: Row, before: date) -> Row:
        paying = PayingOracle(self.world, self.said.crediting, self.chain)
        return paying.to_date(seller, component, before)

    def counted(self, seller: str, component: Row) -> list[Counted]:
        if component["terms"]["measure"]["of"] in ("activity", "objective_score", "earnings"):
            return []
        return PayingOracle(self.world, self.said.crediting, self.chain).counted(seller, component)

    def pay(self, seller: str, component: Row) -> None:
        """Walk through the pay periods of the year; each owes what it adds, less what was posted for it."""
        key = (seller, component["component_id"])
        periods = {p["period_code"]: (p["end_date"], "true_up") for p in self.world["settled"]}
        periods.setdefault(self.target["period_code"], (self.target["end_date"], "base"))
        reached, before = ZERO, self.target["fiscal_year_start"]
        earned_before: Decimal | None = ZERO
        for origin, (end, kind) in sorted(periods.items(), key=lambda item: item[1]):
            posted = self.posted(*key, origin)
            line = self.to_date(seller, component, end) | {"earned_before": reached, "posted_before": posted}
            line["kind"] = kind
            earned = line["earned_to_date"]
            if earned is not None:
                self.said.periods[*key, origin] = earned - (earned_before or ZERO)
            deals = self.said.deals[*key, origin] = {}
            for part in self.counted(seller, component):
                if self.falls(component, part.day, before, end):
                    deals[part.deal] = deals.get(part.deal, ZERO) + _measured(component, part)
            if earned is not None and component["terms"]["window"]["over"] == "transaction":
                self.said.singly[*key, origin] = self.singly(seller, component, before, end)
            earned_before, before = earned, end
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

    def singly(self, seller: str, component: Row, before: date, end: date) -> dict[str, Decimal]:
        paying = PayingOracle(self.world, self.said.crediting, self.chain)
        left = paying.budgeted(component, end) if component["terms"].get("budget") else {}
        found: dict[str, Decimal] = {}
        for unit in paying.earn(seller, component, end):
            if before <= unit.start:
                earned = left.get((seller, unit.start, unit.name), unit.earned or ZERO)
                found[unit.name] = found.get(unit.name, ZERO) + earned
        return found

    def falls(self, component: Row, day: date, before: date, end: date) -> bool:
        """Whether what is sold on a day is paid between two pay days: when its window ends, or by its day."""
        if component["terms"]["window"]["paid"] != "at_end":
            return before <= day < end
        windows = PayingOracle(self.world, self.said.crediting, self.chain).windows(component)
        return any(start <= day < stop and before < stop <= end for start, stop, _ in windows)

    def line(self, seller: str, component_id: str, origin: str, figures: Row) -> None:
        for (start, ordinal), slice_ in figures.pop("slices").items():
            self.said.slices[seller, component_id, origin, start, ordinal] = slice_
        self.said.lines[seller, component_id, origin] = figures


def _measured(component: Row, part: Counted) -> Decimal:
    name = {"margin": "margin", "units": "quantity", "deals": "deals"}.get(
        component["terms"]["measure"]["of"], "amount"
    )
    return Decimal(getattr(part, name) or 0)


def _counts(component: Row, depth: int) -> bool:
    """Whether a component counts what is credited so many levels below."""
    measure = component["terms"]["measure"]
    if depth < 0:
        return bool(measure["whose"] == "colleagues")
    if measure["whose"] != "team":
        return depth == 0
    levels = measure.get("levels") or {"nearest": 0}
    last = levels.get("furthest")
    return bool(levels["nearest"] <= depth and (last is None or depth <= last))


def _role(component: Row) -> str:
    return "overlay" if component["terms"]["measure"]["whose"] == "overlay" else "direct"
