"""Who acts in the demo: everybody gives commands as the domain has them, with the permissions of their role."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.demo.plot import Company
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.operations import Answer, Ask
from app.service import Service, job_modules
from app.worker import run_job


@dataclass
class Demo:
    """The organisation while it is being made: what is planned, who is there, and the ids of what exists by now."""

    service: Service
    company: Company
    founder: Actor
    desk: dict[str, Actor] = field(default_factory=dict)
    """People without a quota, by what they do: `admin`, `sales_ops`, `sales_ops_2`, `finance`, …"""
    sellers: dict[str, Actor] = field(default_factory=dict)
    """By the number of the seller; their `seller_id` is set."""
    ids: dict[str, UUID] = field(default_factory=dict)
    """Ids of segments, products, accounts, territories, periods, by the code or key they have in the plot."""

    def seller_id(self, number: str) -> UUID:
        """The id of a seller by its number."""
        id = self.sellers[number].seller_id
        assert id is not None
        return id

    async def do(self, who: Actor, name: str, id: UUID | None = None, /, **body: Any) -> UUID:
        """One command in one transaction; the id of what it answers with."""
        answer = await self.service.operations.perform(who, self._ask(name, id, body))
        assert answer.id is not None
        return answer.id

    async def answer(self, who: Actor, name: str, id: UUID | None = None, /, **body: Any) -> Any:
        """One command in one transaction; what it answers with."""
        return json.loads((await self.service.operations.perform(who, self._ask(name, id, body))).body)

    async def work(self, who: Actor, name: str, id: UUID | None = None, /, **body: Any) -> Any:
        """A command that answers with a job, which this process then runs as a worker would; the job's result."""
        job_modules()
        job = await self.do(who, name, id, **body)
        await run_job(self.service, self.founder.org_id, job)
        (found,) = await self.rows("select state, result from job where org_id = :org_id and id = :id", id=job)
        assert found["state"] == "succeeded", found
        return found["result"]

    async def all(self, who: Actor, name: str, calls: Iterable[tuple[UUID | None, Mapping[str, Any]]]) -> list[UUID]:
        """A command for many subjects, in one transaction; the ids of what they answer with, in order."""
        operations = self.service.operations
        asks = [self._ask(name, id, body) for id, body in calls]
        who.require(self.service.catalogue.commands[name].needs)
        async with operations.transaction(who) as tx:
            answers: list[Answer] = [await operations.run(tx, ask) for ask in asks]
        return [answer.id for answer in answers if answer.id is not None]

    async def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """What is stored, for decisions that people would take by looking."""
        async with self.service.operations.transaction(self.founder) as tx:
            return [dict(row) for row in await tx.rows(sql, **values)]

    async def hire_desk(self, names: Mapping[str, tuple[Role, str]]) -> None:
        """People without a quota: what they do, their role and their name."""
        for position, (role, name) in names.items():
            mail = f"{name.lower().replace(' ', '.')}@{self.company.domain}"
            body = {"kind": "person", "name": name, "email": mail, "roles": [role]}
            id = await self.do(self.founder, "create_principal", **body)
            self.desk[position] = Actor(self.founder.org_id, id, name, frozenset({role}))

    def _ask(self, name: str, id: UUID | None, body: Mapping[str, Any]) -> Ask:
        spec = self.service.catalogue.commands[name]
        return Ask(spec, spec.body.model_validate(dict(body)), id, trusted=True, silent=True)
