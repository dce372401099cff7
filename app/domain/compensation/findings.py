"""What a calculation found goes to PostgreSQL, the system of record. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

import duckdb
from pydantic_core import from_json, to_json

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.lines import EarlierMonth, EarlierReason, Outcome
from app.domain.compensation.calculation.trace import lost, uncredited
from app.domain.compensation.contract.runs import RunKind
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx

_BATCH = 10_000
T = TypeVar("T")

# Plan and currency of a line whose component is no longer in force are those it was posted under.
_EARNINGS = """
insert into earning (org_id, run_id, seller_id, plan_id, component_id, kind, origin_period_id, as_of,
  credited_to_date, quota_to_date, quota_window, window_start, target, attainment, tier_reached, earned_to_date,
  earned_before, posted_before, amount, currency, status, code, slices, workings)
select :org_id, :run, g.seller_id, c.plan_id, g.component_id, g.kind, origin.id, g.as_of,
  g.credited_to_date, g.quota_to_date, g.quota_window, g.window_start, g.target, g.attainment, g.tier_reached,
  g.earned_to_date, g.earned_before, g.posted_before, g.amount, plan.currency, g.status, g.code, g.slices,
  g.workings
from jsonb_array_elements(cast(:lines as jsonb)) line
cross join lateral jsonb_populate_record(cast(null as earning), line.value) g
join fiscal_period origin on origin.org_id = :org_id and origin.code = line.value ->> 'origin'
join compensation_component c on c.org_id = :org_id and c.id = g.component_id
join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
"""

_FINDINGS = """
insert into run_finding (org_id, run_id, kind, reason, transaction_id, seller_id, component_id, rule, rule_id,
  winning_rule)
select :org_id, :run, g.kind, g.reason, g.transaction_id, g.seller_id, g.component_id, g.rule, g.rule_id,
  g.winning_rule
from jsonb_populate_recordset(cast(null as run_finding), cast(:found as jsonb)) g
"""

_MOVEMENTS = """
insert into balance_movement (org_id, run_id, period_id, seller_id, kind, component_id, origin_period_id,
  transaction_id, amount, currency, recorded_at)
select :org_id, run.id, run.period_id, g.seller_id, g.kind, g.component_id, origin.id, g.transaction_id,
  g.amount, g.currency, :now
from jsonb_array_elements(cast(:moved as jsonb)) line
cross join lateral jsonb_populate_record(cast(null as balance_movement), line.value) g
join compensation_run run on run.org_id = :org_id and run.id = :run
left join fiscal_period origin on origin.org_id = :org_id and origin.code = line.value ->> 'origin'
"""

_CREDITS = """
insert into credit (org_id, run_id, transaction_id, role, rule, rule_id, source_id, split_ordinal, seller_id,
  credit_date, currency, exchange_rates, amount, margin, quantity, deals)
select :org_id, :run, g.* from unnest(cast(:transactions as uuid[]), cast(:roles as text[]), cast(:kinds as text[]),
  cast(:rules as uuid[]), cast(:sources as uuid[]), cast(:ordinals as int[]), cast(:sellers as uuid[]),
  cast(:dates as date[]), cast(:currencies as text[]), cast(:rates as text[]), cast(:amounts as numeric[]),
  cast(:margins as numeric[]), cast(:quantities as numeric[]), cast(:deals as numeric[])) g
"""
_CREDIT_COLUMNS = (
    *("transactions", "roles", "kinds", "rules", "sources", "ordinals", "sellers"),
    *("dates", "currencies", "rates", "amounts", "margins", "quantities", "deals"),
)


async def store(
    tx: Tx, run: UUID, kind: RunKind, outcome: Outcome, earlier: Sequence[Outcome] = ()
) -> list[dict[str, Any]]:
    """Write earnings, findings and, of an official run, credits; returns the totals per currency.

    Of an `earlier` year only the differences are written, and what they are made of.
    """
    await tx.execute("set local statement_timeout = 0")
    for year in (outcome, *earlier):
        for part in _batches(_lines(year), lambda line: 1 + len(line["workings"])):
            await tx.execute(_EARNINGS, run=run, lines=to_json(part).decode())
        found = _findings(year) if year is outcome else _attention(year)
        for part in _batches(found):
            await tx.execute(_FINDINGS, run=run, found=to_json(part).decode())
        if kind == RunKind.OFFICIAL and (year is outcome or year.lines):
            await _credits(tx, run, year)
    for part in _batches(map(asdict, outcome.movements)):
        await tx.execute(_MOVEMENTS, run=run, moved=to_json(part).decode(), now=tx.now)
    return await _totals(tx, run)


async def take_in(tx: Tx, run: UUID, adjustments: Sequence[UUID]) -> None:
    """Remember which adjustments a run pays: those that were decided when it read its inputs."""
    await tx.execute(
        "insert into run_adjustment (org_id, run_id, adjustment_id)"
        " select :org_id, :run, n from unnest(cast(:adjustments as uuid[])) n",
        run=run,
        adjustments=adjustments,
    )


async def _credits(tx: Tx, run: UUID, outcome: Outcome) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            "select c.transaction_id, c.role, c.rule, r.rule_id, c.source_id, c.split_ordinal, c.seller_id,"
            " c.credit_date, split_part(c.currency, '@', 1),"
            " coalesce(nullif(split_part(c.currency, '@', 2), ''), 'SPOT'),"
            " c.amount, c.margin, c.quantity, c.deals from read_parquet(?) c"
            " left join read_parquet(?) r on r.ordinal = c.rule_ordinal",
            [kept(outcome.artefact, name) for name in ("credit", "crediting_rule")],
        )
        while rows := found.fetchmany(_BATCH):
            columns = dict(zip(_CREDIT_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
            await tx.execute(_CREDITS, run=run, **columns)


def _lines(outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    by_line = itemgetter("seller_id", "component_id", "origin")
    by_slice = itemgetter("seller_id", "component_id", "origin", "window_start", "ordinal")
    ordered = sorted((asdict(part) for part in outcome.slices), key=by_slice)
    slices = {key: [_slice(part) for part in parts] for key, parts in groupby(ordered, by_line)}
    for line in outcome.lines:
        own = asdict(line)
        # Decimals as texts, so that JSON loses no digit.
        made_of = {
            "slices": slices.get(by_line(own), []),
            "workings": from_json(outcome.workings.get(by_line(own), "[]")),
        }
        yield {**own, "amount": own["earning"], **made_of}


def _slice(part: Mapping[str, Any]) -> dict[str, Any]:
    end = part["upper"]
    return {
        "ordinal": part["ordinal"],
        "window_start": str(part["window_start"]),
        "lower": plain(part["lower"]),
        "upper": None if end is None else plain(end),
        "value": plain(part["value"]),
        "amount": plain(part["amount"]),
        "earned": plain(part["earned"]),
    }


def _findings(outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    for sale in uncredited(outcome.artefact):
        yield {"kind": "uncredited", **asdict(sale)}
    for claim in lost(outcome.artefact):
        yield {"kind": "lost", **asdict(claim)}
    for reason in _of_earlier_sales(outcome.earlier):
        yield {"kind": "needs_attention", "reason": reason}
    yield from _attention(outcome)


def _of_earlier_sales(months: Sequence[EarlierMonth]) -> Iterator[EarlierReason]:
    """What makes growth look larger than it is."""
    if any(month.uncredited for month in months):
        yield "earlier_sales_uncredited"
    if any(not month.credits and not month.uncredited for month in months):
        yield "no_earlier_sales"


def _attention(outcome: Outcome) -> Iterator[Mapping[str, Any]]:
    for line in outcome.attention:
        yield {
            "kind": "needs_attention",
            "reason": line.code,
            "seller_id": line.seller_id,
            "component_id": line.component_id,
        }


async def _totals(tx: Tx, run: UUID) -> list[dict[str, Any]]:
    rows = await tx.rows(
        "select currency, decimal_text(coalesce(sum(amount) filter (where kind = 'base'), 0)) as base,"
        " decimal_text(coalesce(sum(amount) filter (where kind = 'true_up'), 0)) as true_up,"
        " decimal_text(coalesce(sum(amount), 0)) as earning, count(*) as lines,"
        " count(*) filter (where status <> 'ok') as needs_attention"
        " from earning where org_id = :org_id and run_id = :run group by currency order by currency",
        run=run,
    )
    return [dict(row) for row in rows]


def _batches(items: Iterable[T], weight: Callable[[T], int] = lambda _: 1) -> Iterator[Sequence[T]]:
    part, weighs = [], 0
    for item in items:
        part.append(item)
        weighs += weight(item)
        if weighs >= _BATCH:
            yield part
            part, weighs = [], 0
    if part:
        yield part
