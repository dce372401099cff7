"""Figures of plans: spread over months and handed down the line, exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError
from app.domain.plans.rules.figures import cut
from tests.domain.plans.conftest import CONTENT


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


@given(
    st.decimals(min_value=-(10**13), max_value=10**13, places=4),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.lists(st.decimals(min_value=0, max_value=999, places=6), min_size=1, max_size=50).filter(any),
)
def test_the_parts_sum_to_the_whole_and_nobody_without_weight_gets_any(
    amount: Decimal, currency: str, weights: list[Decimal]
) -> None:
    parts = cut(amount, currency, weights)
    assert sum(parts) == amount
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
    step = Decimal("0.0001") if currency != "JPY" else Decimal(1)
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(abs(part - wanted) <= max(step, Decimal("0.01")) for part, wanted in zip(parts, exact, strict=True))


async def test_a_plan_is_handed_down_to_those_who_report_to_its_owner_and_sums_exactly(desk: Any) -> None:
    plan = await desk.draft("ada", sections={**CONTENT, "revenue": {"2026-Q1": money("100.01"), "2026-Q2": money("7")}})
    done = await desk.company.do("ada", "cascade_plan", plan)
    assert {(part.owner_id, part.created, part.held) for part in done.plans} == {
        (desk.company.sellers[name], True, False) for name in ("bob", "cleo")
    }
    rows = await desk.company.page("ada", "cascade_balance", ("plan_id", str(plan)))
    assert {(row["measure"], row["period_code"], row["gap"], row["status"]) for row in rows} == {
        ("revenue", "2026-Q1", "0.00", "balanced"), ("revenue", "2026-Q2", "0.00", "balanced"),
        ("margin", "2026", "0.00", "balanced"),
    }  # fmt: skip
    seen = await desk.company.page("bob", "plan", ("kind", "revenue_plan"))
    assert [(part["parent_id"], part["completeness"]) for part in seen] == [(str(plan), "0.40")]
    assert await desk.company.page("bob", "cascade_balance") == []
    again = await desk.company.do("ada", "cascade_plan", plan)
    assert [(part.plan_id, part.created) for part in again.plans] == [(p.plan_id, False) for p in done.plans]


async def test_a_submitted_part_keeps_its_figures_and_the_others_share_the_rest(desk: Any) -> None:
    plan = await desk.draft("ada", sections={"revenue": {"2026": money("100")}})
    done = await desk.company.do("ada", "cascade_plan", plan)
    part = {str(part.owner_id): part.plan_id for part in done.plans}
    bobs = part[str(desk.company.sellers["bob"])]
    given_ = {**CONTENT, "revenue": {"2026-Q1": money("30.00")}}
    await desk.company.do("bob", "update_plan", bobs, sections=given_)
    await desk.company.do("bob", "submit_plan", bobs)
    again = await desk.company.do("ada", "cascade_plan", plan)
    assert {part.owner_id: part.held for part in again.plans}[desk.company.sellers["bob"]] is True
    cleos = await desk.show(part[str(desk.company.sellers["cleo"])])
    assert cleos["sections"]["revenue"] == {"2026": money("70.00")}
    await desk.company.do("ada", "update_plan", plan, sections={"revenue": {"2026": money("20")}})
    refused = await refusal(desk.company.do("ada", "cascade_plan", plan))
    assert refused.code == "below_its_parts"
    assert refused.facts["short"][0]["children_amount"] == "30.00"


@pytest.mark.parametrize("rule", ["flag", "refuse"])
async def test_a_plan_below_its_parts_is_refused_or_flagged_as_its_template_says(desk: Any, rule: str) -> None:
    made = await desk.company.do(
        "ops", "create_plan_template", kind="revenue_plan", code="strict", name="Strict", minimum_quality="0",
        cascade_rule=rule, sections=[{"key": "revenue", "title": "Revenue", "type": "measures"}],
        rubric=[{"key": "all", "title": "All", "weight": "1", "max_score": "1"}],
    )  # fmt: skip
    plan = await desk.draft("ada", template_id=made, sections={"revenue": {"2026": money("10")}})
    done = await desk.company.do("ada", "cascade_plan", plan)
    bobs = next(part.plan_id for part in done.plans if part.owner_id == desk.company.sellers["bob"])
    await desk.company.do("bob", "update_plan", bobs, sections={"revenue": {"2026": money("6")}})
    (row,) = await desk.company.page("ada", "cascade_balance", ("plan_id", str(plan)))
    assert (row["status"], row["children_amount"], row["gap"]) == ("below", "11.00", "-1.00")
    if rule == "flag":
        await desk.company.do("ada", "submit_plan", plan)
        return
    refused = await refusal(desk.company.do("ada", "submit_plan", plan))
    assert (refused.code, refused.facts["short"][0]["amount"]) == ("below_its_parts", "10.00")
    hidden = await refusal(desk.company.do("bob", "submit_plan", bobs))
    assert hidden.code == "below_its_parts"
    assert "amount" not in hidden.facts["short"][0]
    await desk.company.do("ada", "update_plan", plan, sections={"revenue": {"2026": money("11")}})
    await desk.company.do("ada", "submit_plan", plan)


async def test_who_gets_how_much_is_said_by_weight_of_direct_reports(desk: Any) -> None:
    plan, sellers = await desk.draft("ada"), desk.company.sellers
    for weights, pointer in (
        ([{"seller_id": sellers["bob"], "weight": "0"}], "/weights"),
        ([{"seller_id": sellers["dan"], "weight": "1"}], "/weights/0/seller_id"),
        ([{"seller_id": sellers["bob"], "weight": "1"}] * 2, "/weights/1/seller_id"),
    ):
        refused = await refusal(desk.company.do("ada", "cascade_plan", plan, weights=weights))
        assert refused.errors[0].pointer == pointer
    weights = [{"seller_id": sellers["bob"], "weight": "1"}, {"seller_id": sellers["cleo"], "weight": "3"}]
    done = await desk.company.do("ada", "cascade_plan", plan, weights=weights)
    bobs = next(part.plan_id for part in done.plans if part.owner_id == sellers["bob"])
    assert (await desk.show(bobs))["sections"]["margin"] == {"2026": money("10000.00")}


async def test_a_total_is_spread_over_the_months_of_the_period(desk: Any) -> None:
    plan = await desk.draft()
    await desk.company.do("bob", "spread_plan", plan, section="bookings", total=money("100.00"))
    figures = (await desk.show(plan))["sections"]["bookings"]
    assert len(figures) == 12
    assert sum(Decimal(figure["amount"]) for figure in figures.values()) == 100
    assert {figure["amount"] for figure in figures.values()} == {"8.33", "8.34"}
    weights = [{"period_code": "2026-M01", "weight": "1"}, {"period_code": "2026-M12", "weight": "3"}]
    await desk.company.do("bob", "spread_plan", plan, section="bookings", total=money("1.00"), weights=weights)
    figures = (await desk.show(plan))["sections"]["bookings"]
    assert (figures["2026-M01"]["amount"], figures["2026-M02"]["amount"], figures["2026-M12"]["amount"]) == (
        "0.25", "0.00", "0.75",
    )  # fmt: skip
    zero = [{"period_code": "2026-M01", "weight": "0"}]
    refused = await refusal(
        desk.company.do("bob", "spread_plan", plan, section="bookings", total=money("1"), weights=zero)
    )
    assert refused.errors[0].pointer == "/weights"


async def test_periods_of_a_measure_do_not_count_twice(desk: Any) -> None:
    refused = await refusal(desk.draft(sections={"revenue": {"2026": money("1"), "2026-Q2": money("1")}}))
    assert [(error.pointer, error.code) for error in refused.errors] == [
        ("/sections/revenue/2026-Q2", "period_overlap")
    ]


async def test_two_versions_are_compared_figure_by_figure(desk: Any) -> None:
    plan = await desk.draft()
    await desk.take(plan, "submit", "review", "approve")
    draft = await desk.take(plan, "revise")
    changed = {"2026-Q1": money("150000.00"), "2026-Q2": money("1.00")}
    await desk.company.do("bob", "update_plan", draft, sections={"revenue": changed})
    rows = await desk.company.page("bob", "plan_figure_comparison", ("plan_id", str(draft)), ("measure", "revenue"))
    shown = [(row["period_code"], row["before"], row["after"], row["change"], row["change_rate"]) for row in rows]
    assert shown == [
        ("2026-Q1", "100000.00", "150000.00", "50000.00", "0.50"),
        ("2026-Q2", None, "1.00", "1.00", None),
    ]
    assert await desk.company.page("dan", "plan_figure_comparison", ("plan_id", str(draft))) == []


async def test_cells_of_a_table_are_of_the_type_of_their_column(desk: Any) -> None:
    columns = [
        {"key": "count", "title": "Count", "type": "number"},
        {"key": "worth", "title": "Worth", "type": "money"},
        {"key": "day", "title": "Day", "type": "date"},
        {"key": "chance", "title": "Chance", "type": "choice", "choices": ["low", "high"]},
    ]
    made = await desk.company.do(
        "ops", "create_plan_template", kind="revenue_plan", code="typed", name="Typed", minimum_quality="0",
        sections=[{"key": "rows", "title": "Rows", "type": "table", "columns": columns}],
        rubric=[{"key": "all", "title": "All", "weight": "1", "max_score": "1"}],
    )  # fmt: skip
    right = {"count": "3.00", "worth": money("1.00"), "day": "2026-01-31", "chance": "high"}
    plan = await desk.draft(template_id=made, sections={"rows": [right]})
    assert (await desk.show(plan))["sections"] == {"rows": [right]}
    wrong = {"count": 3, "worth": "1", "day": "soon", "chance": "middling"}
    refused = await refusal(desk.company.do("bob", "update_plan", plan, sections={"rows": [right, wrong]}))
    assert [error.pointer for error in refused.errors] == [f"/sections/rows/1/{key}" for key in wrong]
