"""A share of what a team earns is what an independent computation says, whoever reports to whom when."""

import tempfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .oracle import opinion
from .test_oracle import EDGES, assert_agrees, ranges
from .world import Row, World, component, empty_world, run, tiers

REPORTS = {"ada": ("cyd", "dan"), "bob": ("cyd", "dan"), "cyd": ("dan",)}
WINDOWS = ("year", "quarter", "month", "transaction")
SALES = ("300", "1000", "3000", "999.9999", "-500", "100000")
ALWAYS = (date(2020, 1, 1), None)


@st.composite
def teams(draw: st.DrawFn) -> World:
    """Sellers who change their managers, and managers who are paid a share of what they earn, and of sales."""
    world = empty_world(draw(st.sampled_from(("2026-Q4", "2026-Q3", "2026-Q2"))))
    world["settled"] = [period for period in world["settled"] if draw(st.integers(0, 3))]
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    window = {"over": draw(st.sampled_from(WINDOWS)), "paid": "each_period"}
    rate = tiers(("0", "500", "0.05"), ("500", None, "0.1"), input={"figure": "measured"})
    levels = draw(st.sampled_from((None, {"nearest": 1, "furthest": 1}, {"nearest": 2})))
    share: Row = {
        "kind": "override",
        "measure": {"of": "earnings", "whose": "team", "levels": levels, "earned_by": draw(EARNED_BY)},
        "window": {"over": "year", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": draw(st.sampled_from(("0.1", "0.033333")))}},
        "gates": draw(st.sampled_from(([], [GATE]))),
        "limits": draw(st.sampled_from(([], [{"kind": "cap", "per": "year", "amount": "33.3333"}]))),
    }
    team: Row = {"measure": {"of": "revenue", "whose": "team"}, "window": {"over": "year", "paid": "each_period"}}
    own_currency = draw(st.sampled_from(("EUR", "EUR", "EUR", "EUR", "JPY")))
    world["component"] = [
        component("plan-a-0", "plan-a", currency=own_currency, window=window, rate=rate, limits=[]),
        component("plan-b-0", "plan-b", **share),
        component("plan-b-1", "plan-b", kind="bonus", rate=rate, **team),
    ]
    for seller in (*REPORTS, "dan"):
        for start, end in draw(ranges()) if draw(st.booleans()) else [ALWAYS]:
            plan = "plan-b" if seller in ("cyd", "dan") else "plan-a"
            taking_part = {"seller_id": seller, "plan_id": plan, "valid_from": start, "valid_to": end}
            world["participant"].append(taking_part | {"target_incentive": None})
        if seller in REPORTS:
            cut = draw(EDGES | st.dates(date(2026, 1, 2), date(2026, 12, 30)))
            gap = draw(st.sampled_from((0, 0, 40)))
            for start, end in ((date(2020, 1, 1), cut), (cut + timedelta(days=gap), None)):
                line = {"manager_id": draw(st.sampled_from(REPORTS[seller])), "valid_from": start, "valid_to": end}
                world["reporting_line"].append({"seller_id": seller} | line)
    for number in range(draw(st.integers(3, 8))):
        sale = {"transaction_id": f"deal-{number}", "account_id": None, "product_id": None, "currency": own_currency}
        sold = {"transaction_date": draw(EDGES | st.dates(date(2026, 1, 1), date(2026, 12, 31)))}
        world["transaction"].append(sale | sold | {"amount": Decimal(draw(st.sampled_from(SALES)))})
        whole = {"ordinal": 1, "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
        who = {"seller_id": draw(st.sampled_from(("ada", "ada", "bob", "cyd")))}
        world["explicit_split"].append(whole | who | {"transaction_id": f"deal-{number}"})
    return world


EARNED_BY = st.sampled_from((None, None, "commission", "bonus"))
GATE = {"input": {"figure": "measured", "component": "plan-b-1"}, "at_least": "1000", "below": "0.333333"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(teams())
def test_a_share_of_earnings_agrees_with_the_oracle(world: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_agrees(run(world, Path(folder) / "run"), opinion(world), world)
