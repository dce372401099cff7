"""What GraphQL gets: Relay connections, global ids, enum names, aliases, projected documents."""

import json
from typing import Any

import asyncpg
import pytest

from app.domain.kernel.permissions import Role
from app.reading.cursor import after, binding_of
from app.reading.engine import Reader
from app.reading.filters import Values, conditions_from_mapping
from app.reading.request import Dialect, ListArgs, Node, Root, Slot
from tests.reading.conftest import CountingPool
from tests.reading.sample import DEAL, Stage, actor, insert, uid

OPS = actor(Role.SALES_OPS)


def select(*names: str) -> tuple[Node, ...]:
    return tuple(Node(name, name) for name in names)


async def ask(reader: Reader, roots: tuple[Root, ...], *values: Any, who: Any = OPS) -> Any:
    answer = await reader.run(reader.compiled(roots, Dialect.GRAPHQL, who), who, values)
    assert answer is not None
    return json.loads(answer)["data"]


async def test_several_roots_with_nested_links_are_one_statement(
    owner: asyncpg.Connection, reader: Reader, pool: CountingPool
) -> None:
    await insert(owner, "team", id=uid(1), name="North")
    await insert(owner, "rep", id=uid(2), name="Ana", team_id=uid(1))
    await insert(owner, "deal", id=uid(3), name="Deal", rep_id=uid(2), state="big_bet")
    deal = (
        *select("id", "__typename"),
        Node("stage", "state"),
        Node("value", "amount", (Node("a", "amount"), Node("t", "__typename"))),
        Node("rep", "rep", (*select("name"), Node("team", "team", select("name", "id")))),
    )
    edges = Node("edges", "edges", (Node("node", "node", select("id")),))
    teams = (Node("nodes", "nodes", (Node("reps", "reps", (edges,), ListArgs()),)),)
    roots = (
        Root("one", "sample_deal", deal, id=Slot(0)),
        Root("none", "sample_deal", deal, id=Slot(1)),
        Root("teams", "sample_team", teams, list=ListArgs(limit=Slot(2))),
    )
    assert await ask(reader, roots, uid(3), uid(99), 10) == {
        "one": {
            "id": f"sample_deal:{uid(3)}",
            "__typename": "SampleDeal",
            "stage": "BIG_BET",
            "value": {"a": "0.00", "t": "Money"},
            "rep": {"name": "Ana", "team": {"name": "North", "id": f"sample_team:{uid(1)}"}},
        },
        "none": None,
        "teams": {"nodes": [{"reps": {"edges": [{"node": {"id": f"sample_rep:{uid(2)}"}}]}}]},
    }
    assert pool.statements == 1


async def test_stored_documents_are_projected_with_names_of_enums(owner: asyncpg.Connection, reader: Reader) -> None:
    steps = [
        {"name": 'say "hi"', "stage": "big_bet", "due_on": "2026-01-02", "cost": {"amount": "1.50", "currency": "EUR"}},
        {"name": "b", "stage": "won", "due_on": None, "cost": None},
    ]
    await insert(
        owner, "deal", id=uid(1), name="A", rep_id=uid(9), steps=json.dumps(steps), first_step=json.dumps(steps[0]),
        stages=["open", "big_bet"], tags=["x"], extra='{"k_k": "v"}',
    )  # fmt: skip
    await insert(owner, "deal", id=uid(2), name="B", rep_id=uid(9), first_step="null")
    cost = Node("cost", "cost", select("amount"))
    step = (*select("__typename", "name"), Node("s", "stage"), Node("dueOn", "due_on"), cost)
    nodes = (Node("steps", "steps", step), Node("first", "first_step", step), *select("stages", "tags", "extra"))
    roots = (Root("deals", "sample_deal", (Node("nodes", "nodes", nodes),), list=ListArgs(sort=("name",))),)
    first, second = (await ask(reader, roots))["deals"]["nodes"]
    shown = {
        "__typename": "Step",
        "name": 'say "hi"',
        "s": "BIG_BET",
        "dueOn": "2026-01-02",
        "cost": {"amount": "1.50"},
    }
    assert first == {
        "steps": [shown, {"__typename": "Step", "name": "b", "s": "WON", "dueOn": None, "cost": None}],
        "first": shown,
        "stages": ["OPEN", "BIG_BET"],
        "tags": ["x"],
        "extra": {"k_k": "v"},
    }
    assert second == {"steps": [], "first": None, "stages": [], "tags": [], "extra": None}


async def test_a_connection_pages_by_cursor_and_counts_on_request(owner: asyncpg.Connection, reader: Reader) -> None:
    for n in range(5):
        await insert(owner, "deal", id=uid(n), name=f"D{n}", rep_id=uid(9), rank=n % 2 or None)
    values = Values()
    conditions = conditions_from_mapping(DEAL, {"state": {"in": [Stage.OPEN, "won"]}, "name": {"eq": None}}, values)
    args = ListArgs(conditions, sort=("-rank", "name"), limit=2)
    binding = binding_of("sample_deal", args, values)
    bound = values.add(binding)
    info = Node(
        "pageInfo", "pageInfo", select("hasNextPage", "endCursor", "hasPreviousPage", "startCursor", "__typename")
    )
    edges = Node(
        "edges", "edges", (Node("cursor", "cursor"), Node("node", "node", select("name")), Node("t", "__typename"))
    )
    selection = (edges, info, Node("n", "totalCount"), Node("t", "__typename"))
    seen = []
    key: tuple[str | None, ...] = ()
    while True:
        position = after(key, len(values))
        args = ListArgs(conditions, ("-rank", "name"), 2, position, binding=bound)
        answer = (await ask(reader, (Root("deals", "sample_deal", selection, list=args),), *values, *key))["deals"]
        page, edges_ = answer["pageInfo"], answer["edges"]
        seen += [edge["node"]["name"] for edge in edges_]
        assert answer["n"] == 5
        assert answer["t"] == "SampleDealConnection"
        assert {edge["t"] for edge in edges_} == {"SampleDealEdge"}
        assert (page["startCursor"], page["endCursor"]) == (edges_[0]["cursor"], edges_[-1]["cursor"])
        assert page["hasPreviousPage"] is bool(key)
        assert page["__typename"] == "PageInfo"
        key = reader.cursors.decode(page["endCursor"], binding)
        if not page["hasNextPage"]:
            break
    assert seen == ["D0", "D2", "D4", "D1", "D3"]


async def test_an_empty_connection_has_null_cursors(owner: asyncpg.Connection, reader: Reader) -> None:
    selection = (
        Node("pageInfo", "pageInfo", select("endCursor", "hasNextPage")),
        Node("edges", "edges", select("cursor")),
    )
    roots = (Root("deals", "sample_deal", selection, list=ListArgs(binding=Slot(0))),)
    assert await ask(reader, roots, b"b") == {
        "deals": {"pageInfo": {"endCursor": None, "hasNextPage": False}, "edges": []}
    }


async def test_a_count_alone_reads_no_rows(owner: asyncpg.Connection, reader: Reader) -> None:
    await insert(owner, "deal", id=uid(1), name="A", rep_id=uid(9))
    roots = (Root("deals", "sample_deal", select("totalCount"), list=ListArgs()),)
    assert await ask(reader, roots) == {"deals": {"totalCount": 1}}
    assert "row_number" not in reader.compiled(roots, Dialect.GRAPHQL, OPS).sql


@pytest.mark.parametrize("rows", [0, 2])
async def test_a_page_of_which_only_the_known_is_asked_is_answered(
    owner: asyncpg.Connection, reader: Reader, rows: int
) -> None:
    for number in range(rows):
        await insert(owner, "deal", id=uid(number), name="A", rep_id=uid(9))
    info = Node("pageInfo", "pageInfo", select("hasPreviousPage", "__typename"))
    roots = (Root("deals", "sample_deal", (info,), list=ListArgs()),)
    assert await ask(reader, roots) == {"deals": {"pageInfo": {"hasPreviousPage": False, "__typename": "PageInfo"}}}


async def test_allowed_actions_show_what_is_selected(owner: asyncpg.Connection, reader: Reader) -> None:
    await insert(owner, "deal", id=uid(1), name="A", rep_id=uid(9), rank=2)
    children = (Node("may", "allowed"), Node("what", "action"), Node("t", "__typename"))
    roots = (Root("deal", "sample_deal", (Node("acts", "allowed_actions", children),), id=Slot(0)),)
    assert (await ask(reader, roots, uid(1)))["deal"]["acts"][0] == {"may": False, "what": "win", "t": "AllowedAction"}


async def test_a_link_to_what_may_not_be_read_is_empty_and_not_compiled(
    owner: asyncpg.Connection, reader: Reader
) -> None:
    await insert(owner, "rep", id=uid(1), name="R")
    info = Node("pageInfo", "pageInfo", select("hasNextPage", "endCursor"))
    children = (Node("edges", "edges"), *select("nodes", "totalCount", "__typename"), info)
    selection = (Node("secret", "secret", select("name")), Node("audit", "audit", children))
    roots = (Root("rep", "sample_rep", selection, id=Slot(0)),)
    assert (await ask(reader, roots, uid(1)))["rep"] == {
        "secret": None,
        "audit": {
            "edges": [],
            "nodes": [],
            "totalCount": 0,
            "__typename": "SampleSecretConnection",
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        },
    }
    assert "sample_team" not in reader.compiled(roots, Dialect.GRAPHQL, OPS).sql


@pytest.mark.parametrize("key", ["a b", "a'", 'a"', "1a", "", "é", "a\n"])
async def test_a_key_that_is_no_name_never_enters_the_text(reader: Reader, key: str) -> None:
    for roots in (
        (Root(key, "sample_team", select("name"), id=Slot(0)),),
        (Root("a", "sample_team", (Node(key, "name"),), id=Slot(0)),),
        (Root("a", "sample_deal", (Node("b", "amount", (Node(key, "amount"),)),), id=Slot(0)),),
    ):
        with pytest.raises(ValueError, match="not a name"):
            reader.compiled(roots, Dialect.GRAPHQL, OPS)
