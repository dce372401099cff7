"""What the commands of this context share."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.models import (
    TerritoryModelState,
)
from app.domain.territories.contract.territories import TerritoryRule
from app.domain.territories.rules import in_order, placing_day
from app.domain.territories.tables.models import TerritoryModel


def apply_patch(row: Any, body: Any, but: str = "") -> None:
    """Merge patch: what the caller set is changed, the rest stays; null only where there may be nothing."""
    for name in body.model_fields_set - {but}:
        value = getattr(body, name)
        if value is None and not row.__table__.c[name].nullable:
            raise refuse("invalid_input", "It cannot be null.", pointer=f"/{name}")
        setattr(row, name, value.model_dump(mode="json") if isinstance(value, TerritoryRule) else value)


def check_order(start: date, end: date | None, pointer: str) -> None:
    """Refuse a range of dates without a day in it."""
    if not in_order(start, end):
        raise refuse("invalid_input", f"It must be after {start}.", pointer=pointer)


async def model_in(
    tx: Tx, id: UUID, states: tuple[TerritoryModelState, ...], *, pointer: str | None = None
) -> TerritoryModel:
    """The model, locked so that its design changes in one place at a time; refused as `immutable` in other states."""
    model = await tx.require(TerritoryModel, id, pointer=pointer, lock=True)
    if model.state not in states:
        raise refuse("immutable", f"The model is {model.state}.", state=model.state)
    return model


def first_day(tx: Tx, model: TerritoryModel, asked: date | None) -> date:
    """First day on which accounts are placed anew; refused when the model is over by then."""
    start = placing_day(model.state, model.starts_on, asked, tx.today)
    if not in_order(start, model.ends_on):
        raise refuse("invalid_input", f"The model ends on {model.ends_on}.", pointer="/effective_from")
    return start
