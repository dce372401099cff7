"""What may be asked of the library of exemplary plans, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.kernel.fields import Command, Comment
from app.domain.kernel.money import Share
from app.domain.kernel.resource import View
from app.domain.plans.contract.templates import PlanKind


class MarkPlanExemplary(Command):
    """Put an approved plan into the library, where everybody who reads plans sees its texts, tables and actions."""

    reason: Comment
    """What others can learn from it."""


class ExemplaryPlanView(View):
    """An exemplary plan, without what is its owner's alone: amounts, accounts, contacts and whitespace."""

    id: UUID
    kind: PlanKind
    title: str
    template_id: UUID
    period_id: UUID
    sections: dict[str, Any]
    """Its texts, tables and actions by section key."""
    quality: Share | None = None
    exemplary_reason: str
    """What others can learn from it."""
    exemplary_at: datetime
