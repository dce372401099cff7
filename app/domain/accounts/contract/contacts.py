"""What may be asked of contacts and of the relations between them, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import NO_NUL, Command, Fields, Name
from app.domain.kernel.resource import ExternalId, Stored, View
from app.domain.organisation.contract import Email

Phone = Annotated[str, NO_NUL, Field(min_length=3, max_length=50, examples=["+33 1 23 45 67 89"])]
Strength = Annotated[int, Field(ge=0, le=5)]
RelationStrength = Annotated[int, Field(ge=1, le=5)]


class DecisionRole(StrEnum):
    """What part somebody plays when the unit decides to buy."""

    DECISION_MAKER = "decision_maker"
    """Says yes or no in the end."""
    INFLUENCER = "influencer"
    """Is listened to."""
    CHAMPION = "champion"
    """Argues for us."""
    USER = "user"
    """Works with what is bought."""
    BLOCKER = "blocker"
    """Argues against us."""


class RelationKind(StrEnum):
    """How two people relate."""

    REPORTS_TO = "reports_to"
    """The first works for the second; more than one line is possible, a circle is not."""
    INFLUENCES = "influences"
    """The second listens to the first."""
    WORKS_WITH = "works_with"
    """Both work together; holds both ways."""
    KNOWS = "knows"
    """Both know each other; holds both ways."""


class ContactFields(Fields):
    """What is known of a person besides its name."""

    account_id: UUID
    """The business unit it works for: the account of the hierarchy it belongs to."""
    job_title: Name | None = None
    """What the person is called at work."""
    function: Name | None = None
    """What it works in, such as finance or purchasing."""
    email: Email | None = None
    """Address for e-mail."""
    phone: Phone | None = None
    """Telephone number, as one writes it."""
    decision_role: DecisionRole | None = None
    """Part in the decision to buy; null while it is not known."""
    relation_strength: Strength = 0
    """How well we know the person: 0 not at all, 5 very well."""
    owner_id: UUID | None = None
    """The seller who knows the person."""
    left_on: date | None = None
    """First day on which it no longer works for the unit; null while it does."""


class ContactView(ContactFields, Stored):
    """A person at a customer or prospect."""

    name: Name | None = None
    """Display name; null once the person was anonymised."""
    active: bool
    """Whether it works for the unit today."""
    anonymised_at: datetime | None = None
    """When everything personal was removed; null before."""
    external_ids: list[ExternalId]


class CreateContact(ContactFields, Command):
    """Add a person. Without an owner it belongs to the seller who adds it, if a seller does."""

    name: Name


class UpdateContact(Command):
    """Change a contact; an absent field stays as it is."""

    account_id: UUID | None = Field(default_factory=lambda: None)
    name: Name | None = Field(default_factory=lambda: None)
    job_title: Name | None = Field(default_factory=lambda: None)
    function: Name | None = Field(default_factory=lambda: None)
    email: Email | None = Field(default_factory=lambda: None)
    phone: Phone | None = Field(default_factory=lambda: None)
    decision_role: DecisionRole | None = Field(default_factory=lambda: None)
    relation_strength: Strength | None = Field(default_factory=lambda: None)
    owner_id: UUID | None = Field(default_factory=lambda: None)
    left_on: date | None = Field(default_factory=lambda: None)


class ContactRelationFields(Fields):
    """Who relates to whom, and how."""

    from_contact_id: UUID
    """The person it is said of."""
    to_contact_id: UUID
    """The other person."""
    kind: RelationKind
    """How they relate, read from the first to the second."""
    strength: RelationStrength = 1
    """How close it is: 1 loose, 5 close."""


class ContactRelationView(ContactRelationFields, Stored):
    """A relation between two people."""


class CreateContactRelation(ContactRelationFields, Command):
    """Say how two people relate."""


class UpdateContactRelation(Command):
    """Change how close a relation is."""

    strength: RelationStrength | None = Field(default_factory=lambda: None)


class RelationshipNode(View):
    """A person on a relationship map."""

    contact_id: UUID
    account_id: UUID
    """The unit the person works for."""
    name: str | None = None
    job_title: str | None = None
    function: str | None = None
    decision_role: DecisionRole | None = None
    """Part in the decision to buy; null while it is not known."""
    relation_strength: int
    """How well we know the person, from 0 to 5."""
    owner_id: UUID | None = None
    """The seller who knows the person."""
    last_touch_on: date | None = None
    """Last day on which an activity with the person took place."""


class RelationshipEdge(View):
    """A relation on a relationship map; both ends are nodes of it."""

    contact_relation_id: UUID
    from_contact_id: UUID
    to_contact_id: UUID
    kind: RelationKind
    strength: int
    """How close it is, from 1 to 5."""


class RelationshipMapView(View):
    """Who decides in an account and who is connected to whom: nodes and edges, ready to draw."""

    id: UUID
    """The account's id."""
    account_id: UUID
    account_name: str
    owner_id: UUID | None = None
    """The seller who looks after the account."""
    contact_count: int
    """Active contacts there are; the map holds at most 500, those we know best first."""
    nodes: list[RelationshipNode]
    """The people."""
    edges: list[RelationshipEdge]
    """The relations between them."""


class IntroductionView(View):
    """A way to a person: somebody who knows us and is connected to that person within two steps."""

    id: UUID
    """Of the two people."""
    account_id: UUID
    """The unit one wants to get into."""
    target_contact_id: UUID
    """The person one wants to meet."""
    target_name: str | None = None
    target_role: DecisionRole | None = None
    """Part of that person in the decision to buy."""
    introducer_contact_id: UUID
    """The person who can introduce."""
    introducer_name: str | None = None
    introducer_account_id: UUID
    """The unit the introducer works for."""
    seller_id: UUID
    """The seller who knows the introducer."""
    via_contact_id: UUID | None = None
    """The person between the two; null when they are connected directly."""
    steps: int
    """Relations between the introducer and the person: 1 or 2."""
    strength: int
    """The weakest link, from the seller to the person: 1 to 5."""
    owner_id: UUID | None = None
    """The seller who looks after the unit."""
