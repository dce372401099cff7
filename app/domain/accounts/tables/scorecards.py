"""Stored rows of scorecards and of the ratings they count."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.accounts.contract.scorecards import AccountRatingFields, ScorecardState
from app.domain.kernel.tables import Row, VersionedRow, instant, json, text


class Scorecard(VersionedRow, table=True):
    """A version of a scorecard; its criteria and classes are documents in JSON."""

    __tablename__ = "scorecard"

    code: str
    name: str
    scorecard_version: int
    state: ScorecardState = text()
    criteria: list[dict[str, Any]] = json()
    classes: dict[str, Any] = json()
    scored_at: datetime | None = instant(default=None)


class AccountRating(AccountRatingFields, Row, table=True):
    """A rating as it was given."""

    __tablename__ = "account_rating"

    account_id: UUID
    rated_at: datetime = instant()
    actor_id: UUID
    actor_name: str
