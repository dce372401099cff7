"""Who sees whose rows: sellers their own, managers their reporting line's, the desk everything."""

from __future__ import annotations

import pytest

from app.domain.kernel.resource import Resource
from tests.filled import Filled
from tests.surfaces import allowed, collected

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY_LINE = [
    pytest.param(resource, id=resource.name)
    for resource in collected().resources.values()
    if "reporting_closure" in resource.visible.rule and not resource.source and resource.name != "seller"
]


async def sees(filled: Filled, who: str, resource: Resource) -> bool:
    """Whether somebody sees the row of Sam's that the filled organisation has."""
    return await filled.seen(who, resource.name, filled.ids[resource.name]) is not None


@pytest.mark.parametrize("resource", BY_LINE)
async def test_a_row_is_seen_by_its_seller_and_whom_it_reports_to(filled: Filled, resource: Resource) -> None:
    seen = {who: await sees(filled, who, resource) for who in ("sam", "sue", "mona", "otto", "olga")}
    assert seen == {
        "sam": allowed("seller", resource.needs),
        "mona": allowed("manager", resource.needs),
        "sue": False,
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
