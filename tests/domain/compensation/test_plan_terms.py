"""What a plan says beside its components: constants, to whom it is open, how pay is mixed; what it names exists."""

from __future__ import annotations

from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk

PLANS = "/v1/compensation-plans"
BODY = {"code": "NEW", "name": "New", "fiscal_year": 2026, "currency": "EUR", "components": [COMMISSION]}
NOWHERE = "00000000-0000-7000-8000-000000000000"


async def author(desk: Desk, expect: int = 201, **more: Any) -> Any:
    return await desk.world.post("comp_admin", PLANS, BODY | more, expect=expect)


async def enrol(desk: Desk, plan: str, expect: int = 200, **body: Any) -> Any:
    return await desk.world.post(
        "comp_admin", f"{PLANS}/{plan}/enrol", {"effective_from": "2026-01-01"} | body, expect=expect
    )


async def participants(desk: Desk, plan: str) -> list[Any]:
    return await desk.items("comp_admin", "/v1/plan-participants", plan_id=plan)


async def test_what_a_plan_names_must_exist(desk: Desk) -> None:
    measure: dict[str, Any] = {"of": "revenue", "whose": "own", "only": {"products": [NOWHERE], "segments": [NOWHERE]}}
    measure["weights"] = [{"product_families": ["None such"], "factor": "0.5"}]
    refused = await author(
        desk, 422, components=[COMMISSION | {"measure": measure}], eligibility={"seller_ids": [NOWHERE]}
    )
    assert {(error["code"], error["pointer"]) for error in refused["errors"]} == {
        ("unknown_reference", "/components/0/measure/only/products/0"),
        ("unknown_reference", "/components/0/measure/only/segments/0"),
        ("unknown_reference", "/components/0/measure/weights/0/product_families/0"),
        ("unknown_reference", "/eligibility/seller_ids/0"),
    }


async def test_a_formula_with_constants_is_stored_in_one_way_and_said_in_words(desk: Desk) -> None:
    formula = {"rate": {"formula": {"text": "min( (measured*share),  cap )"}}}
    constants = [
        {"name": "share", "unit": "number", "value": "0.05", "label": "the share"},
        {"name": "cap", "unit": "amount", "value": "20000", "label": "the cap"},
    ]
    plan = await author(desk, components=[COMMISSION | formula], constants=constants)
    (component,) = plan["components"]
    assert component["rate"]["formula"]["text"] == "min(measured * share, cap)"
    assert "the smallest of (the measure times the share) and the cap" in " ".join(
        sentence["en"] for sentence in component["in_words"]
    )
    assert "The cap: 20,000 EUR." in [sentence["en"] for sentence in plan["in_words"]]
    twice = [constants[0], constants[0], {**constants[0], "name": "measured"}]
    refused = await author(desk, 422, code="BAD", components=[COMMISSION | formula], constants=twice)
    assert {error["code"] for error in refused["errors"]} >= {"component_twice", "constant_name"}


async def test_a_name_that_is_not_known_is_answered_with_those_that_come_near(desk: Desk) -> None:
    formula = {"rate": {"formula": {"text": "mesured * 0.1"}}}
    refused = await author(desk, 422, code="BAD", components=[COMMISSION | formula])
    detail = refused["errors"][0]["detail"]
    assert detail.startswith("mesured is not known here; nearest: measured.")
    assert len(detail) < 300


async def test_a_formula_is_checked_again_when_its_constants_change(desk: Desk) -> None:
    formula = {"rate": {"formula": {"text": "measured * share"}}}
    constant = {"name": "share", "unit": "number", "value": "0.05", "label": "the share"}
    plan = await author(desk, components=[COMMISSION | formula], constants=[constant])
    answer = await desk.world.client("comp_admin").patch(
        f"{PLANS}/{plan['id']}", json={"constants": []}, headers={"if-match": f'"{plan["version"]}"'}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "formula_unknown_name"


async def test_a_target_follows_from_salary_and_pay_mix(desk: Desk) -> None:
    plan = (await author(desk, pay_mix={"fixed": "0.6", "variable": "0.4"}))["id"]
    sam, sue = desk.world.sellers["sam"], desk.world.sellers["sue"]
    await enrol(desk, plan, seller_ids=[sam], base_salary="60000")
    await enrol(desk, plan, seller_ids=[sue], on_target_earnings="150000")
    found = {p["seller_id"]: p for p in await participants(desk, plan)}
    assert found[sam]["target_incentive"]["amount"] == "40000.00"
    assert (found[sue]["base_salary"]["amount"], found[sue]["target_incentive"]["amount"]) == ("90000.00", "60000.00")
    without = (await author(desk, code="PLAIN"))["id"]
    refused = await enrol(desk, without, 422, seller_ids=[sam], base_salary="60000")
    assert refused["code"] == "pay_mix_missing"
    assert (await author(desk, 422, code="BAD", pay_mix={"fixed": "0.6", "variable": "0.5"}))["errors"][0]["code"] == (
        "pay_mix_sum"
    )


async def test_a_plan_is_open_to_whom_its_eligibility_names_on_the_days_it_does(desk: Desk) -> None:
    sam, sue = desk.world.sellers["sam"], desk.world.sellers["sue"]
    plan = (await author(desk, eligibility={"job_roles": ["No such role"], "seller_ids": [sam]}))["id"]
    refused = await enrol(desk, plan, 422, seller_ids=[sam, sue])
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("not_eligible_for_plan", "/seller_ids/1")
    assert (await enrol(desk, plan, eligible=True))["enrolled"] == 1
    assert (await enrol(desk, plan, eligible=True))["enrolled"] == 0
    assert [p["seller_id"] for p in await participants(desk, plan)] == [sam]


async def test_tenure_and_roles_decide_from_when_somebody_takes_part(desk: Desk) -> None:
    sam = await desk.world.get("comp_admin", f"/v1/sellers/{desk.world.sellers['sam']}")
    year, month, day = (int(part) for part in sam["hired_on"].split("-"))
    terms = {"job_roles": [sam["job_role"]], "tenure_months": 12}
    plan = (await author(desk, eligibility=terms))["id"]
    await enrol(desk, plan, eligible=True, effective_from=f"{year}-{month:02}-{day:02}")
    found = {p["seller_id"]: p["effective_from"] for p in await participants(desk, plan)}
    assert found[sam["id"]] == f"{year + 1}-{month:02}-{day:02}"


async def test_who_is_on_no_plan_and_who_on_two(desk: Desk) -> None:
    await desk.publish(code="SECOND", takes_part=("sue",))
    found = {
        p["seller_name"]: p["plan_codes"]
        for p in await desk.items("comp_admin", "/v1/plan-participations", on="2026-06-30")
    }
    assert (found["Sam"], found["Sue"]) == (["AE-2026"], ["AE-2026", "SECOND"])
    nobody = await desk.items("comp_admin", "/v1/plan-participations", on="2026-06-30", plan_count=0)
    assert "Sam" not in {p["seller_name"] for p in nobody}
    assert nobody
