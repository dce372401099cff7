"""An independent opinion on pay: slow loops over plain rows in Decimal, sharing no code with the steps.

It is written from the rules as an analyst would say them, one transaction and one seller at a time.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from .crediting_oracle import CreditingOpinion, CreditingOracle, Row, World, half_up, in_force

ZERO = Decimal(0)


@dataclass
class Opinion:
    """Everything the oracle says, keyed by the names used in the world."""

    crediting: CreditingOpinion = field(default_factory=CreditingOpinion)
    lines: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    slices: dict[tuple[str, str, str, int], tuple[Decimal, Decimal]] = field(default_factory=dict)


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
        plans = {c["plan_id"] for c in self.world["component"] if c.get("role", "direct") == role}
        return any(p["seller_id"] == seller and p["plan_id"] in plans and in_force(p, day) for p in self.planned())

    def currencies(self, seller: str, role: str, day: date) -> set[str]:
        """The plan currencies in which somebody is paid on this seller's credits of a role that day."""
        return {
            c["currency"]
            for person in self.chain(seller, day)
            for p in self.world["participant"]
            for c in self.world["component"]
            if p["seller_id"] == person and in_force(p, day) and c["plan_id"] == p["plan_id"]
            if c.get("role", "direct") == role
            if person == seller or c["rollup"]
        }

    # Paying

    def counted(self, seller: str, component: Row, before: date) -> list[Decimal | None]:
        days = {t["transaction_id"]: t["transaction_date"] for t in self.world["transaction"]}
        found = []
        for (name, role, _, _, _, _, credited, currency), worth in self.said.crediting.credits.items():
            day = days[name]
            takes_part = any(
                p["seller_id"] == seller and p["plan_id"] == component["plan_id"] and in_force(p, day)
                for p in self.world["participant"]
            )
            mine = seller == credited or (component["rollup"] and seller in self.chain(credited, day))
            counts = role == component.get("role", "direct") and currency == component["currency"]
            if day < before and counts and takes_part and mine:
                found.append(worth.amount)
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
        for ordinal, slice_ in figures.pop("slices").items():
            self.said.slices[seller, component_id, kind, ordinal] = slice_
        self.said.lines[seller, component_id, kind] = figures
