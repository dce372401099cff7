"""The penetration cube: its cells, what of them counts, and what it leaves to win, to find and to show."""

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError
from app.domain.kernel.money import round_half_away
from tests.domain.accounts.test_contacts import account, person


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def product(company: Any, code: str = "P1", **body: Any) -> UUID:
    terms = {"name": code, "effective_from": "2020-01-01", **body}
    id: UUID = await company.do("ops", "create_product", code=code, **terms)
    return id


async def cell(company: Any, who: str = "ops", **body: Any) -> UUID:
    id: UUID = await company.do(who, "create_holding", **{"status": "open", **body})
    return id


async def test_a_cell_is_seen_with_its_account_and_takes_its_currency(company: Any) -> None:
    unit, thing = await account(company, currency="USD"), await product(company)
    id = await cell(company, "bob", account_id=unit, product_id=thing, potential="10.50")
    assert (await company.one("bob", "holding", id))["potential"] == {"amount": "10.50", "currency": "USD"}
    assert await company.one("dan", "holding", id) is None
    refused = await refusal(cell(company, "dan", account_id=unit, product_id=thing))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/account_id")


async def test_there_is_one_cell_of_a_product_a_unit_and_a_contact_or_none(company: Any) -> None:
    unit, thing = await account(company), await product(company)
    ann = await person(company, unit, "Ann")
    await cell(company, account_id=unit, product_id=thing)
    await cell(company, account_id=unit, product_id=thing, contact_id=ann)
    for contact in (None, ann):
        refused = await refusal(cell(company, account_id=unit, product_id=thing, contact_id=contact))
        assert refused.code == "already_exists"


async def test_a_contacts_cell_belongs_to_the_contacts_unit(company: Any) -> None:
    unit, other, thing = await account(company), await account(company), await product(company)
    ann = await person(company, other, "Ann")
    refused = await refusal(cell(company, account_id=unit, product_id=thing, contact_id=ann))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/contact_id")
    await cell(company, account_id=other, product_id=thing, contact_id=ann)
    assert (await refusal(company.do("ops", "update_contact", ann, account_id=unit))).code == "still_referenced"


async def test_a_competitor_is_named_only_where_there_is_one_and_forgotten_with_it(company: Any) -> None:
    unit, thing = await account(company), await product(company)
    refused = await refusal(cell(company, account_id=unit, product_id=thing, status="owned", competitor="Rival"))
    assert (refused.code, refused.errors[0].pointer) == ("invalid_input", "/competitor")
    id = await cell(company, account_id=unit, product_id=thing, status="competitor", competitor="Rival")
    await company.do("ops", "update_holding", id, status="owned")
    assert (await company.one("ops", "holding", id))["competitor"] is None


async def test_many_cells_are_set_at_once_and_what_is_not_named_stays(company: Any) -> None:
    unit, one, two = await account(company), await product(company, "P1"), await product(company, "P2")
    ann = await person(company, unit, "Ann")
    at = {"account_id": str(unit)}
    cells = [
        {**at, "product_id": str(one), "status": "competitor", "competitor": "Rival", "potential": "100"},
        {**at, "product_id": str(one), "contact_id": str(ann), "status": "open", "shown_on": "2026-01-15"},
        {**at, "product_id": str(two), "status": "proposed", "potential": "7", "currency": "USD"},
    ]
    done = await company.do("bob", "set_holding_cells", cells=cells)
    assert (done.created, done.changed, done.unchanged) == (3, 0, 0)
    again = [
        {**at, "product_id": str(one), "status": "competitor"},
        {**at, "product_id": str(one), "contact_id": str(ann), "status": "proposed"},
        {**at, "product_id": str(two), "status": "proposed", "potential": None},
    ]
    done = await company.do("bob", "set_holding_cells", cells=again)
    assert (done.created, done.changed, done.unchanged) == (0, 2, 1)
    seen = await company.page("bob", "holding", ("sort", "id"))
    assert {(c["status"], c["competitor"], c["shown_on"], c["currency"], c["version"]) for c in seen} == {
        ("competitor", "Rival", None, "EUR", 1),
        ("proposed", None, "2026-01-15", "EUR", 2),
        ("proposed", None, None, "USD", 2),
    }
    assert [c["potential"] for c in seen if c["currency"] == "USD"] == [None]
    await company.do("bob", "set_holding_cells", cells=[{**at, "product_id": str(one), "status": "owned"}])
    [whole] = await company.page("bob", "holding", ("status", "owned"))
    assert (whole["competitor"], whole["potential"]["amount"]) == (None, "100.00")
    assert [data["created"] for data in await company.events("holding.cells_set")] == [3, 0, 0]


async def test_set_cells_names_every_wrong_cell_and_stores_none(company: Any) -> None:
    unit, hidden = await account(company), await account(company, "dan")
    thing, ann = await product(company), await person(company, hidden, "Ann")
    good = {"account_id": str(unit), "product_id": str(thing), "status": "open"}
    cells = [
        {**good, "account_id": str(hidden)},
        {**good, "product_id": str(uuid4())},
        {**good, "contact_id": str(ann)},
        {**good, "competitor": "Rival"},
        good,
    ]
    refused = await refusal(company.do("bob", "set_holding_cells", cells=cells))
    assert [(e.pointer, e.code) for e in refused.errors] == [
        ("/cells/0/account_id", "unknown_reference"),
        ("/cells/1/product_id", "unknown_reference"),
        ("/cells/2/contact_id", "unknown_reference"),
        ("/cells/3", "invalid_input"),
        ("/cells/3/competitor", "invalid_input"),
        ("/cells/4", "invalid_input"),
    ]
    assert await company.page("ops", "holding") == []


STATUSES = ("owned", "competitor", "open", "proposed", "not_applicable")
CELLS = st.dictionaries(
    # Unit, product, and whether it is the unit's own cell or that of one of its two people.
    st.tuples(st.integers(0, 5), st.integers(0, 1), st.sampled_from((None, 0, 1))),
    st.tuples(
        st.sampled_from(STATUSES),
        st.none() | st.decimals(0, 1000, places=4),
        st.sampled_from(("EUR", "EUR", "USD")),
    ),
    min_size=1,
    max_size=12,
)
# Whom each unit belongs to, and which unit of those before it is its parent.
TREES = st.tuples(
    st.lists(st.sampled_from(("bob", "dan")), min_size=5, max_size=5),
    st.tuples(*(st.integers(0, n) for n in range(5))),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, CELLS)
async def test_penetration_rolls_up_as_the_definition_read_aloud(company: Any, tree: Any, cells: Any) -> None:
    owners, parents = ["bob", *tree[0]], [None, *tree[1]]
    units: list[UUID] = []
    for owner, parent in zip(owners, parents, strict=True):
        above = {} if parent is None else {"parent_id": units[parent]}
        units.append(await account(company, "ops", owner_id=company.sellers[owner], **above))
    products = [await product(company, f"P{uuid4().hex}") for _ in range(2)]
    people = {n: [await person(company, units[n], "x") for _ in range(2)] for n, _, who in cells if who is not None}
    documents = [
        {"account_id": str(units[n]), "product_id": str(products[p]), "status": status, "currency": currency}
        | ({} if who is None else {"contact_id": str(people[n][who])})
        | ({} if amount is None else {"potential": str(amount)})
        for (n, p, who), (status, amount, currency) in cells.items()
    ]
    await company.do("ops", "set_holding_cells", cells=documents)
    for who, sees in (("ops", {"bob", "dan"}), ("bob", {"bob"})):
        for top in (0, 1):
            for split in (False, True):
                pairs = (("account_id", str(units[top])), ("by_product", str(split).lower()), ("limit", "200"))
                rows = await company.page(who, "penetration", *pairs)
                found = {
                    (units.index(UUID(r["account_id"])), r["product_id"], r["currency"]): (
                        Decimal(r["owned"]["amount"]),
                        Decimal(r["applicable"]["amount"]),
                        Decimal(r["whitespace"]["amount"]),
                        r["penetration"] and Decimal(r["penetration"]),
                        r["cell_count"],
                    )
                    for r in rows
                }
                assert len(found) == len(rows)
                assert found == naive(owners, parents, cells, sees, top, products if split else None)


def naive(owners: Any, parents: Any, cells: Any, sees: set[str], top: int, products: Any) -> dict[Any, Any]:
    def above(n: int) -> list[int]:
        return [n] if parents[n] is None else [n, *above(parents[n])]

    sums: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    for (n, p, who), (status, amount, currency) in cells.items():
        if owners[n] not in sees or top not in above(n) or (who is not None and (n, p, None) in cells):
            continue
        for unit in above(n)[: above(n).index(top) + 1]:
            if owners[unit] in sees:
                entry = sums[unit, str(products[p]) if products else None, currency]
                entry[0] += (amount or 0) if status == "owned" else 0
                entry[1] += (amount or 0) if status != "not_applicable" else 0
                entry[2] += 1
    return {
        key: (owned, all_, all_ - owned, round_half_away(owned / all_, 6) if all_ else None, count)
        for key, (owned, all_, count) in sums.items()
    }


async def test_whitespace_is_ranked_by_potential_times_probability_over_the_hierarchy(company: Any) -> None:
    group = await account(company, name="Group", win_probability="0.5")
    sub = await account(company, name="Sub", parent_id=group, win_probability="0.9")
    unknown = await account(company, name="Unknown", parent_id=group)
    one, two = await product(company, "P1"), await product(company, "P2")
    ann = await person(company, sub, "Ann")
    await cell(company, account_id=group, product_id=one, status="proposed", potential="100")
    await cell(company, account_id=sub, product_id=one, status="competitor", competitor="R", potential="60")
    await cell(company, account_id=sub, product_id=one, contact_id=ann, potential="9999")
    await cell(company, account_id=sub, product_id=two, contact_id=ann, potential="1")
    await cell(company, account_id=unknown, product_id=one, potential="1000")
    for status, thing in (("owned", two), ("not_applicable", await product(company, "P3"))):
        await cell(company, account_id=group, product_id=thing, status=status, potential="5")
    seen = await company.page("bob", "whitespace")
    assert [(w["account_name"], w["product_name"], w["status"], w["expected_value"]["amount"]) for w in seen] == [
        ("Sub", "P1", "competitor", "54.00"),
        ("Group", "P1", "proposed", "50.00"),
        ("Sub", "P2", "open", "0.90"),
        ("Unknown", "P1", "open", "0.00"),
    ]
    assert [w["contact_id"] for w in seen] == [None, None, str(ann), None]
    below = await company.page("bob", "whitespace", ("account_id", str(sub)), ("product_id", str(two)))
    assert [w["product_name"] for w in below] == ["P2"]
    assert await company.page("dan", "whitespace") == []


async def test_unassessed_is_what_others_of_the_segment_have_a_use_for(company: Any) -> None:
    await company.do("ops", "create_segment", code="S", name="Retail", rule={"industries": ["Retail"]})
    user, peer = [await account(company, name=name, industry="Retail") for name in ("User", "Peer")]
    await account(company, name="Steel", industry="Steel")
    await account(company, "dan", name="Theirs", industry="Retail")
    used, unused, over = [await product(company, code) for code in ("USED", "UNUSED", "OVER")]
    await company.do("ops", "update_product", over, effective_to="2021-01-01")
    for thing, status in ((used, "owned"), (unused, "not_applicable"), (over, "owned")):
        await cell(company, account_id=user, product_id=thing, status=status)
    assert await company.page("bob", "whitespace") == []
    [gap] = await company.page("bob", "whitespace", ("unassessed", "true"))
    assert (gap["account_name"], gap["product_name"], gap["status"]) == ("Peer", "USED", "unassessed")
    assert (gap["potential"], gap["expected_value"]["amount"]) == (None, "0.00")
    all_seen = await company.page("ops", "whitespace", ("unassessed", "true"), ("sort", "account_name"))
    assert [item["account_name"] for item in all_seen] == ["Peer", "Theirs"]
    await cell(company, account_id=peer, product_id=used, status="not_applicable")
    assert await company.page("bob", "whitespace", ("unassessed", "true")) == []


async def test_units_with_potential_and_nobody_known_to_decide_are_listed(company: Any) -> None:
    thing = await product(company)
    decided = await account(company, name="Decided", potential="10")
    left = await account(company, name="Left", potential="20")
    by_cell = await account(company, name="By cell")
    await account(company, name="Nothing to win")
    await cell(company, account_id=by_cell, product_id=thing, potential="7", status="owned")
    await person(company, decided, "d", decision_role="decision_maker")
    await person(company, left, "l", decision_role="decision_maker", left_on="2020-01-01")
    await person(company, left, "u", decision_role="user")
    await person(company, left, "?")
    found = await company.page("bob", "unit_without_decision_maker")
    assert [
        (i["account_name"], i["potential"]["amount"], i["applicable"]["amount"], i["contact_count"]) for i in found
    ] == [
        ("Left", "20.00", "0.00", 2),
        ("By cell", "0.00", "7.00", 0),
    ]
    assert await company.page("dan", "unit_without_decision_maker") == []


async def test_contacts_not_shown_a_product_are_listed_from_the_day_on_that_is_asked_for(company: Any) -> None:
    unit, thing, other = await account(company), await product(company, "P1"), await product(company, "P2")
    async with company.operations.transaction(company.actors["ops"]) as tx:
        days = {n: (await tx.value(f"select cast(:today as date) - {n}", today=tx.today)).isoformat() for n in (29, 30)}
    never, lately, long_ago, owner = [await person(company, unit, name) for name in "abcd"]
    await person(company, unit, "gone", left_on="2020-01-01")
    await cell(company, account_id=unit, product_id=thing, status="proposed", shown_on=days[29])
    await cell(company, account_id=unit, product_id=thing, contact_id=lately, shown_on=days[29])
    await cell(company, account_id=unit, product_id=thing, contact_id=long_ago, shown_on=days[30])
    await cell(company, account_id=unit, product_id=thing, contact_id=owner, status="owned")
    found = await company.page("bob", "contact_not_shown", ("days", "30"))
    assert [(i["contact_name"], i["status"], i["days_since"]) for i in found] == [
        ("a", "proposed", None),
        ("c", "open", 30),
    ]
    assert found[0]["contact_id"] == str(never)
    assert len(await company.page("bob", "contact_not_shown", ("days", "29"))) == 3
    asked = await company.page("bob", "contact_not_shown", ("product_id", str(other)))
    assert [(i["contact_name"], i["status"]) for i in asked] == [(name, "unassessed") for name in "abcd"]
    assert await company.page("dan", "contact_not_shown") == []
