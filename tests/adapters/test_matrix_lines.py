"""Who sees whose rows: sellers their own, managers their reporting line's, the desk everything."""

from __future__ import annotations

import json

import pytest
from pydantic.fields import FieldInfo

from app.domain.kernel.resource import PayMark, Resource
from app.graphql.naming import camel
from tests.filled import Filled
from tests.surfaces import allowed, collected
from tests.world import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_LINE = [
    pytest.param(resource, id=resource.name)
    for resource in collected().resources.values()
    if "reporting_closure" in resource.visible.rule and not resource.source and resource.name != "seller"
]


ALSO_SUES = {"holdover"}
"""What concerns two sellers: Sam gives, Sue gets."""


def _is_pay(info: FieldInfo) -> bool:
    return any(isinstance(mark, PayMark) for mark in info.metadata)


async def sees(filled: Filled, who: str, resource: Resource) -> bool:
    """Whether somebody sees the row of Sam's that the filled organisation has."""
    return await filled.seen(who, resource.name, filled.ids[resource.name]) is not None


@pytest.mark.parametrize("resource", BY_LINE)
async def test_a_row_is_seen_by_its_seller_and_whom_it_reports_to(filled: Filled, resource: Resource) -> None:
    seen = {who: await sees(filled, who, resource) for who in ("sam", "sue", "mona", "otto", "olga")}
    assert seen == {
        "sam": allowed("seller", resource.needs),
        "mona": allowed("manager", resource.needs),
        "sue": resource.name in ALSO_SUES,
        "otto": False,
        "olga": False,
    }


@pytest.mark.parametrize("resource", BY_LINE)
async def test_the_desk_sees_all_rows_but_pay_only_with_the_permission(filled: Filled, resource: Resource) -> None:
    for role in ("admin", "sales_ops", "finance", "comp_admin", "viewer"):
        may = allowed(role, resource.needs) and (not resource.visible.pay or allowed(role, "pay:read"))
        assert await sees(filled, role, resource) is may, role


async def test_a_seller_sees_itself_and_those_above_and_a_manager_those_below(filled: Filled) -> None:
    async def seen(who: str) -> set[str]:
        page = await filled.get(who, "/v1/sellers", limit=200)
        return {item["name"].lower() for item in page["items"]}

    assert await seen("sam") == {"sam", "mona"}
    assert await seen("mona") == {"mona", "sam", "sue"}
    assert await seen("otto") == {"otto", "olga"}
    assert await seen("viewer") == {"mona", "otto", "sam", "sue", "olga"}


async def test_what_is_not_seen_cannot_be_changed_either(filled: Filled) -> None:
    client = filled.client("olga")
    for resource, change in (
        ("account", {"name": "Mine"}),
        ("opportunity", {"name": "Mine"}),
        ("plan", {"title": "Mine"}),
    ):
        path = f"/v1/{collected().resources[resource].collection}/{filled.ids[resource]}"
        answer = await client.patch(path, json=change, headers={"if-match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get(f"{path}/transitions")).status_code == 404


PAY_FIELDS = {
    resource.name: names
    for resource in collected().resources.values()
    if (names := [name for name, info in resource.view.model_fields.items() if _is_pay(info)])
}


async def test_pay_fields_are_withheld_from_whoever_may_not_see_the_pay_on_both_surfaces(filled: Filled) -> None:
    assert PAY_FIELDS
    for name, fields in PAY_FIELDS.items():
        resource, id = collected().resources[name], filled.ids[name]
        told: dict[str, bool] = {}
        for who in ("admin", "finance", "comp_admin", "sam", "mona"):
            seen = await filled.seen(who, name, id)
            if seen is None:
                continue
            told[who] = any(seen[field] is not None for field in fields)
            asked = (
                f"{camel(name)}(id: {json.dumps(id)}) {{ {' '.join(f'{camel(f)} {{ __typename }}' for f in fields)} }}"
            )
            answer = (await filled.graphql(who, f"{{ {asked} }}"))["data"][camel(name)]
            assert any(answer[camel(field)] is not None for field in fields) is told[who], (name, who)
        assert told["finance"], f"{name} has no pay to withhold: see tests/filled.py"
        for who, value in told.items():
            concerned = who in ("sam", "mona") and resource.pay is not None and "{seller}" in resource.pay.rule
            assert value is (allowed(who, "pay:read") if who in ROLES else concerned), (name, who)


async def test_no_event_or_audit_entry_tells_what_somebody_is_paid(filled: Filled) -> None:
    """Roles read them that may not see pay."""
    subjects = {name for name, r in collected().resources.items() if r.visible.pay} | set(PAY_FIELDS)
    for path in ("/v1/events", "/v1/audit-entries"):
        page = await filled.get("admin", path, limit=200, sort="seq")
        about_pay = [item for item in page["items"] if item["subject"] in subjects]
        assert about_pay
        for item in about_pay:
            assert not {"amount", "total", "earned", "target_incentive", "claimed_amount"} & set(item["data"]), item
