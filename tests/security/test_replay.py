"""What a repeated idempotency key gives back, and to whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, make_world

CREATE = """mutation ($key: String) {
  createAccount(input: {name: "Acme", idempotencyKey: $key}) { id } }"""


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def test_an_answer_is_not_replayed_on_the_other_surface_whose_words_differ(world: World) -> None:
    made = await world.graphql("sales_ops", CREATE, key="one")
    assert made["data"]["createAccount"]["id"].startswith("account:")
    again = await world.graphql("sales_ops", CREATE, key="one")
    assert again == made
    refused = await world.post("sales_ops", "/v1/accounts", {"name": "Acme"}, idempotency_key="one", expect=422)
    assert refused["code"] == "idempotency_key_reused"


async def test_a_key_says_nothing_of_what_another_principal_did_with_it(world: World) -> None:
    first = await world.post("sales_ops", "/v1/accounts", {"name": "Acme"}, idempotency_key="one")
    second = await world.post("admin", "/v1/accounts", {"name": "Acme"}, idempotency_key="one")
    assert first["id"] != second["id"]
