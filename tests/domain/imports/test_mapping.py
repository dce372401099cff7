"""Mappings: the shipped ones fit the contracts, and a wrong one is refused where it is wrong."""

from __future__ import annotations

import pytest

from app.domain.imports.entities import ENTITIES, check_mapping
from app.domain.imports.mapping import EntityName, load, shipped
from app.domain.kernel.errors import DomainError
from app.domain.kernel.permissions import PERMISSIONS

STEP = """
source: crm
steps:
  - file: a.csv
    entity: account
    key: {{column: id}}
    fields: {fields}
"""


def pointers(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DomainError) as refused:
        check_mapping(load(text))
    assert refused.value.code == "mapping_invalid"
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_the_shipped_mapping_fits_the_contracts() -> None:
    mapping = shipped("crm-sales-opportunities")
    check_mapping(mapping)
    country = next(step for step in mapping.steps if step.entity is EntityName.ACCOUNT).fields["country"]
    assert country.reading is not None
    assert country.reading.translate is not None
    assert country.reading.translate["Norway"] == "NO"


def test_every_entity_is_known_and_asks_for_a_permission_that_exists() -> None:
    assert set(ENTITIES) == set(EntityName)
    assert {entity.needs for entity in ENTITIES.values()} <= PERMISSIONS.keys()


def test_a_mapping_nobody_ships_is_refused() -> None:
    for name in ("nothing", "../crm-sales-opportunities", ""):
        with pytest.raises(DomainError) as refused:
            shipped(name)
        assert refused.value.code == "unknown_mapping"


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ("{nmae: {column: name}, name: {column: name}}", "/mapping/steps/0/fields/nmae", "extra_forbidden"),
        ("{city: {column: city}}", "/mapping/steps/0/fields/name", "missing"),
        (
            "{name: {column: name}, owner_id: {column: owner, reference: product}}",
            "/mapping/steps/0/fields/owner_id",
            "unknown_reference",
        ),
        ("{name: {}}", "/mapping/steps/0/fields/name", "value_error"),
        ("{name: {column: a, colour: b}}", "/mapping/steps/0/fields/name/reading/colour", "extra_forbidden"),
        ("{name: {column: a, blank: default}}", "/mapping/steps/0/fields/name", "value_error"),
    ],
)
def test_a_wrong_field_is_pointed_at(fields: str, pointer: str, code: str) -> None:
    assert pointers(STEP.format(fields=fields)) == [(pointer, code)]


@pytest.mark.parametrize("text", ["", "a: [", "just words", "x: &a [1]\ny: *a", "source: " + "x" * 300_000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        load(text)
    assert refused.value.code == "mapping_invalid"
