"""Territory models: agreed on by several eyes, one in force at a date, and unchangeable once submitted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.domain.kernel.errors import DomainError


async def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value


async def state_of(company: Any, model: UUID) -> str:
    return str((await company.one("ops", "territory_model", model))["state"])


async def test_a_model_without_territories_cannot_be_submitted(company: Any, design: Any) -> None:
    model = await design.model()
    assert (await refused(company.do("ops", "submit_territory_model", model))).code == "model_empty"
    await design.territory(model, "NORTH")
    await company.do("ops", "submit_territory_model", model)
    assert await state_of(company, model) == "submitted"


@pytest.mark.parametrize("action", ["review", "approve", "request_changes"])
async def test_nobody_reviews_or_approves_what_they_submitted(company: Any, design: Any, action: str) -> None:
    model = await design.model()
    await design.territory(model, "NORTH")
    await company.do("admin", "submit_territory_model", model)
    if action == "approve":
        await company.do("ops", "review_territory_model", model)
    said = {"comment": "No."} if action == "request_changes" else {}
    assert (await refused(company.do("admin", f"{action}_territory_model", model, **said))).code == "four_eyes"
    shown = (await company.one("admin", "territory_model", model))["allowed_actions"]
    assert {"action": action, "allowed": False, "code": "four_eyes"} in shown


async def test_who_submitted_a_model_takes_it_back_before_it_is_reviewed(company: Any, design: Any) -> None:
    model = await design.model()
    await design.territory(model, "NORTH")
    await company.do("ops", "submit_territory_model", model)
    assert (await refused(company.do("admin", "withdraw_territory_model", model))).code == "not_concerned"
    await company.do("ops", "withdraw_territory_model", model)
    await design.territory(model, "SOUTH")
    await company.do("ops", "submit_territory_model", model)
    await company.do("admin", "review_territory_model", model)
    assert (await refused(company.do("ops", "withdraw_territory_model", model))).code == "illegal_transition"


async def test_a_model_sent_back_is_designed_again(company: Any, design: Any) -> None:
    model = await design.model()
    await design.territory(model, "NORTH")
    await company.do("ops", "submit_territory_model", model)
    assert (await refused(company.do("admin", "request_changes_territory_model", model))).code == "invalid_input"
    await company.do("admin", "request_changes_territory_model", model, comment="South is missing.")
    await design.territory(model, "SOUTH")
    await company.do("ops", "submit_territory_model", model)
    assert await state_of(company, model) == "submitted"


@pytest.mark.parametrize("state", ["submitted", "approved", "active", "archived"])
async def test_the_design_of_a_model_no_longer_changes_once_submitted(company: Any, design: Any, state: str) -> None:
    model = await design.model()
    north = await design.territory(model, "NORTH")
    if state == "submitted":
        await company.do("ops", "submit_territory_model", model)
    elif state == "approved":
        await design.approve(model)
    else:
        await design.activate(model)
        if state == "archived":
            await company.do("ops", "archive_territory_model", model)
    before = await company.one("ops", "territory_model", model, include="territories")
    for name, subject, body in (
        ("update_territory_model", model, {"name": "Other"}),
        ("create_territory", None, {"model_id": model, "code": "SOUTH", "name": "South"}),
        ("update_territory", north, {"name": "Other"}),
        ("delete_territory", north, {}),
    ):
        error = await refused(company.do("ops", name, subject, **body))
        assert (error.code, error.facts) == ("immutable", {"state": state})
    assert await company.one("ops", "territory_model", model, include="territories") == before


async def test_a_second_model_in_force_on_the_same_dates_is_refused(company: Any, design: Any) -> None:
    first = await design.model("A", "2026-01-01")
    second = await design.model("B", "2026-07-01")
    for model in (first, second):
        await design.territory(model, "NORTH")
    await design.activate(first)
    error = await refused(design.activate(second))
    assert (error.code, error.facts) == ("model_overlap", {"model_id": first})
    assert await state_of(company, second) == "approved"


async def test_superseding_ends_the_model_before_on_the_new_ones_first_day(company: Any, design: Any) -> None:
    first = await design.model("A", "2026-01-01")
    second = await design.model("B", "2026-07-01")
    for model in (first, second):
        await design.territory(model, "NORTH")
    await design.activate(first)
    await design.activate(second, supersede=True)
    assert (await company.one("ops", "territory_model", first))["ends_on"] == "2026-07-01"
    assert await state_of(company, first) == await state_of(company, second) == "active"


async def test_superseding_does_not_swallow_a_model_that_begins_later(company: Any, design: Any) -> None:
    later = await design.model("A", "2026-07-01")
    earlier = await design.model("B", "2026-01-01")
    for model in (later, earlier):
        await design.territory(model, "NORTH")
    await design.activate(later)
    assert (await refused(design.activate(earlier, supersede=True))).code == "model_overlap"


async def test_the_database_itself_refuses_two_models_in_force(company: Any, design: Any, database: str) -> None:
    first, second = await design.model("A"), await design.model("B")
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("select set_config('palier.org_id', $1, false)", str(company.org_id))
        with pytest.raises(asyncpg.ExclusionViolationError):
            await connection.execute("update territory_model set state = 'active' where id = any($1)", [first, second])
    finally:
        await connection.close()


async def test_an_archived_model_stays_in_force_for_the_past_only(company: Any, design: Any) -> None:
    model = await design.model(starts_on="2026-01-01")
    await design.territory(model, "NORTH")
    await design.activate(model)
    await company.do("ops", "archive_territory_model", model)
    assert (await company.one("ops", "territory_model", model))["ends_on"] == datetime.now(UTC).date().isoformat()
    successor = await design.model("B", datetime.now(UTC).date().isoformat())
    await design.territory(successor, "NORTH")
    await design.activate(successor)


async def test_a_clone_has_the_tree_the_rules_and_the_pins_of_its_original(company: Any, design: Any) -> None:
    account = await design.account("Acme", industry="Software")
    model = await design.model("WORLD", "2026-01-01")
    world = await design.territory(model, "ALL")
    north = await design.territory(model, "NORTH", parent_id=world, priority=7, rule={"countries": ["FR"]})
    await company.do("ops", "pin_account", north, account_id=account)
    await design.activate(model)
    clone = await company.do("ops", "clone_territory_model", model, starts_on="2027-01-01")
    seen = await company.one("ops", "territory_model", clone, include="territories,based_on")
    assert (seen["code"], seen["model_version"], seen["state"], seen["based_on"]["id"]) == (
        "WORLD",
        2,
        "draft",
        str(model),
    )
    assert seen["starts_on"] == "2027-01-01"
    copies = {row["code"]: row for row in seen["territories"]["items"]}
    assert copies["NORTH"]["parent_id"] == copies["ALL"]["id"] != str(world)
    assert (copies["NORTH"]["priority"], copies["NORTH"]["rule"]["countries"]) == (7, ["FR"])
    assert await design.places(clone) == {("Acme", "NORTH", "pin", "2027-01-01", None)}


async def test_dates_of_a_model_are_in_order(company: Any, design: Any) -> None:
    error = await refused(design.model(starts_on="2026-01-01", ends_on="2026-01-01"))
    assert error.errors[0].pointer == "/ends_on"
    model = await design.model(starts_on="2026-01-01", ends_on="2027-01-01")
    error = await refused(company.do("ops", "update_territory_model", model, starts_on="2028-01-01"))
    assert error.errors[0].pointer == "/ends_on"
    error = await refused(company.do("ops", "update_territory_model", model, starts_on=None))
    assert error.errors[0].pointer == "/starts_on"


async def test_a_territory_is_not_part_of_itself(company: Any, design: Any) -> None:
    model = await design.model()
    top = await design.territory(model, "TOP")
    middle = await design.territory(model, "MIDDLE", parent_id=top)
    bottom = await design.territory(model, "BOTTOM", parent_id=middle)
    for parent in (top, middle, bottom):
        error = await refused(company.do("ops", "update_territory", top, parent_id=parent))
        assert error.code == "territory_cycle"
    await company.do("ops", "update_territory", bottom, parent_id=top)
    await company.do("ops", "update_territory", middle, parent_id=bottom)
    assert (await company.one("ops", "territory", middle))["parent_id"] == str(bottom)


async def test_a_parent_is_of_the_same_model(company: Any, design: Any) -> None:
    top = await design.territory(await design.model("A"), "TOP")
    error = await refused(design.territory(await design.model("B"), "NORTH", parent_id=top))
    assert (error.code, error.errors[0].pointer) == ("unknown_reference", "/parent_id")


async def test_a_rule_names_only_what_exists(company: Any, design: Any) -> None:
    model = await design.model()
    known = await design.account("Acme")
    for rule, pointer in (
        ({"segment_id": uuid4()}, "/rule/segment_id"),
        ({"account_ids": [known, uuid4()]}, "/rule/account_ids/1"),
    ):
        error = await refused(design.territory(model, "NORTH", rule=rule))
        assert (error.code, error.errors[0].pointer) == ("unknown_reference", pointer)


async def test_a_territory_with_children_or_assignments_is_not_deleted(company: Any, design: Any) -> None:
    model = await design.model()
    top = await design.territory(model, "TOP")
    north = await design.territory(model, "NORTH", parent_id=top)
    assert (await refused(company.do("ops", "delete_territory", top))).code == "still_referenced"
    proposed = await design.propose(north, "bob")
    assert (await refused(company.do("ops", "delete_territory", north))).code == "still_referenced"
    await company.do("ops", "withdraw_territory_assignment", proposed)
    await company.do("ops", "delete_territory", north)
    assert await company.one("ops", "territory", north) is None


async def test_sellers_and_viewers_do_not_design(company: Any, design: Any) -> None:
    for who in ("bob", "ada", "viewer", "finance"):
        error = await refused(company.do(who, "create_territory_model", code="X", name="X", starts_on="2026-01-01"))
        assert error.code == "permission_required"
