"""Stored rows of references and their uses."""

from __future__ import annotations

from app.domain.accounts.contract.references import (
    ReferenceFields,
    ReferenceKind,
    ReferenceOutcome,
    ReferenceState,
    ReferenceUseFields,
)
from app.domain.kernel.tables import VersionedRow, text


class Reference(ReferenceFields, VersionedRow, table=True):
    """A reference as stored."""

    __tablename__ = "reference"

    kind: ReferenceKind = text()
    outcome: ReferenceOutcome | None = text(default=None)
    state: ReferenceState = text(default=ReferenceState.REQUESTED)


class ReferenceUse(ReferenceUseFields, VersionedRow, table=True):
    """A use as stored."""

    __tablename__ = "reference_use"

    outcome: ReferenceOutcome | None = text(default=None)
