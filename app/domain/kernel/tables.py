"""Bases of stored rows: every row belongs to an organisation, which comes first in its key."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel
from typing_extensions import override

from app.domain.kernel.ids import uuid7


class Row(SQLModel):
    """A row of an organisation, never changed after it was stored unless its table says so."""

    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)

    @override
    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # The fields it shares with contracts brought pydantic's constructor along; a row is made by SQLModel's.
        cls.__init__ = SQLModel.__init__  # type: ignore[assignment, method-assign]


class VersionedRow(Row):
    """A row that changes; a trigger of the database counts `version` up and stamps `updated_at`."""

    version: int = Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})
    created_at: datetime | None = Field(
        default=None, sa_type=sa.DateTime(timezone=True), sa_column_kwargs={"server_default": sa.func.now()}
    )
    updated_at: datetime | None = Field(
        default=None, sa_type=sa.DateTime(timezone=True), sa_column_kwargs={"server_default": sa.func.now()}
    )


def amount(**options: Any) -> Any:
    """Column of an amount, numeric(18,4)."""
    return Field(sa_type=sa.Numeric(18, 4), **options)


def rate(**options: Any) -> Any:
    """Column of a rate or share, numeric(9,6)."""
    return Field(sa_type=sa.Numeric(9, 6), **options)


def text(**options: Any) -> Any:
    """Column of text; states and other enums are text with a CHECK."""
    return Field(sa_type=sa.Text, **options)


def json(**options: Any) -> Any:
    """Column of a JSON document."""
    return Field(sa_type=JSONB, **options)


def instant(**options: Any) -> Any:
    """Column of an instant with time zone."""
    return Field(sa_type=sa.DateTime(timezone=True), **options)
