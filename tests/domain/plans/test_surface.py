"""A plan's way over HTTP: written, submitted, reviewed, approved and revised."""

from pathlib import Path

from tests.domain.plans.conftest import CONTENT, scores
from tests.world import fiscal_year, make_world


async def test_a_plan_is_agreed_on_over_rest(database: str, tmp_path: Path) -> None:
    async with make_world(database, tmp_path) as world:
        year = (await fiscal_year(world))["2026"]
        await world.post("sales_ops", "/v1/plan-templates/install-shipped")
        template = (await world.get("sam", "/v1/plan-templates", kind="revenue_plan"))["items"][0]["id"]
        body = {"title": "North", "template_id": template, "period_id": year}
        problem = await world.post("sam", "/v1/plans", {**body, "sections": {"dreams": "x"}}, expect=422)
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/sections/dreams", "unknown_section")]
        plan = await world.post("sam", "/v1/plans", {**body, "sections": CONTENT}, expect=201)
        path = f"/v1/plans/{plan['id']}"
        await world.post("sam", f"{path}/submit")
        refused = await world.post("sue", f"{path}/withdraw", expect=404)
        assert refused["code"] == "not_found"
        reviewed = await world.post("manager", f"{path}/review", {"scores": scores("4"), "comment": "Good."})
        assert (reviewed["state"], reviewed["quality"]) == ("reviewed", "0.80")
        await world.post("finance", f"{path}/approve")
        revised = await world.post("sam", f"{path}/revise")
        assert (revised["state"], revised["plan_version"], revised["based_on_id"]) == ("draft", 2, plan["id"])
        history = await world.get("sam", f"{path}/transitions")
        assert [step["action"] for step in history["items"]] == ["create", "submit", "review", "approve", "revise"]
