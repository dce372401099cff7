"""What the field's plans usually say, worked out by hand: tests/golden/compensation_terms/examples.yaml."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from app.domain.compensation.calculation.inputs import RELATIONS
from app.domain.compensation.calculation.lines import AttentionCode, EarlierReason, LostReason, UncreditedReason
from app.domain.compensation.contract.remedies import REMEDIES
from app.domain.compensation.plan_extraction import Plans, plan_relations
from app.domain.compensation.terms.component import ComponentFields, component_findings

from .naming import identify
from .oracle import opinion
from .world import QUARTERS, Row, World, constants_of, empty_world, months, run, target

GOLDEN = yaml.safe_load((Path(__file__).parents[3] / "golden/compensation_terms/examples.yaml").read_text("utf-8"))
EXAMPLES = {example["title"]: example for example in GOLDEN["examples"]}
AS_THEY_ARE = ("kind", "currency", "account_id", "product_id", "renewal", "term_months", "labels")
OF_ALL = ("period", "target_period", "settled", "crediting_rule", "fx_rate")
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


def side_by_side(worlds: dict[str, World], reach: int) -> World:
    """All examples in one organisation, each with its own plans, people and deals."""
    shared = empty_world("2026-Q1", reach)
    for title, world in worlds.items():
        shared["crediting_rule"] = world["crediting_rule"]
        shared["fx_rate"] += [row for row in world["fx_rate"] if row not in shared["fx_rate"]]
        for name in world.keys() - set(OF_ALL):
            shared.setdefault(name, []).extend(named_apart(name, row, title) for row in world[name])
    return shared


def named_apart(relation: str, row: Row, title: str) -> Row:
    ids = {column.name for column in RELATIONS.get(relation, ()) if column.type == "id"} | {"component_id", "plan_id"}
    return {name: f"{title}: {value}" if value and name in ids - {"rule_id"} else value for name, value in row.items()}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_examples_pay_what_was_worked_out_by_hand(quarter: str, tmp_path: Path) -> None:
    worlds = {title: world_of(example) for title, example in EXAMPLES.items()}
    asked = {title: example["earned"] for title, example in EXAMPLES.items() if quarter in example["earned"]}
    earned = {title: Decimal(paid[quarter]) for title, paid in asked.items()}
    reach = max(reach_of(example) for example in EXAMPLES.values())
    world = side_by_side(worlds, reach)
    world["target_period"] = [target(quarter, reach)]
    based = [line for line in run(world, tmp_path / quarter).lines if line.kind == "base"]
    lines = {(line.seller_id, line.component_id): line for line in based}
    found = {title: lines[identify(f"{title}: ada"), identify(f"{title}: C")] for title in earned}
    assert {title: line.earned_to_date for title, line in found.items()} == earned
    assert {title: line.code for title, line in found.items() if line.code} == {}
    for title in earned:
        worlds[title]["target_period"] = [target(quarter, reach_of(EXAMPLES[title]))]
    assert {title: opinion(worlds[title]).lines["ada", "C", quarter]["earned_to_date"] for title in earned} == earned


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_an_example_is_a_plan_that_can_be_saved(example: dict[str, Any]) -> None:
    plan = [ComponentFields.model_validate(terms) for terms in plan_of(example)]
    constants: World = {"constants": [{"plan_id": "plan", "constants": constants_said(example)}]}
    assert list(component_findings(plan, "/components", "EUR", constants_of(constants, "plan"))) == []


def test_no_two_examples_have_a_title() -> None:
    assert len(EXAMPLES) == len(GOLDEN["examples"])


def test_quarters_are_known() -> None:
    assert {quarter for example in GOLDEN["examples"] for quarter in example["earned"]} <= set(QUARTERS)


def test_every_reason_of_a_run_says_what_to_do_in_both_languages() -> None:
    reasons = {*get_args(AttentionCode), *get_args(LostReason), *get_args(UncreditedReason), *get_args(EarlierReason)}
    assert reasons == REMEDIES.keys()
    assert all(words.en != words.fr for words in REMEDIES.values())
