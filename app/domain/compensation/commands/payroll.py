"""Describing the file of a payroll provider, and writing payments into it, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.domain.compensation.contract.payroll import (
    CreatePayrollExport,
    CreatePayrollMapping,
    PayrollColumnFields,
    PayrollField,
    PayrollMappingFields,
    UpdatePayrollMapping,
)
from app.domain.compensation.rules.payroll import payroll_file
from app.domain.compensation.tables.balances import PayrollExport, PayrollMapping
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, FieldError, define, refuse
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx

define(
    "nothing_to_export",
    Conflict,
    "No payment waits for a payroll file",
    "Aucun paiement n'attend de fichier de paie",
    "Pay a posted run first; payments that are in a file already are not exported again.",
)
define(
    "employee_number_missing",
    Conflict,
    "A seller to be paid has no employee number",
    "Un commercial à payer n'a pas de matricule",
    "Give the sellers listed in `sellers` an employee number.",
)
_LISTED = 20


@command(Kind.CREATE, "payroll_mapping", needs="runs:approve", body=CreatePayrollMapping)
async def create_payroll_mapping(tx: Tx, body: CreatePayrollMapping) -> UUID:
    """Describe the file of a payroll provider."""
    _require_filled(body.columns)
    return (await tx.add(PayrollMapping(org_id=tx.org_id, **body.model_dump(mode="json")))).id


@command(Kind.UPDATE, "payroll_mapping", needs="runs:approve", body=UpdatePayrollMapping)
async def update_payroll_mapping(tx: Tx, id: UUID, body: UpdatePayrollMapping) -> None:
    """Change the description; files that were made stay as they are."""
    row = await tx.require(PayrollMapping, id)
    merge(row, body, skip=frozenset({"columns"}))
    if "columns" in body.model_fields_set:
        if body.columns is None:
            raise refuse("invalid_input", "columns cannot be removed.", pointer="/columns")
        _require_filled(body.columns)
        row.columns = [column.model_dump(mode="json") for column in body.columns]


def _require_filled(columns: Sequence[PayrollColumnFields]) -> None:
    detail = "A column has either a field or a text."
    wrong = [n for n, column in enumerate(columns) if (column.field is None) == (column.text is None)]
    if wrong:
        errors = tuple(FieldError(f"/columns/{n}", "column_content", detail) for n in wrong)
        raise refuse("invalid_input", detail, errors=errors)


@command(Kind.CREATE, "payroll_export", needs="runs:approve", body=CreatePayrollExport, key_required=True)
async def create_payroll_export(tx: Tx, body: CreatePayrollExport) -> UUID:
    """Write the payments that are in no file yet into one; a payment is never written twice."""
    row = await tx.require(PayrollMapping, body.mapping_id, pointer="/mapping_id")
    if body.run_id is not None:
        await tx.visible("compensation_run", body.run_id, pointer="/run_id")
    # One file at a time: a payment must not be read by two.
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/payroll")
    payments = await _waiting(tx, body)
    if not payments:
        raise refuse("nothing_to_export")
    kept = {name: getattr(row, name) for name in PayrollMappingFields.model_fields}
    mapping = PayrollMappingFields.model_validate(kept)
    if any(column.field is PayrollField.EMPLOYEE_NUMBER for column in mapping.columns):
        _refuse_nameless(payments)
    content = payroll_file(mapping, payments)
    export = await tx.add(
        PayrollExport(
            org_id=tx.org_id,
            mapping_id=row.id,
            payment_count=len(payments),
            totals=_totals(payments),
            content=content,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            exported_by=tx.actor.principal_id,
            exported_at=tx.now,
        )
    )
    await tx.execute(
        "insert into payroll_export_payment (org_id, payment_id, export_id)"
        " select :org_id, n, :export from unnest(cast(:payments as uuid[])) n",
        export=export.id,
        payments=[payment["payment_id"] for payment in payments],
    )
    tx.emit("payroll.exported", "payroll_export", export.id, payments=len(payments), sha256=export.sha256)
    return export.id


async def _waiting(tx: Tx, body: CreatePayrollExport) -> Sequence[Any]:
    return await tx.rows(
        "select p.id as payment_id, s.employee_number, s.name as seller_name, s.email, p.amount, p.currency,"
        " f.code as period_code, f.start_date as period_start, f.end_date - 1 as period_end,"
        " cast(p.paid_at at time zone 'UTC' as date) as paid_on"
        " from payment p join seller s on s.org_id = p.org_id and s.id = p.seller_id"
        " join fiscal_period f on f.org_id = p.org_id and f.id = p.period_id"
        " where p.org_id = :org_id and not exists (select from payroll_export_payment done"
        "  where done.org_id = p.org_id and done.payment_id = p.id)"
        " and p.run_id = coalesce(cast(:run as uuid), p.run_id)"
        " and p.currency = coalesce(cast(:currency as text), p.currency)"
        " order by s.name, p.currency, p.id",
        run=body.run_id,
        currency=body.currency,
    )


def _refuse_nameless(payments: Sequence[Any]) -> None:
    if nameless := sorted({payment["seller_name"] for payment in payments if not payment["employee_number"]}):
        raise refuse("employee_number_missing", f"{len(nameless)} sellers have none.", sellers=nameless[:_LISTED])


def _totals(payments: Sequence[Any]) -> list[dict[str, Any]]:
    by_currency: dict[str, list[Any]] = {}
    for payment in payments:
        by_currency.setdefault(payment["currency"], []).append(payment["amount"])
    return [
        {"currency": currency, "amount": plain(sum(amounts)), "payments": len(amounts)}
        for currency, amounts in sorted(by_currency.items())
    ]
