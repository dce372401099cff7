"""An independent opinion on who is credited for what: one transaction at a time, as an analyst would say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = dict[str, Any]
World = dict[str, list[Row]]
OVERLAYS = ("named_overlay", "product_specialist")

CreditKey = tuple[str, str, int, str, str, int, str, str]
"""Transaction, role, rule ordinal, rule, source, split ordinal, seller, currency."""


@dataclass(frozen=True)
class Claim:
    """Somebody who is named for a transaction."""

    role: str
    rank: int
    rule: str
    source: str
    ordinal: int
    seller: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Credited:
    """What a credit is worth; None is unknown."""

    amount: Decimal | None
    margin: Decimal | None
    quantity: Decimal | None
    deals: Decimal


@dataclass
class CreditingOpinion:
    """Who is credited, who lost, and what nobody gets."""

    credits: dict[CreditKey, Credited] = field(default_factory=dict)
    lost: set[tuple[str, int, str, str, int, str, str, str]] = field(default_factory=set)
    uncredited: dict[str, str] = field(default_factory=dict)


def half_up(value: Decimal, digits: int) -> Decimal:
    """Half away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def in_force(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row.get("valid_to") is None or day < row["valid_to"]))


class CreditingOracle:
    """Knows the world; `paid(seller, role, day)` names the plan currencies that count a seller's credits of a role.

    `takes_part(seller, role, day)` says whether the seller's own plan does.
    """

    def __init__(
        self,
        world: World,
        paid: Callable[[str, str, date], set[str]],
        takes_part: Callable[[str, str, date], bool],
    ) -> None:
        self.world = world
        self.paid = paid
        self.takes_part = takes_part
        self.said = CreditingOpinion()

    def credit(self, sale: Row) -> None:
        """Say everything about one transaction."""
        name, day = sale["transaction_id"], sale["transaction_date"]
        winners = self._winners(sale)
        direct: list[Credited] = []
        for claim in winners:
            if not self.takes_part(claim.seller, claim.role, day):
                self._lose(name, claim, "not_eligible", claim.rule)
            for currency in self.paid(claim.seller, claim.role, day):
                worth = self._worth(sale, claim, currency)
                key = (name, claim.role, claim.rank, claim.rule, claim.source, claim.ordinal, claim.seller, currency)
                self.said.credits[key] = worth
                if worth.amount is None:
                    self._lose(name, claim, "no_rate_for_currency", claim.rule)
                if claim.role == "direct":
                    direct.append(worth)
        reason = _uncredited([claim for claim in winners if claim.role == "direct"], direct)
        if reason:
            self.said.uncredited[name] = reason

    def _winners(self, sale: Row) -> list[Claim]:
        name, claims = sale["transaction_id"], list(self._claims(sale))
        ranks = [claim.rank for claim in claims if claim.role == "direct" and claim.rank >= 0]
        winner = next((c.rule for c in claims if ranks and c.rank == min(ranks) and c.role == "direct"), None)
        winners: list[Claim] = []
        for claim in claims:
            if claim.role == "direct" and claim.rank >= 0 and claim.rank > min(ranks):
                self._lose(name, claim, "lower_precedence", str(winner))
            elif self._narrower(claims, claim):
                self._lose(name, claim, "named_twice", claim.rule)
            else:
                winners.append(claim)
        return winners

    def _lose(self, name: str, claim: Claim, reason: str, winner: str) -> None:
        self.said.lost.add((name, claim.rank, claim.rule, claim.source, claim.ordinal, claim.seller, reason, winner))

    def _narrower(self, claims: list[Claim], claim: Claim) -> bool:
        """Whether the same overlay rule names the same seller by a narrower assignment."""
        return (
            claim.role == "overlay"
            and claim.rank > 0
            and any(
                (other.rank, other.seller) == (claim.rank, claim.seller) and other.ordinal < claim.ordinal
                for other in claims
            )
        )

    def _claims(self, sale: Row) -> Iterator[Claim]:
        for row in self.world["manual_credit"]:
            if row["transaction_id"] == sale["transaction_id"]:
                role = "overlay" if row["mode"] == "overlay" else "direct"
                rank = 0 if row["mode"] == "instead" else -1
                bounds = row["cum_lo"], row["cum_hi"]
                yield Claim(role, rank, "manual", row["credit_id"], row["ordinal"], row["seller_id"], *bounds)
        for rule in self.world["crediting_rule"]:
            if self._applies(rule, sale):
                yield from self._named(rule, sale)

    def _applies(self, rule: Row, sale: Row) -> bool:
        if not in_force({"valid_from": date.min} | rule, sale["transaction_date"]):
            return False
        for limited, relation, column in (
            ("some_products", "rule_product", "product_id"),
            ("some_accounts", "rule_account", "account_id"),
        ):
            if rule.get(limited) and not any(
                row["rule_id"] == rule["rule_id"] and row[column] == sale[column] for row in self.world[relation]
            ):
                return False
        return True

    def _named(self, rule: Row, sale: Row) -> Iterator[Claim]:
        kind, rank = rule["kind"], rule["ordinal"]
        account, day = sale["account_id"], sale["transaction_date"]
        homes = [
            row["territory_id"]
            for row in self.world["membership"]
            if row["account_id"] == account and in_force(row, day)
        ]
        if kind == "explicit_split":
            for row in self.world[kind]:
                if row["transaction_id"] == sale["transaction_id"]:
                    bounds = row["cum_lo"], row["cum_hi"]
                    yield Claim("direct", rank, kind, sale["transaction_id"], row["ordinal"], row["seller_id"], *bounds)
        elif kind == "territory_coverage":
            for row in self.world["coverage"]:
                if row["territory_id"] in homes and in_force(row, day):
                    bounds = row["cum_lo"], row["cum_hi"]
                    yield Claim("direct", rank, kind, row["territory_id"], row["ordinal"], row["seller_id"], *bounds)
        elif kind == "account_owner":
            for row in self.world[kind]:
                if row["account_id"] == account and in_force(row, day):
                    yield Claim("direct", rank, kind, account, 1, row["seller_id"], Decimal(0), Decimal(1))
        else:
            for row in self.world["overlay"]:
                if row["rule_id"] == rule["rule_id"] and in_force(row, day) and _meant(row, sale, homes):
                    share = row["share"]
                    source = row["assignment_id"]
                    yield Claim("overlay", rank, kind, source, row["ordinal"], row["seller_id"], Decimal(0), share)

    def _worth(self, sale: Row, claim: Claim, currency: str) -> Credited:
        def part(whole: Decimal | None) -> Decimal | None:
            return None if whole is None else half_up(whole * claim.high, 4) - half_up(whole * claim.low, 4)

        deals = claim.high - claim.low
        return Credited(
            part(self._convert(sale, sale["amount"], currency)),
            part(self._convert(sale, sale.get("margin"), currency)),
            part(sale.get("quantity")),
            -deals if sale.get("kind") in ("return", "takeback") else deals,
        )

    def _convert(self, sale: Row, amount: Decimal | None, wanted: str) -> Decimal | None:
        if amount is None or sale["currency"] == wanted:
            return amount
        for rate in self.world["fx_rate"]:
            pair = rate["from_currency"], rate["to_currency"]
            if pair == (sale["currency"], wanted) and in_force(rate, sale["transaction_date"]):
                return half_up(amount * rate["rate"], 4)
        return None


def _uncredited(claims: list[Claim], credited: list[Credited]) -> str | None:
    if not claims:
        return "no_rule_applies"
    if not credited:
        return "not_eligible"
    if all(worth.amount is None for worth in credited):
        return "no_rate_for_currency"
    competing = [claim.high for claim in claims if claim.rank >= 0]
    return "partly_covered" if competing and max(competing) < 1 else None


def _meant(row: Row, sale: Row, homes: list[str]) -> bool:
    """Whether everything an overlay assignment names is the transaction's."""
    return (
        row["account_id"] in (None, sale["account_id"])
        and row["product_id"] in (None, sale["product_id"])
        and (row["territory_id"] is None or row["territory_id"] in homes)
    )
