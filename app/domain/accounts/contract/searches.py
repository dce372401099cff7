"""What may be asked of saved searches and their watches, and what is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.kernel.fields import NO_NUL, Command, Country, Fields, Name
from app.domain.kernel.resource import Stored, View
from app.domain.market.contract import Headcount, Industry

Keyword = Annotated[str, NO_NUL, Field(min_length=1, max_length=200, examples=["north"])]
City = Annotated[Name, Field(description="City or place.", examples=["Lyon"])]
JobFunction = Annotated[Name, Field(description="What a person does at work.", examples=["Purchasing"])]


class SearchTarget(StrEnum):
    """What a search looks through."""

    LEAD = "lead"
    ACCOUNT = "account"


class SearchCriteria(View):
    """What is looked for: all conditions that are given must hold, on facts that are known; without any, everything."""

    keyword: Keyword | None = None
    """Text that stands in the name, the company, the industry or the source, in capitals or not."""
    cities: list[City] = Field(default_factory=list, max_length=200)
    """Any of these."""
    countries: list[Country] = Field(default_factory=list, max_length=250)
    """Any of these."""
    job_functions: list[JobFunction] = Field(default_factory=list, max_length=200)
    """Any of these; for leads only."""
    industries: list[Industry] = Field(default_factory=list, max_length=200)
    """Any of these."""
    min_employees: Headcount | None = None
    """At least so many employees."""
    max_employees: Headcount | None = None
    """At most so many employees."""
    owner_ids: list[UUID] = Field(default_factory=list, max_length=200)
    """Sellers who own what is looked for: any of these."""

    @model_validator(mode="after")
    def _range_holds_something(self) -> Self:
        low, high = self.min_employees, self.max_employees
        if low is not None and high is not None and low > high:
            raise ValueError("min_employees must not exceed max_employees")
        return self


class SavedSearchFields(Fields):
    """What a search is called, and whether it is watched."""

    name: Name
    watched: bool = False
    """Whether it is checked with the others when all watches are."""


class SavedSearchView(SavedSearchFields, Stored):
    """A search over leads or accounts that somebody keeps."""

    principal_id: UUID
    """Who keeps it; its watch sees what this principal sees."""
    target: SearchTarget
    criteria: SearchCriteria
    checked_at: datetime | None = None
    """When its watch looked last; null before the first time, and after its criteria changed."""


class CreateSavedSearch(SavedSearchFields, Command):
    """Keep a search over leads or accounts."""

    target: SearchTarget
    criteria: SearchCriteria = Field(default_factory=SearchCriteria)


class UpdateSavedSearch(Command):
    """Change one's search; an absent field stays as it is, `criteria` are replaced and watched anew."""

    name: Name | None = Field(default_factory=lambda: None)
    watched: bool | None = Field(default_factory=lambda: None)
    criteria: SearchCriteria | None = Field(default_factory=lambda: None)


class SearchChangeKind(StrEnum):
    """What became of a row since the watch looked before."""

    APPEARED = "appeared"
    """It is found now and was not before."""
    DISAPPEARED = "disappeared"
    """It was found and is not any more: it changed, was deleted, or is not visible any more."""
    CHANGED = "changed"
    """It is found as before, with other facts."""


class FieldChange(View):
    """One fact that changed, as text."""

    field: str
    before: str | None = None
    after: str | None = None


class SearchChangeView(View):
    """What a watch found at one check about one lead or account."""

    id: UUID
    saved_search_id: UUID
    subject_id: UUID
    """The lead or the account."""
    subject_name: str
    kind: SearchChangeKind
    fields: list[FieldChange]
    """What changed; empty for what appeared or disappeared."""
    found_at: datetime


class WatchOutcome(View):
    """What one check of a watch found."""

    found: int
    """Rows that the search finds now."""
    first: bool
    """Whether this was the first look: what is found is where the watch begins, and no change."""
    appeared: int
    disappeared: int
    changed: int
