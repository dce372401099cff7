"""Fairness before proposing: who carries more than others, in words, and how likely quotas are to be reached."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.quotas.contract.allocations import AllocationShare, FairnessBasis
from app.domain.quotas.fairness import fairness
from app.domain.quotas.simulation import chance
from app.service import job_modules
from app.worker import run_job
from tests.domain.quotas.test_allocation import past
from tests.world import fiscal_year, make_world

amounts = st.decimals(min_value=0, max_value=10**6, places=2)


def share(n: int, amount: str, potential: str | None, history: str | None = None) -> AllocationShare:
    known = {"potential": potential, "history": history}
    return AllocationShare.model_validate(
        {"seller_id": UUID(int=n), "weight": "0.1", "exact": amount, "amount": amount, **known}
    )


def test_an_outlier_is_explained_in_words_and_figures() -> None:
    shares = [share(n, "100.00", "50.00") for n in range(1, 8)] + [share(8, "300.00", "30.00"), share(9, "1.00", None)]
    over_potential, over_history = fairness(shares)
    (outlier,) = over_potential.outliers
    assert (outlier.seller_id, outlier.load, outlier.median) == (UUID(int=8), Decimal(10), Decimal(2))
    assert (outlier.lower, outlier.upper) == (Decimal(2), Decimal(2))
    assert outlier.detail == (
        "300.00 over a potential of 30.00 is 10.00 times it; 400% more than the median of 2.00;"
        " its history is not known."
    )
    assert (over_potential.sellers, over_potential.worst_id, over_potential.highest) == (8, UUID(int=8), Decimal(4))
    assert (over_history.basis, over_history.sellers, over_history.gini) == (FairnessBasis.HISTORY, 0, None)


@given(st.integers(0, 9), st.lists(amounts, min_size=1, max_size=24), st.integers(1, 12), amounts)
def test_a_simulation_repeats_itself_and_lies_within_what_was(
    seed: int, won: list[Decimal], months: int, quota: Decimal
) -> None:
    found = chance(seed, UUID(int=1), won, months, quota, 100)
    assert found == chance(seed, UUID(int=1), won, months, quota, 100)
    assert min(won) * months <= found.low <= found.middle <= found.high <= max(won) * months
    assert chance(seed, UUID(int=1), won, months, min(won) * months, 100).probability == 1
    assert chance(seed, UUID(int=1), won, months, max(won) * months + 1, 100).probability == 0
    assert chance(seed, UUID(int=1), won, months, quota + 1, 100).probability <= found.probability


def test_the_probability_is_close_to_the_exact_one() -> None:
    # Of two months, each 0 or 1 with the same chance, three quarters of the pairs reach 1.
    found = chance(7, UUID(int=1), [Decimal(0), Decimal(1)], 2, Decimal(1), 10_000)
    assert abs(found.probability - Decimal("0.75")) < Decimal("0.02")
    assert found != chance(8, UUID(int=1), [Decimal(0), Decimal(1)], 2, Decimal(1), 10_000)


async def test_drafts_are_compared_with_potential_and_history_before_they_are_proposed(desk: Any) -> None:
    for seller, potential, won in (("bob", "100.00", "50.00"), ("cleo", "200.00", "100.00"), ("dan", None, None)):
        await desk.owns(seller, potential)
        if won:
            await desk.won(seller, won, "2025-05-01")
    made = await desk.allocate(total="300.00", method="equal", history=past(desk, "2025"))
    rows = await desk.company.page("ops", "quota_fairness", ("allocation_id", made["id"]))
    names = {str(id): name for name, id in desk.company.sellers.items()}
    found = {names[row["seller_id"]]: row for row in rows}
    assert {name: (row["load"], row["growth"], row["outlier"]) for name, row in found.items()} == {
        "bob": ("1.00", "1.00", False),
        "cleo": ("0.50", "0.00", False),
        "dan": (None, None, False),
    }
    assert found["bob"]["explanation"] == (
        "The quota is 1.00 times the potential of its accounts, within 0.25 to 1.25 around the median 0.75;"
        " it is 100.0 % above history, where the median is 50.0 %."
    )
    assert found["dan"]["explanation"] == "No potential is known of its accounts; no history is known."
    by_history = made["proof"]["fairness"][1]
    assert (by_history["basis"], by_history["sellers"], by_history["median"]) == ("history", 2, "1.50")


async def test_a_simulation_is_a_job_that_repeats_itself(database: str, tmp_path: Path) -> None:
    async with make_world(database, tmp_path) as world:
        job_modules()
        year = (await fiscal_year(world))["2026"]
        for month, amount in ((1, "10.00"), (2, "30.00")):
            body = {"name": "Deal", "seller_id": str(world.sellers["sam"]), "amount": amount, "stage": "won"}
            await world.post("sales_ops", "/v1/opportunities", {**body, "closed_on": f"2025-{month:02d}-15"})
        made = await world.post("sales_ops", "/v1/quotas/allocate", {"period_id": year, "total": "60.00"})
        asked = {"seed": 7, "draws": 500, "months": 12}
        answers = []
        for _ in range(2):
            path = f"/v1/allocations/{made['id']}/simulate-attainment"
            job = await world.post("sales_ops", path, asked, expect=202)
            assert await run_job(world.service, world.org_id, UUID(job["id"]))
            done = await world.get("sales_ops", f"/v1/jobs/{job['id']}")
            assert (done["state"], done["result"]["quotas"]) == ("succeeded", 1)
            rows = (await world.get("sales_ops", "/v1/reports/attainment-chances", allocation_id=made["id"]))["items"]
            answers.append([{k: v for k, v in row.items() if k not in ("id", "simulated_at")} for row in rows])
        assert answers[0] == answers[1]
        (row,) = answers[0]
        assert (row["seed"], row["draws"], row["months"], row["quota"]["amount"]) == (7, 500, 12, "20.00")
        assert 0 < Decimal(row["probability"]) < 1
        fair = (await world.get("sales_ops", "/v1/reports/quota-fairness", seller_id=world.sellers["sam"]))["items"]
        assert [one["probability"] for one in fair] == [row["probability"]]
