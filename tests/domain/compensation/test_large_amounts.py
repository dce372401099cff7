"""What conversion makes very large is credited, and paid or told; no run fails of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.test_balances import replan
from tests.domain.compensation.test_documents import fetched

AMOUNT = {"amount": "9999999999999.9999", "currency": "USD"}
FLAT = COMMISSION | {"rate": {"flat": {"pays": "rate", "value": "0.0005"}}}
BASE = COMMISSION | {
    "target": {"amount": "99999999999999"},
    "rate": {"flat": {"pays": "base_rate", "value": "2"}},
    "window": {"over": "quarter", "quota": "window", "paid": "each_period"},
    "limits": [],
}
STEEP = COMMISSION | {
    "limits": [],
    "rate": {
        "curve": {
            "input": {"figure": "measured"},
            "outside": "extrapolate",
            "pays": "rate",
            "points": [{"at": "0", "value": "0"}, {"at": "1", "value": "1"}],
        }
    },
}


async def sold(desk: Desk, worth: str, *components: dict[str, Any]) -> Any:
    """The line of a run over one deal of 10¹³ of a currency, at so much of the plan's."""
    body = {"from_currency": "USD", "to_currency": "EUR", "rate": worth, "effective_from": "2020-01-01"}
    await desk.world.post("finance", "/v1/fx-rates", body)
    await replan(desk, components=list(components))
    sale: dict[str, Any] = {
        "kind": "booking",
        "transaction_date": "2026-02-10",
        "amount": AMOUNT,
        "margin": AMOUNT["amount"],
    }
    splits = [{"seller_id": desk.world.sellers["sam"], "share": "1"}]
    await desk.world.post("comp_admin", "/v1/transactions", sale | {"splits": splits})
    run = await desk.posted("2026-Q1")
    (line,) = await desk.items("finance", "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers["sam"])
    return line


async def test_a_credit_larger_than_any_given_amount_is_kept_paid_and_told(desk: Desk) -> None:
    line = await sold(desk, "162.5", FLAT)
    assert (line["status"], line["amount"]["amount"]) == ("ok", "812500000000.00")
    (credit,) = await desk.items("finance", "/v1/credits", run_id=line["run_id"])
    assert credit["amount"]["amount"] == credit["margin"]["amount"] == "1624999999999999.9838"
    assert line["credited_to_date"] == "1624999999999999.9838"
    statement = await desk.statement("sam", {"id": line["run_id"]}, "sam")
    document = (await fetched(desk, "sam", statement, "json")).json()
    assert document["lines"][0]["deals"][0]["credited"] == "1624999999999999.9838"
    tree = await desk.world.get("sam", f"/v1/earning-explanations/{line['id']}")
    assert tree["parts"]["deals"][0]["credited"] == "1624999999999999.9838"


@pytest.mark.parametrize(
    ("worth", "component", "code"),
    [
        ("162.5", COMMISSION, "earning_out_of_range"),
        ("97000", FLAT, "figure_out_of_range"),
        ("162.5", BASE, "earning_out_of_range"),
        ("162.5", STEEP, "earning_out_of_range"),
    ],
)
async def test_what_is_too_large_to_be_paid_needs_attention(
    desk: Desk, worth: str, component: dict[str, Any], code: str
) -> None:
    line = await sold(desk, worth, component)
    assert (line["status"], line["code"], line["amount"]) == ("needs_attention", code, None)
    found = await desk.items("finance", "/v1/run-findings", run_id=line["run_id"], kind="needs_attention")
    assert [(row["reason"], row["seller_id"]) for row in found] == [(code, desk.world.sellers["sam"])]
    assert "correct the transaction" in found[0]["remedy"]["en"]
    assert "corrigez la transaction" in found[0]["remedy"]["fr"]
    statement = await desk.statement("sam", {"id": line["run_id"]}, "sam")
    assert (statement["needs_attention"], statement["total"]["amount"]) == (1, "0.00")
    assert (await fetched(desk, "sam", statement, "json")).status_code == 200
    page = (await fetched(desk, "sam", statement, "html")).text
    assert "out of range" in page
