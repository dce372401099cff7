"""What the reading engine answers is the view that was declared, for every resource and on both surfaces."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.resource import One, Resource
from app.graphql.naming import camel
from tests.filled import Filled
from tests.surfaces import allowed, collected, everything, published

pytestmark = pytest.mark.asyncio(loop_scope="session")

RESOURCES = [pytest.param(resource, id=resource.name) for resource in collected().resources.values()]


def reader_of(resource: Resource) -> str:
    """A role that may read the resource, of those who see all rows."""
    return next(role for role in ("finance", "comp_admin", "admin") if allowed(role, resource.needs))


def check(resource: Resource, item: dict[str, Any], links: set[str]) -> None:
    """An answered object has exactly the declared fields, each of its declared type, and the links asked for."""
    linked = {name: item.pop(name) for name in links}
    assert list(item) == list(resource.view.model_fields)
    resource.view.model_validate_json(json.dumps(item), strict=True)
    for name, value in linked.items():
        link, target = resource.links[name], collected().resources[resource.links[name].to]
        found = ([value] if value else []) if isinstance(link, One) else value["items"]
        for inner in found:
            check(target, inner, set())


async def test_the_filled_organisation_has_a_row_of_every_resource(filled: Filled) -> None:
    resources = collected().resources
    assert {name for name in resources if not resources[name].source} - set(filled.ids) == set(), "see tests/filled.py"


@pytest.mark.parametrize("resource", RESOURCES)
async def test_an_answer_is_the_declared_view_with_every_link(filled: Filled, resource: Resource) -> None:
    actor, reader = filled.person(reader_of(resource)), filled.operations.reader
    pairs = [("include", ",".join(resource.links))] if resource.links else []
    page = json.loads(await reader.page(actor, resource.name, [*pairs, ("limit", "20")]))
    assert set(page) == {"items", "page"}
    for item in page["items"]:
        id = item["id"]
        check(resource, dict(item), set(resource.links))
        one = await reader.one(actor, resource.name, UUID(id), pairs=pairs)
        assert one is not None
        assert json.loads(one.body) == item
        assert one.version == item.get("version")


@pytest.mark.parametrize("resource", RESOURCES)
async def test_graphql_selects_every_field_and_link_in_one_statement(filled: Filled, resource: Resource) -> None:
    if resource.hidden:
        assert camel(resource.plural) not in published().members["Query"]
        return
    type_ = published().core.type_map[resource.type_name]
    query = f"{{ {camel(resource.plural)}(first: 5) {{ nodes {{ {everything(type_)} }} }} }}"
    answer = await filled.graphql(reader_of(resource), query)
    assert "errors" not in answer, answer["errors"]
    if resource.name in filled.ids:
        assert answer["data"][camel(resource.plural)]["nodes"]
