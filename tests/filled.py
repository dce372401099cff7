"""An organisation with one of everything, made through the API by the people who would make it.

`filled` is shared by all tests that only read or are refused; `stranger` is a second organisation in the same database.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from app.domain.workflow.engine import Machine
from tests.examples import body_of
from tests.world import World, _found, _hire, fiscal_year, make_world

PEOPLE = ("sam", "mona", "sue", "otto", "sales_ops", "comp_admin", "finance", "admin", "viewer")
"""Everybody who may act, those concerned first."""

SECTIONS: dict[str, Any] = {
    "summary": "Two new logos in the north.",
    "revenue": {"2026-Q1": {"amount": "100000.00", "currency": "EUR"}},
    "margin": {"2026": {"amount": "40000.00", "currency": "EUR"}},
    "assumptions": [{"assumption": "No price war", "likelihood": "likely"}],
    "actions": [{"what": "Hire an engineer", "who": "Ada", "due": "2026-03-31"}],
}
COMPONENT: dict[str, Any] = {
    "kind": "commission", "code": "revenue", "name": "Revenue", "trigger": "booking",
    "measure": {"of": "revenue", "whose": "own", "only": {"minimum_deal": "10"}},
    "window": {"over": "year", "quota": "window", "paid": "each_period"},
    "rate": {"tiers": {"method": "marginal", "input": {"figure": "attainment"}, "boundary": "higher", "pays": "rate",
                       "tiers": [{"lower": "0", "upper": "1", "value": "0.05"}, {"lower": "1", "value": "0.08"}]}},
    "target": {"share": "1"},
    "gates": [{"input": {"figure": "attainment"}, "at_least": "0", "below": "0"}],
    "limits": [{"kind": "floor", "per": "year", "amount": "0"}],
    "windfall": {"rule": "cap", "above": "1000000"},
    "budget": {"amount": "1000000", "when_exhausted": "first_come"},
    "proration": {"quota": "months", "target": "days"},
    "holdback": {"share": "0.1", "release": "event"},
    "clawback": {"method": "full", "days": 90},
}  # fmt: skip
POTENTIAL: dict[str, Any] = {
    "code": "potential", "name": "Potential", "kind": "quantitative", "figure": "potential", "weight": "60",
    "method": "percentile", "within": "industry", "missing": "zero",
}  # fmt: skip
REFERS: dict[str, Any] = {
    "code": "refers", "name": "Refers others", "kind": "qualitative", "weight": "40", "method": "linear", "low": "1",
    "high": "5", "missing": "leave_out",
}  # fmt: skip
MOVES: dict[str, dict[str, Any]] = {
    "review_plan": {
        "scores": [{"criterion": key, "score": "5"} for key in ("ambition", "realism", "coherence", "actions")]
    },
    "end_territory_assignment": {"effective_to": "2030-06-01"},
    "reissue_plan_agreement": {"due_on": "2090-01-01"},
    "correct_inquiry": {"amount": {"amount": "90.00", "currency": "EUR"}, "comment": "It was invoiced twice."},
    "extend_holdover": {"until": "2090-01-01", "comment": "The buyer is on leave."},
}
"""Bodies of moves that have to fit their subject."""

Maker = Callable[["Filled"], Awaitable[str]]


class Filled(World):
    """`ids` holds an id of each resource; `made` counts what has to be called differently each time."""

    ids: dict[str, str]
    made: int
    months: int

    def next(self) -> int:
        self.made = getattr(self, "made", 0) + 1
        return self.made

    def month(self) -> int:
        """The next month to be paid."""
        self.months = getattr(self, "months", 0) + 1
        return self.months

    async def create(self, who: str, resource: str, **body: Any) -> str:
        """Create one and remember its id."""
        collection = self.service.catalogue.resources[resource].collection
        made = await self.post(who, f"/v1/{collection}", body)
        self.ids.setdefault(resource, made["id"])
        return str(made["id"])

    async def run(self, who: str, command: str, id: str = "", **body: Any) -> Any:
        """Run a command of the catalogue; with an `id`, about that object."""
        spec = self.service.catalogue.commands[command]
        collection = self.service.catalogue.resources[spec.resource].collection
        action = (spec.action or spec.name).replace("_", "-")
        return await self.post(who, f"/v1/{collection}/{id}/{action}" if id else f"/v1/{collection}/{action}", body)

    async def seen(self, who: str, resource: str, id: str) -> Any | None:
        """The object as somebody sees it, or None."""
        actor, needs = self.person(who), self.service.catalogue.resources[resource].needs
        if needs and not actor.may(needs):
            return None
        found = await self.operations.reader.one(actor, resource, UUID(id))
        return found and json.loads(found.body)

    def person(self, who: str) -> Any:
        """The actor behind a name of `PEOPLE`."""
        role = {"sam": "seller", "sue": "seller", "olga": "seller", "mona": "manager", "otto": "manager"}.get(who)
        return self.actor(role, who) if role else self.actor(who)

    async def move(self, resource: str, id: str, action: str) -> None:
        """Take an action by the first person whose `allowed_actions` says it may."""
        spec = self.service.catalogue.commands[f"{action}_{resource}"]
        for who in PEOPLE:
            found = await self.seen(who, resource, id)
            if found and any(entry["action"] == action and entry["allowed"] for entry in found["allowed_actions"]):
                await self.run(who, spec.name, id, **MOVES.get(spec.name, body_of(spec, self.ids)))
                return
        raise AssertionError(f"nobody may {action} the {resource}")

    async def bring(self, machine: Machine, id: str, state: str) -> None:
        """Bring a subject in the initial state to another one, by the shortest way."""
        for action in self.way(machine, state):
            await self.move(machine.name, id, action)

    def way(self, machine: Machine, state: str) -> list[str]:
        """The shortest list of actions that leads from the initial state to another."""
        ways: dict[str, list[str]] = {str(machine.initial): []}
        waiting = deque(ways)
        while waiting:
            here = waiting.popleft()
            for move in machine.leaving(here):
                if move.target and str(move.target) not in ways:
                    ways[str(move.target)] = [*ways[here], move.action]
                    waiting.append(str(move.target))
        return ways[state]


# -- one subject of each machine, in its initial state -----------------------------------------------------------------


async def _plan(world: Filled) -> str:
    return await world.create(
        "sam", "plan", title="North", template_id=world.ids["plan_template"], period_id=world.ids["fiscal_period"],
        sections=SECTIONS,
    )  # fmt: skip


async def _plan_comment(world: Filled) -> str:
    said = {"plan_id": world.ids["plan"], "section": "summary", "body": "Which two?"}
    return await world.create("mona", "plan_comment", **said)


async def _planned(world: Filled) -> None:
    """Plans of every kind of help: a campaign, a reviewer and who stands in, a contributor, an example to follow."""
    ids = world.ids
    machine = world.service.catalogue.machines["plan"]
    await world.run("sales_ops", "install_plan_templates")
    templates = await world.get("sales_ops", "/v1/plan-templates", kind="revenue_plan")
    ids["plan_template"] = ids["template"] = templates["items"][0]["id"]
    model = await _plan(world)
    await world.bring(machine, model, "approved")
    await world.run("finance", "mark_exemplary_plan", model, reason="Every figure has a reason.")
    revised = (await world.run("sam", "revise_plan", model))["id"]
    ids["exemplary_plan"] = model
    part = {"plan_id": revised, "principal_id": str(world.principals["finance"]), "function": "Finance"}
    await world.create("sam", "plan_contributor", section="investments", **part)
    ids.pop("plan")
    plan = await _plan(world)
    await world.create("mona", "plan_reviewer", plan_id=plan, principal_id=str(world.principals["mona"]))
    handed = {"from_principal_id": str(world.principals["mona"]), "to_principal_id": str(world.principals["otto"])}
    await world.create("mona", "review_delegation", **handed, effective_from="2020-01-01", effective_to="2020-02-01")
    await world.bring(machine, plan, "reviewed")
    await _plan_comment(world)
    campaign = await world.create(
        "sales_ops", "plan_campaign", name="All plans", template_id=ids["plan_template"], due_on="2026-01-31",
        period_id=ids["period"],
    )  # fmt: skip
    await world.run("sales_ops", "launch_plan_campaign", campaign)
    await world.run("sales_ops", "remind_of_plans")


async def _quota(world: Filled) -> str:
    # A seller has one live quota of a measure in a period, so each is for a year of its own.
    year = await world.run("finance", "create_fiscal_year", **_year(world))
    return await world.create(
        "sales_ops", "quota", seller_id=world.sellers["sam"], period_id=year["id"], amount="120000.00"
    )


async def _fiscal_period(world: Filled) -> str:
    made = await world.run("finance", "create_fiscal_year", **_year(world))
    return str(made["id"])


def _year(world: Filled) -> dict[str, Any]:
    year = 2030 + world.next()
    return {"fiscal_year": year, "start_date": f"{year}-01-01"}


async def _scorecard(world: Filled) -> str:
    return await world.create(
        "sales_ops", "scorecard", code=f"FIT{world.next()}", name="Account quality", criteria=[POTENTIAL, REFERS],
        classes={"a": "75", "b": "50", "c": "25"},
    )  # fmt: skip


async def _territory_model(world: Filled) -> str:
    n = world.next()
    model = await world.create(
        "sales_ops", "territory_model", code=f"M{n}", name="Model", starts_on=f"{2030 + n}-01-01",
        ends_on=f"{2031 + n}-01-01",
    )  # fmt: skip
    await world.create("sales_ops", "territory", code="NORTH", name="North", model_id=model)
    return model


async def _territory_assignment(world: Filled) -> str:
    model = world.ids["territory_model"]
    territory = await world.create("sales_ops", "territory", code=f"T{world.next()}", name="Part", model_id=model)
    terms = {"territory_id": territory, "seller_id": world.sellers["sam"], "effective_from": "2030-01-01"}
    return await world.create("sales_ops", "territory_assignment", **terms)


async def _activity(world: Filled) -> str:
    terms = {"account_id": world.ids["account"], "kind": "visit", "planned_on": "2026-02-01"}
    return await world.create("sam", "activity", **terms)


async def _lead(world: Filled) -> str:
    return await world.create("sam", "lead", name="Ada", company="Engines", city="Lyon")


async def _holdover(world: Filled) -> str:
    """Sam covers an account and has a deal there; the next model gives the account to Sue."""
    n = world.next()
    year, machine = 2030 + n, world.service.catalogue.machines["territory_model"]
    account = await world.create("sales_ops", "account", name=f"Held over {n}", owner_id=world.sellers["sam"])
    deal = await world.create(
        "sales_ops", "opportunity", name="Open", account_id=account, seller_id=world.sellers["sam"]
    )
    for half, seller in (("01", "sam"), ("07", "sue")):
        start = f"{year}-{half}-01"
        model = await world.create(
            "sales_ops", "territory_model", code=f"H{n}-{half}", name="Half a year", starts_on=start,
            ends_on=f"{year}-07-01" if half == "01" else f"{year + 1}-01-01", holdover_days=90,
        )  # fmt: skip
        territory = await world.create("sales_ops", "territory", code="NORTH", name="North", model_id=model)
        await world.run("sales_ops", "pin_account", territory, account_id=account)
        terms = {"territory_id": territory, "seller_id": world.sellers[seller], "effective_from": start}
        await world.move(
            "territory_assignment", await world.create("sales_ops", "territory_assignment", **terms), "accept"
        )
        await world.bring(machine, model, "active")
    (held,) = (await world.get("sales_ops", "/v1/holdovers", opportunity_id=deal))["items"]
    return str(held["id"])


async def _reference(world: Filled) -> str:
    return await world.create("sam", "reference", kind="reference", account_id=world.ids["account"])


async def _compensation_plan(world: Filled, *components: dict[str, Any]) -> str:
    plan = await world.create(
        "comp_admin", "compensation_plan", code=f"CP{world.next()}", name="Plan", fiscal_year=2026, currency="EUR",
        components=list(components or [COMPONENT]),
    )  # fmt: skip
    terms = {"effective_from": "2026-01-01", "target_incentive": "20000.00"}
    await world.run("comp_admin", "enrol_participants", plan, seller_ids=[world.sellers["sam"]], **terms)
    return plan


async def _plan_agreement(world: Filled) -> str:
    plan = await _compensation_plan(world)
    for action in ("submit", "review", "approve"):
        await world.move("compensation_plan", plan, action)
    await world.run("comp_admin", "publish_compensation_plan", plan, due_on="2026-01-31")
    found = await world.get("comp_admin", "/v1/plan-agreements", plan_id=plan)
    return str(found["items"][0]["id"])


async def _compensation_run(world: Filled) -> str:
    for state in ("queued", "calculating"):
        # One run is calculated at a time.
        for run in (await world.get("finance", "/v1/compensation-runs", state=state))["items"]:
            await world.move("compensation_run", run["id"], "cancel")
    month = await world.get("finance", "/v1/periods", code=f"2026-M{world.month():02}")
    body = {"period_id": month["items"][0]["id"], "kind": "official"}
    run = await world.post("comp_admin", "/v1/compensation-runs", body, idempotency_key=str(uuid4()))
    return str(run["id"])


async def _inquiry(world: Filled) -> str:
    day, sold = "2026-02-11", {"amount": "100.00", "currency": "EUR"}
    splits = [{"seller_id": world.sellers["sam"], "share": "1"}]
    deal = await world.create(
        "comp_admin", "transaction", kind="booking", transaction_date=day, amount=sold, splits=splits
    )
    asked = {"subject": "The rate", "claimed_amount": "60.00", "transaction_id": deal}
    return await world.create("sam", "inquiry", statement_id=world.ids["statement"], **asked)


SUBJECTS: dict[str, Maker] = {
    "fiscal_period": _fiscal_period,
    "activity": _activity,
    "lead": _lead,
    "scorecard": _scorecard,
    "reference": _reference,
    "territory_model": _territory_model,
    "territory_assignment": _territory_assignment,
    "holdover": _holdover,
    "plan": _plan,
    "plan_comment": _plan_comment,
    "quota": _quota,
    "compensation_plan": _compensation_plan,
    "plan_agreement": _plan_agreement,
    "compensation_run": _compensation_run,
    "inquiry": _inquiry,
}
"""Makes a subject in the initial state of its machine."""


# -- one of everything -------------------------------------------------------------------------------------------------


async def fill(world: Filled) -> None:
    """One row of every resource at least; a new resource adds itself here."""
    ids = world.ids
    periods = await fiscal_year(world)
    ids |= {"fiscal_period": periods["2026"], "seller": world.sellers["sam"], "organisation": str(world.org_id)}
    ids |= {"principal": str(world.principals["sam"]), "manager": world.sellers["mona"], "owner": world.sellers["sam"]}
    ids["period"] = periods["2026"]
    await world.create("sales_ops", "seller_skill", seller_id=world.sellers["sam"], skill="roi-selling", level=3)
    await world.create("sales_ops", "segment", code="MID", name="Mid market", tam="1000000.00")
    await world.create(
        "sales_ops", "product", code="P1", name="Product", effective_from="2026-01-01", list_price="10.00"
    )
    await world.create(
        "sam", "account", name="Northwind", potential="50000.00", win_probability="0.40", industry="Software"
    )
    mix = {"priority": "0.5", "big_bet": "0.2", "quick_win": "0.2", "deprioritised": "0.1"}
    await world.run("sales_ops", "set_prioritisation", target_mix=mix)
    await world.run("sales_ops", "snapshot_quadrants", name="Start of the year")
    await _scored(world)
    await world.run("sales_ops", "set_travel_settings", cost_per_km="0.50", hourly_cost="60.00")
    await world.create("sam", "opportunity", name="Deal", account_id=ids["account"], amount="900.00")
    await _activity(world)
    await _watched(world)
    await _people(world)
    await world.create(
        "finance", "fx_rate", from_currency="USD", to_currency="EUR", rate="0.9", effective_from="2026-01-01"
    )
    await world.create(
        "finance", "fx_rate", from_currency="GBP", to_currency="EUR", rate="1.2", effective_from="2026-01-01"
    )
    ids["territory_model"] = await _territory_model(world)
    await world.run("sales_ops", "pin_account", ids["territory"], account_id=ids["account"])
    await world.create("sales_ops", "cadence_policy", name="Everybody", interval_days=30)
    await SUBJECTS["territory_assignment"](world)
    ids["holdover"] = await _holdover(world)
    await _designed(world)
    await _planned(world)
    allocation: dict[str, Any] = {
        "period_id": periods["2026"],
        "total": "500000.00",
        "seller_ids": [world.sellers["sam"]],
    }
    ids["allocation"] = (await world.run("sales_ops", "allocate_quotas", **allocation))["id"]
    ids["quota"] = (await world.get("sales_ops", "/v1/quotas"))["items"][0]["id"]
    await world.bring(world.service.catalogue.machines["quota"], ids["quota"], "accepted")
    await world.bring(world.service.catalogue.machines["quota"], await _quota(world), "disputed")
    ids["quota_dispute"] = (await world.get("sales_ops", "/v1/quota-disputes"))["items"][0]["id"]
    ids["commitment"] = await world.create("sam", "commitment", period_id=periods["2026"], amount="480000.00")
    await _simulated(world, ids["allocation"])
    ids["plan_agreement"] = await _plan_agreement(world)
    await world.create(
        "comp_admin", "transaction", kind="booking", account_id=ids["account"], transaction_date="2026-01-15",
        amount={"amount": "1000.00", "currency": "EUR"}, splits=[{"seller_id": world.sellers["sam"], "share": "1"}],
    )  # fmt: skip
    await _credited(world)
    await _objective(world)
    await world.create(
        "comp_admin", "transaction", kind="booking", transaction_date="2026-01-16", description="Credits nobody",
        amount={"amount": "10.00", "currency": "EUR"},
    )  # fmt: skip
    await _paid(world)
    await _imported(world)
    await _find_the_rest(world)


async def _objective(world: Filled) -> None:
    """An objective under a plan that is still a draft."""
    tiers = {"tiers": COMPONENT["rate"]["tiers"] | {"pays": "base_rate", "tiers": [{"lower": "0", "value": "1"}]}}
    measured = {"kind": "objective", "code": "mbo", "measure": {"of": "objective_score", "whose": "own"}, "rate": tiers}
    kept = {name: COMPONENT[name] for name in ("name", "trigger", "window", "target", "proration")}
    kept_plan = world.ids["compensation_plan"]
    await world.create(
        "comp_admin", "compensation_plan", code="MBO", name="Objectives", fiscal_year=2026, currency="EUR",
        components=[kept | measured],
    )  # fmt: skip
    world.ids["compensation_plan"] = kept_plan
    where = {"plan_code": "MBO", "component_code": "mbo", "seller_id": world.sellers["sam"]}
    goal = {"name": "Open the north", "weight": "1", "period_id": world.ids["period"]}
    await world.create("comp_admin", "plan_objective", **where, **goal)


async def _credited(world: Filled) -> None:
    """Two rules, an overlay beside them, and a decision on a transaction."""
    since = {"effective_from": "2026-01-01"}
    for precedence, kind in enumerate(("named_overlay", "explicit_split"), 1):
        rule = {"code": kind, "name": kind, "kind": kind, "precedence": precedence, **since}
        await world.create("comp_admin", "crediting_rule", **rule)
    overlay = {"rule_id": world.ids["crediting_rule"], "account_id": world.ids["account"], "share": "0.5"}
    await world.create("comp_admin", "overlay_assignment", seller_id=world.sellers["sam"], **overlay, **since)
    await world.create(
        "comp_admin", "manual_credit", transaction_id=world.ids["transaction"], mode="in_addition",
        reason="She opened the door.", splits=[{"seller_id": world.sellers["sam"], "share": "0.1"}],
    )  # fmt: skip


async def _simulated(world: Filled, allocation: str) -> None:
    """Sam won something last year, so that its quota has a chance."""
    deal = {"name": "Last year's deal", "amount": "300000.00", "stage": "won", "closed_on": "2025-11-15"}
    await world.create("sam", "opportunity", **deal)
    await world.run("sales_ops", "simulate_attainment", allocation, draws=100)
    await work(world, "simulate_attainment")


async def _watched(world: Filled) -> None:
    """Sam watches for leads, and one appears."""
    search = await world.create("sam", "saved_search", name="All leads", target="lead", watched=True)
    await world.run("sam", "check_saved_search", search)
    await _lead(world)
    await world.run("sam", "check_saved_search", search)


async def _people(world: Filled) -> None:
    """Three people at the account, two of them on its map, and one who was anonymised."""
    at: dict[str, Any] = {"account_id": world.ids["account"]}
    boss = await world.create("sam", "contact", name="Bea Boss", decision_role="decision_maker", **at)
    user = await world.create("sam", "contact", name="Ugo User", relation_strength=4, **at)
    gone = await world.create("sam", "contact", name="Gus Gone", email="gus@example.com", **at)
    await world.run("sam", "anonymise_contact", gone)
    pair = {"from_contact_id": user, "to_contact_id": boss}
    await world.create("sam", "contact_relation", **pair, kind="reports_to", strength=3)
    cell = {**at, "product_id": world.ids["product"], "potential": "5000.00"}
    await world.create("sam", "holding", **cell, status="competitor", competitor="Rival")
    await world.create("sam", "holding", **cell, contact_id=user, status="open", shown_on="2026-01-15")
    reference = await _reference(world)
    await world.move("reference", reference, "agree")
    used = {"reference_id": reference, "opportunity_id": world.ids["opportunity"], "used_on": "2026-01-20"}
    await world.create("sam", "reference_use", **used)


async def _paid(world: Filled) -> None:
    """January is run, posted and paid; Sam questions the statement and is paid the difference next time."""
    run = await _compensation_run(world)
    await work(world, "compensation_run")
    for action in ("review", "approve", "post", "pay"):
        await world.move("compensation_run", run, action)
    world.ids["compensation_run"] = run
    await _accounted(world, run)
    await _rechecked(world, run)
    await _tried_out(world)
    await _find_the_rest(world)
    inquiry = world.ids["inquiry"] = await _inquiry(world)
    for action in ("take", "adjust"):
        await world.move("inquiry", inquiry, action)


async def _tried_out(world: Filled) -> None:
    """A plan is simulated over the year, drawn, looked at as a curve and advised on."""
    flat = {"window": {"over": "year", "paid": "each_period"}, "rate": {"flat": {"pays": "rate", "value": "0.01"}}}
    parts = [
        {**COMPONENT, **flat, "code": code, "target": {"share": share}, "gates": []}
        for code, share in (("heavy", "0.9"), ("light", "0.1"))
    ]
    year, plan = world.ids["fiscal_period"], await _compensation_plan(world, *parts)
    tried = {"name": "Trial", "period_id": year, "plans": [{"plan_id": plan}]}
    await world.create("finance", "plan_simulation", **tried, scenario={"growth": "0.1"})
    await work(world, "plan_simulation")
    await world.create("sam", "pay_curve", plan_id=plan, quota="100000.00", target_incentive="10000.00")
    await work(world, "pay_curve")
    await world.create(
        "finance", "budget_risk", **tried, correlation="0.3", budget={"amount": "1000.00", "currency": "EUR"},
        attainment={"source": "normal", "mean": "1", "spread": "0.2"}, draws=100,
    )  # fmt: skip
    await work(world, "budget_risk")
    await world.run("finance", "recommend_for_plan", plan, period_id=year)
    await work(world, "recommend_for_plan")


async def _accounted(world: Filled, run: str) -> None:
    """The payments are in a file for payroll, and what won contracts is an asset."""
    mapping = await world.create(
        "finance", "payroll_mapping", code="CSV", name="Plain", delimiter="comma", decimal_mark="point",
        date_format="iso", header=True, columns=[{"header": "Amount", "field": "amount"}],
    )  # fmt: skip
    await world.post("finance", "/v1/payroll-exports", {"mapping_id": mapping}, idempotency_key="payroll")
    await world.create(
        "finance", "cost_policy", effective_from="2026-01-01", kinds=["commission"], default_term_months=12,
        customer_life_months=24, renewals_commensurate=False, expense_within_a_year=True,
    )  # fmt: skip
    await world.run("finance", "capitalise_compensation_run", run)
    period = (await world.get("finance", f"/v1/compensation-runs/{run}"))["period_id"]
    await world.post("finance", "/v1/contract-costs/amortise", {"period_id": period}, idempotency_key="amortise")
    (held,) = (await world.get("finance", "/v1/balance-movements", kind="holdback"))["items"]
    await world.create(
        "comp_admin", "holdback_release", seller_id=held["seller_id"], component_id=held["component_id"],
        period_id=held["origin_period_id"], reason="The customer went live.",
    )  # fmt: skip


async def _rechecked(world: Filled, run: str) -> None:
    """The run is recalculated, and compared with a preview that knows one more deal."""
    await world.run("finance", "verify_compensation_run", run, engine="duckdb")
    await work(world, "run_verification")
    period = (await world.get("finance", f"/v1/compensation-runs/{run}"))["period_id"]
    start = (await world.get("finance", f"/v1/periods/{period}"))["start_date"]
    await world.create(
        "comp_admin", "transaction", kind="booking", transaction_date=start,
        amount={"amount": "10.00", "currency": "EUR"}, splits=[{"seller_id": world.sellers["sam"], "share": "1"}],
    )  # fmt: skip
    body = {"period_id": period, "kind": "preview"}
    preview = await world.post("comp_admin", "/v1/compensation-runs", body, idempotency_key=str(uuid4()))
    await work(world, "compensation_run")
    await world.run("finance", "compare_compensation_runs", run, other_run_id=preview["id"])
    await work(world, "run_comparison")


async def _scored(world: Filled) -> None:
    """A published scorecard that the account was scored on."""
    scorecard = await _scorecard(world)
    await world.move("scorecard", scorecard, "publish")
    await world.create("sam", "account_rating", account_id=world.ids["account"], criterion="refers", rating=4)
    await world.run("sales_ops", "score_accounts", scorecard)
    await work(world, "score_accounts")


async def _designed(world: Filled) -> None:
    """A design that starts from the model, and the plan found for it."""
    scenario = await world.create(
        "sales_ops", "territory_scenario", name="Even", model_id=world.ids["territory_model"], method="create",
        territory_count=1, measures=[{"measure": "potential"}],
    )  # fmt: skip
    await world.run("sales_ops", "solve_territory_scenario", scenario)
    await work(world, "scenario_solve")


async def _imported(world: Filled) -> None:
    """Two segments from a file, one of them with a mistake."""
    content = "external_key,code,name\nA,AA,Alpha\nB,not a code!,Beta\n"
    headers = {"content-type": "text/csv", "idempotency-key": "import"}
    path = "/v1/imports?entity=segment&source=crm"
    answer = await world.client("sales_ops").post(path, content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    await work(world, "import")


async def work(world: Filled, kind: str) -> None:
    """Run the newest job of a kind, as the worker would."""
    from app.service import job_modules
    from app.worker import run_job

    job_modules()
    found = await world.get("admin", "/v1/jobs", kind=kind, sort="-created_at", limit=1)
    world.ids["job"] = found["items"][0]["id"]
    assert await run_job(world.service, world.org_id, UUID(world.ids["job"]))
    job = await world.get("admin", f"/v1/jobs/{world.ids['job']}")
    assert job["state"] == "succeeded", job["problem"]


async def _find_the_rest(world: Filled) -> None:
    """Ids of what came about by itself, such as positions and reviews."""
    connection = await asyncpg.connect(world.service.dsn)
    try:
        for resource in world.service.catalogue.resources.values():
            if resource.name in world.ids or resource.source:
                continue
            found = await connection.fetchval(
                f"select id from {resource.name} row where org_id = $1"
                " order by coalesce(to_jsonb(row)->>'seller_id' = $2, false) desc, id limit 1",
                world.org_id,
                world.sellers["sam"],
            )
            if found is not None:
                world.ids[resource.name] = str(found)
    finally:
        await connection.close()


async def open_filled(stack: AsyncExitStack, dsn: str, folder: Path) -> Filled:
    """A filled organisation in a migrated database."""
    world = await stack.enter_async_context(make_world(dsn, folder))
    world.__class__ = Filled
    assert isinstance(world, Filled)
    world.ids = {}
    await fill(world)
    return world


async def neighbour(world: Filled) -> Filled:
    """A second organisation behind the same application, with people but nothing else."""
    other = Filled.__new__(Filled)
    other.__dict__ |= {**world.__dict__, "org_id": UUID(int=world.org_id.int ^ 1), "_clients": [], "ids": {}}
    other.__dict__ |= {"keys": {}, "principals": {}, "sellers": {}}
    await _found(other, world.service.dsn, "Stranger")
    await _hire(other)
    return other


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def filled(session_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    """One of everything. Tests leave it as it is, or add what nobody else looks at."""
    async with AsyncExitStack() as stack:
        yield await open_filled(stack, session_database, tmp_path_factory.mktemp("filled"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stranger(filled: Filled) -> AsyncIterator[Filled]:
    """Another organisation in the same database."""
    other = await neighbour(filled)
    yield other
    for client in other._clients:
        await client.aclose()


async def fingerprint(world: World) -> dict[str, tuple[int, str]]:
    """How many rows each table holds of the organisation, and a digest of them; when a key was used does not count."""
    connection = await asyncpg.connect(world.service.dsn)
    try:
        return {
            table: tuple(
                await connection.fetchrow(
                    f"select count(*), md5(string_agg(t::text, '' order by t::text)) from"
                    f" (select to_jsonb({table}) - 'last_used_at' as t from {table} where org_id = $1) t",
                    world.org_id,
                )
            )
            for table in await tenant_tables(connection)
        }
    finally:
        await connection.close()


async def tenant_tables(connection: Any) -> list[str]:
    """Every table with an organisation."""
    rows = await connection.fetch(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'"
        " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1"
    )
    return [row["relname"] for row in rows]
