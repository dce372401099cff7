"""A fiscal year, the shipped templates, and plans brought to any state by the people who would do it."""

from collections import deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from app.domain.plans.contract.plans import PlanState
from app.domain.plans.workflow.plans import PLAN

PEOPLE = {
    "submit": "bob",
    "withdraw": "bob",
    "revise": "bob",
    "archive": "bob",
    "review": "ada",
    "request_changes": "ada",
    "approve": "finance",
    "reject": "finance",
    "mark_exemplary": "finance",
    "unmark_exemplary": "finance",
}


def scores(best: str = "5") -> list[dict[str, str]]:
    """The same score on every criterion of the shipped revenue plan."""
    return [{"criterion": key, "score": best} for key in ("ambition", "realism", "coherence", "actions")]


BODIES: dict[str, dict[str, Any]] = {
    "review": {"scores": scores()},
    "request_changes": {"comment": "Name who does what."},
    "reject": {"comment": "The market is not there."},
    "mark_exemplary": {"reason": "Every figure says where it comes from."},
}

CONTENT: dict[str, Any] = {
    "summary": "Two new logos in the north.",
    "revenue": {"2026-Q1": {"amount": "100000.00", "currency": "EUR"}},
    "margin": {"2026": {"amount": "40000.00", "currency": "EUR"}},
    "assumptions": [{"assumption": "No price war", "likelihood": "likely"}],
    "actions": [{"what": "Hire an engineer", "who": "Ada", "due": "2026-03-31"}],
}


@dataclass
class Desk:
    """Shorthands over the organisation's commands."""

    company: Any
    period: UUID
    templates: dict[str, UUID]

    async def draft(self, who: str = "bob", kind: str = "revenue_plan", **more: Any) -> UUID:
        body = {"title": "North", "template_id": self.templates[kind], "period_id": self.period, "sections": CONTENT}
        made: UUID = await self.company.do(who, "create_plan", **{**body, **more})
        return made

    async def take(self, plan: UUID, *actions: str) -> UUID:
        """Take moves one after the other, each by who may; returns what the last one answers with."""
        answer = plan
        for action in actions:
            body = BODIES.get(action, {})
            answer = await self.company.do(PEOPLE[action], f"{action}_plan", plan, **body)
        return answer

    async def in_state(self, state: PlanState) -> UUID:
        """A plan brought to a state by the shortest way."""
        plan = await self.draft()
        await self.take(plan, *way_to(state))
        return plan

    async def show(self, plan: UUID, who: str = "ops", **parameters: str) -> Any:
        return await self.company.one(who, "plan", plan, **parameters)


def way_to(state: PlanState) -> list[str]:
    """The fewest moves from the initial state."""
    ways: dict[Any, list[str]] = {PLAN.initial: []}
    queue = deque([PLAN.initial])
    while queue:
        here = queue.popleft()
        for move in PLAN.leaving(here):
            if move.target and move.target not in ways:
                ways[move.target] = [*ways[here], move.action]
                queue.append(move.target)
    return ways[state]


@pytest.fixture
async def desk(company: Any) -> Desk:
    period = await company.do("finance", "create_fiscal_year", fiscal_year=2026, start_date="2026-01-01")
    installed = await company.do("ops", "install_plan_templates")
    return Desk(company, period, {template.kind: template.id for template in installed.templates})
