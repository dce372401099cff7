"""What may be asked of deals that stay with their former seller for a time, and what is answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.fields import RequiredComment
from app.domain.kernel.resource import AllowedAction, Stored, View


class HoldoverState(StrEnum):
    """Whether the deal still stays with its former seller."""

    HELD = "held"
    RELEASED = "released"
    """Ended early by a person."""
    LAPSED = "lapsed"
    """Ended on its day."""


class HoldoverView(Stored):
    """An open deal that stays with its former seller although another one covers the account."""

    model_id: UUID
    """The territory model that brought the change."""
    opportunity_id: UUID
    account_id: UUID
    from_seller_id: UUID
    """The former seller, who keeps the deal until then."""
    to_seller_id: UUID
    """The seller who gets the deal."""
    until: date
    """Day on which the deal goes over, unless it is won or lost before."""
    state: HoldoverState
    allowed_actions: list[AllowedAction]


class ExtendHoldover(RequiredComment):
    """Let the former seller keep the deal for longer."""

    until: date
    """Day on which the deal goes over instead; later than the present one."""


class HoldoversSettled(View):
    """What settling the holdovers came to."""

    lapsed: int
    """Holdovers that were over."""
    handed_over: int
    """Deals that went to their new sellers; the others were won, lost or given away before."""
