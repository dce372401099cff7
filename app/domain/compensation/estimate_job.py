"""The job that calculates what a transaction would pay: a run without it, a run with it, and the difference."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

from app.domain.compensation.calculation import trace
from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import (
    CalculationError,
    Copy,
    Inputs,
    Relation,
    arrow_schema,
    copy_schema,
)
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.loading import write_copy
from app.domain.compensation.contract.crediting import CreditedBy, CreditRole
from app.domain.compensation.contract.estimates import (
    Estimate,
    EstimatedCredit,
    EstimatedEarning,
    EstimatedLoss,
    EstimateTransaction,
)
from app.domain.compensation.extraction import extract
from app.domain.compensation.queries import pay_seen
from app.domain.compensation.rules.splits import tile
from app.domain.compensation.run_job import refusal
from app.domain.kernel.ids import uuid7
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.money import Money
from app.domain.kernel.scope import Tx

Key = tuple[UUID, UUID]
"""Seller and component."""


@dataclass(frozen=True)
class _Sum:
    """What a run says a seller earns with a component."""

    amount: Decimal | None
    currency: str | None
    code: str | None


@job("estimate_transaction")
async def estimate(context: JobContext) -> Mapping[str, Any]:
    """Calculate both runs in a folder that is gone afterwards."""
    body = EstimateTransaction.model_validate(dict(context.payload))
    id = uuid7()
    assert body.period_id is not None
    async with context.transaction(snapshot=True) as tx:
        seen = await pay_seen(tx)
        extracted = await extract(tx, body.period_id, context.artifacts)
        margin = body.margin if body.margin is not None else await _usual_margin(tx, body)
        names = await tx.rows("select id, code, name from compensation_component where org_id = :org_id")
    without = extracted.inputs
    with tempfile.TemporaryDirectory(dir=context.artifacts, prefix="estimate-") as folder:
        try:
            await context.progress(0, 2, unit="runs")
            sale = body.model_copy(update={"margin": margin})
            including = await asyncio.to_thread(_with, without, id, sale, Path(folder) / "sale.parquet")
            before = await asyncio.to_thread(_run, without, Path(folder) / "without")
            await context.progress(1, 2, unit="runs")
            after = await asyncio.to_thread(_run, including, Path(folder) / "including")
        except CalculationError as error:
            raise refusal(error) from error
        components = {row["id"]: (row["code"], row["name"]) for row in names}
        answer = _answer(body.period_id, id, body.transaction_date, before, after, components, seen)
    return answer.model_dump(mode="json")


def _run(inputs: Inputs, folder: Path) -> Outcome:
    return calculate(inputs, folder, lambda *_: None, lambda: False)


async def _usual_margin(tx: Tx, body: EstimateTransaction) -> Decimal | None:
    found: Decimal | None = await tx.value(
        "select round(cast(:amount as numeric) * margin, 4) from product where org_id = :org_id and id = :product",
        amount=body.amount.amount,
        product=body.product_id,
    )
    return found


def _with(inputs: Inputs, id: UUID, body: EstimateTransaction, file: Path) -> Inputs:
    """The inputs and one more transaction, which is written to a file of its own."""
    sale = {
        **body.model_dump(include={"transaction_date", "margin", "quantity"}),
        "transaction_id": id,
        "kind": body.kind.value,
        "account_id": body.account_id,
        "product_id": body.product_id,
        "amount": body.amount.amount,
        "currency": body.amount.currency,
    }
    trait = {"transaction_id": str(id), **body.model_dump(include={"renewal", "term_months", "discount"})}
    labels = [{"transaction_id": str(id), "label": label} for label in dict.fromkeys(body.labels)]
    shares = [
        {
            "transaction_id": str(id),
            "ordinal": share.ordinal,
            "seller_id": str(share.seller_id),
            "cum_lo": share.low,
            "cum_hi": share.high,
        }
        for share in tile(body.splits)
    ]
    assert isinstance(inputs.transaction, Copy)
    write_copy(pa.Table.from_pylist([sale], schema=copy_schema()), file)
    return replace(
        inputs,
        transaction=Copy((*inputs.transaction.files, file)),
        trait=_longer(inputs.trait, "trait", [trait]),
        label=_longer(inputs.label, "label", labels),
        explicit_split=_longer(inputs.explicit_split, "explicit_split", shares),
    )


def _longer(relation: Relation, name: str, rows: list[dict[str, Any]]) -> pa.Table:
    assert isinstance(relation, pa.Table)
    return pa.concat_tables([relation, pa.Table.from_pylist(rows, schema=arrow_schema(name))])


def _answer(
    period: UUID,
    id: UUID,
    on: date,
    before: Outcome,
    after: Outcome,
    components: Mapping[UUID, tuple[str, str]],
    seen: frozenset[UUID] | None,
) -> Estimate:
    def visible(seller: UUID) -> bool:
        return seen is None or seller in seen

    credited = trace.credits_of_transaction(after.artefact, id, on)
    sellers = frozenset(credit.seller_id for credit in credited)
    return Estimate(
        period_id=period,
        credits=[
            EstimatedCredit(
                seller_id=credit.seller_id,
                role=CreditRole(credit.role),
                rule=CreditedBy(credit.rule),
                amount=_money(credit.amount, credit.currency[:3]),
            )
            for credit in credited
            if visible(credit.seller_id)
        ],
        losses=[
            EstimatedLoss(seller_id=claim.seller_id, rule=CreditedBy(claim.rule), reason=claim.reason)
            for claim in trace.lost(after.artefact, id)
            if visible(claim.seller_id)
        ],
        uncredited=next((found.reason for found in trace.uncredited(after.artefact, id)), None),
        earnings=[earning for earning in _earnings(before, after, components, sellers) if visible(earning.seller_id)],
    )


def _earnings(
    before: Outcome, after: Outcome, components: Mapping[UUID, tuple[str, str]], credited: frozenset[UUID]
) -> Iterator[EstimatedEarning]:
    """Where the transaction makes a difference, or nobody can say whether it does for somebody credited."""
    old, new = _sums(before), _sums(after)
    for (seller, component), sum_ in sorted(new.items()):
        was = old.get((seller, component), _Sum(Decimal(0), sum_.currency, None))
        if was == sum_ and (sum_.amount is not None or seller not in credited):
            continue
        known = was.amount is not None and sum_.amount is not None
        code, name = components[component]
        yield EstimatedEarning(
            seller_id=seller,
            component_id=component,
            component_code=code,
            component_name=name,
            without=_money(was.amount, sum_.currency),
            including=_money(sum_.amount, sum_.currency),
            by_it=_money(sum_.amount - was.amount, sum_.currency) if known else None,  # type: ignore[operator]
            code=sum_.code or was.code,
        )


def _sums(outcome: Outcome) -> dict[Key, _Sum]:
    found: dict[Key, _Sum] = {}
    for line in outcome.lines:
        key = line.seller_id, line.component_id
        was = found.get(key, _Sum(Decimal(0), line.currency, None))
        if line.earning is None or was.amount is None:
            found[key] = _Sum(None, line.currency, line.code or was.code)
        else:
            found[key] = _Sum(was.amount + line.earning, line.currency, None)
    return found


def _money(amount: Decimal | None, currency: str | None) -> Money | None:
    # What is converted or added up may be larger than an amount that is given.
    return None if amount is None or currency is None else Money.model_construct(amount=amount, currency=currency)
