"""Territories proposed to sellers: only the seller concerned answers, and shares never exceed the whole."""

import asyncio
from typing import Any

import asyncpg
import pytest

from app.domain.kernel.errors import DomainError


@pytest.fixture
async def north(design: Any) -> Any:
    return await design.territory(await design.model(), "NORTH")


async def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value


async def test_only_the_seller_concerned_accepts_or_disputes(company: Any, design: Any, north: Any) -> None:
    proposed = await design.propose(north, "bob")
    assert (await refused(company.do("ada", "accept_territory_assignment", proposed))).code == "not_concerned"
    assert (await refused(company.do("cleo", "accept_territory_assignment", proposed))).code == "not_found"
    assert (await refused(company.do("ops", "accept_territory_assignment", proposed))).code == "permission_required"
    await company.do("bob", "accept_territory_assignment", proposed)
    seen = await company.one("bob", "territory_assignment", proposed, include="territory,seller")
    assert (seen["state"], seen["territory"]["code"], seen["seller"]["name"]) == ("accepted", "NORTH", "bob")


async def test_a_dispute_needs_a_reason_and_is_answered_with_new_terms(company: Any, design: Any, north: Any) -> None:
    proposed = await design.propose(north, "bob")
    assert (await refused(company.do("bob", "dispute_territory_assignment", proposed))).code == "invalid_input"
    await company.do("bob", "dispute_territory_assignment", proposed, comment="Too large.")
    await company.do("ada", "revise_territory_assignment", proposed, share="0.5", comment="Half of it.")
    seen = await company.one("bob", "territory_assignment", proposed)
    assert (seen["state"], seen["share"], seen["effective_from"]) == ("proposed", "0.50", "2026-01-01")
    assert [row for row in seen["allowed_actions"] if row["allowed"]] == [
        {"action": "accept", "allowed": True, "code": None},
        {"action": "dispute", "allowed": True, "code": None},
    ]


async def test_a_manager_proposes_to_its_own_line_only(company: Any, north: Any) -> None:
    terms = {"territory_id": north, "effective_from": "2026-01-01"}
    await company.do("ada", "propose_territory_assignment", **terms, seller_id=company.sellers["bob"])
    error = await refused(company.do("ada", "propose_territory_assignment", **terms, seller_id=company.sellers["dan"]))
    assert (error.code, error.errors[0].pointer) == ("unknown_reference", "/seller_id")


async def test_shares_that_exceed_the_whole_on_some_day_are_refused(company: Any, design: Any, north: Any) -> None:
    await design.cover(north, "bob", "0.6", effective_to="2026-07-01")
    await design.propose(north, "cleo", "0.4")
    error = await refused(design.propose(north, "dan", "0.1", "2026-06-30"))
    assert (error.code, error.errors[0].pointer) == ("coverage_exceeds_whole", "/share")
    await design.propose(north, "dan", "0.6", "2026-07-01")
    assert len(await company.page("ops", "territory_assignment", ("territory_id", str(north)))) == 3


async def test_a_disputed_proposal_frees_its_share_and_a_revised_one_needs_room_again(
    company: Any, design: Any, north: Any
) -> None:
    disputed = await design.propose(north, "bob")
    await company.do("bob", "dispute_territory_assignment", disputed, comment="No.")
    await design.propose(north, "cleo", "0.7")
    assert (await refused(company.do("ops", "revise_territory_assignment", disputed))).code == "coverage_exceeds_whole"
    assert (await company.one("ops", "territory_assignment", disputed))["state"] == "disputed"
    await company.do("ops", "revise_territory_assignment", disputed, share="0.3")


async def test_a_seller_has_one_assignment_of_a_territory_at_a_time(company: Any, design: Any, north: Any) -> None:
    await design.cover(north, "bob", "0.2", effective_to="2026-07-01")
    assert (await refused(design.propose(north, "bob", "0.2", "2026-06-01"))).code == "period_overlap"
    await design.propose(north, "bob", "0.2", "2026-07-01")


async def test_an_ended_assignment_makes_room_for_the_next_seller(company: Any, design: Any, north: Any) -> None:
    accepted = await design.cover(north, "bob")
    early = company.do("ops", "end_territory_assignment", accepted, effective_to="2026-01-01")
    assert (await refused(early)).errors[0].pointer == "/effective_to"
    await company.do("ops", "end_territory_assignment", accepted, effective_to="2026-04-01", comment="Moves south.")
    await design.cover(north, "cleo", start="2026-04-01")
    seen = await company.one("ops", "seller", company.sellers["bob"], include="territory_assignments")
    (ended,) = seen["territory_assignments"]["items"]
    assert (ended["state"], ended["effective_to"]) == ("ended", "2026-04-01")


async def test_an_accepted_assignment_is_not_withdrawn(company: Any, design: Any, north: Any) -> None:
    accepted = await design.cover(north, "bob")
    assert (await refused(company.do("ops", "withdraw_territory_assignment", accepted))).code == "immutable"


async def test_sellers_see_their_own_assignments_and_managers_their_lines(
    company: Any, design: Any, north: Any
) -> None:
    for seller in ("bob", "cleo", "dan"):
        await design.propose(north, seller, "0.3")
    seen = {who: len(await company.page(who, "territory_assignment")) for who in ("bob", "ada", "dan", "viewer")}
    assert seen == {"bob": 1, "ada": 2, "dan": 1, "viewer": 3}


@pytest.mark.parametrize("share", ["0", "-0.1", "1.000001", 0.5])
async def test_a_share_is_above_zero_and_at_most_one(design: Any, north: Any, share: Any) -> None:
    error = await refused(design.propose(north, "bob", share))
    assert (error.code, error.errors[0].pointer) == ("invalid_input", "/share")


async def test_proposals_at_the_same_moment_do_not_exceed_the_whole_together(
    company: Any, design: Any, north: Any
) -> None:
    calls = (design.propose(north, seller, "0.6") for seller in ("bob", "cleo", "dan"))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [getattr(error, "code", error) for error in errors] == ["coverage_exceeds_whole"] * 2


async def test_the_database_itself_refuses_shares_beyond_the_whole_even_from_two_transactions(
    company: Any, north: Any, database: str
) -> None:
    async def insert(seller: str) -> None:
        connection = await asyncpg.connect(database)
        try:
            await connection.execute("select set_config('palier.org_id', $1, false)", str(company.org_id))
            async with connection.transaction():
                await connection.execute(
                    "insert into territory_assignment (org_id, territory_id, seller_id, share, effective_from, state)"
                    " values ($1, $2, $3, 0.6, '2026-01-01', 'accepted')",
                    company.org_id,
                    north,
                    company.sellers[seller],
                )
                await ready.wait()
        finally:
            await connection.close()

    ready = asyncio.Barrier(2)
    answers = await asyncio.gather(insert("bob"), insert("cleo"), return_exceptions=True)
    errors = [answer for answer in answers if answer is not None]
    assert [type(error) for error in errors] == [asyncpg.CheckViolationError]
    assert getattr(errors[0], "constraint_name", "") == "territory_coverage_whole"


async def test_a_manager_neither_proposes_a_territory_to_itself_nor_answers_its_own_dispute(
    company: Any, design: Any, north: Any
) -> None:
    terms = {"territory_id": north, "effective_from": "2026-01-01", "seller_id": company.sellers["ada"]}
    assert (await refused(company.do("ada", "propose_territory_assignment", **terms))).code == "four_eyes"
    proposed = await company.do("ops", "propose_territory_assignment", **terms)
    await company.do("ada", "dispute_territory_assignment", proposed, comment="Too small.")
    assert (await refused(company.do("ada", "revise_territory_assignment", proposed))).code == "four_eyes"
    await company.do("ops", "revise_territory_assignment", proposed)
