"""Rows, pay and actions: what one actor is shown and another is not."""

import json
from typing import Any

import asyncpg
import pytest

from app.domain.kernel.errors import DomainError
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.reading.engine import Reader
from app.reading.request import Dialect, ListArgs, Node, Root, Slot
from tests.reading.sample import ORG, OTHER_ORG, PRINCIPAL, actor, insert, uid

OPS = actor(Role.SALES_OPS)
FINANCE = actor(Role.FINANCE)
ANA = actor(Role.SELLER, uid(1))
BOB = actor(Role.SELLER, uid(2))
VIEWER = actor(Role.VIEWER)


@pytest.fixture(autouse=True)
async def _world(owner: asyncpg.Connection) -> None:
    await insert(owner, "team", id=uid(10), name="North")
    for n, name in ((1, "Ana"), (2, "Bob")):
        await insert(owner, "rep", id=uid(n), name=name, team_id=uid(10), salary=n * 1000, bonus=n)
        await insert(owner, "deal", id=uid(20 + n), name=f"deal of {name}", rep_id=uid(n), rank=n)
    await insert(owner, "deal", org=OTHER_ORG, id=uid(30), name="foreign", rep_id=uid(1))


async def items(reader: Reader, who: Actor, resource: str, *pairs: tuple[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await reader.page(who, resource, [("sort", "name"), *pairs]))["items"]
    return found


async def test_a_seller_sees_its_rows_and_operations_all_rows_of_the_organisation(reader: Reader) -> None:
    assert [row["name"] for row in await items(reader, ANA, "sample_deal")] == ["deal of Ana"]
    assert [row["name"] for row in await items(reader, OPS, "sample_deal")] == ["deal of Ana", "deal of Bob"]
    assert await items(reader, actor(Role.SELLER), "sample_deal") == []
    assert await reader.one(ANA, "sample_deal", uid(22)) is None
    foreign = actor(Role.SALES_OPS, org=OTHER_ORG)
    assert [row["name"] for row in await items(reader, foreign, "sample_deal")] == ["foreign"]


async def test_totals_and_links_count_only_what_is_visible(reader: Reader) -> None:
    deals = Node("deals", "deals", (Node("n", "totalCount"), Node("nodes", "nodes", (Node("name", "name"),))))
    shown = (Node("nodes", "nodes", (deals,)),)
    roots = (Root("teams", "sample_team", shown, list=ListArgs()),)
    answer = await reader.run(reader.compiled(roots, Dialect.GRAPHQL, ANA), ANA, ())
    assert json.loads(answer or b"")["data"]["teams"]["nodes"] == [
        {"deals": {"n": 1, "nodes": [{"name": "deal of Ana"}]}}
    ]
    reps = await items(reader, ANA, "sample_rep", ("include", "deals"))
    assert [len(rep["deals"]["items"]) for rep in reps] == [1, 0]


async def test_a_resource_needs_its_permission(reader: Reader) -> None:
    for who, resource in ((VIEWER, "sample_deal"), (ANA, "sample_secret")):
        with pytest.raises(DomainError) as refused:
            await reader.page(who, resource)
        assert refused.value.code == "permission_required"
        with pytest.raises(DomainError, match="permission"):
            await reader.one(who, resource, uid(1))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (FINANCE, [("1000.00", "1.00"), ("2000.00", "2.00")]),
        (ANA, [("1000.00", "1.00"), None]),
        (BOB, [None, ("2000.00", "2.00")]),
        (OPS, [None, None]),
    ],
)
async def test_pay_is_withheld_from_whoever_may_not_see_it(
    reader: Reader, who: Actor, seen: list[tuple[str, str] | None]
) -> None:
    expected = [{"salary": pay and pay[0], "bonus": pay and {"amount": pay[1], "currency": "EUR"}} for pay in seen]
    for row, pay in zip(await items(reader, who, "sample_rep"), expected, strict=True):
        assert {name: row[name] for name in ("salary", "bonus")} == pay
        found = await reader.one(who, "sample_rep", row["id"])
        assert found is not None
        assert json.loads(found.body).items() >= pay.items()
    linked = sorted(
        [
            row["rep"]
            for row in await items(reader, who, "sample_deal", ("include", "rep"))
            if row["rep"]["salary"] is not None
        ],
        key=lambda rep: str(rep["name"]),
    )
    visible = [pay["salary"] for pay in expected if pay["salary"]]
    assert [rep["salary"] for rep in linked] == visible


async def test_withheld_pay_cannot_be_found_out_by_filter_or_order(reader: Reader) -> None:
    assert await items(reader, OPS, "sample_rep", ("salary.gte", "1")) == []
    assert [row["name"] for row in await items(reader, ANA, "sample_rep", ("salary.gte", "1"))] == ["Ana"]
    both = [("sort", "-salary")]
    order = [row["name"] for row in json.loads(await reader.page(BOB, "sample_rep", both))["items"]]
    assert order == ["Ana", "Bob"]
    unseen = [row["name"] for row in await items(reader, BOB, "sample_rep", ("salary.is_null", "true"))]
    assert unseen == ["Ana"]


async def test_actions_are_judged_by_permission_then_guards_in_order(reader: Reader) -> None:
    async def codes(who: Actor, id_: int) -> dict[str, str | None]:
        found = await reader.one(who, "sample_deal", uid(id_))
        assert found is not None
        actions = json.loads(found.body)["allowed_actions"]
        assert all(action["allowed"] is (action["code"] is None) for action in actions)
        return {action["action"]: action["code"] for action in actions}

    assert await codes(ANA, 21) == {"win": "comment_required", "dare": "permission_required"}
    assert await codes(BOB, 22) == {"win": None, "dare": "permission_required"}
    assert await codes(OPS, 22) == {"win": "not_concerned", "dare": "permission_required"}
    assert await codes(FINANCE, 22) == {"win": "permission_required", "dare": None}


async def test_actions_follow_the_state(owner: asyncpg.Connection, reader: Reader) -> None:
    await owner.execute("update sample_deal set state = 'big_bet' where id = $1", uid(22))
    await owner.execute("update sample_deal set state = 'won' where id = $1", uid(21))
    won, bet = await items(reader, OPS, "sample_deal")
    assert won["allowed_actions"] == []
    assert [action["action"] for action in bet["allowed_actions"]] == ["win"]


async def test_actors_alike_share_a_text_and_others_do_not(reader: Reader) -> None:
    roots = (Root("deal", "sample_deal", (Node("id", "id"),), id=Slot(0)),)
    text = reader.compiled(roots, Dialect.REST, ANA)
    assert reader.compiled(roots, Dialect.REST, BOB) is text
    assert reader.compiled(roots, Dialect.REST, OPS) is not text
    narrowed = Actor(ORG, PRINCIPAL, "S", frozenset({Role.SELLER}), uid(1), frozenset({"accounts:read"}))
    assert reader.compiled(roots, Dialect.REST, narrowed) is not text


async def test_compiled_texts_are_bounded_and_the_least_used_goes_first(reader: Reader) -> None:
    small = Reader(reader.catalogue, reader._pool, b"secret", cache_size=3)

    def compiled(key: str) -> object:
        return small.compiled((Root(key, "sample_team", (Node("id", "id"),), id=Slot(0)),), Dialect.GRAPHQL, OPS)

    first = compiled("a")
    for key in ("b", "c"):
        compiled(key)
    assert compiled("a") is first
    second = compiled("d")
    assert len(small._cache) == 3
    assert compiled("a") is first
    assert compiled("d") is second
