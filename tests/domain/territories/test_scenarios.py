"""Design scenarios from the question to the draft model, over HTTP with the worker's jobs in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
import sqlalchemy as sa

from tests.domain.territories.planning import CITIES, Desk
from tests.world import make_world

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = "2027-01-01"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with make_world(module_database, Path(tmp_path_factory.mktemp("desk"))) as world:
        desk = Desk(world)
        await desk.set_up()
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def balanced(desk: Desk) -> dict[str, Any]:
    """A re-balanced plan that tests only read."""
    return await desk.solved(deadline_seconds=300)


def total(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


async def test_a_rebalanced_plan_is_within_its_tolerances_and_moves_little(desk: Desk, balanced: Any) -> None:
    placed = await desk.placed(balanced)
    assert placed.keys() == desk.accounts.keys()
    potential, accounts = desk.deviations({id: row["territory_code"] for id, row in placed.items()}, list(CITIES))
    assert potential <= Decimal("0.05")
    assert accounts <= Decimal("0.10")
    assert balanced["feasible"]
    told = {figure["measure"]: Decimal(figure["deviation"]) for figure in balanced["measures"]}
    assert told == {"potential": round(potential, 6), "accounts": round(accounts, 6)}
    moved = [row for row in placed.values() if row["territory_code"] != row["from_code"]]
    assert {row["account_id"] for row in moved} == {row["account_id"] for row in placed.values() if row["moved"]}
    assert balanced["moved_accounts"] == len(moved)
    assert Decimal(balanced["moved_stake"]) == total(moved, "stake")
    assert Decimal(balanced["must_move"]) <= Decimal(balanced["moved_stake"]) <= Decimal(balanced["stake"]) / 3


async def test_a_result_shows_today_beside_the_plan(desk: Desk, balanced: Any) -> None:
    today = desk.deviations({id: row["city"] for id, row in desk.accounts.items()}, list(CITIES))
    assert [Decimal(figure["today"]) for figure in balanced["measures"]] == [round(share, 6) for share in today]
    territories = await desk.rows("/v1/scenario-territories", result_id=balanced["id"])
    assert [row["code"] for row in territories] == sorted(CITIES)
    for row in territories:
        held = row["measures"][1]
        assert Decimal(held["today"]) == CITIES[row["code"]][2]
        assert Decimal(held["load"]) == row["account_count"]
        assert Decimal(held["target"]) == 60


async def test_created_territories_are_new_and_within_their_tolerances(desk: Desk) -> None:
    result = await desk.solved(method="create", territory_count=6, name="Six")
    placed = await desk.placed(result)
    codes = [f"T{n:03}" for n in range(1, 7)]
    potential, accounts = desk.deviations({id: row["territory_code"] for id, row in placed.items()}, codes)
    assert potential <= Decimal("0.05")
    assert accounts <= Decimal("0.10")
    succeeds = {
        row["code"]: row["succeeds"] for row in await desk.rows("/v1/scenario-territories", result_id=result["id"])
    }
    assert sorted(code for code in succeeds.values() if code) == sorted(CITIES)
    assert [row["account_id"] for row in placed.values() if row["moved"]] == [
        id for id, row in placed.items() if succeeds[row["territory_code"]] != row["from_code"]
    ]


async def test_a_territory_centred_at_one_of_its_accounts_is_not_centred_where_travel_is_least(desk: Desk) -> None:
    anywhere = await desk.solved(method="create", territory_count=1)
    at_account = await desk.solved(method="create", territory_count=1, centred_at_account=True)
    assert Decimal(at_account["travel"]) > Decimal(anywhere["travel"])


async def test_the_same_seed_gives_the_same_plan(desk: Desk, balanced: Any) -> None:
    again = await desk.solved(deadline_seconds=300)
    assert again["id"] != balanced["id"]
    assert again["digest"] == balanced["digest"]
    first, second = [
        await desk.solved(method="create", territory_count=4, seed=3, deadline_seconds=300) for _ in range(2)
    ]
    assert first["digest"] == second["digest"]


async def test_locks_and_groups_are_kept(desk: Desk) -> None:
    paris = [id for id, row in desk.accounts.items() if row["city"] == "PARIS"]
    result = await desk.solved(
        locks=[{"account_id": paris[0], "territory_code": "NANTES"}], keep_together=[{"account_ids": paris[1:4]}]
    )
    placed = await desk.placed(result)
    assert placed[paris[0]]["territory_code"] == "NANTES"
    assert placed[paris[0]]["locked"]
    assert len({placed[id]["territory_code"] for id in paris[1:4]}) == 1


async def test_a_ramping_territory_holds_half_as_much(desk: Desk) -> None:
    result = await desk.solved(targets=[{"territory_code": "LILLE", "ramping": True}])
    territories = await desk.rows("/v1/scenario-territories", result_id=result["id"])
    targets = {row["code"]: Decimal(row["measures"][1]["target"]) for row in territories}
    assert abs(targets["LILLE"] * 2 - targets["PARIS"]) < Decimal("0.001")
    assert abs(sum(targets.values(), Decimal(0)) - 300) < Decimal("0.01")
    lille = next(row for row in territories if row["code"] == "LILLE")
    assert abs(Decimal(lille["measures"][0]["deviation"])) <= Decimal("0.05")


async def test_a_cancelled_search_keeps_its_plan_as_cancelled(desk: Desk) -> None:
    scenario = await desk.scenario(method="create", territory_count=5, iterations=5_000_000)
    job = await desk.world.post("sales_ops", f"/v1/territory-scenarios/{scenario['id']}/solve")
    from app.worker import RunningJob

    heard: list[str] = []
    tell = RunningJob.progress

    async def cancel_then_tell(self: Any, *args: Any, **named: Any) -> None:
        """Somebody cancels as soon as the search says how far it is."""
        if not heard:
            await desk.world.post("sales_ops", f"/v1/jobs/{job['id']}/cancel")
        heard.append(str(named.get("message")))
        await tell(self, *args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunningJob, "progress", cancel_then_tell)
        done = await desk.work(job["id"])
    assert done["state"] == "cancelled"
    (result,) = await desk.rows("/v1/scenario-results", job_id=job["id"])
    assert result["stopped"] == "cancelled"
    assert len(await desk.placed(result)) == 300


async def test_what_cannot_be_is_said_before_any_search(desk: Desk) -> None:
    paris = [id for id, row in desk.accounts.items() if row["city"] == "PARIS"]
    locks = [{"account_id": id, "territory_code": "NANTES"} for id in paris[:100]]
    scenario = (await desk.scenario(locks=locks))["id"]
    found = (await desk.ask(scenario, "validate"))["result"]
    assert not found["feasible"]
    finding = next(item for item in found["findings"] if item["code"] == "locks_exceed_band")
    assert finding["territory_code"] == "NANTES"
    assert set(finding["account_ids"]) <= set(paris)
    job = await desk.ask(scenario, "solve")
    assert (job["state"], job["problem"]["code"]) == ("failed", "scenario_infeasible")
    assert {error["code"] for error in job["problem"]["errors"]} >= {"locks_exceed_band"}
    assert await desk.rows("/v1/scenario-results", job_id=job["id"]) == []


async def test_a_measure_without_any_load_is_named(desk: Desk) -> None:
    scenario = (await desk.scenario(measures=[{"measure": "annual_revenue"}]))["id"]
    found = (await desk.ask(scenario, "validate"))["result"]
    assert [(item["code"], item["measure"]) for item in found["findings"]] == [("measure_empty", "annual_revenue")]
    possible = (await desk.scenario())["id"]
    assert (await desk.ask(possible, "validate"))["result"] == {"feasible": True, "findings": []}


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        ({"targets": [{"territory_code": "ROME"}]}, "/targets/0/territory_code", "unknown_reference"),
        (
            {"locks": [{"account_id": str(uuid4()), "territory_code": "PARIS"}]},
            "/locks/0/account_id",
            "unknown_reference",
        ),
        (
            {"keep_together": [{"account_ids": [str(uuid4()), str(uuid4())]}]},
            "/keep_together/0/account_ids/0",
            "unknown_reference",
        ),
        ({"measures": [{"measure": "potential", "tolerance": "0"}]}, "/measures/0/tolerance", "greater_than"),
        ({"measures": [{"measure": "potential", "tolerance": "1.1"}]}, "/measures/0/tolerance", "less_than_equal"),
        ({"measures": [{"measure": "accounts"}, {"measure": "accounts"}]}, "/measures/1/measure", "invalid_input"),
        ({"measures": []}, "/measures", "too_short"),
        ({"territory_count": 3}, "/territory_count", "invalid_input"),
        ({"method": "create"}, "/territory_count", "invalid_input"),
        ({"method": "create", "territory_count": 0}, "/territory_count", "greater_than_equal"),
        ({"method": "create", "territory_count": 301}, "/territory_count", "too_many_territories"),
        ({"model_id": str(uuid4())}, "/model_id", "unknown_reference"),
    ],
)
async def test_a_scenario_that_names_what_is_not_there_is_refused_at_its_place(
    desk: Desk, terms: dict[str, Any], pointer: str, code: str
) -> None:
    problem = await desk.scenario(**terms, expect=422)
    first = problem["errors"][0]
    assert (first["pointer"], first["code"]) == (pointer, code)


async def test_a_scenario_is_changed_and_its_results_keep_their_terms(desk: Desk) -> None:
    scenario = (await desk.scenario(name="Before"))["id"]
    await desk.ask(scenario, "solve")
    path = f"/v1/territory-scenarios/{scenario}"
    etag = (await desk.world.client("sales_ops").get(path)).headers["etag"]
    body = {"name": "After", "measures": [{"measure": "accounts", "tolerance": "0.2"}]}
    answer = await desk.world.client("sales_ops").patch(path, json=body, headers={"if-match": etag})
    assert answer.status_code == 200, answer.text
    assert [goal["measure"] for goal in answer.json()["measures"]] == ["accounts"]
    (result,) = await desk.rows("/v1/scenario-results", scenario_id=scenario)
    assert result["scenario_name"] == "Before"
    assert len(result["measures"]) == 2
    wrong = await desk.world.client("sales_ops").patch(
        path, json={"targets": [{"territory_code": "ROME"}]}, headers={"if-match": answer.headers["etag"]}
    )
    assert wrong.json()["errors"][0]["pointer"] == "/targets/0/territory_code"
    kept = await desk.world.client("sales_ops").delete(path, headers={"if-match": answer.headers["etag"]})
    assert kept.json()["code"] == "still_referenced"
    gone = await desk.world.client("sales_ops").delete(f"/v1/scenario-results/{result['id']}")
    assert gone.status_code == 204, gone.text
    assert (await desk.world.client("sales_ops").delete(path, headers={"if-match": answer.headers["etag"]})).is_success


async def test_what_if_says_what_the_moves_would_do(desk: Desk, balanced: Any) -> None:
    placed = await desk.placed(balanced)
    stays = [row for row in placed.values() if not row["moved"]][:3]
    goes = {row["account_id"]: next(c for c in CITIES if c != row["territory_code"]) for row in stays}
    moves = [{"account_id": id, "territory_code": code} for id, code in goes.items()]
    path = f"/v1/scenario-results/{balanced['id']}/what-if"
    tried = await desk.world.post("sales_ops", path, {"moves": moves})
    after = {id: goes.get(id, row["territory_code"]) for id, row in placed.items()}
    potential, accounts = desk.deviations(after, list(CITIES))
    told = {figure["measure"]: Decimal(figure["deviation"]) for figure in tried["measures_after"]}
    assert told == {"potential": round(potential, 6), "accounts": round(accounts, 6)}
    assert tried["measures_before"] == balanced["measures"]
    assert Decimal(tried["moved_stake_after"]) - Decimal(tried["moved_stake_before"]) == total(stays, "stake")
    assert tried["moved_accounts_after"] - tried["moved_accounts_before"] == 3
    back = [{"account_id": row["account_id"], "territory_code": row["territory_code"]} for row in stays]
    same = await desk.world.post("sales_ops", path, {"moves": back})
    assert (same["travel_after"], same["territories"]) == (same["travel_before"], [])
    unknown = await desk.world.post("sales_ops", path, {"moves": [{**back[0], "territory_code": "ROME"}]}, expect=422)
    assert unknown["errors"][0]["pointer"] == "/moves/0/territory_code"
    stranger = [back[0], {"account_id": str(uuid4()), "territory_code": "PARIS"}]
    unknown = await desk.world.post("sales_ops", path, {"moves": stranger}, expect=422)
    assert unknown["errors"][0]["pointer"] == "/moves/1/account_id"


async def test_what_if_and_explain_take_as_many_statements_for_one_account_as_for_fifty(
    desk: Desk, balanced: Any
) -> None:
    ids = list(desk.accounts)[:50]
    path = f"/v1/scenario-results/{balanced['id']}"
    counts: dict[str, list[int]] = {"what-if": [], "explain": []}
    engine = desk.world.service.engine.sync_engine
    for some in (ids[:1], ids[:1], ids):
        bodies: dict[str, Any] = {
            "what-if": {"moves": [{"account_id": id, "territory_code": "PARIS"} for id in some]},
            "explain": {"account_ids": some},
        }
        for action, body in bodies.items():
            statements: list[str] = []

            def heard(connection: Any, cursor: Any, statement: str, *rest: Any, seen: list[str] = statements) -> None:
                seen.append(statement)

            sa.event.listen(engine, "before_cursor_execute", heard)
            await desk.world.post("sales_ops", f"{path}/{action}", body)
            sa.event.remove(engine, "before_cursor_execute", heard)
            counts[action].append(len(statements))
    assert all(few == many <= 9 for _, few, many in counts.values()), counts


async def test_what_if_names_the_locks_and_groups_that_a_move_breaks(desk: Desk) -> None:
    paris = [id for id, row in desk.accounts.items() if row["city"] == "PARIS"]
    result = await desk.solved(
        locks=[{"account_id": paris[0], "territory_code": "PARIS"}],
        keep_together=[{"account_ids": paris[1:3]}],
        max_accounts=66,
    )
    moves = [{"account_id": id, "territory_code": "NANTES"} for id in (paris[0], paris[1])]
    placed = await desk.placed(result)
    full = [id for id, row in placed.items() if row["territory_code"] == "LYON" and id not in paris[:3]]
    moves += [{"account_id": id, "territory_code": "NANTES"} for id in full[:30]]
    tried = await desk.world.post("sales_ops", f"/v1/scenario-results/{result['id']}/what-if", {"moves": moves})
    found = {(issue["code"], issue["account_id"]) for issue in tried["issues"]}
    assert {("locked", paris[0]), ("kept_together", paris[1]), ("too_many_accounts", None)} <= found
    assert not tried["feasible"]


async def test_an_explanation_names_the_chosen_place_todays_and_the_next_best(desk: Desk, balanced: Any) -> None:
    placed = await desk.placed(balanced)
    moved = next(row for row in placed.values() if row["moved"])
    stays = next(row for row in placed.values() if not row["moved"])
    body = {"account_ids": [moved["account_id"], stays["account_id"]]}
    path = f"/v1/scenario-results/{balanced['id']}/explain"
    first, second = (await desk.world.post("sales_ops", path, body))["accounts"]
    assert (first["territory_code"], first["keeping"]["territory_code"]) == (
        moved["territory_code"],
        moved["from_code"],
    )
    assert first["reason"] != "unchanged"
    assert (second["reason"], second["keeping"]) == ("unchanged", None)
    for told in (first, second):
        assert Decimal(told["chosen"]["cost"]) == 0
        assert len(told["alternatives"]) == 3
        costs = [Decimal(option["cost"]) for option in told["alternatives"]]
        assert costs == sorted(costs)
        parts = {
            option["territory_code"]: sum(Decimal(option[part]) for part in ("travel", "balance", "disruption"))
            for option in (told["chosen"], *told["alternatives"])
        }
        base = parts[told["territory_code"]]
        for option in told["alternatives"]:
            assert abs(parts[option["territory_code"]] - base - Decimal(option["cost"])) <= Decimal("0.0005")


async def test_two_results_are_compared_by_their_figures_and_differing_accounts(desk: Desk, balanced: Any) -> None:
    looser = await desk.solved(name="Looser", measures=[{"measure": "potential", "tolerance": "0.25"}])
    mine, theirs = await desk.placed(balanced), await desk.placed(looser)
    params = {"result_id": balanced["id"], "with_id": looser["id"]}
    (row,) = (await desk.world.get("viewer", "/v1/scenario-comparisons", **params))["items"]
    differing = sum(mine[id]["territory_code"] != theirs[id]["territory_code"] for id in mine)
    assert row["differing_accounts"] == differing > 0
    assert (row["moved_stake"], row["with_moved_stake"]) == (balanced["moved_stake"], looser["moved_stake"])
    assert Decimal(looser["moved_stake"]) < Decimal(balanced["moved_stake"])


async def test_the_frontier_keeps_only_plans_that_no_other_beats(desk: Desk) -> None:
    scenario = (await desk.scenario(name="Frontier"))["id"]
    job = await desk.ask(scenario, "trace-frontier", steps=2)
    assert job["state"] == "succeeded", job["problem"]
    results = await desk.rows("/v1/scenario-results", job_id=job["id"])
    assert sorted(row["point"] for row in results) == list(range(1, len(results) + 1))

    def figures(row: dict[str, Any]) -> list[Decimal]:
        worst = max(Decimal(figure["deviation"]) for figure in row["measures"])
        return [Decimal(row["moved_stake"]), worst, Decimal(row["travel"])]

    for one in results:
        for other in results:
            if figures(one) != figures(other):
                assert not all(a <= b for a, b in zip(figures(one), figures(other), strict=True))


async def test_an_adopted_plan_goes_through_the_usual_workflow(desk: Desk, balanced: Any) -> None:
    world = desk.world
    path = f"/v1/scenario-results/{balanced['id']}/adopt"
    draft = await world.post("sales_ops", path, {"starts_on": DAY})
    assert (draft["state"], draft["code"], draft["model_version"]) == ("draft", "FIELD", 2)
    assert draft["based_on_id"] == desk.model
    placed = await desk.placed(balanced)
    held = await desk.rows("/v1/territory-memberships", model_id=draft["id"], include="territory")
    assert {row["account_id"]: row["territory"]["code"] for row in held} == {
        id: row["territory_code"] for id, row in placed.items()
    }
    assert {(row["source"], row["effective_from"]) for row in held} == {("design", DAY)}
    assert all(balanced["id"] in row["reason"]["comment"] for row in held)
    outcome = await world.post("sales_ops", f"/v1/territory-models/{draft['id']}/apply-rules")
    assert (outcome["pinned"], outcome["changed"]) == (300, 0)
    model = f"/v1/territory-models/{draft['id']}"
    for who, action in (
        ("sales_ops", "submit"),
        ("admin", "review"),
        ("finance", "approve"),
        ("sales_ops", "activate"),
    ):
        await world.post(who, f"{model}/{action}")
    assert (await world.get("viewer", model))["state"] == "active"


async def test_a_clone_keeps_a_design_and_rules_displace_it_only_when_asked(desk: Desk, balanced: Any) -> None:
    world = desk.world
    body = {"code": "DISPLACED", "starts_on": DAY}
    draft = await world.post("sales_ops", f"/v1/scenario-results/{balanced['id']}/adopt", body)
    clone = await world.post("sales_ops", f"/v1/territory-models/{draft['id']}/clone", {"starts_on": "2028-01-01"})
    assert len(await desk.rows("/v1/territory-memberships", model_id=clone["id"], source="design")) == 300
    outcome = await world.post(
        "sales_ops", f"/v1/territory-models/{draft['id']}/apply-rules", {"displace_design": True}
    )
    assert (outcome["assigned"], outcome["pinned"]) == (300, 0)
    held = await desk.rows("/v1/territory-memberships", model_id=draft["id"], include="territory")
    assert {(row["territory"]["code"], row["source"]) for row in held} == {(city, "rule") for city in CITIES}


async def test_new_territories_are_adopted_without_rules(desk: Desk) -> None:
    result = await desk.solved(method="create", territory_count=3, name="Three")
    body = {"code": "THREE", "starts_on": DAY}
    draft = await desk.world.post("sales_ops", f"/v1/scenario-results/{result['id']}/adopt", body)
    territories = await desk.rows("/v1/territories", model_id=draft["id"])
    assert [row["code"] for row in territories] == ["T001", "T002", "T003"]
    planned = {row["code"]: row for row in await desk.rows("/v1/scenario-territories", result_id=result["id"])}
    for row in territories:
        assert row["account_count"] == planned[row["code"]]["account_count"]
        assert row["planned_seller_id"] == planned[row["code"]]["seller_id"]
    assert any(row["planned_seller_id"] for row in territories)


async def test_a_plan_for_a_territory_that_is_gone_is_not_adopted(desk: Desk) -> None:
    world = desk.world
    model = await world.post(
        "sales_ops", f"/v1/territory-models/{desk.model}/clone", {"code": "GONE", "starts_on": "2026-01-01"}
    )
    await world.post("sales_ops", f"/v1/territory-models/{model['id']}/apply-rules")
    result = await desk.solved(model_id=model["id"])
    lost = next(row for row in await desk.rows("/v1/territories", model_id=model["id"]) if row["code"] == "LILLE")
    await world.client("sales_ops").delete(f"/v1/territories/{lost['id']}", headers={"if-match": '"1"'})
    body = {"code": "NEVER", "starts_on": DAY}
    problem = await world.post("sales_ops", f"/v1/scenario-results/{result['id']}/adopt", body, expect=409)
    assert problem["code"] == "scenario_outdated"
    assert (await world.get("viewer", "/v1/territory-models", code="NEVER"))["items"] == []


async def test_a_second_attempt_stores_nothing_twice(desk: Desk) -> None:
    from app.domain.kernel.jobs import JOBS
    from app.worker import RunningJob

    scenario = (await desk.scenario())["id"]
    job = await desk.ask(scenario, "solve")
    world = desk.world
    context = RunningJob(world.operations, world.actor("sales_ops"), UUID(job["id"]), {"scenario_id": scenario}, Path())
    assert await JOBS["scenario_solve"](context) == job["result"]
    assert len(await desk.rows("/v1/scenario-results", job_id=job["id"])) == 1
