"""What may be asked of templates of plans, and what is answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, Name, ShortText
from app.domain.kernel.money import Rate, Share
from app.domain.kernel.resource import Stored, View

SectionKey = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=64,
        description="Key of a section, column or criterion within its template.",
        examples=["strategy"],
    ),
]


class PlanKind(StrEnum):
    """What a plan is about."""

    REVENUE_PLAN = "revenue_plan"
    """Revenue, margin and bookings of a period."""
    TERRITORY_PLAN = "territory_plan"
    """One territory over a period."""
    ACCOUNT_PLAN = "account_plan"
    """One account over a period."""


class SectionType(StrEnum):
    """What a section holds."""

    TEXT = "text"
    """A string."""
    TABLE = "table"
    """A list of rows: objects from column to a value of the column's type, with the columns the template names."""
    MEASURES = "measures"
    """An object from fiscal period code to money; periods do not overlap."""
    ACCOUNTS = "accounts"
    """A list of account ids."""
    ACTIONS = "actions"
    """A list of actions: what, who, due."""
    RELATIONSHIP_MAP = "relationship_map"
    """A list of contacts: how well they are known, how well they shall be, what comes next."""
    WHITESPACE = "whitespace"
    """A list of products an account could buy and does not buy from us, with what they are worth."""


class ColumnType(StrEnum):
    """What a cell of a table holds."""

    TEXT = "text"
    """A string."""
    NUMBER = "number"
    """An exact number in a string."""
    MONEY = "money"
    """An amount with its currency."""
    DATE = "date"
    """A day."""
    CHOICE = "choice"
    """One of the column's choices."""


class SectionSource(StrEnum):
    """Which data a section can be filled from."""

    KEY_ACCOUNTS = "key_accounts"
    """Accounts of the subject, those of the best quadrant first, then by potential; for a list of accounts."""
    QUADRANTS = "quadrants"
    """Accounts and potential by quadrant; for a table with the columns quadrant, accounts and potential."""
    WHITESPACE = "whitespace"
    """What could be sold and is not yet, by potential; for whitespace."""
    CONTACTS = "contacts"
    """Who works at the account, best known first; for a relationship map."""
    CADENCE = "cadence"
    """Accounts whose next touch is due or overdue, soonest first; for actions."""


class CascadeRule(StrEnum):
    """What happens when a plan holds less than the plans below it."""

    FLAG = "flag"
    """It is shown in the report on the cascade."""
    REFUSE = "refuse"
    """Neither the plan nor one below it is submitted or approved."""


class SectionColumn(View):
    """One column of a table."""

    key: SectionKey
    title: Name
    type: ColumnType = ColumnType.TEXT
    choices: list[Name] = Field(default_factory=list, max_length=50)
    """What may be chosen, for a choice; empty for other types."""


class TemplateSection(View):
    """One section of a template."""

    key: SectionKey
    title: Name
    guidance: ShortText = ""
    """What belongs in the section, for whoever writes it."""
    required: bool = False
    """Whether a plan can be submitted without it."""
    type: SectionType
    columns: list[SectionColumn] = Field(default_factory=list, max_length=20)
    """Columns of a table; empty for other types."""
    source: SectionSource | None = None
    """The data it can be filled from."""


class RubricCriterion(View):
    """What reviewers score."""

    key: SectionKey
    title: Name
    weight: Annotated[Rate, Field(gt=0)]
    """How much it counts against the other criteria."""
    max_score: Annotated[Rate, Field(gt=0, le=100)]
    """The best score; the worst is 0."""


class PlanTemplateFields(Fields):
    """What every form of a template has."""

    kind: PlanKind
    code: Code
    """Names the template in all its versions."""
    name: Name


class PlanTemplateView(PlanTemplateFields, Stored):
    """What plans of a kind consist of, and the bar they must reach."""

    template_version: int
    """Counts from 1 under its code; plans keep the version they were started from."""
    sections: list[TemplateSection]
    """In the order in which they are read."""
    rubric: list[RubricCriterion]
    minimum_quality: Share
    """The bar: the share of the best score below which a plan is not approved."""
    cascade_rule: CascadeRule
    """What happens when a plan holds less than the plans below it."""


Sections = Annotated[list[TemplateSection], Field(min_length=1, max_length=40)]
Rubric = Annotated[list[RubricCriterion], Field(min_length=1, max_length=20)]


class CreatePlanTemplate(PlanTemplateFields, Command):
    """Add a template; under a code that exists it becomes the next version."""

    sections: Sections
    rubric: Rubric
    minimum_quality: Share
    cascade_rule: CascadeRule = CascadeRule.FLAG


class UpdatePlanTemplate(Command):
    """Change a template that no plan uses yet; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    sections: Sections | None = Field(default_factory=lambda: None)
    rubric: Rubric | None = Field(default_factory=lambda: None)
    minimum_quality: Share | None = Field(default_factory=lambda: None)
    cascade_rule: CascadeRule | None = Field(default_factory=lambda: None)


class InstalledTemplate(View):
    """A shipped template, as the organisation has it."""

    id: UUID
    kind: PlanKind
    code: str
    created: bool
    """False when its code was there before; then nothing was changed."""


class InstalledTemplates(View):
    """The shipped templates, one per kind."""

    templates: list[InstalledTemplate]
