"""A seller who leaves is followed by an open position: no territory is left with a hole, and nothing is half done."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.reactions import Reaction
from app.domain.territories.queries import COVERAGE_SQL

TODAY = datetime.now(UTC).date()
LEAVES = TODAY + timedelta(days=10)


async def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value


@pytest.fixture
async def north(company: Any, design: Any) -> UUID:
    """Covered by Bob alone, in a model in force since the beginning of the year."""
    model = await design.model(starts_on="2026-01-01")
    north: UUID = await design.territory(model, "NORTH")
    await design.cover(north, "bob")
    await design.activate(model)
    return north


async def leave(company: Any, name: str, day: Any = LEAVES) -> None:
    await company.do("ops", "end_seller", company.sellers[name], left_on=day)


async def vacancy(company: Any, who: str = "ops") -> Any:
    (row,) = await company.page(who, "vacancy")
    return row


async def coverage(company: Any) -> list[tuple[Any, ...]]:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        rows = await tx.rows(
            f"select seller.name, covering.cum_hi - covering.cum_lo as share, valid_from, valid_to"
            f" from ({COVERAGE_SQL.format(org=':org_id')}) covering"
            " join seller on seller.org_id = :org_id and seller.id = covering.seller_id order by valid_from, cum_lo"
        )
    return [(row["name"], float(row["share"]), str(row["valid_from"]), row["valid_to"]) for row in rows]


async def test_the_territory_of_a_leaver_is_covered_without_a_gap_by_an_open_position(
    company: Any, north: UUID
) -> None:
    await leave(company, "bob")
    assert await coverage(company) == [
        ("bob", 1.0, "2026-01-01", LEAVES),
        ("Vacant: NORTH", 1.0, str(LEAVES), None),
    ]
    row = await vacancy(company)
    assert (row["territory_id"], row["former_seller_id"]) == (str(north), str(company.sellers["bob"]))
    assert (row["vacant_from"], row["days_vacant"], row["proposed_to_id"]) == (str(LEAVES), 0, None)
    position = await company.one("ops", "seller", UUID(row["seller_id"]))
    assert (position["placeholder"], position["hired_on"]) == (True, str(TODAY))
    assert (position["job_role"], position["manager_id"]) == ("seller", str(company.sellers["ada"]))
    assert [row["name"] for row in await company.page("ops", "seller", ("placeholder", "true"))] == ["Vacant: NORTH"]


async def test_a_seller_who_covers_nothing_leaves_no_open_position(company: Any, north: UUID) -> None:
    await leave(company, "cleo")
    assert await company.page("ops", "vacancy") == []
    assert await company.page("ops", "seller", ("placeholder", "true")) == []


async def test_the_whole_share_of_a_leaver_in_every_model_goes_to_one_position(company: Any, design: Any) -> None:
    for code, start, end in (("A", "2026-01-01", "2027-06-01"), ("B", "2027-06-01", None)):
        model = await design.model(code, start, ends_on=end)
        territory = await design.territory(model, f"{code}-NORTH")
        await design.cover(territory, "bob", "0.6", start)
        await design.cover(territory, "cleo", "0.4", start)
    await leave(company, "bob")
    rows = await company.page("ops", "vacancy", ("sort", "vacant_from"))
    assert [(row["territory_code"], row["share"], row["vacant_from"]) for row in rows] == [
        ("A-NORTH", "0.60", str(LEAVES)),
        ("B-NORTH", "0.60", "2027-06-01"),
    ]
    assert len({row["seller_id"] for row in rows}) == 1


async def test_models_that_are_over_when_a_seller_leaves_keep_what_they_were(company: Any, design: Any) -> None:
    model = await design.model("OLD", "2025-01-01", ends_on="2026-01-01")
    own = await design.cover(await design.territory(model, "NORTH"), "bob", "1", "2025-01-01")
    await leave(company, "bob")
    assert (await company.one("ops", "territory_assignment", own))["effective_to"] is None
    assert await company.page("ops", "vacancy") == []


async def test_what_a_leaver_was_proposed_is_withdrawn(company: Any, design: Any, north: UUID) -> None:
    model = await design.model("NEXT", "2030-01-01")
    proposed = await design.propose(await design.territory(model, "SOUTH"), "bob", start="2030-01-01")
    await leave(company, "bob")
    assert await company.one("ops", "territory_assignment", proposed) is None
    assert await company.events("territory_assignment.withdrawn") == [{"seller_left_on": str(LEAVES)}]


async def test_a_position_is_filled_when_the_seller_accepts_and_ends_with_its_last_territory(
    company: Any, north: UUID
) -> None:
    await leave(company, "bob")
    vacant = await vacancy(company)
    start = LEAVES + timedelta(days=30)
    proposed = await company.do(
        "ada", "fill_vacancy", UUID(vacant["id"]), seller_id=company.sellers["cleo"], effective_from=start
    )
    seen = await vacancy(company)
    assert (seen["proposed_to_id"], seen["proposal_state"]) == (str(company.sellers["cleo"]), "proposed")
    assert len(await coverage(company)) == 2
    await company.do("cleo", "accept_territory_assignment", proposed)
    assert await coverage(company) == [
        ("bob", 1.0, "2026-01-01", LEAVES),
        ("Vacant: NORTH", 1.0, str(LEAVES), start),
        ("cleo", 1.0, str(start), None),
    ]
    position = await company.one("ops", "seller", UUID(vacant["seller_id"]))
    assert position["left_on"] == str(start)
    history = await company.one("ops", "territory_assignment", UUID(vacant["id"]), include="transitions")
    assert sorted(row["action"] for row in history["transitions"]["items"]) == ["create", "relieve", "stand_in"]


async def test_a_position_that_is_filled_from_its_first_day_never_held_anything(company: Any, north: UUID) -> None:
    await leave(company, "bob")
    vacant = await vacancy(company)
    proposed = await company.do("ops", "fill_vacancy", UUID(vacant["id"]), seller_id=company.sellers["cleo"])
    await company.do("cleo", "accept_territory_assignment", proposed)
    assert await coverage(company) == [("bob", 1.0, "2026-01-01", LEAVES), ("cleo", 1.0, str(LEAVES), None)]
    assert await company.page("ops", "vacancy") == []


async def test_only_the_first_of_two_candidates_takes_a_vacancy(company: Any, north: UUID) -> None:
    await leave(company, "bob")
    id = UUID((await vacancy(company))["id"])
    first = await company.do("ops", "fill_vacancy", id, seller_id=company.sellers["cleo"])
    second = await company.do("ops", "fill_vacancy", id, seller_id=company.sellers["dan"])
    await company.do("cleo", "accept_territory_assignment", first)
    assert (await refused(company.do("dan", "accept_territory_assignment", second))).code == "not_found"
    assert len(await company.events("territory_assignment.withdrawn")) == 2


async def test_a_vacancy_is_taken_over_as_a_whole(company: Any, north: UUID) -> None:
    await leave(company, "bob")
    proposed = await company.do(
        "ops", "fill_vacancy", UUID((await vacancy(company))["id"]), seller_id=company.sellers["cleo"]
    )
    await company.do("cleo", "dispute_territory_assignment", proposed, comment="Too much.")
    error = await refused(company.do("ops", "revise_territory_assignment", proposed, share="0.5"))
    assert (error.code, error.errors[0].pointer) == ("invalid_input", "/share")


async def test_what_a_person_holds_is_not_filled_and_an_open_position_is_no_person(company: Any, north: UUID) -> None:
    (own,) = await company.page("ops", "territory_assignment")
    cleo = company.sellers["cleo"]
    assert (await refused(company.do("ops", "fill_vacancy", UUID(own["id"]), seller_id=cleo))).code == "not_vacant"
    await leave(company, "bob")
    row = await vacancy(company)
    position = {"seller_id": row["seller_id"]}
    terms = {"territory_id": north, "effective_from": LEAVES}
    login = {"kind": "person", "name": "Nobody", "roles": ["seller"]}
    for call in (
        company.do("ops", "fill_vacancy", UUID(row["id"]), **position),
        company.do("ops", "propose_territory_assignment", **terms, **position),
        company.do("admin", "create_principal", **login, **position),
        company.do("ops", "end_seller", UUID(row["seller_id"]), left_on=LEAVES + timedelta(days=9)),
    ):
        assert (await refused(call)).code == "open_position"
    early = company.do("ops", "fill_vacancy", UUID(row["id"]), seller_id=cleo, effective_from=TODAY)
    assert (await refused(early)).errors[0].pointer == "/effective_from"


async def test_a_seller_who_left_is_not_proposed_a_territory(company: Any, design: Any, north: UUID) -> None:
    await leave(company, "dan")
    error = await refused(design.propose(north, "dan", "0.1", str(LEAVES)))
    assert (error.code, error.errors[0].pointer) == ("invalid_input", "/seller_id")


async def test_the_manager_of_the_leaver_sees_the_vacancy_and_other_sellers_do_not(company: Any, north: UUID) -> None:
    await leave(company, "bob")
    assert len(await company.page("ada", "vacancy")) == 1
    assert await company.page("dan", "vacancy") == []


async def test_a_reaction_that_is_refused_refuses_the_command_as_a_whole(company: Any, north: UUID) -> None:
    async def never(tx: Any, event: Any) -> None:
        raise refuse("immutable")

    catalogue = company.operations.catalogue
    kept = catalogue.reactions
    object.__setattr__(catalogue, "reactions", (*kept, Reaction("seller.position_opened", never)))
    try:
        assert (await refused(leave(company, "bob"))).code == "immutable"
    finally:
        object.__setattr__(catalogue, "reactions", kept)
    assert (await company.one("ops", "seller", company.sellers["bob"]))["left_on"] is None
    assert await coverage(company) == [("bob", 1.0, "2026-01-01", None)]
    assert await company.page("ops", "vacancy") == []
