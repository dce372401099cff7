"""Mutations: inputs become commands without losing what was left out, answers are read as selected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.permissions import Role
from tests.adapters import graphql_world as world
from tests.adapters.conftest import Surface
from tests.adapters.test_graphql_queries import codes

SHOP_1 = f"shop:{world.SHOPS[1]}"
CREATE = "mutation($i: CreateShopInput!) { createShop(input: $i) { id name state } }"


async def test_an_input_becomes_the_command_that_rest_would_get(surface: Surface) -> None:
    answer = await surface.ask(
        CREATE,
        i={
            "name": "Corner",
            "revenue": {"amount": "12.50", "currency": "EUR"},
            "state": "IN_REVIEW",
            "openedOn": "2026-03-01",
            "ownerId": f"rep:{world.ADA}",
            "weeklyHours": [{"firstHour": 8, "lastHour": 18}],
            "anything": "a union is JSON",
            "idempotencyKey": "k-1",
        },
    )
    (ask,) = surface.operations.asked
    assert ask.spec is world.create_shop
    assert ask.idempotency_key == "k-1"
    body: Any = ask.body
    assert (body.revenue.amount, body.state, body.opened_on) == (
        Decimal("12.5"),
        world.ShopState.IN_REVIEW,
        date(2026, 3, 1),
    )
    assert body.owner_id == world.ADA
    assert body.weekly_hours[0].last_hour == 18
    assert body.anything == "a union is JSON"
    assert answer == {
        "data": {"createShop": {"id": f"shop:{world.SHOPS[0]}", "name": "Äpfel & Söhne", "state": "DRAFT"}}
    }


async def test_absent_and_null_differ(surface: Surface) -> None:
    document = "mutation($i: UpdateShopInput!) { updateShop(input: $i) { id } }"
    await surface.ask(document, i={"id": SHOP_1, "ifMatch": "3"})
    await surface.ask(document, i={"id": SHOP_1, "ifMatch": "3", "openedOn": None})
    await surface.ask(
        'mutation($d: Date) { updateShop(input: {id: "%s", openedOn: $d}) { id } }' % SHOP_1  # noqa: UP031
    )
    absent, null, left_out = (ask.body.model_fields_set for ask in surface.operations.asked)
    assert (absent, null, left_out) == (set(), {"opened_on"}, set())


@pytest.mark.parametrize(("given", "version"), [("3", 3), ('"3"', 3), ('W/"3"', 3), (None, None)])
async def test_if_match_takes_the_version_or_the_etag(surface: Surface, given: str | None, version: int | None) -> None:
    await surface.ask(
        "mutation($i: SubmitShopInput!) { submitShop(input: $i) { id } }", i={"id": SHOP_1, "ifMatch": given}
    )
    assert surface.operations.asked[0].if_match == version
    assert surface.operations.asked[0].id == world.SHOPS[1]


@pytest.mark.parametrize("given", ["", "x", "1.5", '"'])
async def test_an_if_match_that_is_no_version_is_refused(surface: Surface, given: str) -> None:
    answer = await surface.ask(
        "mutation($i: SubmitShopInput!) { submitShop(input: $i) { id } }", i={"id": SHOP_1, "ifMatch": given}
    )
    assert codes(answer) == ["invalid_parameter"]
    assert surface.operations.asked == []


async def test_mutations_run_one_after_the_other_and_a_refused_one_stops_none(surface: Surface) -> None:
    answer = await surface.ask(
        """mutation($id: ID!) {
          first: submitShop(input: {id: $id}) { name }
          second: createShop(input: {name: "No key"}) { id }
          third: deleteShop(input: {id: $id}) { id __typename }
          __typename
        }""",
        id=SHOP_1,
    )
    assert [ask.spec.name for ask in surface.operations.asked] == ["submit_shop", "create_shop", "delete_shop"]
    assert answer["data"] == {
        "first": {"name": 'O"Neil\\'},
        "second": None,
        "third": {"id": SHOP_1, "__typename": "Deleted"},
        "__typename": "Mutation",
    }
    assert codes(answer) == ["idempotency_key_required"]
    assert answer["errors"][0]["path"] == ["second"]


async def test_a_refusal_is_the_problem_of_rest_with_pointers_into_the_input(surface: Surface) -> None:
    surface.operations.refusal = refuse(
        "invalid_input", "No.", errors=(FieldError("/opened_on", "date", "Too early."),), limit=5
    )
    answer = await surface.ask(CREATE, i={"name": "x", "idempotencyKey": "k"})
    assert answer["errors"] == [
        {
            "message": "No.",
            "path": ["createShop"],
            "extensions": {
                "code": "invalid_input",
                "status": 422,
                "title": "The input is not valid",
                "detail": "No.",
                "limit": 5,
                "errors": [{"pointer": "/openedOn", "code": "date", "detail": "Too early."}],
            },
        }
    ]


async def test_a_body_that_breaks_its_model_is_refused_field_by_field(surface: Surface) -> None:
    answer = await surface.ask(
        "mutation($i: ApproveShopInput!) { approveShop(input: $i) { id } }", i={"id": SHOP_1, "comment": ""}
    )
    assert codes(answer) == ["invalid_input"]
    assert answer["errors"][0]["extensions"]["errors"][0]["pointer"] == "/comment"
    assert surface.operations.asked == []


@pytest.mark.parametrize(
    "change", [{"revenue": {"amount": 1, "currency": "EUR"}}, {"unknown": 1}, {"state": "draft"}, {"name": None}]
)
async def test_an_input_of_another_shape_reaches_no_command(surface: Surface, change: dict[str, Any]) -> None:
    answer = await surface.ask(CREATE, i={"name": "x", "idempotencyKey": "k", **change})
    assert codes(answer) == ["malformed_request"]
    assert surface.operations.asked == []


async def test_a_command_without_permission_is_refused(surface: Surface) -> None:
    answer = await surface.ask(CREATE, actor=world.actor(Role.VIEWER), i={"name": "x", "idempotencyKey": "k"})
    assert codes(answer) == ["permission_required"]


async def test_the_answer_may_hold_lists_with_arguments(surface: Surface) -> None:
    answer = await surface.ask(
        """mutation($id: ID!) { submitShop(input: {id: $id}) {
          visits(first: 1, filter: {minutes: {lt: 20}}) { nodes { minutes } pageInfo { endCursor } } } }""",
        id=SHOP_1,
    )
    visits = answer["data"]["submitShop"]["visits"]
    assert visits["nodes"] == [{"minutes": 10}]
    assert visits["pageInfo"]["endCursor"]


async def test_a_replayed_command_answers_with_what_is_selected_now(surface: Surface) -> None:
    surface.operations.replayed = True
    answer = await surface.ask(CREATE, i={"name": "x", "idempotencyKey": "k"})
    assert answer["data"]["createShop"]["name"] == "Äpfel & Söhne"


async def test_a_computed_answer_is_cut_to_the_selection(surface: Surface) -> None:
    answer = await surface.ask(
        "mutation { issueShopKey(input: {}) { key: secretText state __typename hours { state } } }"
    )
    assert answer["data"]["issueShopKey"] == {
        "key": "s3",
        "state": "IN_REVIEW",
        "__typename": "IssuedKey",
        "hours": [],
    }
