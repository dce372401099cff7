"""An independent opinion on balances: what is held back, drawn, recovered and carried, seller by seller in Decimal."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .oracle import Opinion

Row = dict[str, Any]
ZERO = Decimal(0)
_DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
Moved = dict[tuple[str, str, str, str | None, str | None, str | None], Decimal]


def half_up(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def movements(world: dict[str, list[Row]], said: Opinion) -> Moved:
    """What moves, by seller, currency, kind, component, origin and transaction."""
    lines = said.lines
    digits = {c["component_id"]: _DIGITS[c["currency"]] for c in world["component"]}
    currencies = {c["component_id"]: c["currency"] for c in world["component"]}
    due: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for key, line in lines.items():
        if line.get("earning") is not None:
            due[key] += line["earning"]
    for row in world["brought"]:
        due[row["seller_id"], row["component_id"], row["period_code"]] += row["amount"]
        digits[row["component_id"]], currencies[row["component_id"]] = row["minor_digits"], row["currency"]
    moved: Moved = {}
    pay: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (seller, component, _), amount in due.items():
        pay[seller, currencies[component]] += amount
    unpaid: dict[tuple[str, str, str], Decimal] = {}
    for key in {*due, *((h["seller_id"], h["component_id"], h["period_code"]) for h in world["held"])}:
        seller, component, origin = key
        held, released, unpaid[key] = _held(world, key, due[key], digits[component])
        currency = currencies[component]
        moved[seller, currency, "holdback", component, origin, None] = -held
        moved[seller, currency, "release", component, origin, None] = released
        pay[seller, currency] += released - held
    claims: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (seller, component, origin, deal), amount in _taken_back(world, said, unpaid, digits).items():
        currency = currencies[component]
        moved[seller, currency, "clawback", component, origin, deal] = amount
        claims[seller, currency] += amount
    owing = {(o["seller_id"], o["currency"]) for name in ("owed", "draw", "adjustment") for o in world[name]}
    for seller, currency in {*pay, *owing, *claims}:
        found = _paid(world, seller, currency, pay[seller, currency], claims[seller, currency])
        for kind, amount in found.items():
            moved[seller, currency, kind, None, None, None] = amount
    return {key: amount for key, amount in moved.items() if amount}


def _taken_back(
    world: dict[str, list[Row]], said: Opinion, unpaid: dict[tuple[str, str, str], Decimal], digits: dict[str, int]
) -> dict[tuple[str, str, str, str], Decimal]:
    """What more is taken back for each returned deal: its part in what its period earned and paid, by its age."""
    found: dict[tuple[str, str, str, str], Decimal] = {}
    for key, earned in said.periods.items():
        for deal, credited in said.deals[key].items():
            part, counted = _returned(world, key[1], deal), sum(said.deals[key].values(), ZERO)
            paid = earned - unpaid.get(key, ZERO)
            if singly := said.singly.get(key):
                # It earned something by itself, of which limits of longer times or a holdback may leave less.
                credited, counted = singly[deal], sum(singly.values(), ZERO)
                if paid >= counted:
                    paid, counted = credited, credited
            if part is None or not counted:
                continue
            weight = min(Decimal(1), max(ZERO, half_up(credited / counted, 12)))
            found[*key, deal] = half_up(max(ZERO, paid) * half_up(weight * part, 12), digits[key[1]])
    for row in world["clawed"]:
        known = (row["seller_id"], row["component_id"], row["period_code"], row["transaction_id"])
        found[known] = found.get(known, ZERO) - row["amount"]
    return found


def _returned(world: dict[str, list[Row]], component: str, deal: str) -> Decimal | None:
    """The part of a deal that is taken back; None when no return of it falls in an age that is."""
    parts = []
    for row in world["takeback"]:
        for step in world["clawback"]:
            young = step["from_day"] <= row["age_days"] < step["to_day"]
            if (row["transaction_id"], step["component_id"]) == (deal, component) and young:
                share = step["share"]
                if step["days"] is not None:
                    share = half_up(Decimal(step["days"] - row["age_days"]) / step["days"], 6)
                parts.append(half_up(row["amount"] / row["original_amount"], 12) * share)
    return min(Decimal(1), half_up(sum(parts, ZERO), 12)) if parts else None


def _held(
    world: dict[str, list[Row]], key: tuple[str, str, str], due: Decimal, digits: int
) -> tuple[Decimal, Decimal, Decimal]:
    """What more is held back, what more is released, and what is kept back after both."""
    _, component, origin = key
    terms = [h for h in world["holdback"] if (h["component_id"], h["period_code"]) == (component, origin)]
    if not terms:
        return ZERO, ZERO, ZERO
    before = {"earned": ZERO, "held": ZERO, "released": ZERO}
    for row in world["held"]:
        if (row["seller_id"], row["component_id"], row["period_code"]) == key:
            before = row
    held = half_up(max(ZERO, before["earned"] + due) * terms[0]["share"], digits)
    shares = [r["share"] for r in world["release"] if (r["seller_id"], r["component_id"], r["period_code"]) == key]
    share = Decimal(1) if terms[0]["released"] else max(shares, default=ZERO)
    released = half_up(held * share, digits)
    return held - before["held"], released - before["released"], held - released


def _paid(
    world: dict[str, list[Row]], seller: str, currency: str, earned: Decimal, claimed: Decimal
) -> dict[str, Decimal]:
    def of(name: str) -> list[Row]:
        return [row for row in world[name] if (row["seller_id"], row["currency"]) == (seller, currency)]

    [draw] = of("draw") or [
        {"guarantee": ZERO, "advance": ZERO, "recovery_share": Decimal(1), "forgive": False, "minor_digits": 2}
    ]
    [owed] = of("owed") or [{"draw": ZERO, "debt": ZERO, "minor_digits": 2}]
    rows = [*of("draw"), *of("owed"), *of("adjustment")]
    digits = rows[0]["minor_digits"] if rows else 4
    said: dict[str, Decimal] = {}
    # A guarantee fills up to its amount; earnings below zero stay owed.
    said["guarantee"] = max(ZERO, draw["guarantee"] - max(ZERO, earned))
    beyond = earned - draw["guarantee"] if earned > draw["guarantee"] else min(earned, ZERO)
    said["draw_advance"] = max(ZERO, draw["advance"] - beyond) if draw["advance"] else ZERO
    surplus = max(ZERO, beyond - draw["advance"])
    recovered = min(owed["draw"], half_up(surplus * draw["recovery_share"], digits))
    said["draw_recovery"] = -recovered
    said["draw_forgiveness"] = owed["draw"] + said["draw_advance"] - recovered if draw["forgive"] else ZERO
    pay = earned + said["guarantee"] + said["draw_advance"] - recovered + sum(a["amount"] for a in of("adjustment"))
    said["carried"] = max(ZERO, -pay)
    said["recovery"] = -min(owed["debt"] + claimed, max(ZERO, pay - draw["guarantee"] - draw["advance"]))
    return said
