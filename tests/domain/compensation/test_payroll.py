"""Payments go to payroll in files, each once; periods close when nothing waits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.domain.compensation.desk import Desk

MAPPING: dict[str, Any] = {
    "code": "SILAE",
    "name": "Silae",
    "delimiter": "semicolon",
    "decimal_mark": "comma",
    "date_format": "day_first",
    "header": True,
    "columns": [
        {"header": "Matricule", "field": "employee_number"},
        {"header": "Rubrique", "text": "COM1"},
        {"header": "Montant", "field": "amount"},
        {"header": "Fin", "field": "period_end"},
    ],
}


async def mapping(desk: Desk, **more: Any) -> str:
    return str((await desk.world.post("finance", "/v1/payroll-mappings", {**MAPPING, **more}))["id"])


async def export(desk: Desk, mapping: str, *, expect: int | None = None, **more: Any) -> Any:
    body = {"mapping_id": mapping, **more}
    return await desk.world.post("finance", "/v1/payroll-exports", body, expect=expect, idempotency_key=str(uuid4()))


async def number(desk: Desk, **numbers: str) -> None:
    for name, employee in numbers.items():
        path = f"/v1/sellers/{desk.world.sellers[name]}"
        client = desk.world.client("sales_ops")
        etag = (await client.get(path)).headers["etag"]
        answer = await client.patch(path, json={"employee_number": employee}, headers={"if-match": etag})
        assert answer.is_success, answer.text


async def paid(desk: Desk, period: str, amount: str = "10000") -> Any:
    await desk.sell(f"2026-{'02' if period.endswith('1') else '05'}-10", amount, "sam", "sue", shares=("0.75", "0.25"))
    return await desk.take(await desk.posted(period), "pay")


async def test_a_file_is_as_its_mapping_says_and_adds_up_to_the_ledger(desk: Desk) -> None:
    await number(desk, sam="E-1", sue="E-2")
    run = await paid(desk, "2026-Q1")
    made = await export(desk, await mapping(desk))
    assert (made["payment_count"], made["totals"]) == (2, [{"currency": "EUR", "amount": "500.00", "payments": 2}])
    answer = await desk.world.client("finance").get(f"/v1/payroll-exports/{made['id']}/file.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines() == [
        "Matricule;Rubrique;Montant;Fin",
        "E-1;COM1;375,00;31/03/2026",
        "E-2;COM1;125,00;31/03/2026",
    ]
    entries = await desk.items("finance", "/v1/ledger-entries", account="payroll_clearing")
    assert sum(Decimal(entry["credit"]["amount"]) for entry in entries) == Decimal(500)
    payments = await desk.items("sam", "/v1/payments")
    assert [(p["amount"]["amount"], p["run_id"], p["export_id"]) for p in payments] == [
        ("375.00", run["id"], made["id"])
    ]
    assert (await desk.world.client("sam").get(f"/v1/payroll-exports/{made['id']}/file.csv")).status_code == 403


async def test_a_payment_is_exported_once(desk: Desk) -> None:
    await number(desk, sam="E-1", sue="E-2")
    await paid(desk, "2026-Q1")
    used = await mapping(desk)
    await export(desk, used)
    assert (await export(desk, used, expect=409))["code"] == "nothing_to_export"
    await paid(desk, "2026-Q2", "2000")
    again = await export(desk, used)
    assert again["totals"] == [{"currency": "EUR", "amount": "100.00", "payments": 2}]


async def test_a_payment_without_employee_number_is_refused_by_name_and_not_lost(desk: Desk) -> None:
    await number(desk, sam="E-1")
    await paid(desk, "2026-Q1")
    used = await mapping(desk)
    refused = await export(desk, used, expect=409)
    assert (refused["code"], refused["sellers"]) == ("employee_number_missing", ["Sue"])
    assert await desk.items("finance", "/v1/payroll-exports") == []
    await number(desk, sue="E-2")
    assert (await export(desk, used))["payment_count"] == 2


async def test_a_cell_that_would_act_as_a_formula_is_text(desk: Desk) -> None:
    await paid(desk, "2026-Q1")
    made = await export(desk, await mapping(desk, header=False, columns=[{"header": "Code", "text": "=1+1"}]))
    answer = await desk.world.client("finance").get(f"/v1/payroll-exports/{made['id']}/file.csv")
    assert answer.text.splitlines() == ["'=1+1", "'=1+1"]


async def test_a_period_is_closed_when_its_runs_are_paid_or_given_up(desk: Desk) -> None:
    close = f"/v1/periods/{desk.periods['2026-Q1']}/close"
    await desk.sell("2026-02-10", "10000", "sam")
    run = await desk.posted("2026-Q1")
    refused = await desk.world.post("finance", close, expect=409)
    assert (refused["code"], refused["run_id"], refused["state"]) == ("period_unsettled", run["id"], "posted")
    await desk.take(run, "pay")
    assert (await desk.world.post("finance", close))["state"] == "closed"
