"""What the field's plans usually say, worked out by hand: tests/golden/compensation_terms/examples.yaml."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.compensation.terms.component import ComponentFields, component_findings

from .oracle import opinion
from .world import QUARTERS, World, empty_world, months, run, target

GOLDEN = yaml.safe_load((Path(__file__).parents[3] / "golden/compensation_terms/examples.yaml").read_text("utf-8"))
FACTS = ("title", "sold", "earned", "monthly_quota", "target_incentive", "objectives", "activities", "from")


def terms_of(example: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in example.items() if name not in FACTS}
    return {**GOLDEN["defaults"], "code": "C", **own}


def world_of(example: dict[str, Any]) -> World:
    world = empty_world("2026-Q1")
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    world["component"] = [{"component_id": "C", "plan_id": "plan", "currency": "EUR", "terms": terms_of(example)}]
    since = example.get("from", months()[0]["start_date"])
    incentive = Decimal(example["target_incentive"]) if "target_incentive" in example else None
    member = {"seller_id": "ada", "plan_id": "plan", "valid_from": since, "valid_to": None}
    world["participant"] = [member | {"target_incentive": incentive}]
    if "monthly_quota" in example:
        quota = {"seller_id": "ada", "amount": Decimal(example["monthly_quota"])}
        world["quota"] = [quota | {"period_code": month["period_code"]} for month in months()]
    for number, (day, amount, *more) in enumerate(example["sold"]):
        sale = {"transaction_id": f"deal-{number}", "account_id": None, "product_id": None, "transaction_date": day}
        facts = {name: value if name == "kind" else Decimal(value) for name, value in (more[0] if more else {}).items()}
        world["transaction"].append(sale | {"amount": Decimal(amount), "currency": "EUR"} | facts)
        whole = {"ordinal": 1, "seller_id": "ada", "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
        world["explicit_split"].append(whole | {"transaction_id": f"deal-{number}"})
    own = {"component_id": "C", "seller_id": "ada"}
    for start, end, weight, score in example.get("objectives", []):
        rated = {"weight": Decimal(weight), "score": Decimal(score)}
        world["objective"].append(own | rated | {"start_date": start, "end_date": end})
    for day, done in example.get("activities", []):
        world["activity"].append(own | {"activity_date": day, "done": done})
    return world


@pytest.mark.parametrize("example", GOLDEN["examples"], ids=lambda example: example["title"])
def test_an_example_pays_what_was_worked_out_by_hand(example: dict[str, Any], tmp_path: Path) -> None:
    terms = ComponentFields.model_validate(terms_of(example))
    assert list(component_findings([terms], "/components")) == []
    world = world_of(example)
    for quarter, earned in example["earned"].items():
        world["target_period"] = [target(quarter)]
        found = [line for line in run(world, tmp_path / quarter).lines if line.kind == "base"]
        said = opinion(world).lines["ada", "C", quarter]["earned_to_date"]
        assert [line.code for line in found] == [None]
        assert ([line.earned_to_date for line in found], said) == ([Decimal(earned)], Decimal(earned))


def test_quarters_are_known() -> None:
    assert {quarter for example in GOLDEN["examples"] for quarter in example["earned"]} <= set(QUARTERS)
