"""Who owned an account when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command
from app.domain.kernel.resource import View


class AccountOwnershipView(View):
    """A time for which a seller owned an account."""

    id: UUID
    account_id: UUID
    owner_id: UUID
    effective_from: date | None = None
    """First day; null for the first owner, who counts for every date before the next one."""
    effective_to: date | None = None
    """First day on which the seller no longer owns it; null means open."""


class AssignAccountOwner(Command):
    """Say who owns an account from a day on, also in the past."""

    owner_id: UUID | None = Field(description="The seller who owns it from then on; null for nobody.")
    effective_from: date
    """Today or earlier. Whoever is recorded as owner from this day on never was."""
