"""Quality and cost of territories, against an independent computation from the same facts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.domain.performance.contract.territory_cost import TerritoryCostView
from app.domain.performance.contract.territory_quality import TerritoryQualityView

AS_OF = date(2026, 10, 31)
SETTINGS = {
    "cost_per_km": "0.52", "hourly_cost": "64.00", "average_speed_kmh": "55", "hours_per_visit": "1.25",
    "visits_per_tour": 4, "detour_factor": "1.3",
}  # fmt: skip
HOME = {"bob": ("48.800000", "2.300000"), "cleo": ("43.300000", "5.400000")}


@dataclass
class Account:
    territory: str
    potential: Decimal
    place: tuple[Decimal, Decimal] | None
    score: Decimal | None


@dataclass
class Facts:
    """What was told to the organisation; the tests compute from it what the reports must answer."""

    company: Any
    model: UUID
    territories: dict[str, UUID] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    deals: list[tuple[str, str, str, Decimal, date | None]] = field(default_factory=list)
    """(territory, seller, stage, amount, closed on)."""
    visits: list[tuple[str, str, Decimal | None, date]] = field(default_factory=list)
    """(territory, seller, km, done on)."""
    quotas: dict[str, Decimal] = field(default_factory=dict)
    cover: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def of(self, territory: str) -> list[Account]:
        return [one for one in self.accounts if one.territory == territory]


def q(value: Decimal, digits: int = 4) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


async def build(company: Any, seed: int) -> Facts:
    do, random = company.do, Random(seed)
    await do("finance", "create_fiscal_year", fiscal_year=2026, start_date="2026-01-01")
    model = await do("ops", "create_territory_model", code="M", name="Model", starts_on="2026-01-01")
    facts = Facts(company, model)
    for code in ("T1", "T2", "T3", "EMPTY"):
        facts.territories[code] = await do("ops", "create_territory", model_id=model, code=code, name=code)
    await do("ops", "create_cadence_policy", name="All", interval_days=30, channel_mix=_mix("0.6"))
    policy = {"name": "T2", "territory_id": facts.territories["T2"], "interval_days": 14, "channel_mix": _mix("1")}
    await do("ops", "create_cadence_policy", **policy)
    for seller, (latitude, longitude) in HOME.items():
        await do("ops", "update_seller", company.sellers[seller], latitude=latitude, longitude=longitude)
    ids = await _accounts(facts, random)
    await _deals(facts, random, ids)
    for code, seller, share in (("T1", "bob", "1"), ("T2", "bob", "0.5"), ("T2", "cleo", "0.25"), ("T3", "dan", "1")):
        terms = {"territory_id": facts.territories[code], "seller_id": company.sellers[seller], "share": share}
        made = await do("ops", "propose_territory_assignment", **terms, effective_from="2026-01-01")
        await do(seller, "accept_territory_assignment", made)
        facts.cover[code, seller] = Decimal(share)
    year = (await company.page("ops", "fiscal_period", ("code", "2026")))[0]["id"]
    for seller, amount in (("bob", "900000"), ("cleo", "100000")):
        quota = await do("ops", "create_quota", seller_id=company.sellers[seller], period_id=year, amount=amount)
        await do("ops", "propose_quota", quota)
        await do(seller, "accept_quota", quota)
        facts.quotas[seller] = Decimal(amount)
    await _activate(company, model)
    return facts


def _mix(visits: str) -> list[dict[str, str]]:
    mix = [{"channel": "visit", "share": visits}, {"channel": "call", "share": str(1 - Decimal(visits))}]
    return [part for part in mix if Decimal(part["share"])]


async def _activate(company: Any, model: UUID) -> None:
    await company.do("ops", "submit_territory_model", model)
    await company.do("admin", "review_territory_model", model)
    await company.do("finance", "approve_territory_model", model)
    await company.do("ops", "activate_territory_model", model)


async def _accounts(facts: Facts, random: Random) -> dict[str, list[UUID]]:
    ids: dict[str, list[UUID]] = {"T1": [], "T2": [], "T3": []}
    scored: list[tuple[UUID, Decimal]] = []
    for n in range(24):
        code = ("T1", "T2", "T3")[n % 3]
        at = (
            Decimal(random.randint(47_000_000, 49_000_000)).scaleb(-6),
            Decimal(random.randint(0, 4_000_000)).scaleb(-6),
        )
        account = Account(code, Decimal(random.randint(1, 90_000)), at if n % 8 else None, None)
        body: dict[str, Any] = {"name": f"A{n}", "potential": str(account.potential)}
        if account.place:
            body |= {"latitude": str(at[0]), "longitude": str(at[1])}
        id = await facts.company.do("ops", "create_account", **body)
        await facts.company.do("ops", "pin_account", facts.territories[code], account_id=id)
        if n % 5:
            account.score = Decimal(random.randint(0, 100_000_000)).scaleb(-6)
            scored.append((id, account.score))
        ids[code].append(id)
        facts.accounts.append(account)
    async with facts.company.operations.transaction(facts.company.actors["ops"]) as tx:
        card = tx.new_id()
        await tx.execute(
            "insert into scorecard (org_id, id, code, name, scorecard_version, state, criteria, classes, scored_at)"
            " values (:org_id, :id, 'S', 'S', 1, 'published', '[]', '[]', now())",
            id=card,
        )
        for id, score in scored:
            await tx.execute(
                "insert into account_score (org_id, scorecard_id, account_id, score, found, counted, missing)"
                " values (:org_id, :card, :id, :score, '{}', '{}', '{}')",
                card=card,
                id=id,
                score=score,
            )
    return ids


async def _deals(facts: Facts, random: Random, ids: dict[str, list[UUID]]) -> None:
    company = facts.company
    for n in range(48):
        code, seller = ("T1", "T2", "T3")[n % 3], ("bob", "cleo", "dan")[n % 3]
        stage = random.choice(["won", "won", "lost", "proposal", "engaging"])
        closed = AS_OF - timedelta(days=random.randint(0, 800)) if stage in ("won", "lost") else None
        amount = Decimal(random.randint(1_000, 60_000))
        body = {"name": f"D{n}", "account_id": random.choice(ids[code]), "seller_id": company.sellers[seller]}
        body |= {"amount": str(amount), "stage": "proposal" if n % 2 and closed else stage}
        deal = await company.do(
            "ops", "create_opportunity", **body, closed_on=None if body["stage"] == "proposal" else closed
        )
        if body["stage"] != stage:
            await company.do("ops", "change_opportunity_stage", deal, stage=stage, closed_on=closed)
        facts.deals.append((code, seller, stage, amount, closed))
    for _ in range(20):
        code, seller = random.choice(["T1", "T2", "T3"]), random.choice(["bob", "cleo", "dan"])
        done = AS_OF - timedelta(days=random.randint(0, 500))
        km = random.choice([None, Decimal(random.randint(0, 200_000)).scaleb(-3)])
        body = {"account_id": random.choice(ids[code]), "seller_id": company.sellers[seller], "kind": "visit"}
        await company.do("ops", "create_activity", **body, done_on=done, distance_km=None if km is None else str(km))
        facts.visits.append((code, seller, km, done))


@pytest.fixture(params=[1, 2])
async def facts(company: Any, request: pytest.FixtureRequest) -> Facts:
    return await build(company, request.param)


async def report(facts: Facts, who: str, resource: str, **params: Any) -> list[Any]:
    pairs = [("as_of", str(AS_OF)), ("limit", "200"), *((key, str(value)) for key, value in params.items())]
    found: list[Any] = await facts.company.page(who, resource, *pairs)
    view = TerritoryQualityView if resource == "territory_quality" else TerritoryCostView
    for row in found:
        shown = {name: value for name, value in row.items() if name != params.get("include")}
        view.model_validate_json(json.dumps(shown), strict=True)
    return found


def year_before(day: date, years: int = 1) -> date:
    return day.replace(year=day.year - years)


def won(facts: Facts, code: str, after: date, until: date, seller: str = "") -> Decimal:
    return sum(
        (amount for where, who, stage, amount, on in facts.deals
         if where == code and stage == "won" and on and after < on <= until and seller in ("", who)),
        Decimal(0),
    )  # fmt: skip


def area(facts: Facts, code: str) -> Decimal:
    """Twelve times the root of the determinant of the covariance, in floating point, from the definition."""
    places = [(float(one.place[0]), float(one.place[1])) for one in facts.of(code) if one.place]
    n = len(places)
    north, east = sum(p[0] for p in places) / n, sum(p[1] for p in places) / n
    vn = sum((p[0] - north) ** 2 for p in places) / n
    ve = sum((p[1] - east) ** 2 for p in places) / n
    cov = sum((p[0] - north) * (p[1] - east) for p in places) / n
    return Decimal(12 * math.sqrt(vn * ve - cov * cov) * 111.19508**2 * math.cos(math.radians(north)))


def close(found: str | None, expected: Decimal, relative: str = "0.000002", absolute: str = "0.002") -> bool:
    return found is not None and abs(Decimal(found) - expected) <= max(
        Decimal(relative) * abs(expected), Decimal(absolute)
    )


def grades(values: dict[str, Decimal | None]) -> dict[str, str | None]:
    """By the mean rank of each value among all that are known."""
    known = [value for value in values.values() if value is not None]

    def grade(value: Decimal | None) -> str | None:
        if value is None:
            return None
        below = sum(other < value for other in known) + sum(other == value for other in known) / 2
        share = below / len(known)
        return "high" if share > 2 / 3 else "low" if share < 1 / 3 else "medium"

    return {name: grade(value) for name, value in values.items()}


async def test_quality_figures_are_what_the_facts_say(facts: Facts) -> None:
    rows = {row["territory_code"]: row for row in await report(facts, "ops", "territory_quality")}
    assert set(rows) == {"T1", "T2", "T3", "EMPTY"}
    closed = [stage for _, _, stage, _, on in facts.deals if on]
    for code in ("T1", "T2", "T3"):
        row, accounts = rows[code], facts.of(code)
        assert Decimal(row["potential"]["amount"]) == sum(one.potential for one in accounts)
        interval = 14 if code == "T2" else 30
        assert Decimal(row["workload"]) == q(q(Decimal(365) / interval, 6) * len(accounts))
        scores = [one.score for one in accounts if one.score is not None]
        assert (Decimal(row["account_quality"]), row["scored_accounts"]) == (
            q(sum(scores, Decimal(0)) / len(scores), 6),
            len(scores),
        )
        located = sum(one.place is not None for one in accounts)
        assert row["located_accounts"] == located
        assert close(row["area_km2"], area(facts, code))
        assert Decimal(row["density"]) == q(1000 * located / Decimal(row["area_km2"]))
        now, before = AS_OF, year_before(AS_OF)
        this, last = won(facts, code, before, now), won(facts, code, year_before(AS_OF, 2), before)
        assert Decimal(row["won_revenue"]["amount"]) == this
        assert Decimal(row["won_revenue_before"]["amount"]) == last
        assert (row["growth"] and Decimal(row["growth"])) == (q(this / last - 1) if last else None)
        opened = [(stage, amount) for where, _, stage, amount, on in facts.deals if where == code and not on]
        assert Decimal(row["open_pipeline"]["amount"]) == sum(amount for _, amount in opened)
        assert len(closed) > 10
    assert (rows["EMPTY"]["overall_grade"], rows["EMPTY"]["potential_grade"], rows["EMPTY"]["account_count"]) == (
        None,
        None,
        0,
    )


async def test_the_pipeline_is_weighted_by_what_became_of_deals_that_stood_in_the_stage(facts: Facts) -> None:
    def share(results: list[str]) -> Decimal:
        return Decimal(results.count("won")) / len(results)

    closed = [(n, stage) for n, (_, _, stage, _, on) in enumerate(facts.deals) if on]
    # Every second of the closed deals was proposed first; none was ever engaging.
    chance = {
        "proposal": share([stage for n, stage in closed if n % 2]),
        "engaging": share([stage for _, stage in closed]),
    }
    for row in await report(facts, "ops", "territory_quality"):
        code = row["territory_code"]
        opened = [(stage, amount) for where, _, stage, amount, on in facts.deals if where == code and not on]
        expected = sum((amount * chance[stage] for stage, amount in opened), Decimal(0))
        assert Decimal(row["weighted_pipeline"]["amount"]) == q(expected)
        if row["quota"]:
            quota = Decimal(row["quota"]["amount"])
            assert Decimal(row["funnel_coverage"]) == q(Decimal(row["weighted_pipeline"]["amount"]) / quota)


async def test_a_quota_is_divided_over_the_territories_by_the_potential_that_is_covered(facts: Facts) -> None:
    rows = {row["territory_code"]: row for row in await report(facts, "ops", "territory_quality")}
    potential = {code: sum((one.potential for one in facts.of(code)), Decimal(0)) for code in ("T1", "T2")}
    weight = {"T1": potential["T1"], "T2": potential["T2"] / 2}
    part = {code: q(facts.quotas["bob"] * weight[code] / sum(weight.values())) for code in weight}
    assert Decimal(rows["T1"]["quota"]["amount"]) == part["T1"]
    assert Decimal(rows["T2"]["quota"]["amount"]) == part["T2"] + facts.quotas["cleo"]
    assert rows["T3"]["quota"] is None


async def test_each_figure_is_graded_by_thirds_and_the_grades_add_up(facts: Facts) -> None:
    rows = {row["territory_code"]: row for row in await report(facts, "ops", "territory_quality")}
    counted = ("potential", "account_quality", "density", "growth", "funnel_coverage")
    for name in (*counted, "workload"):
        values: dict[str, Decimal | None] = {}
        for code, row in rows.items():
            value = row[name]["amount"] if isinstance(row[name], dict) else row[name]
            values[code] = None if value is None or not row["account_count"] else Decimal(value)
        assert {code: row[f"{name}_grade"] for code, row in rows.items()} == grades(values), name
    for row in rows.values():
        given = [row[f"{name}_grade"] for name in counted if row[f"{name}_grade"]]
        points = sum({"high": 2, "medium": 1, "low": 0}[grade] for grade in given)
        assert (row["points"], row["graded"]) == (points, len(given))
        mean = points / len(given) if given else None
        assert row["overall_grade"] == (
            None if mean is None else "high" if mean > 4 / 3 else "low" if mean < 2 / 3 else "medium"
        )


async def test_without_travel_settings_visits_and_distances_are_told_and_nothing_is_priced(facts: Facts) -> None:
    for row in await report(facts, "ops", "territory_cost"):
        assert row["travel_settings_id"] is None
        assert (row["ideal_cost"], row["actual_cost"], row["tours"]) == (None, None, None)
    assert any(row["estimated_local_km"] for row in await report(facts, "ops", "territory_cost"))


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The spherical law of cosines: another formula than the report's."""
    (n1, e1), (n2, e2) = [(math.radians(x), math.radians(y)) for x, y in (a, b)]
    inner = math.sin(n1) * math.sin(n2) + math.cos(n1) * math.cos(n2) * math.cos(e1 - e2)
    return 6371.0088 * math.acos(min(1.0, inner))


async def test_cost_is_computed_from_visits_distances_and_prices(facts: Facts) -> None:
    await facts.company.do("ops", "set_travel_settings", **SETTINGS)
    names = {str(id): name for name, id in facts.company.sellers.items()}
    rows = await report(facts, "ops", "territory_cost", include="travel_settings")
    found = {(row["territory_code"], names.get(row["seller_id"] or "", "")): row for row in rows}
    after = year_before(AS_OF)
    visited = {(code, seller) for code, seller, _, on in facts.visits if after < on}
    sold = {(code, seller) for code, seller, stage, _, on in facts.deals if stage == "won" and on and after < on}
    assert set(found) == facts.cover.keys() | visited | sold | {("T2", "")}
    for (code, seller), row in found.items():
        share = Decimal("0.25") if not seller else facts.cover.get((code, seller), Decimal(0))
        _check_ideal(facts, code, seller, share, row)
        _check_actual(facts, code, seller, row)
        assert Decimal(row["won_revenue"]["amount"]) == (won(facts, code, after, AS_OF, seller) if seller else 0)
        revenue = Decimal(row["won_revenue"]["amount"])
        expected = q(Decimal(row["actual_cost"]["amount"]) / revenue) if revenue else None
        assert (row["cost_to_serve"] and Decimal(row["cost_to_serve"])) == expected
        assert row["travel_settings"]["visits_per_tour"] == 4


def _check_ideal(facts: Facts, code: str, seller: str, share: Decimal, row: Any) -> None:
    accounts = facts.of(code)
    each = q(Decimal(365) / 14, 6) if code == "T2" else q(Decimal("365") * Decimal("0.6") / 30, 6)
    located = [one.place for one in accounts if one.place]
    visits = each * len(accounts)
    assert Decimal(row["ideal_visits"]) == q(visits * share)
    assert Decimal(row["tours"]) == q(visits * share / 4)
    size = float(row["area_km2"])
    local = Decimal(0.7124 * math.sqrt(len(located) * size)) * visits * share / len(located)
    assert close(row["estimated_local_km"], local)
    if not share:
        assert Decimal(row["estimated_distance_km"]) == 0
        assert Decimal(row["ideal_cost"]["amount"]) == 0
        return
    if seller not in HOME:
        assert (row["mean_distance_km"], row["estimated_distance_km"], row["ideal_cost"]) == (None, None, None)
        return
    home = (float(HOME[seller][0]), float(HOME[seller][1]))
    mean = Decimal(sum(kilometres(home, (float(n), float(e))) for n, e in located) / len(located))
    assert close(row["mean_distance_km"], mean)
    haul = q(2 * Decimal(row["mean_distance_km"]) * Decimal(row["tours"]), 3)
    assert Decimal(row["estimated_line_haul_km"]) == haul
    km = q(Decimal("1.3") * (Decimal(row["estimated_local_km"]) + haul), 3)
    assert Decimal(row["estimated_distance_km"]) == km
    _check_cost(row, "ideal", km, Decimal(row["ideal_visits"]))


def _check_actual(facts: Facts, code: str, seller: str, row: Any) -> None:
    done = [km for where, who, km, on in facts.visits if (where, who) == (code, seller) and on > year_before(AS_OF)]
    assert (row["actual_visits"], row["visits_without_distance"]) == (len(done), done.count(None))
    km = sum((one for one in done if one is not None), Decimal(0))
    assert Decimal(row["actual_distance_km"]) == km
    _check_cost(row, "actual", km, Decimal(len(done)))


def _check_cost(row: Any, kind: str, km: Decimal, visits: Decimal) -> None:
    hours = q(km / 55 + visits * Decimal("1.25"))
    travel, time = q(km * Decimal("0.52")), q(hours * 64)
    assert Decimal(row[f"{kind}_hours"]) == hours
    assert [Decimal(row[f"{kind}_{part}cost"]["amount"]) for part in ("travel_", "time_", "")] == [
        travel,
        time,
        travel + time,
    ]


async def test_everybody_sees_the_territories_of_its_line_graded_among_all(facts: Facts) -> None:
    async def seen(who: str, resource: str) -> set[str]:
        return {row["territory_code"] for row in await report(facts, who, resource)}

    assert await seen("ada", "territory_quality") == {"T1", "T2"}
    assert await seen("cleo", "territory_quality") == {"T2"}
    assert await seen("viewer", "territory_quality") == {"T1", "T2", "T3", "EMPTY"}
    mine = await report(facts, "cleo", "territory_cost")
    assert {row["seller_name"] for row in mine} == {"cleo"}
    (of_all,) = [row for row in await report(facts, "ops", "territory_quality") if row["territory_code"] == "T2"]
    assert (await report(facts, "cleo", "territory_quality")) == [of_all]


async def test_a_draft_is_reported_with_the_sellers_it_proposes(facts: Facts) -> None:
    clone = await facts.company.do("ops", "clone_territory_model", facts.model, starts_on="2027-01-01", code="NEXT")
    rows = await report(facts, "ops", "territory_quality", model_id=clone)
    assert {row["held_on"] for row in rows} == {"2027-01-01"}
    assert {row["as_of"] for row in rows} == {str(AS_OF)}
    assert await report(facts, "ops", "territory_quality", model_id=facts.company.sellers["bob"]) == []


async def test_accounts_on_one_line_or_at_one_point_have_no_density_and_break_nothing(company: Any) -> None:
    model = await company.do("ops", "create_territory_model", code="M", name="Model", starts_on="2026-01-01")
    drawn: dict[str, list[str | None]] = {
        "LINE": ["45.1", "45.2", "45.3"],
        "POINT": ["45.1", "45.1"],
        "ONE": ["45.1"],
        "NONE": [None],
    }
    for code, places in drawn.items():
        territory = await company.do("ops", "create_territory", model_id=model, code=code, name=code)
        for n, place in enumerate(places):
            body = {"name": f"{code}{n}", "latitude": place, "longitude": place}
            account = await company.do("ops", "create_account", **body)
            await company.do("ops", "pin_account", territory, account_id=account)
    await company.do("ops", "set_travel_settings", **SETTINGS)
    facts = Facts(company, model)
    rows = await report(facts, "ops", "territory_quality", model_id=model)
    assert {row["territory_code"]: (row["area_km2"], row["density"]) for row in rows} == {
        "LINE": ("0.00", None), "POINT": ("0.00", None), "ONE": ("0.00", None), "NONE": (None, None),
    }  # fmt: skip
    assert len(await report(facts, "ops", "territory_cost", model_id=model)) == 4
