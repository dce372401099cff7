"""Who may do what: every role against every operation of both surfaces, by the one table of permissions."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.kernel.permissions import PERMISSIONS
from tests.filled import Filled
from tests.surfaces import allowed, code_of, collected, every_call
from tests.world import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED = {"permission_required", "unauthenticated"}


async def test_every_permission_that_is_asked_for_is_in_the_table(filled: Filled) -> None:
    assert {call.needs for call in every_call(filled, {})} - {""} <= set(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_refused_exactly_what_its_permissions_leave_out(filled: Filled, role: str) -> None:
    client, wrong = filled.client(role), []
    for call in every_call(filled, {}):
        if allowed(role, call.needs):
            continue
        answer = await call.send(client)
        expected = 403 if call.path != "/graphql" else 200
        if (answer.status_code, code_of(answer)) != (expected, "permission_required"):
            wrong.append((call.name, call.path, answer.status_code, answer.text[:200]))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_let_through_to_what_its_permissions_name(stranger: Filled, role: str) -> None:
    """In an organisation where what they make is in nobody's way."""
    client, wrong = stranger.client(role), []
    for call in every_call(stranger, {}):
        if not allowed(role, call.needs):
            continue
        answer = await call.send(client)
        if answer.status_code >= 500 or code_of(answer) in REFUSED:
            wrong.append((call.name, call.path, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_nobody_is_served_without_a_key(filled: Filled) -> None:
    client, wrong = filled.anonymous(), []
    for call in every_call(filled, {}):
        answer = await call.send(client)
        if answer.status_code != 401 or code_of(answer) != "unauthenticated":
            wrong.append((call.name, call.path, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_without_a_key_only_the_schema_is_told(filled: Filled) -> None:
    asked = await filled.anonymous().post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert asked.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    for query in (
        "{ viewer { name } __schema { queryType { name } } }",
        "fragment f on Query { segments { nodes { id } } } { ...f }",
    ):
        refused = await filled.anonymous().post("/graphql", json={"query": query})
        assert (refused.status_code, code_of(refused)) == (401, "unauthenticated")


async def test_a_key_narrowed_to_one_scope_does_one_thing(filled: Filled) -> None:
    principal = str(filled.principals["admin"])
    body: dict[str, Any] = {"principal_id": principal, "name": "narrow", "scopes": ["market:read"]}
    issued = await filled.run("admin", "issue_api_key", **body)
    client = filled.anonymous({"authorization": f"Bearer {issued['key']}"})
    assert (await client.get("/v1/segments")).status_code == 200
    wrong = []
    for call in every_call(filled, {}):
        if call.needs not in ("", "market:read"):
            answer = await call.send(client)
            if code_of(answer) != "permission_required":
                wrong.append((call.name, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_every_resource_but_histories_needs_a_permission() -> None:
    assert [r.name for r in collected().resources.values() if not r.needs] == ["transition"]
