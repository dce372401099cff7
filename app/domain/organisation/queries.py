"""What other contexts ask of the organisation."""

from __future__ import annotations

from app.domain.kernel.scope import Tx


async def reporting_currency(tx: Tx) -> str:
    """The currency in which the organisation plans and reports."""
    return str(await tx.value("select currency from organisation where org_id = :org_id"))
