"""What sections are filled with from data: as the plan's owner sees it today, for one plan or for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.accounts.queries import CELL_COUNTS, QUADRANT
from app.domain.kernel.scope import Tx
from app.domain.plans.contract.templates import SectionSource, TemplateSection
from app.domain.territories.resources.cadence import CADENCE_DUE

_ORG = "cast(:org_id as uuid)"
_TODAY = "cast(:today as date)"

# What a plan is about, account by account: the account and those below it, the accounts of the territory on a day of
# the plan's period, or the owner's own. Only accounts that are in the owner's reporting line or its own count.
_SUBJECT = f"""
with recursive wanted as (
  select held.id as plan_id, held.owner_id, held.account_id, held.territory_id,
         least(greatest({_TODAY}, period.start_date), period.end_date - 1) as day
  from plan held join fiscal_period period on period.org_id = held.org_id and period.id = held.period_id
  where held.org_id = {_ORG} and held.id = any(cast(:plans as uuid[]))
), tree(plan_id, owner_id, id) as (
  select wanted.plan_id, wanted.owner_id, wanted.account_id from wanted where wanted.account_id is not null
  union
  select tree.plan_id, tree.owner_id, below.id
  from tree join account below on below.org_id = {_ORG} and below.parent_id = tree.id
), candidate as (
  select plan_id, owner_id, id from tree
  union all
  select wanted.plan_id, wanted.owner_id, member.account_id
  from wanted join territory_membership member on member.org_id = {_ORG} and member.territory_id = wanted.territory_id
   and member.valid @> wanted.day
  union all
  select wanted.plan_id, wanted.owner_id, own.id
  from wanted join account own on own.org_id = {_ORG} and own.owner_id = wanted.owner_id
  where wanted.account_id is null and wanted.territory_id is null
), subject as materialized (
  select candidate.plan_id, account.* from candidate
  join account on account.org_id = {_ORG} and account.id = candidate.id
  where exists (select from reporting_closure line where line.org_id = {_ORG}
    and line.ancestor_id = candidate.owner_id and line.descendant_id = account.owner_id
    and line.valid_from <= {_TODAY} and line.valid_to > {_TODAY})
)
"""
_QUADRANT = QUADRANT.format(account="subject", org=_ORG)

_TOP = f"""{_SUBJECT}
select plan_id, jsonb_agg(entry order by place) as content from (
  select found.*, row_number() over (partition by plan_id order by {{order}}) as place from ({{entries}}) found
) ranked where place <= {{most}} group by plan_id
"""
_SQL: Mapping[SectionSource, str] = {
    SectionSource.KEY_ACCOUNTS: _TOP.format(
        entries=f"select plan_id, to_jsonb(id) as entry, id, potential, {_QUADRANT} as quadrant from subject",
        order="array_position(array['priority', 'big_bet', 'quick_win', 'deprioritised'], quadrant) nulls last,"
        " potential desc nulls last, id",
        most=20,
    ),
    SectionSource.QUADRANTS: _TOP.format(
        entries="select plan_id, quadrant, currency, jsonb_build_object('quadrant', coalesce(quadrant, 'unsorted'),"
        " 'accounts', decimal_text(count(*)), 'potential', jsonb_build_object('amount',"
        " decimal_text(coalesce(sum(potential), 0)), 'currency', currency)) as entry"
        f" from (select subject.*, {_QUADRANT} as quadrant from subject) sorted group by plan_id, quadrant, currency",
        order="array_position(array['priority', 'big_bet', 'quick_win', 'deprioritised'], quadrant) nulls last,"
        " currency",
        most=50,
    ),
    SectionSource.WHITESPACE: _TOP.format(
        entries="select subject.plan_id, cell.id, cell.potential * subject.win_probability as expected, cell.potential,"
        " jsonb_strip_nulls(jsonb_build_object('account_id', cell.account_id, 'product_id', cell.product_id,"
        " 'status', cell.status, 'potential', case when cell.potential is not null then jsonb_build_object("
        " 'amount', decimal_text(cell.potential), 'currency', cell.currency) end)) as entry"
        f" from subject join holding cell on cell.org_id = {_ORG} and cell.account_id = subject.id"
        f" and cell.status in ('competitor', 'open', 'proposed') and {CELL_COUNTS.format(org=_ORG)}",
        order="expected desc nulls last, potential desc nulls last, id",
        most=50,
    ),
    SectionSource.CONTACTS: _TOP.format(
        entries="select subject.plan_id, person.id, person.relation_strength, person.decision_role,"
        " jsonb_strip_nulls(jsonb_build_object('contact_id', person.id, 'decision_role', person.decision_role,"
        " 'relation_strength', person.relation_strength)) as entry"
        f" from subject join contact person on person.org_id = {_ORG} and person.account_id = subject.id"
        f" and (person.left_on is null or person.left_on > {_TODAY})",
        order="decision_role is distinct from 'decision_maker', relation_strength desc, id",
        most=50,
    ),
    SectionSource.CADENCE: _TOP.format(
        entries="select subject.plan_id, subject.id, due.next_due_on, jsonb_build_object('what',"
        " 'Touch ' || subject.name, 'who', seller.name, 'due', due.next_due_on) as entry"
        f" from subject join ({CADENCE_DUE.source.format(org=_ORG, today=_TODAY, as_of='cast(null as date)')}) due"
        " on due.account_id = subject.id and due.status in ('due', 'overdue')"
        f" join seller on seller.org_id = {_ORG} and seller.id = subject.owner_id",
        order="next_due_on, id",
        most=20,
    ),
}


async def prefill(tx: Tx, plans: Sequence[UUID], sections: Iterable[TemplateSection]) -> dict[UUID, dict[str, Any]]:
    """The content of sections with a source, by plan and section; a statement per source, however many the plans."""
    found: dict[UUID, dict[str, Any]] = {}
    for section in sections:
        if section.source is not None:
            sql = _SQL[section.source]
            for row in await tx.rows(sql, plans=list(plans), today=tx.today):
                found.setdefault(row["plan_id"], {})[section.key] = row["content"]
    return found
