"""What the field's plans usually say, worked out by hand: tests/golden/compensation_terms/examples.yaml."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from app.domain.compensation.calculation.lines import AttentionCode, LostReason, UncreditedReason
from app.domain.compensation.contract.remedies import REMEDIES
from app.domain.compensation.plan_extraction import Plans, plan_relations
from app.domain.compensation.terms.component import ComponentFields, component_findings

from .naming import identify
from .oracle import opinion
from .world import QUARTERS, World, constants_of, empty_world, months, run, target

GOLDEN = yaml.safe_load((Path(__file__).parents[3] / "golden/compensation_terms/examples.yaml").read_text("utf-8"))
AS_THEY_ARE = ("kind", "currency", "product_id", "renewal", "term_months", "labels")
TRAITS = ("renewal", "term_months", "discount")
FACTS = (
    *(
        "title",
        "sold",
        "earned",
        "monthly_quota",
        "monthly_quota_before",
        "exchange_rates",
        "rates",
        "target_incentive",
        "objectives",
        "activities",
        "from",
    ),
    *("beside", "colleagues", "constants", "specialist_in", "manual", "reports"),
)


def terms_of(example: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in example.items() if name not in FACTS}
    return {**GOLDEN["defaults"], "code": "C", **own}


def plan_of(example: dict[str, Any]) -> list[dict[str, Any]]:
    """The component and those beside it in the plan."""
    return [terms_of(example), *(terms_of(other) for other in example.get("beside", []))]


def world_of(example: dict[str, Any]) -> World:
    reach = reach_of(example)
    world = empty_world("2026-Q1", reach)
    kinds = ("explicit_split", "product_specialist")
    world["crediting_rule"] = [{"rule_id": kind, "ordinal": n, "kind": kind} for n, kind in enumerate(kinds, 1)]
    world["component"] = [
        {
            "component_id": terms["code"],
            "plan_id": "plan",
            "currency": "EUR",
            "exchange_rates": example.get("exchange_rates", "SPOT"),
            "terms": terms,
        }
        for terms in plan_of(example)
    ]
    for given, kept, rate in example.get("rates", []):
        pair = {"from_currency": given, "to_currency": kept, "rate": Decimal(rate)}
        world["fx_rate"].append(pair | {"valid_from": date(2020, 1, 1), "valid_to": None})
    add_constants(world, example)
    sellers = {"ada": example} | example.get("colleagues", {})
    for seller, facts in sellers.items():
        since = facts.get("from", months()[0]["start_date"])
        incentive = Decimal(facts["target_incentive"]) if "target_incentive" in facts else None
        member = {"seller_id": seller, "plan_id": "plan", "valid_from": since, "valid_to": None}
        world["participant"].append(member | {"target_incentive": incentive})
        if "monthly_quota" in facts:
            quota = {"seller_id": seller, "amount": Decimal(facts["monthly_quota"])}
            world["quota"] += [quota | {"period_code": month["period_code"]} for month in months()]
        if "monthly_quota_before" in facts:
            before = {"seller_id": seller, "amount": Decimal(facts["monthly_quota_before"])}
            world["quota"] += [before | {"period_code": month["period_code"]} for month in months(reach)[:reach]]
        for number, (day, amount, *more) in enumerate(facts["sold"]):
            add_sale(world, seller, f"{seller}-{number}", day, amount, more[0] if more else {})
    credit_otherwise(world, example)
    for own in world["component"]:
        key = {"component_id": own["component_id"], "seller_id": "ada"}
        for start, end, weight, score in example.get("objectives", []):
            rated = {"weight": Decimal(weight), "score": Decimal(score)}
            world["objective"].append(key | rated | {"start_date": start, "end_date": end})
        for day, done in example.get("activities", []):
            world["activity"].append(key | {"activity_date": day, "done": done})
    return world


def reach_of(example: dict[str, Any]) -> int:
    """How many months before the year its plan reads."""
    documents = [ComponentFields.model_validate(terms) for terms in plan_of(example)]
    known = [(identify(terms.code), identify("plan"), n, "EUR", terms) for n, terms in enumerate(documents, 1)]
    constants: World = {"constants": [{"plan_id": "plan", "constants": constants_said(example)}]}
    return Plans(plan_relations(known, {identify("plan"): constants_of(constants, "plan")})).reach


def credit_otherwise(world: World, example: dict[str, Any]) -> None:
    """Overlays for a product, manual credits on a colleague's deal, and who reports to the seller."""
    always = {"valid_from": date(2020, 1, 1), "valid_to": None}
    for product, share in example.get("specialist_in", {}).items():
        row = {"assignment_id": product, "rule_id": "product_specialist", "ordinal": 1, "seller_id": "ada"}
        named = {"account_id": None, "territory_id": None, "product_id": product, "share": Decimal(share)}
        world["overlay"].append(row | named | always)
    for deal, mode, share in example.get("manual", []):
        row = {"credit_id": f"manual {deal}", "transaction_id": deal, "mode": mode, "ordinal": 1, "seller_id": "ada"}
        world["manual_credit"].append(row | {"cum_lo": Decimal(0), "cum_hi": Decimal(share)})
    reports = example.get("reports", {})
    for seller in reports:
        manager = reports[seller] if isinstance(reports, dict) else "ada"
        world["reporting_line"].append({"seller_id": seller, "manager_id": manager} | always)


def constants_said(example: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"label": constant["name"], **constant} for constant in example.get("constants", [])]


def add_constants(world: World, example: dict[str, Any]) -> None:
    if listed := constants_said(example):
        world["constants"] = [{"plan_id": "plan", "constants": listed}]


def add_sale(world: World, seller: str, name: str, day: Any, amount: str, more: dict[str, Any]) -> None:
    sale = {"transaction_id": name, "account_id": None, "product_id": None, "transaction_date": day}
    facts = {name: value if name in AS_THEY_ARE else Decimal(value) for name, value in more.items()}
    world["label"] += [{"transaction_id": name, "label": label} for label in more.get("labels", ())]
    facts.pop("labels", None)
    traits = {trait: facts.pop(trait, None) for trait in TRAITS}
    world["trait"].append({"transaction_id": name} | traits | {"renewal": bool(traits["renewal"])})
    world["transaction"].append(sale | {"amount": Decimal(amount), "currency": "EUR"} | facts)
    whole = {"ordinal": 1, "seller_id": seller, "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
    world["explicit_split"].append(whole | {"transaction_id": name})


@pytest.mark.parametrize("example", GOLDEN["examples"], ids=lambda example: example["title"])
def test_an_example_pays_what_was_worked_out_by_hand(example: dict[str, Any], tmp_path: Path) -> None:
    plan = [ComponentFields.model_validate(terms) for terms in plan_of(example)]
    world = world_of(example)
    assert list(component_findings(plan, "/components", "EUR", constants_of(world, "plan"))) == []
    for quarter, earned in example["earned"].items():
        world["target_period"] = [target(quarter, reach_of(example))]
        own = identify("ada"), identify("C")
        lines = run(world, tmp_path / quarter).lines
        [found] = [line for line in lines if line.kind == "base" and (line.seller_id, line.component_id) == own]
        said = opinion(world).lines["ada", "C", quarter]["earned_to_date"]
        assert found.code is None
        assert (found.earned_to_date, said) == (Decimal(earned), Decimal(earned))


def test_quarters_are_known() -> None:
    assert {quarter for example in GOLDEN["examples"] for quarter in example["earned"]} <= set(QUARTERS)


def test_every_reason_of_a_run_says_what_to_do_in_both_languages() -> None:
    reasons = {*get_args(AttentionCode), *get_args(LostReason), *get_args(UncreditedReason)}
    assert reasons == REMEDIES.keys()
    assert all(words.en != words.fr for words in REMEDIES.values())
