"""The whole planning season as a new user lives it, over HTTP alone: from a list of customers to territories in force.

One story in the order in which it happens; each chapter asserts what somebody would look at before going on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.service import job_modules
from tests.season.callers import CITIES, Season, account_rows
from tests.world import make_world

TODAY = datetime.now(UTC).date()
THIS_YEAR = date(TODAY.year, 1, 1)
NEXT = TODAY + timedelta(days=30)
"""First day of the new territories."""
RULES = {"PARIS": ["Paris"], "WEST": ["Rouen", "Orléans"], "NORTH": ["Reims", "Amiens", "Lille"]}
PLANNED = {"PARIS": "sam", "WEST": "sue", "NORTH": "olga"}
MIX = {"priority": "0.4", "big_bet": "0.3", "quick_win": "0.2", "deprioritised": "0.1"}
SCORECARD = {
    "code": "FIT",
    "name": "Account quality",
    "classes": {"a": "75", "b": "50", "c": "25"},
    "criteria": [
        {
            "code": "potential",
            "name": "Potential",
            "kind": "quantitative",
            "figure": "potential",
            "weight": "60",
            "method": "percentile",
            "within": "industry",
            "missing": "zero",
        },
        {
            "code": "refers",
            "name": "Refers others",
            "kind": "qualitative",
            "weight": "40",
            "method": "linear",
            "low": "1",
            "high": "5",
            "missing": "leave_out",
        },
    ],
}


@pytest.fixture
async def season(database: str, tmp_path: Path) -> AsyncIterator[Season]:
    job_modules()
    async with make_world(database, tmp_path) as world:
        yield Season(world)


async def test_a_planning_season_from_a_list_of_customers_to_territories_in_force(season: Season) -> None:
    accounts = await import_accounts(season)
    await score(season, accounts)
    await prioritise(season, accounts)
    model = await draw_territories(season, accounts)
    first, second, third = await make_three_scenarios(season, model, accounts)
    await compare(season, first, second, third)
    await explain_ten_moves(season, second)
    await try_a_move(season, second)
    draft = await adopt(season, second, model)
    await look_at_pictures(season, draft, model)
    await agree(season, draft)
    await put_in_force(season, draft, model, second)


async def import_accounts(season: Season) -> dict[str, dict[str, Any]]:
    """The CRM's accounts arrive; a row that cannot be is refused by its number and the rest is stored."""
    sellers = [season.world.sellers[name] for name in ("sam", "sue", "olga")]
    rows = account_rows(sellers)
    nowhere = {**rows[0], "external_key": "nowhere", "latitude": "95"}
    done = await season.upload("account", [*rows, nowhere])
    (step,) = done["steps"]
    assert (step["read"], step["created"], step["rejected"]) == (241, 240, 1)
    (finding,) = await season.rows("sales_ops", "/v1/import-findings", import_id=done["id"], severity="rejected")
    assert (finding["row"], finding["column"]) == (242, "latitude")
    accounts = {row["id"]: row for row in await season.rows("sales_ops", "/v1/accounts")}
    assert len(accounts) == 240
    assert sum(Decimal(a["potential"]["amount"]) for a in accounts.values()) == sum(
        Decimal(r["potential"]) for r in rows
    )
    again = await season.upload("account", rows)
    assert (again["steps"][0]["created"], again["steps"][0]["unchanged"]) == (0, 240)
    await import_won_deals(season, rows)
    return accounts


async def import_won_deals(season: Season, rows: list[dict[str, Any]]) -> None:
    """What every account bought in the last year: the stake when it changes hands."""
    deals = [
        {
            "external_key": f"D-{row['external_key']}",
            "name": f"Order of {row['name']}",
            "account_key": row["external_key"],
            "seller_id": row["owner_id"],
            "stage": "won",
            "amount": f"{1_000 + 37 * n % 900}.00",
            "opened_on": (TODAY - timedelta(days=90)).isoformat(),
            "closed_on": (TODAY - timedelta(days=30)).isoformat(),
        }
        for n, row in enumerate(rows)
    ]
    assert (await season.upload("opportunity", deals))["steps"][0]["created"] == 240


async def score(season: Season, accounts: dict[str, Any]) -> None:
    """A scorecard is tried as a draft, published, and every account has a class and says where it comes from."""
    card = (await season.post("sales_ops", "/v1/scorecards", SCORECARD))["id"]
    rated = next(iter(accounts))
    rating = {"account_id": rated, "criterion": "refers", "rating": 5}
    await season.post("sales_ops", "/v1/account-ratings", rating)
    assert (await season.job("sales_ops", f"/v1/scorecards/{card}/score"))["accounts"] == 240
    assert (await season.post("sales_ops", f"/v1/scorecards/{card}/publish"))["state"] == "published"
    scores = {row["account_id"]: row for row in await season.rows("sales_ops", "/v1/account-scores", scorecard_id=card)}
    assert scores.keys() == accounts.keys()
    assert set(Counter(row["account_class"] for row in scores.values())) == {"A", "B", "C", "D"}
    potential, refers = scores[rated]["contributions"]
    assert Decimal(refers["points"]) == 40
    assert abs(Decimal(potential["points"]) + 40 - Decimal(scores[rated]["score"])) < Decimal("0.00001")
    best = (await season.get("sales_ops", "/v1/accounts", account_class="A", include="score", limit=1))["items"][0]
    assert Decimal(best["score"]["score"]) >= 75


async def prioritise(season: Season, accounts: dict[str, Any]) -> None:
    """Quadrants by the medians, kept as they are today; each seller sees its book against the target mix."""
    set_to = await season.post("sales_ops", "/v1/accounts/prioritise", {"basis": "median", "target_mix": MIX})
    threshold = Decimal(set_to["potential_threshold"]["amount"])
    placed = {row["id"]: row for row in await season.rows("sales_ops", "/v1/accounts")}
    assert set(Counter(row["quadrant"] for row in placed.values())) == set(MIX)
    for row in placed.values():
        high = Decimal(row["potential"]["amount"]) >= threshold
        assert high == (row["quadrant"] in ("priority", "big_bet"))
    kept = await season.post("sales_ops", "/v1/accounts/snapshot-quadrants", {"name": "Before the season"})
    assert (kept["account_count"], kept["unsorted_count"]) == (240, 0)
    window = {"from": THIS_YEAR.isoformat(), "to": NEXT.isoformat()}
    book = await season.rows("sam", "/v1/portfolios", **window)
    assert {row["seller_id"] for row in book} == {season.world.sellers["sam"]}
    own = [row for row in accounts.values() if row["owner_id"] == season.world.sellers["sam"]]
    assert sum(row["account_count"] for row in book) == len(own)
    assert {row["quadrant"]: Decimal(row["target_share"]) for row in book} == {k: Decimal(v) for k, v in MIX.items()}


async def draw_territories(season: Season, accounts: dict[str, Any]) -> str:
    """This year's model: rules place every account and say why."""
    body = {"code": "FIELD", "name": "This year", "starts_on": THIS_YEAR.isoformat()}
    model: str = (await season.post("sales_ops", "/v1/territory-models", body))["id"]
    for code, cities in RULES.items():
        planned = {"planned_seller_id": season.world.sellers[PLANNED[code]], "rule": {"cities": cities}}
        territory = {"model_id": model, "code": code, "name": code.title(), **planned}
        await season.post("sales_ops", "/v1/territories", territory)
    outcome = await season.post("sales_ops", f"/v1/territory-models/{model}/apply-rules")
    assert (outcome["assigned"], outcome["unassigned"], outcome["ambiguous"]) == (240, 0, 0)
    rows = await season.rows("sales_ops", "/v1/territories", model_id=model)
    counts = {code: sum(CITIES[city][2] for city in cities) for code, cities in RULES.items()}
    assert {row["code"]: row["account_count"] for row in rows} == counts
    one = next(id for id, row in accounts.items() if row["city"] == "Rouen")
    (held,) = await season.rows("sales_ops", "/v1/territory-memberships", account_id=one, include="territory")
    assert (held["territory"]["code"], held["source"], held["reason"]["met"]) == ("WEST", "rule", ["cities"])
    await pass_workflow(season, model)
    proposed = await season.post("sales_ops", f"/v1/territory-models/{model}/propose")
    assert proposed["proposed"] == 3
    for seller in PLANNED.values():
        (mine,) = await season.rows(seller, "/v1/territory-assignments", state="proposed")
        await season.post(seller, f"/v1/territory-assignments/{mine['id']}/accept")
    return model


async def pass_workflow(season: Season, model: str, **terms: Any) -> None:
    """Submitted, reviewed and approved by three people, and put in force."""
    path = f"/v1/territory-models/{model}"
    for who, action in (("sales_ops", "submit"), ("manager", "review"), ("finance", "approve")):
        await season.post(who, f"{path}/{action}")
    active = await season.post("sales_ops", f"{path}/activate", terms)
    assert active["state"] == "active"


async def make_three_scenarios(season: Season, model: str, accounts: dict[str, Any]) -> list[dict[str, Any]]:
    """Two re-balances and a new design, each checked before it is searched, each within what was asked."""
    wanted: list[dict[str, Any]] = [
        {"name": "Even to 10 %", "method": "rebalance", "tolerance": "0.10"},
        {"name": "Even to 5 %", "method": "rebalance", "tolerance": "0.05"},
        {"name": "Drawn anew", "method": "create", "tolerance": "0.10", "territory_count": 3, "contiguity": "hard"},
    ]
    results = []
    for terms in wanted:
        goal = {"measure": "potential", "tolerance": terms.pop("tolerance")}
        limits = {"iterations": 200_000, "deadline_seconds": 20}
        body = {**terms, "model_id": model, "measures": [goal], **limits}
        scenario = (await season.post("sales_ops", "/v1/territory-scenarios", body))["id"]
        checked = await season.job("sales_ops", f"/v1/territory-scenarios/{scenario}/validate")
        assert checked["feasible"], checked["findings"]
        (made,) = (await season.job("sales_ops", f"/v1/territory-scenarios/{scenario}/solve"))["results"]
        result = await season.get("sales_ops", made["path"])
        assert (result["feasible"], result["as_of"]) == (True, TODAY.isoformat())
        assert await worst_deviation(season, result, accounts) <= Decimal(goal["tolerance"]) + Decimal("0.000001")
        results.append(result)
    return results


async def worst_deviation(season: Season, result: dict[str, Any], accounts: dict[str, Any]) -> Decimal:
    """How far the worst territory is from an equal part of the potential, from the placements and the accounts."""
    loads: dict[str, Decimal] = defaultdict(Decimal)
    for row in await season.rows("sales_ops", "/v1/scenario-placements", result_id=result["id"]):
        loads[row["territory_code"]] += Decimal(accounts[row["account_id"]]["potential"]["amount"])
    even = sum(loads.values(), Decimal(0)) / len(loads)
    return max(abs(load - even) / even for load in loads.values())


async def compare(season: Season, loose: dict[str, Any], tight: dict[str, Any], new: dict[str, Any]) -> None:
    """The tighter balance moves more, neither less than the bound; a new design shows up beside them."""
    assert Decimal(loose["moved_stake"]) < Decimal(tight["moved_stake"])
    for result in (loose, tight):
        assert Decimal(result["must_move"]) <= Decimal(result["moved_stake"])
        assert Decimal(result["measures"][0]["deviation"]) < Decimal(result["measures"][0]["today"])
    for one, other in ((loose, tight), (tight, new)):
        params = {"result_id": one["id"], "with_id": other["id"]}
        (row,) = (await season.get("finance", "/v1/scenario-comparisons", **params))["items"]
        assert (row["scenario_name"], row["with_scenario_name"]) == (one["scenario_name"], other["scenario_name"])
        assert (row["moved_stake"], row["with_moved_stake"]) == (one["moved_stake"], other["moved_stake"])
        assert row["differing_accounts"] > 0


async def explain_ten_moves(season: Season, result: dict[str, Any]) -> None:
    """Of ten accounts that move: why, what keeping each would cost, and where else it could go."""
    page = {"result_id": result["id"], "moved": "true", "limit": 10}
    moved = (await season.get("sales_ops", "/v1/scenario-placements", **page))["items"]
    assert len(moved) == 10
    body = {"account_ids": [row["account_id"] for row in moved]}
    told = (await season.post("sales_ops", f"/v1/scenario-results/{result['id']}/explain", body))["accounts"]
    assert [row["account_id"] for row in told] == body["account_ids"]
    for row, placed in zip(told, moved, strict=True):
        assert row["reason"] == placed["reason"] != "unchanged"
        assert row["territory_code"] != row["from_code"] == row["keeping"]["territory_code"]
        assert len(row["alternatives"]) == 2
        assert Decimal(row["chosen"]["cost"]) == 0


async def try_a_move(season: Season, result: dict[str, Any]) -> None:
    """What if one of them stayed: its load goes back, exactly, and nothing is stored."""
    page = {"result_id": result["id"], "moved": "true", "limit": 1}
    (moved,) = (await season.get("sales_ops", "/v1/scenario-placements", **page))["items"]
    body = {"moves": [{"account_id": moved["account_id"], "territory_code": moved["from_code"]}]}
    path = f"/v1/scenario-results/{result['id']}"
    tried = await season.post("sales_ops", f"{path}/what-if", body)
    assert tried["moved_accounts_after"] == tried["moved_accounts_before"] - 1 == result["moved_accounts"] - 1
    assert Decimal(tried["moved_stake_before"]) - Decimal(tried["moved_stake_after"]) == Decimal(moved["stake"])
    change = {row["territory_code"]: Decimal(row["after"]) - Decimal(row["before"]) for row in tried["territories"]}
    load = Decimal(moved["loads"][0])
    assert change == {moved["from_code"]: load, moved["territory_code"]: -load}
    assert (await season.get("sales_ops", path))["moved_accounts"] == result["moved_accounts"]


async def adopt(season: Season, result: dict[str, Any], model: str) -> str:
    """The tighter plan becomes a draft whose memberships name the result they come from."""
    body = {"starts_on": NEXT.isoformat(), "name": "Next season"}
    draft = await season.post("sales_ops", f"/v1/scenario-results/{result['id']}/adopt", body)
    assert (draft["state"], draft["based_on_id"], draft["code"]) == ("draft", model, "FIELD")
    held = await season.rows("sales_ops", "/v1/territory-memberships", model_id=draft["id"])
    assert len(held) == 240
    assert all(row["source"] == "design" and result["id"] in row["reason"]["comment"] for row in held)
    pair = {"model_id": draft["id"], "with_id": model}
    moves = await season.rows("sales_ops", "/v1/territory-moves", **pair)
    assert sum(row["territory_changes"] for row in moves) == result["moved_accounts"]
    sides = await season.rows("sales_ops", "/v1/territory-model-comparisons", **pair)
    worst = {row["side"]: Decimal(row["balance"][1]["max_deviation"]) for row in sides}
    assert worst["model"] <= Decimal("0.05") < worst["with"]
    return str(draft["id"])


async def look_at_pictures(season: Season, draft: str, model: str) -> None:
    """The map, the balance and the comparison are answered as drawings that name every territory."""
    for picture in ("map.svg", "balance.svg", f"comparison.svg?with={model}"):
        answer = await season.client("sales_ops").get(f"/v1/territory-models/{draft}/{picture}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert all(code in answer.text for code in RULES)
    features = (await season.get("sales_ops", f"/v1/territory-models/{draft}/map.geojson"))["features"]
    assert Counter(feature["geometry"]["type"] for feature in features)["Point"] == 240


async def agree(season: Season, draft: str) -> None:
    """Proposed to the planned sellers: two accept at once, one disputes, is answered, and accepts."""
    path = f"/v1/territory-models/{draft}"
    for territory in await season.rows("sales_ops", "/v1/territories", model_id=draft):
        planned = {"planned_seller_id": season.world.sellers[PLANNED[territory["code"]]]}
        answer = await season.client("sales_ops").patch(
            f"/v1/territories/{territory['id']}", json=planned, headers={"if-match": f'"{territory["version"]}"'}
        )
        assert answer.status_code == 200, answer.text
    for who, action in (("sales_ops", "submit"), ("manager", "review"), ("finance", "approve")):
        await season.post(who, f"{path}/{action}")
    assert (await season.post("sales_ops", f"{path}/propose"))["proposed"] == 3
    early = await season.post("sales_ops", f"{path}/activate", {"require_acceptance": True}, expect=409)
    assert (early["code"], early["proposed"]) == ("proposals_open", 3)
    mine = {name: await proposal(season, name) for name in ("sam", "sue", "olga")}
    (change,) = await season.rows("sue", "/v1/territory-proposals", model_id=draft)
    assert (change["state"], change["accounts_after"]) == (
        "proposed",
        change["accounts_before"] + change["accounts_gained"] - change["accounts_lost"],
    )
    for name in ("sam", "olga"):
        await season.post(name, f"/v1/territory-assignments/{mine[name]}/accept")
    dispute = {"comment": "My best customers go to a colleague."}
    await season.post("sue", f"/v1/territory-assignments/{mine['sue']}/dispute", dispute)
    states = {row["seller_name"]: row["state"] for row in await season.rows("sales_ops", "/v1/territory-proposals")}
    assert states == {"Sam": "accepted", "Sue": "disputed", "Olga": "accepted"}
    await season.post("sales_ops", f"/v1/territory-assignments/{mine['sue']}/revise", {"comment": "Open deals stay."})
    await season.post("sue", f"/v1/territory-assignments/{mine['sue']}/accept")
    times = {row["manager_name"]: row for row in await season.rows("sales_ops", "/v1/acceptance-times", model_id=draft)}
    assert {name: (row["proposed"], row["accepted"], row["open"]) for name, row in times.items()} == {
        "Mona": (2, 2, 0),
        "Otto": (1, 1, 0),
    }
    assert all(0 <= Decimal(row["median_days"]) <= Decimal(row["worst_days"]) < 1 for row in times.values())


async def proposal(season: Season, seller: str) -> str:
    (found,) = await season.rows(seller, "/v1/territory-assignments", state="proposed")
    return str(found["id"])


async def put_in_force(season: Season, draft: str, model: str, result: dict[str, Any]) -> None:
    """An overlap is named; superseding ends the old model, and both answer for their own days."""
    path = f"/v1/territory-models/{draft}/activate"
    overlap = await season.post("sales_ops", path, {"require_acceptance": True}, expect=409)
    assert (overlap["code"], overlap["model_id"]) == ("model_overlap", model)
    active = await season.post("sales_ops", path, {"require_acceptance": True, "supersede": True})
    assert active["state"] == "active"
    assert (await season.get("sales_ops", f"/v1/territory-models/{model}"))["ends_on"] == NEXT.isoformat()
    page = {"result_id": result["id"], "moved": "true", "limit": 1}
    (moved,) = (await season.get("sales_ops", "/v1/scenario-placements", **page))["items"]
    for day, code in ((TODAY, moved["from_code"]), (NEXT, moved["territory_code"])):
        params = {"account_id": moved["account_id"], "as_of": day.isoformat()}
        (covered,) = (await season.get("sales_ops", "/v1/account-coverage", **params))["items"]
        assert covered["territory_code"] == code
        assert [part["seller_id"] for part in covered["sellers"]] == [season.world.sellers[PLANNED[code]]]
