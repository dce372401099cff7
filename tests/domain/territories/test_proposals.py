"""A whole model proposed to the sellers it is planned for: what changes for each, who answered, and how fast."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.kernel.fields import OptionalComment
from tests.domain.conftest import CATALOGUE

START = "2030-01-01"


async def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value


@pytest.fixture
async def draft(company: Any, design: Any) -> Any:
    """Bob has Acme (100) and Beta (40) now; the draft leaves him Acme and gives Beta to Cleo. SOUTH is for nobody."""
    for name, country, potential in (("Acme", "FR", "100"), ("Beta", "BE", "40")):
        await design.account(name, country=country, potential=potential)
    now = await design.model("NOW", "2026-01-01")
    await design.cover(await design.territory(now, "ALL", rule={"countries": ["FR", "BE"]}), "bob")
    await design.apply(now)
    await design.activate(now)
    model = await design.model("NEXT", START)
    top = await design.territory(model, "TOP")
    for code, seller, countries in (("WEST", "bob", ["FR"]), ("EAST", "cleo", ["BE"])):
        planned = {"planned_seller_id": company.sellers[seller], "rule": {"countries": countries}}
        await design.territory(model, code, parent_id=top, **planned)
    await design.territory(model, "SOUTH", parent_id=top)
    await design.apply(model)
    return model


async def propose(company: Any, model: UUID, who: str = "ops", **body: Any) -> dict[str, int]:
    return dict((await company.do(who, "propose_territory_model", model, **body)).model_dump())


async def proposals(company: Any, who: str = "ops") -> dict[str, Any]:
    return {row["seller_name"]: row for row in await company.page(who, "territory_proposal")}


async def answer(company: Any, seller: str, action: str, **body: Any) -> None:
    (row,) = await company.page(seller, "territory_assignment", ("state", "proposed"))
    await company.do(seller, f"{action}_territory_assignment", UUID(row["id"]), **body)


async def test_all_planned_territories_are_proposed_at_once_and_only_once(company: Any, draft: UUID) -> None:
    assert await propose(company, draft) == {"proposed": 2, "assigned": 0, "unplanned": 1, "out_of_sight": 0}
    assert await propose(company, draft) == {"proposed": 0, "assigned": 2, "unplanned": 1, "out_of_sight": 0}
    (row,) = await company.page("cleo", "territory_assignment")
    assert (row["state"], row["share"], row["effective_from"]) == ("proposed", "1.00", START)
    history = (await company.one("cleo", "territory_assignment", UUID(row["id"]), include="transitions"))["transitions"]
    assert [step["action"] for step in history["items"]] == ["create"]


async def test_a_manager_proposes_to_its_own_line_and_not_to_itself(company: Any, design: Any) -> None:
    model = await design.model("NEXT", START)
    for seller in ("ada", "bob", "dan"):
        await design.territory(model, seller.upper(), planned_seller_id=company.sellers[seller])
    assert await propose(company, model, "ada") == {"proposed": 1, "assigned": 0, "unplanned": 0, "out_of_sight": 2}
    assert (await propose(company, model))["proposed"] == 2


async def test_a_proposal_begins_within_its_model(company: Any, draft: UUID) -> None:
    error = await refused(propose(company, draft, effective_from="2029-12-31"))
    assert (error.code, error.errors[0].pointer) == ("invalid_input", "/effective_from")


async def test_each_seller_sees_what_the_model_changes_for_it(company: Any, draft: UUID) -> None:
    visits = [{"channel": "visit", "share": "1"}]
    await company.do("ops", "create_cadence_policy", name="Fivefold", interval_days=73, channel_mix=visits)
    rows = await proposals(company)
    names = ("accounts_before", "accounts_after", "accounts_kept", "accounts_gained", "accounts_lost")
    found = {
        name: [row[field] for field in names] + [row["potential_before"]["amount"], row["potential_after"]["amount"]]
        for name, row in rows.items()
    }
    assert found == {
        "bob": [2, 1, 1, 0, 1, "140.00", "100.00"],
        "cleo": [0, 1, 0, 1, 0, "0.00", "40.00"],
    }
    assert (rows["bob"]["workload_before"], rows["bob"]["workload_after"]) == ("10.00", "5.00")
    assert (rows["bob"]["state"], rows["bob"]["territory_codes"]) == ("planned", ["WEST"])
    assert {who: sorted(await proposals(company, who)) for who in ("bob", "ada", "dan")} == {
        "bob": ["bob"],
        "ada": ["bob", "cleo"],
        "dan": [],
    }


async def test_a_seller_whom_a_model_gives_nothing_is_released(company: Any, design: Any, draft: UUID) -> None:
    for row in await company.page("ops", "territory", ("model_id", str(draft)), ("code", "WEST")):
        await company.do("ops", "update_territory", UUID(row["id"]), planned_seller_id=company.sellers["dan"])
    rows = await proposals(company)
    assert (rows["bob"]["state"], rows["bob"]["accounts_lost"], rows["bob"]["territory_codes"]) == ("released", 2, [])


async def test_the_state_of_a_seller_follows_its_answers(company: Any, draft: UUID) -> None:
    await propose(company, draft)
    await answer(company, "bob", "accept")
    await answer(company, "cleo", "dispute", comment="Too far.")
    rows = await proposals(company)
    assert {name: row["state"] for name, row in rows.items()} == {"bob": "accepted", "cleo": "disputed"}
    assert (rows["cleo"]["assignments_disputed"], rows["cleo"]["accounts_gained"]) == (1, 1)


async def test_a_disputed_territory_is_not_proposed_again_behind_the_sellers_back(company: Any, draft: UUID) -> None:
    await propose(company, draft)
    await answer(company, "cleo", "dispute", comment="Too far.")
    assert (await propose(company, draft))["assigned"] == 2


async def test_activation_waits_for_acceptance_when_asked_and_says_how_many_are_open(
    company: Any, design: Any, draft: UUID
) -> None:
    await design.approve(draft)
    call = {"supersede": True, "require_acceptance": True}
    error = await refused(company.do("ops", "activate_territory_model", draft, **call))
    assert (error.code, error.facts) == ("proposals_open", {"proposed": 0, "disputed": 0, "unproposed": 2})
    await propose(company, draft)
    await answer(company, "bob", "accept")
    await answer(company, "cleo", "dispute", comment="Too far.")
    error = await refused(company.do("ops", "activate_territory_model", draft, **call))
    assert error.facts == {"proposed": 0, "disputed": 1, "unproposed": 0}
    assert (await company.one("ops", "territory_model", draft))["state"] == "approved"
    (row,) = await company.page("cleo", "territory_assignment")
    await company.do("ops", "revise_territory_assignment", UUID(row["id"]), comment="Only until a hire.")
    await answer(company, "cleo", "accept")
    await company.do("ops", "activate_territory_model", draft, **call)
    assert (await company.one("ops", "territory_model", draft))["state"] == "active"


async def test_time_to_acceptance_is_told_per_manager_and_counts_what_is_overdue(company: Any, draft: UUID) -> None:
    spec = CATALOGUE.commands["propose_territory_model"]
    async with company.operations.transaction(company.actors["ops"]) as tx:
        tx.now -= timedelta(days=20)
        await spec.handler(tx, draft, spec.body())
    (own,) = await company.page("bob", "territory_assignment", ("state", "proposed"))
    async with company.operations.transaction(company.actors["bob"]) as tx:
        tx.now -= timedelta(days=15)
        await CATALOGUE.commands["accept_territory_assignment"].handler(tx, UUID(own["id"]), OptionalComment())
    (row,) = await company.page("ops", "acceptance_time")
    assert (row["manager_name"], row["proposed"], row["accepted"], row["open"]) == ("ada", 2, 1, 1)
    assert (row["median_days"], row["worst_days"], row["overdue"]) == ("5.00", "20.00", 1)
    (row,) = await company.page("ops", "acceptance_time", ("due_days", "30"))
    assert row["overdue"] == 0
    assert await company.page("dan", "acceptance_time") == []
    assert len(await company.page("ada", "acceptance_time")) == 1
