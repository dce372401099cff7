"""Field types shared by every contract: bounded, free of NUL, described once."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import SQLModel
from typing_extensions import override

from app.domain.kernel.money import Rate


def _clean(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    return value


NO_NUL = AfterValidator(_clean)
"""For every text: PostgreSQL stores no NUL."""

Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Short unique code.",
        examples=["EMEA-01"],
    ),
]
Name = Annotated[str, NO_NUL, Field(min_length=1, max_length=200, description="Display name.", examples=["Northwind"])]
ShortText = Annotated[str, NO_NUL, Field(max_length=500)]
LongText = Annotated[str, NO_NUL, Field(max_length=20_000)]
Comment = Annotated[
    str, NO_NUL, Field(min_length=1, max_length=4_000, description="Why, in words.", examples=["Matches the plan."])
]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2 country code.", examples=["FR"])]
Latitude = Annotated[Rate, Field(ge=-90, le=90)]
"""Degrees north, up to 6 digits after the point."""
Longitude = Annotated[Rate, Field(ge=-180, le=180)]
"""Degrees east, up to 6 digits after the point."""
Key = Annotated[
    str,
    NO_NUL,
    Field(min_length=1, max_length=200, description="Identifier in the external system.", examples=["0015g00000A1b2C"]),
]


class Fields(SQLModel):
    """Base of field sets that a table, a view and a command share: a field is declared once."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)  # type: ignore[assignment]

    @override
    def __init_subclass__(cls, **options: Any) -> None:
        # With SQLModel's constructor in between, pydantic would forget to read JSON strictly. Rows get it back.
        cls.__init__ = BaseModel.__init__  # type: ignore[assignment]
        super().__init_subclass__(**options)


class Command(BaseModel):
    """Base of what may be asked: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Nothing(Command):
    """An action that needs no words."""


class OptionalComment(Command):
    """An action that may be explained."""

    comment: Comment | None = Field(default=None, description="Why, in words; kept in the history.")


class RequiredComment(Command):
    """An action that must be explained."""

    comment: Comment
