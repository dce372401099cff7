"""The schema is derived: every resource and command is in it, once, under its standard name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from graphql import build_schema, find_breaking_changes, validate_schema

from app.domain.catalogue import Catalogue, collect
from app.domain.kernel.errors import PROBLEMS, DomainError
from app.domain.kernel.resource import Many, Resource, View
from app.graphql.errors import status_of
from app.graphql.execute import viewer
from app.graphql.naming import camel
from app.graphql.schema import Published, build, sdl
from app.routers import problems
from tests.adapters import graphql_world as world


class TwiceView(View):
    """A thing."""

    id: UUID


def _with(*more: Resource) -> Catalogue:
    known = world.catalogue()
    return replace(known, resources=known.resources | {resource.name: resource for resource in more})


def test_the_schema_is_valid_and_prints_as_it_is(published: Published) -> None:
    assert validate_schema(published.core) == []
    assert find_breaking_changes(build_schema(sdl(published)), published.core) == []
    assert sdl(published) == sdl(build(world.catalogue()))


def test_the_product_publishes_every_resource_and_command() -> None:
    catalogue = collect()
    real = build(catalogue)
    query, mutation = real.core.query_type, real.core.mutation_type
    assert query is not None
    assert mutation is not None
    shown = {camel(resource.plural): resource.hidden for resource in catalogue.resources.values()}
    assert {name: name not in query.fields for name in shown} == shown
    assert {camel(name) for name in catalogue.commands} == set(mutation.fields)
    assert validate_schema(real.core) == []


def test_money_is_never_a_number(published: Published) -> None:
    text = sdl(published)
    assert "Float" not in text
    assert "amount: Decimal!" in text


def test_withheld_pay_is_nullable(published: Published) -> None:
    rep: Any = published.core.type_map["Rep"]
    assert str(rep.fields["salary"].type) == "Decimal"
    assert str(rep.fields["name"].type) == "String!"


@pytest.mark.parametrize("twice", [
    Resource("viewer", "viewers", TwiceView, "accounts:read", "Takes the name of a type of ours."),
    Resource("thing", "shops", TwiceView, "accounts:read", "Takes the plural of another."),
    Resource("thing", "things", TwiceView, "accounts:read", "Hides its id.", links={"id": Many("shop", "true")}),
])  # fmt: skip
def test_two_declarations_under_one_name_are_found_at_the_start(twice: Resource) -> None:
    with pytest.raises(RuntimeError):
        build(_with(twice))


def test_the_viewer_shows_every_field_of_its_type(published: Published) -> None:
    fields: Any = published.core.type_map["Viewer"]
    assert set(viewer(world.actor())) == set(fields.fields)


def test_both_surfaces_give_a_refusal_the_same_status() -> None:
    for code, problem in PROBLEMS.items():
        refusal: DomainError = problem.kind(code, problem.title)
        assert status_of(refusal) == problems.status_of(refusal), code


def test_the_domain_enums_stay_untouched(published: Published) -> None:
    assert "ShopState" in published.core.type_map
    assert not hasattr(world.ShopState, "__strawberry_definition__")


def test_a_name_without_a_plural_is_the_list() -> None:
    fields: Any = build(_with(Resource("news", "news", TwiceView, "accounts:read", "What is new."))).core.type_map[
        "Query"
    ]
    assert str(fields.fields["news"].type) == "NewsConnection"
