"""Payments and payroll files, as they can be read."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.payroll import PaymentView, PayrollExportView, PayrollMappingView
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource

_EXPORT = (
    "(select done.export_id from payroll_export_payment done where done.org_id = {org} and done.payment_id = {row}.id)"
)

PAYMENT = Resource(
    "payment",
    "payments",
    PaymentView,
    "pay:read_visible",
    "What runs paid sellers, one payment per seller, run and currency.",
    columns={"export_id": _EXPORT},
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "seller": One("seller", "{row}.seller_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=(
        "run_id",
        "seller_id",
        "period_id",
        "amount",
        "paid_at",
        Filter("export_id", list[UUID], f"{_EXPORT} = any({{value}})", "Files the payment is in."),
    ),
    sorts=("paid_at", "amount"),
    visible=by_pay_of_period("{row}.period_id"),
    versioned=False,
)

PAYROLL_MAPPING = Resource(
    "payroll_mapping",
    "payroll_mappings",
    PayrollMappingView,
    "pay:read",
    "How payroll providers want their files.",
    filters=("code", "name"),
    sorts=("code", "name"),
)

PAYROLL_EXPORT = Resource(
    "payroll_export",
    "payroll_exports",
    PayrollExportView,
    "pay:read",
    "Files of payments; each payment is in one file only.",
    links={
        "mapping": One("payroll_mapping", "{row}.mapping_id"),
        "payments": Many(
            "payment",
            "{other}.id in (select done.payment_id from payroll_export_payment done where done.org_id = {org}"
            " and done.export_id = {row}.id)",
            "id",
            "The payments in it.",
        ),
    },
    filters=("mapping_id", "exported_at"),
    sorts=("exported_at",),
    versioned=False,
)

RUN_PAYMENTS = LinkFrom(
    "compensation_run", "payments", Many("payment", "{other}.run_id = {row}.id", "id", "What it paid.")
)
SELLER_PAYMENTS = LinkFrom(
    "seller", "payments", Many("payment", "{other}.seller_id = {row}.id", "-paid_at", "What it was paid.")
)
