"""The steps and an independent Decimal computation agree to the last digit, on organisations made to be nasty."""

import itertools
import tempfile
from datetime import date, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.compensation.calculation.artefact import KEPT_IN_SLICES
from app.domain.compensation.calculation.lines import Outcome

from .balance_oracle import movements
from .crediting_oracle import OVERLAYS, Credited, CreditingOpinion
from .documents import components
from .naming import identify
from .oracle import Opinion, opinion
from .world import World, component, empty_world, month_start, run

SELLERS = ("ada", "bob", "cyd", "dan")
CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3}
ACCOUNTS = ("acme", "bolt", "corp")
TERRITORIES = ("north", "south")
PRODUCTS = ("anvil", "bell")
DIRECT = ("explicit_split", "territory_coverage", "account_owner")
BOUNDS = [Decimal(text) for text in ("0.000000", "0.333333", "0.500000", "0.666667", "0.999999", "1.000000")]
ATTAINMENTS = [Decimal(text) for text in ("0.3", "0.5", "0.8", "1", "1.000001", "1.2", "2")]
RATES = [Decimal(text) for text in ("0.05", "0.033333", "0.075", "0.1", "1.5", "0.000001", "0")]
AMOUNTS = st.one_of(
    st.sampled_from([Decimal(text) for text in ("300", "500", "800", "1000", "1200", "3000", "-1000")]),
    st.sampled_from([Decimal(text) for text in ("240", "1000", "360", "600", "999.9999", "0.0001", "0.005")]),
    st.sampled_from([Decimal("9999999999999.9999"), Decimal("-9999999999999.9999"), Decimal("0.01"), Decimal("-0.5")]),
    st.decimals(min_value=Decimal("-1e6"), max_value=Decimal("1e6"), places=4),
)
MONTHLY_QUOTAS = [
    Decimal(text) for text in ("83.3333", "100", "250", "100", "83.3333", "250", "100", "100000", "0", "-1")
] + [None]
CLAWBACKS: list[list[tuple[int, int, Decimal, int | None]]] = [
    [],
    [(0, 90, Decimal(1), None)],
    [(0, 90, Decimal(1), 90)],
    [(0, 31, Decimal(1), None), (31, 61, Decimal("0.333333"), None)],
]
"""From which age to which one, the share, or the days of which the part not served."""
EDGES = st.sampled_from(
    [date(2026, month, day) for month, day in ((4, 1), (5, 1), (5, 15), (6, 30), (3, 31), (2, 1), (1, 1), (7, 1))]
)
WHOLE_WINDOW = (date(2025, 11, 1), date(2026, 11, 30))
DAYS = st.one_of(
    EDGES,
    st.dates(date(2025, 12, 25), date(2026, 7, 31)),
)
DAYS_BEFORE = st.one_of(
    st.sampled_from([day.replace(year=2025) for day in (date(2026, 1, 1), date(2026, 6, 30))]),
    st.dates(date(2024, 10, 1), date(2025, 12, 31)),
)
FULL_YEAR = set(range(1, 13))


@st.composite
def split(draw: st.DrawFn, sellers: tuple[str, ...]) -> list[dict[str, Any]]:
    cuts = sorted(draw(st.sets(st.sampled_from(BOUNDS[1:-1]), max_size=2)))
    bounds = [Decimal(0), *cuts, Decimal(1)]
    return [
        {"ordinal": place, "seller_id": draw(st.sampled_from(sellers)), "cum_lo": low, "cum_hi": high}
        for place, (low, high) in enumerate(itertools.pairwise(bounds), 1)
    ]


@st.composite
def ranges(draw: st.DrawFn) -> list[tuple[date, date | None]]:
    """Zero to two ranges that do not overlap, some open, some with a gap between."""
    # Mostly days on which something else happens too: sales, periods and months begin or end there.
    days = sorted(draw(st.sets(st.one_of(EDGES, EDGES, st.dates(*WHOLE_WINDOW)), min_size=2, max_size=4)))
    choice = draw(st.sampled_from(("all", "two", "all", "all", "two", "all", "one", "none", "all")))
    if choice == "all":
        return [(date(2020, 1, 1), None)]
    if choice == "none":
        return []
    if choice == "one":
        return [(days[0], days[1])]
    return [(date(2020, 1, 1), days[0]), (days[-1] if len(days) > 3 else days[0], None)]


@st.composite
def organisations(draw: st.DrawFn) -> World:
    reach = draw(st.sampled_from((0, 0, 12, 1, 3, 14)))
    world = empty_world(draw(st.sampled_from(("2026-Q2", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"))), reach)
    # A pay period may have been skipped; and a year that was paid to its end is only trued up.
    world["settled"] = [period for period in world["settled"] if draw(st.sampled_from((True, True, True, False)))]
    if draw(st.sampled_from((False, False, False, True))):
        target = world["target_period"][0]
        world["settled"].append({"period_code": target["period_code"], "end_date": target["end_date"]})
    _rules(draw, world)
    _crediting(draw, world)
    _plans(draw, world)
    for number in range(draw(st.sampled_from((8, 6, 5, 3, 0)))):
        name = f"deal-{number}"
        world["transaction"].append(
            {
                "transaction_id": name,
                "account_id": draw(st.sampled_from((*ACCOUNTS, *ACCOUNTS, None))),
                "kind": draw(st.sampled_from(("booking", "booking", "return"))),
                "product_id": draw(st.sampled_from((*PRODUCTS, None))),
                "transaction_date": draw(DAYS_BEFORE if reach and draw(st.integers(0, 2)) == 0 else DAYS),
                "amount": draw(AMOUNTS),
                "margin": draw(AMOUNTS | st.none()),
                "quantity": draw(st.sampled_from((Decimal(1), Decimal("2.5"), Decimal("-0.3333"), None))),
                "currency": draw(st.sampled_from(("EUR", "EUR", "EUR", "EUR", "JPY", "USD", "KWD"))),
            }
        )
        if draw(st.booleans()):
            term = draw(st.sampled_from((None, 12, 24, 36)))
            discount = draw(st.sampled_from((None, Decimal(0), Decimal("0.1"), Decimal("0.333333"))))
            known = {"renewal": draw(st.booleans()), "term_months": term, "discount": discount}
            world["trait"].append({"transaction_id": name} | known)
        labels = draw(st.sets(st.sampled_from(("upsell", "prepaid", "self_sourced")), max_size=2))
        world["label"] += [{"transaction_id": name, "label": label} for label in sorted(labels)]
        if draw(st.integers(0, 3)) == 0:
            world["explicit_split"] += [{"transaction_id": name} | share for share in draw(split(SELLERS))]
        _manual(draw, world, name)
    _balances(draw, world)
    return world


def _returns(draw: st.DrawFn, world: World, origins: list[str]) -> None:
    """Some deals come back, some of them more than once and by halves; some components claw back."""
    for row in world["component"]:
        name, terms = row["component_id"], row["terms"]
        counted = terms["measure"]["of"] not in ("customers", "activity", "objective_score", "earnings")
        steps = draw(st.sampled_from(CLAWBACKS)) if counted else []
        if steps:
            terms["clawback"] = {"method": "full", "days": 90}
        for start, end, share, days in steps:
            step = {"from_day": start, "to_day": end, "share": share, "days": days}
            world["clawback"].append({"component_id": name} | step)
        for seller, origin in itertools.product(SELLERS, origins):
            if steps and draw(st.integers(0, 19)) == 0:
                deal = f"deal-{draw(st.integers(0, 7))}"
                key = {"seller_id": seller, "component_id": name, "period_code": origin, "transaction_id": deal}
                world["clawed"].append(key | {"amount": Decimal(draw(st.integers(0, 50)))})
    for place, sold in enumerate([t for t in world["transaction"] if t["amount"] > 0]):
        for again in range(draw(st.sampled_from((0, 1, 2)))):
            part = draw(st.sampled_from((Decimal(1), Decimal("0.5"))))
            amount = max(Decimal("0.0001"), (sold["amount"] * part).quantize(Decimal("0.0001")))
            named = {"return_id": f"return-{place}-{again}", "transaction_id": sold["transaction_id"]}
            age = draw(st.sampled_from((0, 15, 30, 31, 45, 60, 61, 89, 90)))
            figures = {"age_days": age, "amount": amount, "original_amount": sold["amount"]}
            world["takeback"].append(named | figures)
    for returned in world["transaction"]:
        if returned["amount"] < 0 and draw(st.booleans()):
            returned["kind"] = "takeback"


def _rules(draw: st.DrawFn, world: World) -> None:
    """Rules of every kind in any order, some for a time, some for some products or accounts only."""
    kinds = draw(st.permutations([*DIRECT, draw(st.sampled_from(DIRECT)), *OVERLAYS]))
    for place, kind in enumerate(kinds[: draw(st.integers(1, 6))], 1):
        start, end = draw(st.sampled_from(((date(2020, 1, 1), None), (date(2020, 1, 1), None), *draw(ranges()))))
        rule = {"rule_id": f"rule-{place}", "ordinal": place, "kind": kind, "valid_from": start, "valid_to": end}
        for column, relation, key, values in (
            ("some_products", "rule_product", "product_id", PRODUCTS),
            ("some_accounts", "rule_account", "account_id", ACCOUNTS),
        ):
            rule[column] = draw(st.integers(0, 4)) == 0
            if rule[column]:
                chosen = draw(st.sets(st.sampled_from(values), max_size=2))
                world[relation] += [{"rule_id": rule["rule_id"], key: value} for value in sorted(chosen)]
        world["crediting_rule"].append(rule)
        for number in range(draw(st.integers(0, 3)) if kind in OVERLAYS else 0):
            _overlay(draw, world, f"rule-{place}", number)


def _overlay(draw: st.DrawFn, world: World, rule: str, number: int) -> None:
    at = draw(st.sampled_from(("account_id", "territory_id", "product_id")))
    row: dict[str, Any] = dict.fromkeys(("account_id", "territory_id", "product_id"))
    row |= {
        "assignment_id": f"{rule}-overlay-{number}",
        "rule_id": rule,
        "ordinal": number + 1,
        "seller_id": draw(st.sampled_from(SELLERS)),
        "share": draw(st.sampled_from(BOUNDS[1:])),
        "valid_from": draw(st.sampled_from((date(2020, 1, 1), date(2026, 4, 1)))),
        "valid_to": draw(st.sampled_from((None, date(2026, 5, 15)))),
    }
    row["product_id"] = draw(st.sampled_from((*PRODUCTS, None)))
    row[at] = draw(st.sampled_from({"account_id": ACCOUNTS, "territory_id": TERRITORIES, "product_id": PRODUCTS}[at]))
    world["overlay"].append(row)


def _manual(draw: st.DrawFn, world: World, name: str) -> None:
    mode = draw(st.sampled_from((None, None, None, None, "instead", "in_addition", "overlay")))
    if mode is None:
        return
    shares = draw(split(SELLERS))
    if mode != "instead":
        shares = [share | {"cum_lo": Decimal(0), "cum_hi": share["cum_hi"] - share["cum_lo"]} for share in shares]
    credit = {"credit_id": f"{name}-manual", "transaction_id": name, "mode": mode}
    world["manual_credit"] += [credit | share for share in shares]


def _balances(draw: st.DrawFn, world: World) -> None:
    """What sellers owe and draw, what is held back of them, and what earlier years hand over."""
    origins = [period["period_code"] for period in world["settled"]] + [world["target_period"][0]["period_code"]]
    components = {c["component_id"]: c for c in world["component"]}
    for name, terms in components.items():
        if draw(st.booleans()):
            share = draw(st.sampled_from([Decimal("0.2"), Decimal("0.333333"), Decimal(1)]))
            world["holdback"] += [
                {"component_id": name, "period_code": origin, "share": share, "released": draw(st.booleans())}
                for origin in dict.fromkeys(origins)
            ]
        for seller, origin in itertools.product(SELLERS, dict.fromkeys(origins)):
            key = {"seller_id": seller, "component_id": name, "period_code": origin}
            if draw(st.integers(0, 9)) == 0:
                kept = Decimal(draw(st.integers(0, 90)))
                released = Decimal(draw(st.integers(0, int(kept))))
                figures = {"earned": kept * 5, "held": kept, "released": released}
                money = {"currency": terms["currency"], "minor_digits": CURRENCIES[terms["currency"]]}
                world["held"].append(key | money | figures)
            if draw(st.integers(0, 9)) == 0:
                world["release"].append(key | {"share": draw(st.sampled_from([Decimal("0.5"), Decimal(1)]))})
    _returns(draw, world, list(dict.fromkeys(origins)))
    for seller, currency in itertools.product(SELLERS, CURRENCIES):
        whose = {"seller_id": seller, "currency": currency, "minor_digits": CURRENCIES[currency]}
        some = st.sampled_from([Decimal(text) for text in ("0", "100", "1000", "25", "700")])
        if draw(st.integers(0, 3)) == 0:
            drawn: dict[str, Any] = {"guarantee": draw(some), "advance": draw(some)}
            share = draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("0.333333")]))
            world["draw"].append(whose | drawn | {"recovery_share": share, "forgive": draw(st.booleans())})
        if draw(st.integers(0, 3)) == 0:
            world["owed"].append(whose | {"draw": draw(some), "debt": draw(some)})
        if draw(st.integers(0, 3)) == 0:
            adjusted = {"adjustment_id": f"{seller}-{currency}", "amount": Decimal(draw(st.integers(-900, 900)))}
            world["adjustment"].append(whose | adjusted)
        if draw(st.integers(0, 5)) == 0:
            earlier = {"component_id": f"earlier-{currency}", "period_code": "2025-Q4"}
            world["brought"].append(whose | earlier | {"amount": Decimal(draw(st.integers(-900, 900)))})


def _crediting(draw: st.DrawFn, world: World) -> None:
    for account in ACCOUNTS:
        for start, end in draw(ranges()):
            territory = draw(st.sampled_from(TERRITORIES))
            world["membership"].append(
                {"account_id": account, "territory_id": territory, "valid_from": start, "valid_to": end}
            )
        for start, end in draw(ranges()):
            owner = draw(st.sampled_from(SELLERS))
            world["account_owner"].append(
                {"account_id": account, "seller_id": owner, "valid_from": start, "valid_to": end}
            )
    for territory in TERRITORIES:
        for start, end in draw(ranges()):
            dated = {"territory_id": territory, "valid_from": start, "valid_to": end}
            shares = draw(split(SELLERS))
            # The last part of a territory may be vacant.
            filled = shares[: draw(st.sampled_from([len(shares), len(shares), len(shares) - 1]))]
            world["coverage"] += [dated | share for share in filled]
    for seller, managers in (("ada", ("cyd", "dan")), ("bob", ("cyd", "dan")), ("cyd", ("dan",))):
        for start, end in draw(ranges()):
            manager = draw(st.sampled_from(managers))
            world["reporting_line"].append(
                {"seller_id": seller, "manager_id": manager, "valid_from": start, "valid_to": end}
            )
    for currency in CURRENCIES:
        same = {"from_currency": currency, "to_currency": f"{currency}@BUDGET", "rate": Decimal(1)}
        world["fx_rate"].append(same | {"valid_from": date(2020, 1, 1), "valid_to": None})
    pairs = (("EUR", "JPY"), ("JPY", "EUR"), ("USD", "EUR"), ("USD", "KWD"), ("EUR", "KWD"))
    for given_, wanted in (*pairs, ("USD", "EUR@BUDGET"), ("JPY", "EUR@BUDGET"), ("EUR", "KWD@BUDGET")):
        for start, end in draw(ranges()):
            rate = draw(
                st.sampled_from([Decimal("0.006173"), Decimal("1.083333333"), Decimal("162.5"), Decimal("97000")])
            )
            world["fx_rate"].append(
                {"from_currency": given_, "to_currency": wanted, "valid_from": start, "valid_to": end, "rate": rate}
            )


def _plans(draw: st.DrawFn, world: World) -> None:
    for plan in ("plan-a", "plan-b"):
        currency = draw(st.sampled_from(("EUR", "EUR", "JPY", "KWD")))
        rates = draw(st.sampled_from(("SPOT", "SPOT", "BUDGET")))
        known: tuple[dict[str, Any], ...] = ()
        for number in range(draw(st.integers(1, 2))):
            name = f"{plan}-{number}"
            terms = draw(components(name, known))
            known = (*known, terms)
            row = {"component_id": name, "plan_id": plan, "currency": currency, "exchange_rates": rates}
            world["component"].append(row | {"terms": terms})
            for seller, period in itertools.product(SELLERS, world["settled"]):
                if draw(st.sampled_from((False, False, False, False, False, True))):
                    world["posted"].append(
                        {
                            "seller_id": seller,
                            "component_id": name,
                            "period_code": period["period_code"],
                            "amount": Decimal(draw(st.integers(-500, 500))),
                        }
                    )
            _done(draw, world, name, terms["measure"]["of"])
    for seller in SELLERS:
        for start, end in draw(ranges()):
            incentive = draw(st.sampled_from((Decimal(12000), Decimal("10000.01"), None)))
            world["participant"].append(
                {
                    "seller_id": seller,
                    "plan_id": draw(st.sampled_from(("plan-a", "plan-b"))),
                    "valid_from": start,
                    "valid_to": end,
                    "target_incentive": incentive,
                }
            )
        _quotas(draw, world, seller)


def _quotas(draw: st.DrawFn, world: World, seller: str) -> None:
    monthly = draw(st.sampled_from(MONTHLY_QUOTAS))
    if monthly is None:
        return
    months = draw(st.sampled_from((FULL_YEAR, FULL_YEAR, FULL_YEAR, FULL_YEAR, {1}, {4, 5}, {3, 6, 9, 12})))
    codes = [f"2026-{month:02}" for month in sorted(months)]
    codes += [row["period_code"] for row in world["period"] if row["fiscal_year"] < 2026 and draw(st.integers(0, 3))]
    for code in codes:
        for measure, currency in itertools.product(("revenue", "margin", "bookings"), ("EUR", "JPY", "KWD")):
            row = {"seller_id": seller, "measure": measure, "currency": currency, "amount": monthly}
            world["quota"].append(row | {"period_code": code})
        for measure in ("units", "activity"):
            row = {"seller_id": seller, "measure": measure, "currency": "XXX", "amount": monthly}
            world["quota"].append(row | {"period_code": code})


def _done(draw: st.DrawFn, world: World, component_id: str, of: str) -> None:
    """Activities and objectives of a component that measures them."""
    for seller in SELLERS[: 3 if of in ("activity", "objective_score") else 0]:
        if of == "activity":
            days = draw(st.sets(DAYS, max_size=3))
            world["activity"] += [
                {
                    "component_id": component_id,
                    "seller_id": seller,
                    "activity_date": day,
                    "done": draw(st.integers(1, 90)),
                }
                for day in sorted(days)
            ]
            continue
        for start in draw(st.sets(st.sampled_from((1, 4, 7)), max_size=3)):
            score = draw(st.sampled_from([*map(Decimal, ("1", "0.333333", "1.25", "0")), None]))
            dates = {"start_date": month_start(start), "end_date": month_start(start + 3)}
            weight = draw(st.sampled_from((Decimal(1), Decimal("0.4"))))
            row = {"component_id": component_id, "seller_id": seller, "weight": weight, "score": score}
            world["objective"].append(row | dates)


def _names() -> dict[Any, str]:
    names = [*SELLERS, *ACCOUNTS, *TERRITORIES, "plan-a", "plan-b", *(f"deal-{number}" for number in range(8))]
    names += [f"plan-{plan}-{number}" for plan in "ab" for number in range(2)]
    names += [f"earlier-{currency}" for currency in CURRENCIES]
    names += [f"deal-{number}-manual" for number in range(8)]
    names += [f"rule-{place}-overlay-{number}" for place in range(1, 7) for number in range(3)]
    return {identify(name): name for name in names}


NAMES = _names()
FIGURES = (
    "kind",
    "window_start",
    "target",
    "credited_to_date",
    "quota_to_date",
    "quota_window",
    "attainment",
    "tier_reached",
    "earned_to_date",
    "earned_before",
    "posted_before",
    "earning",
    "code",
)


def assert_agrees(outcome: Outcome, said: Opinion, world: World) -> None:
    lines = {
        (NAMES[line.seller_id], NAMES[line.component_id], line.origin): {
            figure: getattr(line, figure) for figure in FIGURES
        }
        for line in outcome.lines
    }
    assert lines == {key: {figure: line.get(figure) for figure in FIGURES} for key, line in said.lines.items()}
    slices = {
        (NAMES[s.seller_id], NAMES[s.component_id], s.origin, s.window_start, s.ordinal): (s.amount, s.earned)
        for s in outcome.slices
    }
    assert slices == said.slices
    assert_credits_agree(outcome, said.crediting)
    moved = {
        (
            *(NAMES[m.seller_id], m.currency, m.kind),
            *(NAMES[m.component_id] if m.component_id else None, m.origin),
            NAMES[m.transaction_id] if m.transaction_id else None,
        ): m.amount
        for m in outcome.movements
    }
    with localcontext() as context:
        context.prec = 100
        assert moved == movements(world, said)
    assert all(total.payable >= 0 for total in outcome.totals)


def assert_credits_agree(outcome: Outcome, said: CreditingOpinion) -> None:
    credited = {
        (
            *(NAMES[row["transaction_id"]], row["role"], row["rule_ordinal"], row["rule"], NAMES[row["source_id"]]),
            *(row["split_ordinal"], NAMES[row["seller_id"]], row["currency"]),
        ): Credited(row["amount"], row["margin"], row["quantity"], row["deals"])
        for row in kept(outcome, "credit")
    }
    assert credited == said.credits
    lost = {
        (
            *(NAMES[row["transaction_id"]], row["rule_ordinal"], row["rule"], NAMES[row["source_id"]]),
            *(row["split_ordinal"], NAMES[row["seller_id"]], row["reason"], row["winning_rule"]),
        )
        for row in kept(outcome, "lost")
    }
    assert lost == said.lost
    assert {NAMES[row["transaction_id"]]: row["reason"] for row in kept(outcome, "uncredited")} == said.uncredited


def kept(outcome: Outcome, relation: str) -> list[dict[str, Any]]:
    of = outcome.artefact / (relation if relation in KEPT_IN_SLICES else f"{relation}.parquet")
    rows: list[dict[str, Any]] = pq.read_table(of).to_pylist()
    return rows


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(organisations())
def test_steps_agree_with_the_oracle(world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_agrees(run(world, Path(folder) / "run"), opinion(world), world)


def test_thirds_of_a_large_odd_amount_add_up(tmp_path: Path) -> None:
    world = empty_world("2026-Q1")
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    world["component"] = [component("plan-a-0", "plan-a")]
    amount = Decimal("9999999999999.9999")
    world["transaction"] = [
        {
            "transaction_id": "deal-0",
            "account_id": None,
            "product_id": None,
            "transaction_date": month_start(1) + timedelta(days=3),
            "amount": amount,
            "currency": "EUR",
        }
    ]
    bounds = [Decimal(0), Decimal("0.333333"), Decimal("0.666667"), Decimal(1)]
    for place, seller in enumerate(SELLERS[:3]):
        world["explicit_split"].append(
            {
                "transaction_id": "deal-0",
                "ordinal": place + 1,
                "seller_id": seller,
                "cum_lo": bounds[place],
                "cum_hi": bounds[place + 1],
            }
        )
        world["participant"].append(
            {"seller_id": seller, "plan_id": "plan-a", "valid_from": month_start(1), "valid_to": None}
        )
    outcome = run(world, tmp_path / "run")
    shares = [row["amount"] for row in kept(outcome, "credit")]
    assert len(shares) == 3
    assert sum(shares) == amount
