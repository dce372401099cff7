"""Declarations of what can be read. The reading engine compiles them to SQL; nothing here runs.

SQL texts in a declaration are fragments over these placeholders: `{row}` the alias of the row, `{org}` the
organisation, `{actor}` the acting principal, `{seller}` the acting seller (may be null), `{today}` the business date,
`{sees_all}` whether the actor sees every row of the organisation (not in `visible`, which says so itself), and the
resource's own `params` by name. Fragments are written by us, never by a caller; values are always bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from app.domain.kernel.fields import Fields

IN_LINE = (
    "{column} in (select line.descendant_id from reporting_closure line where line.org_id = {{org}}"
    " and line.ancestor_id = {{seller}} and line.valid_from <= {on} and line.valid_to > {on})"
)


@dataclass(frozen=True)
class Visible:
    """Which rows an actor sees. `all_rows` replaces the rule for roles that see the whole organisation."""

    rule: str = "true"
    pay: bool = False


EVERYONE = Visible()
"""Every row of the organisation, for everyone who may read the resource."""


def by_seller(column: str) -> Visible:
    """Rows whose seller is in the actor's reporting line today; `column` is SQL over `{row}`."""
    return Visible(IN_LINE.format(column=column, on="{today}"))


def by_pay(column: str, on: str = "{today}") -> Visible:
    """Pay of a person: that person's rows, its managers' where the organisation allows, all for `pay:read`.

    `on` is the SQL of the date whose reporting line counts: the pay period's, so that a new manager does not see
    what was earned under the former one.
    """
    team = IN_LINE.format(column=column, on=on)
    allowed = "(select o.managers_see_pay from organisation o where o.org_id = {org})"
    return Visible(f"({column} = {{seller}} or ({allowed} and {team}))", pay=True)


@dataclass(frozen=True)
class Filter:
    """A filter that is not simply a field: SQL over `{row}` and `{value}` (an array when `many`)."""

    name: str
    type: type
    sql: str
    description: str


@dataclass(frozen=True)
class One:
    """A link to one row of another resource: `on` is the SQL of its id, over `{row}`."""

    to: str
    on: str
    description: str = ""


@dataclass(frozen=True)
class Many:
    """A link to many rows of another resource: `where` is SQL over `{row}` (this side) and `{other}` (theirs)."""

    to: str
    where: str
    sort: str = ""
    description: str = ""


Link = One | Many


@dataclass(frozen=True)
class Param:
    """An argument of a report, bound into its `source` as `{name}`."""

    type: Any
    description: str
    default: Any = None
    required: bool = False


@dataclass(frozen=True, eq=False)
class Resource:
    """What can be read under one name, on every surface.

    The view's fields are the contract. A field is the column of the same name unless `columns` gives its SQL; a
    `Money` field is the column of its name with the row's `currency`. A field annotated with `Pay` is withheld (null)
    from whoever may not see the pay of the row's seller.
    """

    name: str
    plural: str
    view: type[BaseModel]
    needs: str
    description: str
    source: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    filters: tuple[str | Filter, ...] = ()
    sorts: tuple[str, ...] = ()
    sort: str = "-id"
    search: tuple[str, ...] = ()
    visible: Visible = EVERYONE
    pay: Visible | None = None
    machine: str | None = None
    path: str = ""
    versioned: bool = True
    external_ids: bool = False
    params: Mapping[str, Param] = field(default_factory=dict)
    hidden: bool = False
    """Read only through links, never as a collection of its own."""

    @property
    def table(self) -> str:
        """What rows are selected from."""
        return self.source or self.name

    @property
    def collection(self) -> str:
        """The REST path below `/v1`: the plural in kebab case unless said otherwise."""
        return self.path or self.plural.replace("_", "-")

    @property
    def type_name(self) -> str:
        """The name of the GraphQL type: `quota_revision` is `QuotaRevision`."""
        return "".join(part.capitalize() for part in self.name.split("_"))


@dataclass(frozen=True)
class LinkFrom:
    """A link that a higher context adds to a resource of a lower one, which must not know it."""

    resource: str
    name: str
    link: Link


class PayMark:
    """Marks a view field as pay; see `Resource`."""


Pay = PayMark()


class View(Fields):
    """Base of what is answered."""


class AllowedAction(View):
    """An action of the workflow from the present state, and whether the caller may take it now."""

    action: str
    allowed: bool
    code: str | None = None
    """The problem code that the action would be refused with."""


class Span(View):
    """A half-open range of business days."""

    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class ExternalId(View):
    """The key a row has in another system; unique per system and resource."""

    source: str
    """The other system, such as `crm`."""
    key: str


def external_ids_of(resource: str) -> str:
    """SQL of a row's external ids, for the field `external_ids` of its view."""
    return (
        "coalesce((select jsonb_agg(jsonb_build_object('source', known.source, 'key', known.key)"
        " order by known.source, known.key) from external_id known where known.org_id = {org}"
        f" and known.resource = '{resource}' and known.subject_id = {{row}}.id), jsonb_build_array())"
    )


def external_id_filter(resource: str) -> Filter:
    """The filter that finds rows by `source:key`."""
    return Filter(
        "external_id",
        list[str],
        "{row}.id in (select known.subject_id from external_id known join unnest({value}) wanted"
        " on known.source = split_part(wanted, ':', 1) and known.key = substr(wanted, strpos(wanted, ':') + 1)"
        f" where known.org_id = {{org}} and known.resource = '{resource}')",
        "The key in another system, written `source:key`.",
    )


class Stored(View):
    """What every changing row shows besides its own fields."""

    id: UUID
    version: int
    """Counts every change; it is the ETag."""
    created_at: datetime
    updated_at: datetime
