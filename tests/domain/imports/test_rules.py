"""Values by rule: what comes out, and that every change is noted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.imports.contract import Severity
from app.domain.imports.entities import ENTITIES, plain_fields
from app.domain.imports.mapping import Condition, EntityName, FieldMapping, Key, Step
from app.domain.imports.reading import Record
from app.domain.imports.rules import Row, read_row

KEY = Key(column=["id"])


def read(value: Any, /, **rules: Any) -> Row:
    """The row that a record with `value` in column `x` becomes."""
    fields = {"x": FieldMapping.model_validate({"column": "x", **rules})}
    step = Step(file="f.csv", entity=EntityName.ACCOUNT, key=KEY, fields=fields)
    return read_row(step, KEY, fields, Record(2, {"id": "1", "x": value}))


def noted(row: Row) -> list[tuple[str, str, str, str | None]]:
    return [(str(c.severity), c.rule, c.before, c.after) for c in row.changes]


@pytest.mark.parametrize(
    ("before", "rules", "after", "changes"),
    [
        ("Acme", {}, "Acme", []),
        (" Acme ", {}, "Acme", [("cleaned", "trim", " Acme ", "Acme")]),
        (" Acme ", {"trim": "false"}, " Acme ", []),
        (
            "technolgy",
            {"correct": {"technolgy": "technology"}},
            "technology",
            [("cleaned", "correct", "technolgy", "technology")],
        ),
        ("GTX Pro", {"replace": {" ": "-"}}, "GTX-Pro", [("converted", "replace", "GTX Pro", "GTX-Pro")]),
        ("fr", {"case": "upper"}, "FR", [("converted", "case", "fr", "FR")]),
        ("Norway", {"translate": {"Norway": "NO"}}, "NO", [("converted", "translate", "Norway", "NO")]),
        (
            "31/12/2017",
            {"date_format": "%d/%m/%Y"},
            "2017-12-31",
            [("converted", "date_format", "31/12/2017", "2017-12-31")],
        ),
        (
            "1.234,50",
            {"thousands": ".", "decimal_point": ","},
            "1234.50",
            [("converted", "decimal_point", "1.234,50", "1234.50")],
        ),
        ("4.54", {"scale": "1000000"}, "4540000", [("converted", "scale", "4.54", "4540000")]),
        ("", {}, None, []),
        ("   ", {}, None, [("cleaned", "trim", "   ", "")]),
        ("", {"blank": "default", "default": "US"}, "US", [("cleaned", "default", "", "US")]),
        ("Mars", {"translate": {}, "untranslated": "keep"}, "Mars", []),
        ("Mars", {"translate": {}, "untranslated": "null"}, None, [("cleaned", "translate", "Mars", None)]),
    ],
)
def test_a_rule_gives_its_value_and_notes_every_change(
    before: str, rules: dict[str, Any], after: str | None, changes: list[Any]
) -> None:
    row = read(before, **rules)
    assert row.fault is None
    assert row.values == {"x": after}
    assert noted(row) == changes


@pytest.mark.parametrize(
    ("value", "rules", "code"),
    [
        ("", {"blank": "reject"}, "blank"),
        ("Mars", {"translate": {"Norway": "NO"}}, "untranslated"),
        ("2017-12-31", {"date_format": "%d/%m/%Y"}, "date_format"),
        ("many", {"scale": "1000"}, "not_a_number"),
        ("NaN", {"scale": "1000"}, "not_a_number"),
        ("1e999999", {"scale": "1000"}, "not_a_number"),
    ],
)
def test_a_value_no_rule_can_read_rejects_its_row_with_column_and_value(
    value: str, rules: dict[str, Any], code: str
) -> None:
    fault = read(value, **rules).fault
    assert fault is not None
    assert (fault.code, fault.column) == (code, "x")
    assert fault.before == (value or None)


@given(st.decimals(0, 10**8, places=2), st.integers(1, 10**6))
def test_scaling_is_exact(value: Decimal, factor: int) -> None:
    assert Decimal(str(read(f"{value:f}", scale=str(factor)).values["x"])) == value * factor


def test_rules_apply_in_their_order() -> None:
    row = read(" Philipines ", correct={"Philipines": "Philippines"}, translate={"Philippines": "PH"})
    assert row.values == {"x": "PH"}
    assert [change.rule for change in row.changes] == ["trim", "correct", "translate"]
    assert [change.severity for change in row.changes] == [Severity.CLEANED, Severity.CLEANED, Severity.CONVERTED]


def test_a_row_the_mapping_leaves_out_says_why() -> None:
    condition = Condition(column="stage", one_of=["Won"], reason="Only won deals.")
    fields = {"x": FieldMapping.model_validate({"column": "x", "blank": "reject"})}
    step = Step(file="f.csv", entity=EntityName.ACCOUNT, key=KEY, fields=fields, where=[condition])
    row = read_row(step, KEY, fields, Record(2, {"id": "1", "x": "", "stage": "Lost"}))
    assert (row.excluded, row.fault) == ("Only won deals.", None)


@pytest.mark.parametrize(("key", "code"), [("", "key_missing"), (None, "key_missing"), ("k" * 201, "key_too_long")])
def test_a_row_without_a_usable_key_is_rejected(key: str | None, code: str) -> None:
    step = Step(file="f.csv", entity=EntityName.ACCOUNT)
    fault = read_row(step, KEY, {}, Record(2, {"id": key})).fault
    assert fault is not None
    assert fault.code == code


def test_a_key_of_several_columns_is_put_together() -> None:
    key = Key(column=["office", "name"])
    step = Step(file="f.csv", entity=EntityName.ACCOUNT)
    assert read_row(step, key, {}, Record(2, {"office": "East", "name": "Ann"})).key == "East/Ann"


def test_columns_called_as_fields_take_references_by_id_or_by_key() -> None:
    entity = ENTITIES[EntityName.TRANSACTION]
    fields = plain_fields(entity, ["external_key", "kind", "account_key", "product_id", "splits.0.seller_key"])
    assert {path: field.reference for path, field in fields.items()} == {
        "kind": None,
        "account_id": EntityName.ACCOUNT,
        "product_id": None,
        "splits.0.seller_id": EntityName.SELLER,
    }


def test_inner_fields_make_the_body_of_the_command() -> None:
    values = {
        "kind": "booking",
        "transaction_date": "2017-03-01",
        "amount.amount": "10.50",
        "amount.currency": "USD",
        "splits.0.share": "0.4",
        "splits.1.share": "0.6",
    }
    entity = ENTITIES[EntityName.TRANSACTION]
    assert entity.faults(values, ["splits.0.seller_id", "splits.1.seller_id"]) == []
    (fault,) = entity.faults({**values, "amount.amount": "ten"}, ["splits.0.seller_id", "splits.1.seller_id"])
    assert fault.pointer == "amount.amount"
