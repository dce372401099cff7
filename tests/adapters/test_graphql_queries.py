"""Queries: one statement for a whole document, the bytes passed through, refusals that say why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import refuse
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.graphql.execute import Request, Trust
from app.graphql.limits import Limits
from app.graphql.stream import Subscription, payloads
from tests.adapters import graphql_world as world
from tests.adapters.conftest import Surface

SHOP_1 = f"shop:{world.SHOPS[1]}"


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def test_a_document_with_many_roots_and_nested_lists_is_one_statement(surface: Surface) -> None:
    answer = await surface.ask(
        """query($f: ShopFilter, $n: Int!) {
          shops(first: $n, filter: $f, sort: [REVENUE_DESC]) {
            edges { cursor node { ...Shop visits(first: 1) { nodes { minutes shop { id } } pageInfo { endCursor } } } }
            totalCount pageInfo { hasNextPage }
          }
          reps { nodes { name shops(filter: {state: {eq: OPEN}}) { nodes { name } } } }
        }
        fragment Shop on Shop { __typename id state revenue { amount currency __typename } owner { name } }""",
        f={"revenue": {"gte": "2000"}},
        n=2,
    )
    assert len(surface.pool.statements) == 1
    shops = answer["data"]["shops"]
    assert [edge["node"]["revenue"]["amount"] for edge in shops["edges"]] == ["5000.00", "4000.00"]
    assert shops["edges"][0]["node"]["id"] == f"shop:{world.SHOPS[5]}"
    assert shops["totalCount"] == 3
    assert shops["pageInfo"] == {"hasNextPage": True}
    assert {rep["name"]: len(rep["shops"]["nodes"]) for rep in answer["data"]["reps"]["nodes"]} == {"Ada": 1, "Bob": 2}


async def test_enums_are_names_keys_are_camel_case_and_json_stays_as_stored(surface: Surface) -> None:
    answer = await surface.ask(
        "query($id: ID!) { shop(id: $id) { name state hours { firstHour state __typename } labels openedOn share"
        " allowedActions { action allowed code } } }",
        id=SHOP_1,
    )
    assert answer["data"]["shop"] == {
        "name": 'O"Neil\\',
        "state": "IN_REVIEW",
        "hours": [{"firstHour": 8, "state": "IN_REVIEW", "__typename": "OpeningHours"}],
        "labels": {"some_key": {"inner_key": [1, None]}},
        "openedOn": "2026-01-02",
        "share": None,
        "allowedActions": [{"action": "approve", "allowed": False, "code": "four_eyes"}],
    }


async def test_node_finds_any_object_by_its_global_id(surface: Surface) -> None:
    document = (
        "query($id: ID!) { node(id: $id) { __typename id ... on Shop { name } ... on Rep { manager { name } } } }"
    )
    shop = await surface.ask(document, id=SHOP_1)
    rep = await surface.ask(document, id=f"rep:{world.ADA}")
    assert shop["data"]["node"] == {"__typename": "Shop", "id": SHOP_1, "name": 'O"Neil\\'}
    assert rep["data"]["node"] == {"__typename": "Rep", "id": f"rep:{world.ADA}", "manager": {"name": "Bob"}}
    assert codes(await surface.ask(document, id=str(world.ADA))) == ["invalid_parameter"]


async def test_an_id_of_another_type_is_refused(surface: Surface) -> None:
    answer = await surface.ask("query($id: ID!) { shop(id: $id) { name } }", id=f"rep:{world.ADA}")
    assert answer["data"] == {"shop": None}
    assert codes(answer) == ["invalid_parameter"]


async def test_an_object_that_does_not_exist_is_null(surface: Surface) -> None:
    assert await surface.ask('{ shop(id: "00000000-0000-0000-0000-0000000009ff") { name } }') == {
        "data": {"shop": None}
    }


@pytest.mark.parametrize("sort", ["[REVENUE_DESC]", "[REVENUE_ASC]", "[NAME_ASC, OPENED_ON_DESC]", "[ID_ASC]", "[]"])
async def test_paging_shows_every_row_once(surface: Surface, sort: str) -> None:
    document = f"""query($a: String) {{ shops(first: 2, after: $a, sort: {sort}) {{
        nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    seen: list[str] = []
    after = None
    while True:
        page = (await surface.ask(document, a=after))["data"]["shops"]
        seen += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == len(world.SHOPS)


async def test_a_nested_list_is_paged_with_its_own_cursor(surface: Surface) -> None:
    document = """query($id: ID!, $a: String) { shop(id: $id) {
        visits(first: 1, after: $a) { nodes { minutes } pageInfo { endCursor hasPreviousPage } } } }"""
    first = (await surface.ask(document, id=SHOP_1))["data"]["shop"]["visits"]
    second = (await surface.ask(document, id=SHOP_1, a=first["pageInfo"]["endCursor"]))["data"]["shop"]["visits"]
    assert [first["nodes"], second["nodes"]] == [[{"minutes": 30}], [{"minutes": 10}]]
    assert second["pageInfo"]["hasPreviousPage"] is True


async def test_a_cursor_of_another_list_is_refused(surface: Surface) -> None:
    document = "query($a: String, $s: String) { shops(first: 1, after: $a, search: $s) { pageInfo { endCursor } } }"
    cursor = (await surface.ask(document))["data"]["shops"]["pageInfo"]["endCursor"]
    answer = await surface.ask(document, a=cursor, s="Dup")
    assert codes(answer) == ["cursor_mismatch"]
    assert answer["errors"][0]["path"] == ["shops"]


async def test_search_takes_its_characters_literally(surface: Surface) -> None:
    answer = await surface.ask("query($s: String!) { shops(search: $s) { nodes { name } } }", s="0%_S")
    assert answer["data"]["shops"]["nodes"] == [{"name": "100%_sure"}]


async def test_a_null_operand_is_refused_and_not_ignored(surface: Surface) -> None:
    answer = await surface.ask("query($s: ShopState) { shops(filter: {state: {eq: $s}}) { nodes { id } } }", s=None)
    assert codes(answer) == ["invalid_parameter"]
    assert answer["errors"][0]["extensions"]["errors"][0]["pointer"] == "/filter/state/eq"


async def test_an_absent_variable_in_a_filter_is_no_condition(surface: Surface) -> None:
    answer = await surface.ask("query($s: ShopState) { shops(filter: {state: {eq: $s}}) { totalCount } }")
    assert answer["data"]["shops"]["totalCount"] == len(world.SHOPS)


@pytest.mark.parametrize(("filter_", "count"), [
    ({"state": {"in": ["DRAFT", "IN_REVIEW"]}}, 4),
    ({"openedOn": {"isNull": True}}, 1),
    ({"revenue": {"isNull": True}}, 3),
    ({"ownerId": {"eq": f"rep:{world.ADA}"}}, 3),
    ({"ownerId": {"eq": str(world.ADA)}, "state": {"eq": "DRAFT"}}, 1),
    ({"createdAt": {"lt": "2026-01-01T00:00:00+01:00"}}, 0),
    ({"openOnSunday": {"eq": False}}, 7),
    ({"state": None}, 7),
])  # fmt: skip
async def test_filters_take_typed_values(surface: Surface, filter_: Any, count: int) -> None:
    answer = await surface.ask("query($f: ShopFilter) { shops(filter: $f) { totalCount } }", f=filter_)
    assert answer["data"]["shops"]["totalCount"] == count


@pytest.mark.parametrize(("type_", "value"), [
    ("Decimal", 1.5), ("Decimal", 1), ("Decimal", "1e3"), ("Decimal", "NaN"), ("Date", "2026-02-30"), ("Date", 5),
    ("DateTime", "2026-01-01T00:00:00"), ("UUID", "shop"), ("Int", "1"), ("ShopState", "draft"),
])  # fmt: skip
async def test_scalars_are_read_strictly(surface: Surface, type_: str, value: Any) -> None:
    field = {"Decimal": "revenue", "Date": "openedOn", "DateTime": "createdAt", "UUID": "ownerId", "ShopState": "state"}
    document = (
        "query($v: Int) { shops(first: $v) { totalCount } }"
        if type_ == "Int"
        else f"query($v: {type_}) {{ shops(filter: {{{field[type_]}: {{eq: $v}}}}) {{ totalCount }} }}"
    )
    answer = await surface.ask(document, v=value)
    assert "data" not in answer
    assert codes(answer) == ["malformed_request"]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_pages_are_bounded(surface: Surface, first: int) -> None:
    assert codes(await surface.ask("query($n: Int!) { shops(first: $n) { totalCount } }", n=first)) == [
        "invalid_parameter"
    ]


async def test_include_and_skip_decide_by_variables(surface: Surface) -> None:
    document = """query($x: Boolean!) { viewer @skip(if: true) { name }
        reps(first: 1) { nodes { name @include(if: $x) id @skip(if: $x) } } }"""
    with_name = await surface.ask(document, x=True)
    without = await surface.ask(document, x=False)
    assert with_name["data"]["reps"]["nodes"] == [{"name": "Bob"}]
    assert without["data"]["reps"]["nodes"] == [{"id": f"rep:{world.BOB}"}]


async def test_a_report_takes_its_arguments(surface: Surface) -> None:
    document = "query($y: Int!) { shopTotals(year: $y, sort: MINUTES_DESC) { nodes { minutes shop { name } } } }"
    answer = await surface.ask(document, y=2026)
    assert [row["minutes"] for row in answer["data"]["shopTotals"]["nodes"]] == [60, 40]
    assert (await surface.ask(document, y=2025))["data"]["shopTotals"]["nodes"] == []


async def test_a_root_without_permission_is_refused_and_the_others_answer(surface: Surface) -> None:
    answer = await surface.ask("{ shops { totalCount } reps { totalCount } }", actor=world.actor(Role.VIEWER))
    assert answer["data"] == {"shops": None, "reps": {"totalCount": 2}}
    assert codes(answer) == ["permission_required"]
    assert answer["errors"][0]["extensions"]["permission"] == "accounts:read"
    assert answer["errors"][0]["path"] == ["shops"]


async def test_a_kept_plan_serves_actors_with_different_rights(surface: Surface) -> None:
    document = "{ shops { totalCount } reps { nodes { salary } } }"
    admin = await surface.ask(document)
    finance = await surface.ask(document, actor=world.actor(Role.FINANCE))
    seller = await surface.ask(document, actor=world.actor(Role.SELLER, seller=world.ADA))
    stranger = await surface.ask(document, actor=world.actor(org=world.ADA))
    assert {rep["salary"] for rep in admin["data"]["reps"]["nodes"]} == {None}
    assert {rep["salary"] for rep in finance["data"]["reps"]["nodes"]} == {"1000.00"}
    assert seller["data"]["shops"]["totalCount"] == 3
    assert stranger["data"] == {"shops": {"totalCount": 0}, "reps": {"nodes": []}}


async def test_the_viewer_and_the_schema_are_answered_beside_rows(surface: Surface) -> None:
    answer = await surface.ask(
        "{ viewer { name roles } __schema { queryType { name } } reps { totalCount } __typename }"
    )
    assert answer == {
        "data": {
            "viewer": {"name": "Ada Lovelace", "roles": ["admin"]},
            "__schema": {"queryType": {"name": "Query"}},
            "reps": {"totalCount": 2},
            "__typename": "Query",
        }
    }


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "{ shops { nme } }",
        "{ a: shops }",
        "query A { viewer { name } } query B { viewer { name } }",
        "subscription { x }",
        "{ shops {} }",
    ],
)
async def test_what_cannot_be_read_is_a_malformed_request(surface: Surface, document: str) -> None:
    answer = await surface.ask(document)
    assert "data" not in answer
    assert set(codes(answer)) == {"malformed_request"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"query": 1}', b'{"query": "{viewer{name}}", "variables": []}'])
async def test_a_body_that_is_no_request_is_refused(surface: Surface, body: bytes) -> None:
    status, answer = await surface.graphql.execute(body, world.actor())
    assert status == 400
    assert b"malformed_request" in answer


@pytest.mark.parametrize(("limits", "document"), [
    (Limits(tokens=10), "{ shops { nodes { id name state version } } }"),
    (Limits(depth=3), "{ shops { nodes { owner { name } } } }"),
    (Limits(depth=3), "{ shops { ...A } } fragment A on ShopConnection { nodes { ... on Shop { owner { name } } } }"),
    (Limits(aliases=1), "{ a: reps { totalCount } b: reps { totalCount } }"),
    (Limits(fields=5), "{ shops { ...A ...A } } fragment A on ShopConnection { totalCount nodes { id } }"),
    (Limits(cost=1000), "{ shops(first: 100) { nodes { visits(first: 100) { nodes { id } } } } }"),
    (Limits(cost=1000), "{ shops(first: 100) { nodes { visits(first: 100) { nodes { id } } } } viewer { name } }"),
])  # fmt: skip
async def test_what_asks_for_too_much_is_refused_before_it_is_run(
    make_surface: Callable[..., Surface], limits: Limits, document: str
) -> None:
    surface = make_surface(limits=limits)
    assert codes(await surface.ask(document)) == ["query_too_complex"]
    assert surface.pool.statements == []


async def test_the_cost_counts_the_variables_and_is_told_on_request(surface: Surface) -> None:
    document = "query($n: Int!) { shops(first: $n) { nodes { owner { name } visits(first: 2) { nodes { id } } } } }"
    told = await surface.ask(document, n=10, extensions={"cost": True})
    silent = await surface.ask(document, n=10)
    # One list; ten rows, each with an owner and a list of two.
    assert told["extensions"]["cost"]["requested"] == 1 + 10 * (1 + 1 + (1 + 2))
    assert told["data"] == silent["data"]
    assert "extensions" not in silent


async def test_introspection_can_be_switched_off_with_its_hints(make_surface: Callable[..., Surface]) -> None:
    surface = make_surface(introspection=False)
    assert codes(await surface.ask("{ ...A } fragment A on Query { __schema { queryType { name } } }")) == [
        "introspection_off"
    ]
    answer = await surface.ask("{ shops { nodes { nme } } }")
    assert "Did you mean" not in answer["errors"][0]["message"]


async def test_trusted_documents_are_enforced_and_known_by_hash(make_surface: Callable[..., Surface]) -> None:
    known = "{ reps { totalCount } }"
    digest = sha256(known.encode()).hexdigest()
    surface = make_surface(trust=Trust.ENFORCE, trusted={digest: known})
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    assert (await surface.ask("", extensions=persisted))["data"] == {"reps": {"totalCount": 2}}
    assert (await surface.ask(known))["data"] == {"reps": {"totalCount": 2}}
    assert codes(await surface.ask("{ shops { totalCount } }")) == ["unknown_document"]
    assert codes(await surface.ask("", extensions={"persistedQuery": {"sha256Hash": "0"}})) == ["unknown_document"]


async def test_a_defect_tells_nothing_but_a_trace_id(surface: Surface, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(surface.pool, "row", fail)
    status, answer = await surface.graphql.execute(b'{"query": "{ reps { totalCount } }"}', world.actor())
    assert status == 500
    assert b"secret" not in answer
    assert b'"internal_error"' in answer
    assert b'"trace_id"' in answer


async def test_a_field_is_sorted_by_only_once(surface: Surface) -> None:
    assert codes(await surface.ask("{ shops(sort: [NAME_ASC, NAME_DESC]) { totalCount } }")) == ["invalid_parameter"]


async def test_each_change_of_a_job_is_read_as_selected_until_the_key_is_revoked(surface: Surface) -> None:
    held = [world.actor(), world.actor(), world.actor()]

    async def actor() -> Actor:
        if not held:
            raise refuse("unauthenticated")
        return held.pop()

    class Ticks:
        async def watch_job(self, actor: Actor, job: UUID) -> AsyncIterator[object]:
            for tick in range(5):
                yield tick

    request = Request(
        "subscription($id: ID!) { jobProgress(id: $id) { id now: state } }", {"id": f"job:{world.SHOPS[1]}"}
    )
    context = Subscription(surface.graphql, Ticks(), actor)  # type: ignore[arg-type]
    results = [payload async for payload in payloads(surface.graphql, request, context)]
    shown = {"jobProgress": {"id": f"job:{world.SHOPS[1]}", "now": "IN_REVIEW"}}
    assert [payload["data"] for payload in results[:2]] == [shown, shown]
    assert codes(results[2]) == ["unauthenticated"]
