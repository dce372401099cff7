"""People, the penetration cube and references over HTTP, on both surfaces, as their page shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def made(world: World, path: str, **body: Any) -> str:
    return str((await world.post("sam", path, body))["id"])


async def test_a_contact_is_kept_in_step_with_another_system_until_it_is_anonymised(world: World) -> None:
    unit = await made(world, "/v1/accounts", name="Northwind")
    client, path = world.client("sam"), "/v1/contacts/by-external-id/crm/C-1"
    for name, status in (("Ann", 201), ("Anna", 200)):
        answer = await client.put(path, json={"account_id": unit, "name": name})
        assert answer.status_code == status, answer.text
    [seen] = (await world.get("sam", "/v1/contacts", external_id="crm:C-1"))["items"]
    assert (seen["name"], seen["owner_id"]) == ("Anna", world.sellers["sam"])
    gone = await world.post("sam", f"/v1/contacts/{seen['id']}/anonymise")
    assert (gone["name"], gone["external_ids"], gone["active"]) == (None, [], False)
    assert (await world.get("sam", "/v1/contacts", q="Anna"))["items"] == []


async def test_a_map_is_drawn_from_one_graphql_query(world: World) -> None:
    unit = await made(world, "/v1/accounts", name="Northwind")
    boss = await made(world, "/v1/contacts", account_id=unit, name="Bea", decision_role="decision_maker")
    user = await made(world, "/v1/contacts", account_id=unit, name="Ugo", relation_strength=3)
    line = {"from_contact_id": user, "to_contact_id": boss, "kind": "reports_to", "strength": 2}
    await made(world, "/v1/contact-relations", **line)
    query = """query($unit: UUID!) { relationshipMaps(filter: {accountId: {eq: $unit}}) { nodes {
      contactCount nodes { name decisionRole relationStrength }
      edges { fromContactId toContactId kind strength } } } }"""
    answer = await world.graphql("sam", query, unit=unit)
    assert "errors" not in answer, answer
    assert answer["data"]["relationshipMaps"]["nodes"] == [
        {
            "contactCount": 2,
            "nodes": [
                {"name": "Ugo", "decisionRole": None, "relationStrength": 3},
                {"name": "Bea", "decisionRole": "DECISION_MAKER", "relationStrength": 0},
            ],
            "edges": [{"fromContactId": user, "toContactId": boss, "kind": "REPORTS_TO", "strength": 2}],
        }
    ]


async def test_cells_are_set_and_rolled_up(world: World) -> None:
    group = await made(world, "/v1/accounts", name="Group", win_probability="0.5")
    sub = await made(world, "/v1/accounts", name="Sub", parent_id=group, win_probability="0.5")
    body = {"code": "P1", "name": "Pump", "effective_from": "2020-01-01"}
    pump = (await world.post("sales_ops", "/v1/products", body))["id"]
    cells = [
        {"account_id": unit, "product_id": pump, "status": status, "potential": amount}
        for unit, status, amount in ((group, "owned", "30"), (sub, "open", "70"))
    ]
    done = await world.post("sam", "/v1/holdings/set-cells", {"cells": cells})
    assert done == {"created": 2, "changed": 0, "unchanged": 0}
    rows = (await world.get("sam", "/v1/penetration", account_id=group, sort="account_name"))["items"]
    assert [(row["account_name"], row["penetration"], row["whitespace"]["amount"]) for row in rows] == [
        ("Group", "0.30", "70.00"),
        ("Sub", "0.00", "70.00"),
    ]
    [gap] = (await world.get("sam", "/v1/whitespace", account_id=group))["items"]
    assert (gap["account_id"], gap["expected_value"]["amount"]) == (sub, "35.00")
    found = (await world.get("sam", f"/v1/penetration/{rows[0]['id']}"))["applicable"]
    assert found == {"amount": "100.00", "currency": "EUR"}


async def test_a_use_too_many_is_a_problem_that_says_when(world: World) -> None:
    unit = await made(world, "/v1/accounts", name="Northwind")
    asked = await made(world, "/v1/references", kind="reference", account_id=unit, max_uses=1, per_days=90)
    await world.post("sam", f"/v1/references/{asked}/agree")
    use = {"reference_id": asked, "account_id": unit, "used_on": "2026-03-02"}
    await made(world, "/v1/reference-uses", **use)
    problem = await world.post("sam", "/v1/reference-uses", {**use, "used_on": "2026-03-03"}, expect=409)
    assert (problem["code"], problem["free_on"]) == ("reference_fatigued", "2026-05-31")
