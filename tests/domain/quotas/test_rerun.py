"""An allocation that is run again keeps what people set, and cascades follow the reporting line of the database."""

from decimal import Decimal
from typing import Any

from tests.domain.quotas.test_allocation import findings, refusal


async def live(desk: Any) -> dict[str, Any]:
    """Quotas that are not cancelled, by the name of the seller."""
    names = {str(id): name for name, id in desk.company.sellers.items()}
    quotas = await desk.company.page("ops", "quota", ("include", "revisions"))
    return {names[quota["seller_id"]]: quota for quota in quotas if quota["state"] != "cancelled"}


def amounts(quotas: dict[str, Any]) -> dict[str, str]:
    return {name: quota["amount"]["amount"] for name, quota in quotas.items()}


def nodes_of(desk: Any, made: Any) -> dict[str | None, tuple[int, str, str, int]]:
    names = {str(id): name for name, id in desk.company.sellers.items()}
    return {
        names.get(node["manager_id"]): (node["level"], node["amount"], node["assigned"], node["children"])
        for node in made["nodes"]
    }


async def test_a_cascade_cuts_the_total_and_then_each_team(desk: Any) -> None:
    preview = await desk.preview(total="100.00", cascade=True, over_assignment="0.03", level_over_assignment=["0.05"])
    assert nodes_of(desk, preview) == {None: (0, "100.00", "103.00", 2), "ada": (1, "68.67", "72.10", 2)}
    shares = desk.by_name(preview["shares"])
    assert {name: share["amount"] for name, share in shares.items()} == {
        "bob": "36.05",
        "cleo": "36.05",
        "dan": "34.33",
    }
    assert (shares["bob"]["manager_id"], shares["dan"]["manager_id"]) == (str(desk.company.sellers["ada"]), None)
    refused = await refusal(desk.preview(cascade=True, over_assignment="0.05", level_over_assignment=["0.05"]))
    # Two levels of 5 % come to 10.25 % of the total, and the organisation allows 10 %.
    assert (refused.code, findings(refused)[0][0]) == ("over_assignment_exceeded", "/level_over_assignment")


async def test_a_manager_gets_the_quota_of_its_team(desk: Any) -> None:
    made = await desk.allocate(total="90.00", cascade=True, include_managers=True)
    assert amounts(await live(desk)) == {"ada": "60.00", "bob": "30.00", "cleo": "30.00", "dan": "30.00"}
    assert (made["assigned"]["amount"], made["seller_count"]) == ("90.00", 3)


async def test_what_was_changed_by_hand_survives_a_second_run_with_its_reason(desk: Any) -> None:
    first = await desk.allocate(total="90.00")
    bob = (await live(desk))["bob"]
    await desk.company.do("ops", "update_quota", bob["id"], amount="50.00", comment="New logo.")
    again = {"total": "120.00", "replaces": first["id"]}
    preview = await desk.preview(**again)
    assert amounts(await live(desk)) == {"bob": "50.00", "cleo": "30.00", "dan": "30.00"}
    second = await desk.allocate(**again)
    assert second["proof"]["shares"] == preview["shares"]
    assert second["replaces_id"] == first["id"]
    quotas = await live(desk)
    assert amounts(quotas) == {"bob": "50.00", "cleo": "35.00", "dan": "35.00"}
    revisions = quotas["bob"]["revisions"]["items"]
    assert [(r["action"], r["amount_after"]["amount"], r["comment"]) for r in revisions] == [
        ("allocate", "40.00", None),
        ("update", "50.00", "New logo."),
    ]
    third = await desk.allocate(total="150.00", replaces=second["id"])
    share = desk.by_name(third["proof"]["shares"])["bob"]
    assert (share["bound"], share["amount"], share["computed"], share["reason"]) == (
        "hold", "50.00", "50.00", "New logo.",
    )  # fmt: skip
    await desk.allocate(total="120.00", replaces=third["id"], keep_adjustments=False)
    assert amounts(await live(desk)) == {"bob": "40.00", "cleo": "40.00", "dan": "40.00"}


async def test_what_went_to_a_seller_stays_and_is_counted_however_often_it_is_run(desk: Any) -> None:
    run = await desk.allocate(total="90.00")
    await desk.take((await live(desk))["bob"]["id"], "propose")
    for total, rest in (("130.00", "50.00"), ("150.00", "60.00")):
        run = await desk.allocate(total=total, replaces=run["id"])
        assert amounts(await live(desk)) == {"bob": "30.00", "cleo": rest, "dan": rest}
        assert sum(Decimal(quota["amount"]["amount"]) for quota in (await live(desk)).values()) == Decimal(total)
        assert desk.by_name(run["proof"]["shares"])["bob"]["reason"] == "The quota is proposed."


async def test_a_hold_below_which_the_total_lies_changes_nothing(desk: Any) -> None:
    first = await desk.allocate(total="90.00")
    hold = {"seller_id": desk.company.sellers["bob"], "amount": "100.01", "reason": "Agreed."}
    refused = await refusal(desk.allocate(total="100.00", replaces=first["id"], holds=[hold]))
    assert (refused.code, findings(refused)) == ("parent_below_children", [("/total", "parent_below_children")])
    assert amounts(await live(desk)) == {"bob": "30.00", "cleo": "30.00", "dan": "30.00"}
    refused = await refusal(desk.preview(team="Paris", holds=[hold | {"seller_id": desk.company.sellers["ada"]}]))
    assert findings(refused) == [("/holds/0/seller_id", "unknown_reference")]
    refused = await refusal(desk.preview(period="2025", replaces=first["id"]))
    assert findings(refused) == [("/replaces", "invalid_input")]


async def test_a_leave_takes_its_months_out_of_share_and_phasing(desk: Any) -> None:
    leave = {"seller_id": desk.company.sellers["bob"], "effective_from": "2026-01-01", "effective_to": "2026-07-01"}
    made = await desk.allocate(total="50.00", leaves=[leave])
    shares = desk.by_name(made["proof"]["shares"])
    assert {name: (share["amount"], share["available"]) for name, share in shares.items()} == {
        "bob": ("10.00", "0.50"),
        "cleo": ("20.00", "1.00"),
        "dan": ("20.00", "1.00"),
    }
    quota = next(
        one
        for one in await desk.company.page("ops", "quota", ("include", "months"))
        if one["seller_id"] == str(desk.company.sellers["bob"])
    )
    months = [Decimal(month["amount"]["amount"]) for month in quota["months"]["items"]]
    assert (months[:6], sum(months)) == ([Decimal(0)] * 6, Decimal(10))
