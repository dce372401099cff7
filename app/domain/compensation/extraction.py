"""The inputs of a calculation, read from PostgreSQL into Arrow. Only the worker imports this."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

from app.domain.compensation.balances import BALANCES_SQL, TAKEN_BACK_SQL
from app.domain.compensation.bulk_reading import read_arrow
from app.domain.compensation.calculation.inputs import Inputs, arrow_schema
from app.domain.compensation.columnar_copy import COUNTS, PATIENCE, Month, copied, months
from app.domain.compensation.contract.transactions import TransactionKind
from app.domain.compensation.crediting_inputs import CREDITING_SQL
from app.domain.compensation.plan_extraction import read_plans
from app.domain.compensation.queries import PLANS_IN_FORCE_SQL, require_plans
from app.domain.kernel.money import minor_digits
from app.domain.kernel.scope import Tx
from app.domain.quotas.queries import QUOTA_OF_MEASURES_SQL
from app.domain.territories.queries import COVERAGE_SQL, MEMBERSHIP_SQL

_OF_TRANSACTIONS = ("trait", "label", "explicit_split")
_PLANS = PLANS_IN_FORCE_SQL.format(org=":org_id", fiscal_year=":fiscal_year")
_QUOTAS = QUOTA_OF_MEASURES_SQL.format(org=":org_id", fiscal_year="any(cast(:fiscal_years as int[]))")
_WINDOW = f"{COUNTS} and t.transaction_date >= :reach_start and t.transaction_date < :end_date"

_SQL: dict[str, str] = {
    # A return is like what it takes back, where it does not say otherwise itself.
    "trait": "select t.id as transaction_id, t.renewal or coalesce(taken.renewal, false) as renewal,"
    " coalesce(t.term_months, taken.term_months) as term_months, coalesce(t.discount, taken.discount) as discount"
    " from transaction t left join transaction taken on taken.org_id = t.org_id and taken.id = t.returns_id"
    f" where :traits and {_WINDOW} and (t.renewal or taken.renewal"
    " or coalesce(t.term_months, taken.term_months) is not null or coalesce(t.discount, taken.discount) is not null)",
    "label": "select distinct t.id as transaction_id, given.label from transaction t"
    " left join transaction taken on taken.org_id = t.org_id and taken.id = t.returns_id"
    " cross join lateral unnest(case when t.labels = '{}' then taken.labels else t.labels end) given (label)"
    f" where :labels and {_WINDOW}",
    "explicit_split": "select s.transaction_id, s.ordinal, s.seller_id, s.cum_lo, s.cum_hi from transaction t"
    f" join transaction_split s on s.org_id = t.org_id and s.transaction_id = t.id where {_WINDOW}",
    "membership": MEMBERSHIP_SQL.format(org=":org_id"),
    "coverage": COVERAGE_SQL.format(org=":org_id"),
    "account_owner": "select account_id, owner_id as seller_id, coalesce(effective_from, date '0001-01-01') as"
    " valid_from, effective_to as valid_to from account_ownership where org_id = :org_id",
    **CREDITING_SQL,
    "manual_credit": "select m.id as credit_id, m.transaction_id, m.mode, s.ordinal, s.seller_id, s.cum_lo, s.cum_hi"
    " from transaction t join manual_credit m on m.org_id = t.org_id and m.transaction_id = t.id"
    " and m.withdrawn_at is null join manual_credit_split s on s.org_id = m.org_id and s.credit_id = m.id"
    f" where {_WINDOW}",
    "reporting_line": "select seller_id, manager_id, effective_from as valid_from, effective_to as valid_to"
    " from position where org_id = :org_id and manager_id is not null",
    "period": "select code as period_code, fiscal_year, ordinal, start_date, end_date from fiscal_period"
    " where org_id = :org_id and kind = 'month' and fiscal_year <= :fiscal_year and start_date >= :reach_start",
    "target_period": "select code as period_code, fiscal_year, cast(:year_start as date) as fiscal_year_start,"
    " cast(:reach_start as date) as reach_start, start_date, end_date from fiscal_period"
    " where org_id = :org_id and id = :period",
    # Pay periods are trued up one by one: those that were posted, those that something was posted for, and, where none
    # was, those of the paid period's kind that lie between the last and the paid one.
    "settled": """
        with run_of as (
          select p.id, p.end_date from compensation_run run
          join fiscal_period p on p.org_id = run.org_id and p.id = run.period_id and p.fiscal_year = :fiscal_year
          where run.org_id = :org_id and run.state in ('posted', 'paid')
        ), known as (
          select id from run_of
          union
          select gap.id from fiscal_period gap
          join fiscal_period paid on paid.org_id = gap.org_id and paid.id = :period and paid.kind = gap.kind
           and paid.fiscal_year = gap.fiscal_year and paid.start_date >= gap.end_date
          where gap.org_id = :org_id
            and gap.start_date >= coalesce((select max(end_date) from run_of), cast(:year_start as date))
          union
          select e.origin_period_id from earning e
          join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and run.state in ('posted', 'paid')
          where e.org_id = :org_id
        )
        select p.code as period_code, p.end_date from fiscal_period p join known on known.id = p.id
        where p.org_id = :org_id and p.fiscal_year = :fiscal_year and p.end_date <= :end_date
    """,
    "participant": "select p.seller_id, p.plan_id, p.effective_from as valid_from, p.effective_to as valid_to,"
    " p.target_incentive"
    f" from plan_participant p join ({_PLANS}) plan on plan.org_id = p.org_id and plan.id = p.plan_id",
    # The quota of a seller in money is the one in the currency of its plan; the calculation picks it.
    "quota": "select q.seller_id, q.measure, q.currency, q.period_code, q.amount from fiscal_period m"
    f" join ({_QUOTAS}) q on q.period_code = m.code where m.org_id = :org_id and m.start_date >= :reach_start",
    "activity": "select c.id as component_id, a.seller_id, a.done_on as activity_date, count(*) as done"
    f" from compensation_component c join ({_PLANS}) plan on plan.org_id = c.org_id and plan.id = c.plan_id"
    " join activity a on a.org_id = c.org_id and a.state = 'done' and a.done_on >= :reach_start"
    " and a.done_on < :end_date and (c.terms -> 'measure' -> 'activities' = jsonb_build_array()"
    " or c.terms -> 'measure' -> 'activities' ? a.kind)"
    " where c.terms -> 'measure' ->> 'of' = 'activity' group by 1, 2, 3",
    "objective": "select c.id as component_id, o.seller_id, p.start_date, p.end_date, o.weight, o.score"
    f" from compensation_component c join ({_PLANS}) plan on plan.org_id = c.org_id and plan.id = c.plan_id"
    " join plan_objective o on o.org_id = c.org_id and o.plan_code = plan.code and o.component_code = c.code"
    " join fiscal_period p on p.org_id = o.org_id and p.id = o.period_id and p.fiscal_year <= :fiscal_year"
    " and p.start_date >= :reach_start where c.terms -> 'measure' ->> 'of' = 'objective_score'",
    # Where there is no direct rate, the two that lead through the currency of the organisation are multiplied. Rates of
    # a name lead to credit currencies of that name, where the plan currency is worth what it is.
    "fx_rate": """
        with named as (
          select kept, split_part(kept, '@', 1) as currency, split_part(kept, '@', 2) as name
          from unnest(cast(:credit_currencies as text[])) kept where kept like '%@%'
        ), direct as (
          select name, from_currency, to_currency, rate, valid from fx_rate where org_id = :org_id
            and (name = 'SPOT' or name in (select named.name from named))
        ), through as (
          select a.name, a.from_currency, b.to_currency, round(a.rate * b.rate, 9) as rate, a.valid * b.valid as valid
          from organisation
          join direct a on a.to_currency = organisation.currency
          join direct b on b.name = a.name and b.from_currency = organisation.currency
           and b.to_currency <> a.from_currency and b.valid && a.valid
          where organisation.org_id = :org_id
        ), known as (
          select name, from_currency, to_currency, valid, rate from direct
          union all
          select t.name, t.from_currency, t.to_currency, part, t.rate
          from through t
          cross join lateral unnest(datemultirange(t.valid) - coalesce((select range_agg(d.valid) from direct d
            where d.name = t.name and d.from_currency = t.from_currency and d.to_currency = t.to_currency),
            datemultirange())) part
          where t.rate > 0
        )
        select from_currency, cast(to_currency as text) as to_currency, lower(valid) as valid_from,
               upper(valid) as valid_to, rate from known where name = 'SPOT'
        union all
        select known.from_currency, named.kept, lower(known.valid), upper(known.valid), known.rate
        from known join named on named.name = known.name and named.currency = known.to_currency
        union all
        select currency, kept, date '0001-01-01', null, 1 from named
    """,
    # What was posted for a component counts for the component of the same code in the plan version now in force.
    "posted": f"""
        select e.seller_id, coalesce(now.id, e.component_id) as component_id, origin.code as period_code,
               sum(e.amount) as amount
        from compensation_run run
        join earning e on e.org_id = run.org_id and e.run_id = run.id and e.status = 'ok'
        join fiscal_period origin on origin.org_id = e.org_id and origin.id = e.origin_period_id
         and origin.fiscal_year = :fiscal_year and origin.end_date <= :end_date
        join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
        join compensation_plan old on old.org_id = c.org_id and old.id = c.plan_id
        left join ({_PLANS}) plan on plan.code = old.code
        left join compensation_component now on now.org_id = plan.org_id and now.plan_id = plan.id and now.code = c.code
        where run.org_id = :org_id and run.state in ('posted', 'paid')
        group by 1, 2, 3""",
}


@dataclass(frozen=True)
class Extract:
    """The inputs of a run, and what they are known by."""

    inputs: Inputs
    inputs_hash: str
    postings_seen: int
    adjustments: list[UUID]
    """Those it pays."""


@dataclass(frozen=True)
class EarlierYear:
    """A fiscal year before the paid one; without inputs where nothing changed since a posted run looked."""

    fiscal_year: int
    inputs: Inputs | None
    inputs_hash: str


async def extract(tx: Tx, period: UUID, artifacts: Path) -> Extract:
    """Read the inputs of one period; `tx` must be a snapshot. Transactions are copied into the folder of artifacts.

    Raises:
        DomainError: `no_published_plan` or `no_crediting_rules`.
    """
    await tx.execute(PATIENCE)
    facts, relations = await _configuration(tx, period)
    relations |= await _taken_back(tx, facts, facts["end_date"])
    relations |= {name: await read_relation(tx, name, sql, facts) for name, sql in BALANCES_SQL.items()}
    inputs = await _with_transactions(tx, facts, relations, await months(tx, facts), artifacts)
    seen = await tx.value("select count(*) from journal where org_id = :org_id and kind in ('posting', 'write_off')")
    adjustments = [UUID(id) for id in relations["adjustment"].column("adjustment_id").to_pylist()]
    return Extract(inputs, _hash(relations), seen, adjustments)


async def extract_earlier(tx: Tx, period: UUID, years_back: int, artifacts: Path) -> list[EarlierYear]:
    """Read the fiscal years before that of `period` in which something was posted, newest first.

    Each is calculated up to the last period posted in it; a year whose plans are all retired is left as it was paid.
    """
    years = await tx.rows(
        "select distinct on (theirs.fiscal_year) theirs.fiscal_year, theirs.id as period, own.end_date as until"
        " from compensation_run run"
        " join fiscal_period theirs on theirs.org_id = run.org_id and theirs.id = run.period_id"
        " join fiscal_period own on own.org_id = run.org_id and own.id = :period"
        " where run.org_id = :org_id and run.state in ('posted', 'paid') and theirs.fiscal_year < own.fiscal_year"
        " and theirs.fiscal_year >= own.fiscal_year - :years_back and exists (select from compensation_plan plan"
        "  where plan.org_id = run.org_id and plan.fiscal_year = theirs.fiscal_year and plan.state = 'published')"
        " order by theirs.fiscal_year desc, theirs.end_date desc",
        period=period,
        years_back=years_back,
    )
    found = []
    for year in years:
        facts, relations = await _configuration(tx, year["period"])
        relations |= await _taken_back(tx, facts, year["until"])
        wanted = await months(tx, facts)
        known = hashlib.sha256(f"{_hash(relations)}\n{wanted}".encode()).hexdigest()
        changed = known != await _last_seen(tx, year["fiscal_year"])
        inputs = await _with_transactions(tx, facts, relations, wanted, artifacts) if changed else None
        found.append(EarlierYear(year["fiscal_year"], inputs, known))
    return found


async def _configuration(tx: Tx, period: UUID) -> tuple[dict[str, Any], dict[str, pa.Table]]:
    """Everything but the transactions, and the facts that every query is about."""
    facts = (
        await tx.rows(
            "select p.id as period, p.fiscal_year, p.end_date, year.start_date as year_start from fiscal_period p"
            " join fiscal_period year on year.org_id = p.org_id and year.kind = 'year'"
            " and year.fiscal_year = p.fiscal_year where p.org_id = :org_id and p.id = :id",
            id=period,
        )
    )[0]
    await require_plans(tx, facts["fiscal_year"])
    plans = await read_plans(tx, facts["fiscal_year"])
    known = {**facts, "kinds": [*plans.triggers, TransactionKind.RETURN.value], "traits": plans.look_at_traits}
    known |= await _reach(tx, facts["fiscal_year"], facts["year_start"], plans.reach)
    known["credit_currencies"] = plans.credit_currencies
    known["labels"] = bool(plans.relations["asked_label"])
    relations = {
        name: await read_relation(tx, name, sql, known) for name, sql in _SQL.items() if name not in _OF_TRANSACTIONS
    }
    for name, rows in plans.relations.items():
        relations[name] = pa.Table.from_pylist(rows, schema=arrow_schema(name))
    # Balances belong to the period being paid: an earlier year only hands its differences over.
    nothing = {name: arrow_schema(name).empty_table() for name in ("brought", "brought_back", *BALANCES_SQL)}
    return known, nothing | relations


async def _reach(tx: Tx, fiscal_year: int, year_start: date, months: int) -> dict[str, Any]:
    """From when and of which fiscal years is read: so many months before the year too, as far as the calendar goes."""
    found = await tx.rows(
        "select min(m.start_date) as reach_start, array_agg(distinct m.fiscal_year) as years from (select start_date,"
        " fiscal_year from fiscal_period where org_id = :org_id and kind = 'month' and start_date < :year_start"
        " order by start_date desc limit :months) m",
        year_start=year_start,
        months=months,
    )
    years = [fiscal_year, *(found[0]["years"] or ())]
    return {"reach_start": found[0]["reach_start"] or year_start, "fiscal_years": years}


async def _taken_back(tx: Tx, facts: dict[str, Any], until: date) -> dict[str, pa.Table]:
    """Returns of the year's transactions up to a date, which may lie in a later year, and what was clawed back."""
    return {name: await read_relation(tx, name, sql, facts | {"until": until}) for name, sql in TAKEN_BACK_SQL.items()}


async def _with_transactions(
    tx: Tx, facts: dict[str, Any], relations: dict[str, pa.Table], wanted: list[Month], artifacts: Path
) -> Inputs:
    of_transactions = {name: await read_relation(tx, name, _SQL[name], facts) for name in _OF_TRANSACTIONS}
    return Inputs(transaction=await copied(tx, facts, wanted, artifacts), **relations, **of_transactions)


async def _last_seen(tx: Tx, fiscal_year: int) -> str | None:
    """The hash of the year's inputs when a posted run last looked at them."""
    found: str | None = await tx.value(
        "select year.value ->> 'inputs_hash' from compensation_run run"
        " cross join lateral jsonb_array_elements(run.earlier_years) year"
        " where run.org_id = :org_id and run.state in ('posted', 'paid')"
        " and cast(year.value ->> 'fiscal_year' as int) = :fiscal_year order by run.posted_at desc limit 1",
        fiscal_year=fiscal_year,
    )
    return found


async def read_relation(tx: Tx, name: str, sql: str, facts: Mapping[str, Any]) -> pa.Table:
    """The rows of a query as an input relation."""
    schema = arrow_schema(name)
    if "minor_digits" not in schema.names:
        return await read_arrow(tx, sql, facts, schema)
    place = schema.get_field_index("minor_digits")
    found = await read_arrow(tx, sql, facts, schema.remove(place))
    digits = [minor_digits(currency) for currency in found.column("currency").to_pylist()]
    return found.add_column(place, schema.field(place), pa.array(digits, schema.field(place).type))


def _hash(relations: dict[str, pa.Table]) -> str:
    """SHA-256 over the rows of the relations, in canonical order."""
    digest = hashlib.sha256()
    for name in sorted(relations):
        rows = zip(*(column.to_pylist() for column in relations[name].columns), strict=True)
        digest.update(f"{name}\n".encode())
        for line in sorted("|".join("~" if value is None else str(value) for value in row) for row in rows):
            digest.update(f"{line}\n".encode())
    return digest.hexdigest()
