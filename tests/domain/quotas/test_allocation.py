"""Allocation: exact sums with their proof, what is not known, whom it reaches, and bulk moves."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.domain.kernel.errors import DomainError


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


def findings(refused: DomainError) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refused.errors]


def past(desk: Any, *codes: str) -> list[dict[str, Any]]:
    return [{"period_id": desk.periods[code], "weight": "1"} for code in codes]


async def test_equal_shares_add_up_to_the_total_with_over_assignment(desk: Any) -> None:
    made = await desk.allocate(total="100.00", over_assignment="0.1")
    assert (made["total"]["amount"], made["assigned"]["amount"], made["seller_count"]) == ("100.00", "110.00", 3)
    shares = desk.by_name(made["proof"]["shares"])
    # Ada leads Bob and Cleo: managers get none unless it is asked.
    assert set(shares) == {"bob", "cleo", "dan"}
    assert sorted(share["amount"] for share in shares.values()) == ["36.66", "36.67", "36.67"]
    assert sorted(share["remainder_rank"] or 0 for share in shares.values()) == [0, 1, 2]
    quotas = await desk.company.page("ops", "quota", ("include", "months,revisions"))
    assert {quota["seller_id"]: quota["amount"]["amount"] for quota in quotas} == {
        share["seller_id"]: share["amount"] for share in shares.values()
    }
    for quota in quotas:
        months = [Decimal(month["amount"]["amount"]) for month in quota["months"]["items"]]
        assert (len(months), sum(months)) == (12, Decimal(quota["amount"]["amount"]))
        assert [revision["action"] for revision in quota["revisions"]["items"]] == ["allocate"]
        assert (quota["state"], quota["allocation_id"]) == ("draft", made["id"])


async def test_history_is_what_was_won_and_unknown_is_not_zero(desk: Any) -> None:
    await desk.won("bob", "300.00", "2025-05-01")
    await desk.won("bob", "900.00", "2024-12-31")
    await desk.won("cleo", "500.00", "2025-07-01", stage="lost")
    made = await desk.allocate(total="300.00", method="history", history=past(desk, "2025"), include_managers=True)
    shares = desk.by_name(made["proof"]["shares"])
    assert {name: (share["history"], share["amount"]) for name, share in shares.items()} == {
        "ada": (None, "75.00"),
        "bob": ("300.00", "150.00"),
        "cleo": ("0.00", "0.00"),
        "dan": (None, "75.00"),
    }
    found = {(finding["code"], finding["seller_id"]) for finding in made["proof"]["findings"]}
    assert found == {("no_history", str(desk.company.sellers[name])) for name in ("ada", "dan")}


async def test_weights_of_periods_decide_how_much_each_counts(desk: Any) -> None:
    await desk.won("bob", "100.00", "2025-02-01")
    await desk.won("cleo", "100.00", "2025-11-01")
    history = [
        {"period_id": desk.periods["2025-Q1"], "weight": "1"},
        {"period_id": desk.periods["2025-Q4"], "weight": "3"},
    ]
    made = await desk.preview(total="400.00", method="history", history=history, manager_id=desk.company.sellers["ada"])
    shares = desk.by_name(made["shares"])
    assert {name: (share["history"], share["amount"]) for name, share in shares.items()} == {
        "bob": ("25.00", "100.00"),
        "cleo": ("75.00", "300.00"),
    }


async def test_potential_in_another_currency_is_left_out_and_said_so(desk: Any) -> None:
    await desk.owns("bob", "100.00")
    await desk.owns("bob", "50.00", currency="USD")
    await desk.owns("cleo", "300.00")
    await desk.owns("dan", None)
    made = await desk.preview(total="900.00", method="potential")
    shares = desk.by_name(made["shares"])
    assert {name: share["amount"] for name, share in shares.items()} == {
        "bob": "150.00",
        "cleo": "450.00",
        "dan": "300.00",
    }
    assert {(finding["code"], finding["seller_id"]) for finding in made["findings"]} == {
        ("other_currency", str(desk.company.sellers["bob"])),
        ("no_potential", str(desk.company.sellers["dan"])),
    }
    potential = made["fairness"][0]
    assert (potential["basis"], potential["sellers"], potential["highest"], potential["outliers"]) == (
        "potential", 2, "0.00", [],
    )  # fmt: skip


async def test_a_blend_weighs_its_bases(desk: Any) -> None:
    await desk.owns("bob", "100.00")
    await desk.owns("cleo", "300.00")
    made = await desk.preview(
        total="1000.00", method="blend", blend={"equal": "1", "potential": "1"}, manager_id=desk.company.sellers["ada"]
    )
    shares = desk.by_name(made["shares"])
    assert {name: share["amount"] for name, share in shares.items()} == {"bob": "375.00", "cleo": "625.00"}


async def test_a_growth_cap_limits_growth_and_the_others_take_the_rest(desk: Any) -> None:
    await desk.won("bob", "100.00", "2025-05-01")
    await desk.won("cleo", "100.00", "2025-05-01")
    made = await desk.preview(total="900.00", growth_cap="0.2", history=past(desk, "2025"))
    shares = desk.by_name(made["shares"])
    assert {name: (share["amount"], share["bound"]) for name, share in shares.items()} == {
        "bob": ("120.00", "growth_cap"),
        "cleo": ("120.00", "growth_cap"),
        "dan": ("660.00", None),
    }
    refused = await refusal(
        desk.allocate(
            total="900.00", growth_cap="0.2", history=past(desk, "2025"), seller_ids=[desk.company.sellers["bob"]]
        )
    )
    assert refused.code == "allocation_infeasible"
    assert await desk.company.page("ops", "quota") == []


async def test_months_follow_the_season_given_or_past(desk: Any) -> None:
    weights = ["1"] * 6 + ["0"] * 3 + ["2"] * 3
    made = await desk.allocate(period="2026-Q4", total="100.00", seasonality="given", month_weights=weights)
    assert [month["code"] for month in made["proof"]["months"]] == ["2026-M10", "2026-M11", "2026-M12"]
    await desk.won("bob", "100.00", "2025-01-15")
    await desk.won("cleo", "300.00", "2025-03-15")
    await desk.allocate(
        period="2026-Q1", total="800.00", seasonality="history", history=past(desk, "2025"), team="Paris",
        seller_ids=None, include_managers=True,
    )  # fmt: skip
    quota = (
        await desk.company.page(
            "ops",
            "quota",
            ("period_id", str(desk.periods["2026-Q1"])),
            ("seller_id", str(desk.company.sellers["bob"])),
            ("include", "months"),
        )
    )[0]
    assert [month["amount"]["amount"] for month in quota["months"]["items"]] == ["50.00", "0.00", "150.00"]


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"over_assignment": "0.11"}, "over_assignment_exceeded", "/over_assignment"),
        ({"total": "100.001"}, "invalid_input", "/total"),
        ({"total": "0"}, "invalid_input", "/total"),
        ({"team": "Lyon"}, "allocation_no_sellers", None),
        ({"method": "history"}, "invalid_input", ""),
        ({"method": "blend"}, "invalid_input", ""),
        ({"seasonality": "given", "month_weights": ["0"] * 12}, "allocation_no_basis", "/seasonality"),
        ({"seasonality": "given", "month_weights": ["1"] * 4}, "invalid_input", "/month_weights"),
        ({"method": "potential"}, "allocation_no_basis", "/method"),
        ({"seller_ids": [str(uuid4())]}, "unknown_reference", "/seller_ids/0"),
        ({"manager_id": str(uuid4())}, "unknown_reference", "/manager_id"),
        ({"colour": "red"}, "invalid_input", "/colour"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    desk: Any, body: dict[str, Any], code: str, pointer: str | None
) -> None:
    refused = await refusal(desk.allocate(**body))
    assert (refused.code, [error.pointer for error in refused.errors]) == (code, [] if pointer is None else [pointer])
    assert await desk.company.page("ops", "quota") == []


async def test_growth_is_compared_between_periods_of_one_kind(desk: Any) -> None:
    refused = await refusal(desk.allocate(growth_cap="0.1", history=past(desk, "2025-Q1")))
    assert findings(refused) == [("/history", "invalid_input")]
    refused = await refusal(desk.allocate(growth_cap="0.1", history=past(desk, "2025"), measure="units"))
    assert findings(refused) == [("/growth_cap", "invalid_input")]


async def test_a_manager_allocates_within_its_line(desk: Any) -> None:
    made = await desk.allocate("ada", total="10.00")
    assert set(desk.by_name(made["proof"]["shares"])) == {"bob", "cleo"}
    refused = await refusal(desk.allocate("ada", period="2025", seller_ids=[desk.company.sellers["dan"]]))
    assert findings(refused) == [("/seller_ids/0", "unknown_reference")]
    for who, seen in (("ada", True), ("ops", True), ("bob", False)):
        assert (await desk.company.one(who, "allocation", made["id"]) is not None) == seen


async def test_a_preview_is_the_allocation_without_its_traces(desk: Any) -> None:
    preview = await desk.preview(total="100.00")
    assert await desk.company.page("ops", "quota") == []
    made = await desk.allocate(total="100.00")
    assert made["proof"] == {key: value for key, value in preview.items() if key != "currency"}


async def test_a_second_allocation_is_refused_while_quotas_live(desk: Any) -> None:
    made = await desk.allocate()
    assert (await refusal(desk.allocate())).code == "quota_exists"
    done = await desk.company.do("ops", "cancel_quotas", allocation_id=made["id"])
    assert (done.cancelled, done.refused) == (3, [])
    await desk.allocate()


async def test_proposing_an_allocation_names_what_it_leaves(desk: Any) -> None:
    made = await desk.allocate(include_managers=True)
    quotas = {quota["seller_id"]: quota["id"] for quota in await desk.company.page("ops", "quota")}
    mine, bobs = quotas[str(desk.company.sellers["ada"])], quotas[str(desk.company.sellers["bob"])]
    await desk.company.do("ops", "propose_quota", bobs)
    done = await desk.company.do("ops", "propose_quotas", allocation_id=made["id"], comment="For the new year.")
    assert (done.proposed, {str(r.quota_id): r.code for r in done.refused}) == (3, {bobs: "illegal_transition"})
    shown = await desk.show(mine, include="transitions")
    assert (shown["state"], shown["proposed_by"]) == ("proposed", str(desk.company.actors["ops"].principal_id))
    steps = shown["transitions"]["items"]
    assert [(step["action"], step["from_state"], step["to_state"], step["comment"]) for step in steps] == [
        ("create", None, "draft", None),
        ("propose", "draft", "proposed", "For the new year."),
    ]
    assert len(await desk.company.events("quota.proposed")) == 4


async def test_a_manager_proposes_its_line_but_not_itself(desk: Any) -> None:
    made = await desk.allocate("ada", include_managers=True)
    done = await desk.company.do("ada", "propose_quotas", allocation_id=made["id"])
    assert (done.proposed, [refused.code for refused in done.refused]) == (2, ["four_eyes"])


async def test_an_allocation_and_its_proposal_take_the_same_number_of_statements_for_one_or_many(desk: Any) -> None:
    said: list[str] = []
    engine = desk.company.operations.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    counts = []
    for period, sellers in (("2025", ["bob"]), ("2026", ["ada", "bob", "cleo", "dan"])):
        said.clear()
        made = await desk.company.do(
            "ops", "allocate_quotas", **desk.asked(period, seller_ids=[desk.company.sellers[name] for name in sellers])
        )
        done = await desk.company.do("ops", "propose_quotas", allocation_id=made)
        assert done.proposed == len(sellers)
        counts.append(len(said))
    assert counts[0] == counts[1]
