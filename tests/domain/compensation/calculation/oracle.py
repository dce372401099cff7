"""An independent opinion on pay: slow loops over plain rows in Decimal, sharing no code with the steps.

It is written from the rules as an analyst would say them, one transaction and one seller at a time.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from .crediting_oracle import CreditingOpinion, CreditingOracle, Row, World, in_force
from .paying_oracle import PayingOracle

ZERO = Decimal(0)


@dataclass
class Opinion:
    """Everything the oracle says, keyed by the names used in the world."""

    crediting: CreditingOpinion = field(default_factory=CreditingOpinion)
    lines: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    slices: dict[tuple[str, str, str, date, int], tuple[Decimal, Decimal]] = field(default_factory=dict)


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
            if self.target["fiscal_year_start"] <= transaction["transaction_date"] < self.target["end_date"]:
                crediting.credit(transaction)
        self.said.crediting = crediting.said
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
        for seller, component_id in {(p["seller_id"], p["component_id"]) for p in self.world["posted"]}:
            posted = self.posted(seller, component_id)
            if (seller, component_id) not in paid and posted:
                self.said.lines[seller, component_id, "true_up"] = {
                    "earning": None,
                    "earned_before": posted,
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
        plans = {c["plan_id"] for c in self.world["component"] if _role(c) == role}
        return any(p["seller_id"] == seller and p["plan_id"] in plans and in_force(p, day) for p in self.planned())

    def currencies(self, seller: str, role: str, day: date) -> set[str]:
        """The plan currencies in which somebody is paid on this seller's credits of a role that day."""
        return {
            c["currency"]
            for person in self.chain(seller, day)
            for p in self.world["participant"]
            for c in self.world["component"]
            if p["seller_id"] == person and in_force(p, day) and c["plan_id"] == p["plan_id"]
            if _role(c) == role
            if person == seller or c["terms"]["measure"]["whose"] == "team"
        }

    # Paying

    def posted(self, seller: str, component_id: str) -> Decimal:
        return sum(
            (
                p["amount"]
                for p in self.world["posted"]
                if p["seller_id"] == seller and p["component_id"] == component_id
            ),
            ZERO,
        )

    def to_date(self, seller: str, component: Row, before: date) -> Row:
        paying = PayingOracle(self.world, self.said.crediting, self.chain)
        return paying.to_date(seller, component, before)

    def pay(self, seller: str, component: Row) -> None:
        key = (seller, component["component_id"])
        posted = self.posted(*key)
        start = self.to_date(seller, component, self.target["start_date"])
        end = self.to_date(seller, component, self.target["end_date"])
        before = posted if start["earned_to_date"] is None else start["earned_to_date"]
        base = end | {"earned_before": before, "posted_before": posted}
        if base["code"] is None:
            base["earning"] = base["earned_to_date"] - before
        else:
            base["earning"] = base["earned_to_date"] = None
        self.line(*key, "base", base)
        if start["earned_to_date"] is not None and start["earned_to_date"] != posted:
            earning = start["earned_to_date"] - posted
            true_up = start | {"earned_before": posted, "posted_before": posted, "earning": earning, "code": None}
            self.line(*key, "true_up", true_up)

    def line(self, seller: str, component_id: str, kind: str, figures: Row) -> None:
        for (start, ordinal), slice_ in figures.pop("slices").items():
            self.said.slices[seller, component_id, kind, start, ordinal] = slice_
        self.said.lines[seller, component_id, kind] = figures


def _role(component: Row) -> str:
    return "overlay" if component["terms"]["measure"]["whose"] == "overlay" else "direct"
