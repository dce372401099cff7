"""Stored rows of contacts and of the relations between them."""

from __future__ import annotations

from datetime import datetime

from app.domain.accounts.contract.contacts import (
    ContactFields,
    ContactRelationFields,
    DecisionRole,
    RelationKind,
)
from app.domain.kernel.tables import VersionedRow, instant, text


class Contact(ContactFields, VersionedRow, table=True):
    """A person as stored."""

    __tablename__ = "contact"

    name: str | None = None
    decision_role: DecisionRole | None = text(default=None)
    anonymised_at: datetime | None = instant(default=None)


class ContactRelation(ContactRelationFields, VersionedRow, table=True):
    """A relation as stored."""

    __tablename__ = "contact_relation"

    kind: RelationKind = text()
