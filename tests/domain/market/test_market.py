"""Segments, products, and the import of products by external key."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.kernel.errors import DomainError
from app.domain.market.commands import upsert_products
from app.domain.market.contract import CreateProduct, SegmentRule

SOFTWARE = {
    "code": "SW",
    "name": "Software",
    "rule": {"industries": ["Software"], "min_employees": 50},
    "tam": "1000000",
}


async def test_segment_shows_its_rule_and_market_in_the_organisations_currency(company: Any) -> None:
    id = await company.do("ops", "create_segment", **SOFTWARE)
    seen = await company.one("viewer", "segment", id)
    assert seen["tam"] == {"amount": "1000000.00", "currency": "EUR"}
    assert seen["rule"] == {
        "industries": ["Software"],
        "countries": [],
        "min_employees": 50,
        "max_employees": None,
        "min_annual_revenue": None,
        "max_annual_revenue": None,
    }
    assert seen["version"] == 1


async def test_updating_a_segment_keeps_what_is_not_named(company: Any) -> None:
    id = await company.do("ops", "create_segment", **SOFTWARE)
    await company.do("ops", "update_segment", id, rule={"countries": ["FR"]})
    seen = await company.one("ops", "segment", id)
    assert (seen["rule"]["countries"], seen["rule"]["industries"], seen["name"]) == (["FR"], [], "Software")
    assert (seen["tam"]["amount"], seen["version"]) == ("1000000.00", 2)


async def test_a_segment_needs_a_rule(company: Any) -> None:
    id = await company.do("ops", "create_segment", **SOFTWARE)
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "update_segment", id, rule=None)
    assert refused.value.errors[0].pointer == "/rule"


@pytest.mark.parametrize(
    "rule",
    [
        {"min_employees": 10, "max_employees": 9},
        {"min_annual_revenue": "10.01", "max_annual_revenue": "10.00"},
        {"min_annual_revenue": 10},
        {"countries": ["France"]},
        {"industries": ["a\x00b"]},
        {"colour": "blue"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SegmentRule.model_validate(rule)


@pytest.mark.parametrize("field", ["name", "currency"])
async def test_what_every_segment_has_cannot_be_removed(company: Any, field: str) -> None:
    id = await company.do("ops", "create_segment", **SOFTWARE)
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "update_segment", id, **{field: None})
    assert (refused.value.code, refused.value.errors[0].pointer) == ("invalid_input", f"/{field}")
    assert (await company.one("ops", "segment", id))["version"] == 1


async def test_a_code_is_used_once(company: Any) -> None:
    await company.do("ops", "create_segment", **SOFTWARE)
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "create_segment", **SOFTWARE)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("already_exists", "/code")


@pytest.mark.parametrize("command", ["create_segment", "create_product"])
async def test_sellers_do_not_change_the_market(company: Any, command: str) -> None:
    with pytest.raises(DomainError) as refused:
        await company.do("bob", command)
    assert refused.value.code == "permission_required"


async def test_products_are_found_by_the_day_they_are_sold(company: Any) -> None:
    await company.do(
        "ops", "create_product", code="A", name="A", effective_from="2026-01-01", effective_to="2026-07-01"
    )
    await company.do("ops", "create_product", code="B", name="B", effective_from="2026-06-30")
    for day, codes in {"2025-12-31": [], "2026-06-30": ["A", "B"], "2026-07-01": ["B"]}.items():
        assert [item["code"] for item in await company.page("bob", "product", ("sold_on", day))] == codes


async def test_a_product_is_sold_at_least_one_day(company: Any) -> None:
    with pytest.raises(DomainError) as refused:
        await company.do(
            "ops", "create_product", code="A", name="A", effective_from="2026-01-01", effective_to="2026-01-01"
        )
    assert refused.value.errors[0].pointer == "/effective_to"
    id = await company.do("ops", "create_product", code="A", name="A", effective_from="2026-01-01")
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "update_product", id, effective_to="2025-01-01")
    assert refused.value.errors[0].pointer == "/effective_to"
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "update_product", id, effective_from=None)
    assert refused.value.errors[0].pointer == "/effective_from"


def _product(**fields: Any) -> CreateProduct:
    return CreateProduct.model_validate({"code": "X", "name": "X", "effective_from": "2026-01-01"} | fields)


async def test_importing_products_again_changes_nothing(company: Any) -> None:
    rows = {name: _product(code=name, name=name, list_price="10.50") for name in ("a", "b", "c")}
    first = await _import(company, rows)
    assert (first.created, first.changed, first.unchanged) == (3, 0, 0)
    again = await _import(company, rows)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)
    third = await _import(company, rows | {"b": _product(code="b", name="b", list_price="11")})
    assert (third.created, third.changed, third.unchanged) == (0, 1, 2)
    assert first.ids == third.ids
    seen = {item["code"]: item for item in await company.page("ops", "product")}
    assert {code: item["version"] for code, item in seen.items()} == {"a": 1, "b": 2, "c": 1}
    assert seen["b"]["list_price"] == {"amount": "11.00", "currency": "EUR"}
    assert seen["a"]["external_ids"] == [{"source": "crm", "key": "a"}]


async def test_a_product_is_found_by_its_external_key(company: Any) -> None:
    await _import(company, {"k:1": _product(code="a"), "k:2": _product(code="b")})
    assert [item["code"] for item in await company.page("ops", "product", ("external_id", "crm:k:2"))] == ["b"]
    assert await company.page("ops", "product", ("external_id", "erp:k:2")) == []


async def test_an_import_leaves_columns_alone_that_it_does_not_name(company: Any) -> None:
    done = await _import(company, {"a": _product(code="a", list_price="5.00", currency="USD", family="GTX")})
    await _import(company, {"a": _product(code="a", name="Renamed")})
    seen = await company.one("ops", "product", done.ids["a"])
    assert (seen["name"], seen["family"], seen["list_price"]) == (
        "Renamed",
        "GTX",
        {"amount": "5.00", "currency": "USD"},
    )


async def _import(company: Any, rows: dict[str, CreateProduct]) -> Any:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        return await upsert_products(tx, "crm", rows)
