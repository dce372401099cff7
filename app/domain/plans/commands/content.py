"""How what a plan holds is read, checked against what exists, and who may write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from uuid import UUID

from app.domain.accounts.resources.accounts import ACCOUNT
from app.domain.accounts.resources.contacts import CONTACT
from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.resource import Resource
from app.domain.kernel.scope import Tx
from app.domain.market.resources import PRODUCT
from app.domain.plans.commands.shared import leads, refuse_any, seen
from app.domain.plans.contract.templates import SectionType, TemplateSection
from app.domain.plans.rules.content import completeness, in_order, read_sections
from app.domain.plans.tables.plans import Plan

_REFERENCES: Mapping[SectionType, tuple[tuple[str, Resource], ...]] = {
    SectionType.ACCOUNTS: (("", ACCOUNT),),
    SectionType.RELATIONSHIP_MAP: (("contact_id", CONTACT),),
    SectionType.WHITESPACE: (("account_id", ACCOUNT), ("product_id", PRODUCT)),
}
"""What the entries of a section refer to: by themselves, or by a member."""


async def written(
    tx: Tx, sections: Iterable[TemplateSection], present: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The present content with the given sections in place of theirs, in the order of the template."""
    sections = list(sections)
    read, findings = read_sections(sections, given)
    refuse_any(findings)
    refuse_any([*await _unknown_references(tx, sections, read), *await _period_findings(tx, sections, read)])
    return in_order(sections, {**present, **read})


async def write(tx: Tx, row: Plan, sections: list[TemplateSection], given: Mapping[str, Any]) -> None:
    """Replace sections of a plan, by whoever may write them."""
    await _refuse_sections_of_others(tx, row, given)
    row.sections = await written(tx, sections, row.sections, given)
    row.completeness = completeness(sections, row.sections)


async def _refuse_sections_of_others(tx: Tx, row: Plan, given: Iterable[str]) -> None:
    held = await tx.rows(
        "select section, principal_id from plan_contributor where org_id = :org_id and plan_id = :plan", plan=row.id
    )
    writers = {held_row["section"]: held_row["principal_id"] for held_row in held}
    me = tx.actor.principal_id
    own = me if await leads(tx, row.owner_id) else None
    for key in given:
        if writers.get(key, own) != me:
            raise refuse("section_of_contributor", pointer=f"/sections/{key}", contributor=writers.get(key))


async def _unknown_references(
    tx: Tx, sections: Iterable[TemplateSection], read: Mapping[str, Any]
) -> Iterator[FieldError]:
    wanted: dict[str, dict[str, UUID]] = {}
    resources: dict[str, Resource] = {}
    for section in sections:
        for member, resource in _REFERENCES.get(section.type, ()):
            resources[resource.name] = resource
            for n, entry in enumerate(read.get(section.key) or ()):
                at = f"/sections/{section.key}/{n}" + (f"/{member}" if member else "")
                wanted.setdefault(resource.name, {})[at] = UUID(entry[member] if member else entry)
    missing = []
    for name, places in wanted.items():
        found = await seen(tx, resources[name], set(places.values()))
        missing += [(at, name, id) for at, id in places.items() if id not in found]
    return (FieldError(at, "unknown_reference", f"There is no {name} {id}.") for at, name, id in missing)


async def _period_findings(
    tx: Tx, sections: Iterable[TemplateSection], read: Mapping[str, Any]
) -> Iterator[FieldError]:
    """Periods that do not exist, and those of one measure that overlap, which would count twice."""
    given = {s.key: read[s.key] for s in sections if s.type is SectionType.MEASURES and read.get(s.key)}
    codes = sorted({code for value in given.values() for code in value})
    rows = codes and await tx.rows(
        "select code, start_date, end_date from fiscal_period"
        " where org_id = :org_id and code = any(cast(:codes as text[])) order by start_date, end_date",
        codes=codes,
    )
    return _overlaps(given, list(rows))


def _overlaps(given: Mapping[str, Any], periods: list[Any]) -> Iterator[FieldError]:
    known = {period["code"] for period in periods}
    for key, value in given.items():
        for code in value:
            if code not in known:
                detail = f"There is no fiscal period {code!r}."
                yield FieldError(f"/sections/{key}/{code}", "unknown_reference", detail)
        for one, other in pairwise(period for period in periods if period["code"] in value):
            if other["start_date"] < one["end_date"]:
                detail = f"{other['code']} overlaps {one['code']}: its figure would count twice."
                yield FieldError(f"/sections/{key}/{other['code']}", "period_overlap", detail)
