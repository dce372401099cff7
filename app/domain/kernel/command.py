"""Declarations of what can be asked for. Adapters derive routes and mutations from them; `operations` runs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from app.domain.kernel.errors import refuse
from app.domain.kernel.fields import Nothing


class Kind(StrEnum):
    """What a command does to a resource, hence its place on both surfaces."""

    CREATE = "create"
    """POST /v1/{collection}: makes one; the handler `(tx, body)` returns the new id."""
    UPDATE = "update"
    """PATCH /v1/{collection}/{id}: merge patch; `(tx, id, body)`."""
    DELETE = "delete"
    """DELETE /v1/{collection}/{id}; `(tx, id, body)`."""
    ACTION = "action"
    """POST /v1/{collection}/{id}/{action}; `(tx, id, body)`."""
    COLLECTION = "collection"
    """POST /v1/{collection}/{action}: about the whole; `(tx, body)` returns the id of what it answers with."""


@dataclass(frozen=True, eq=False)
class CommandSpec:
    """One command: its name is the operationId and the mutation (in camel case)."""

    name: str
    kind: Kind
    resource: str
    needs: str
    body: type[BaseModel]
    handler: Callable[..., Awaitable[Any]]
    description: str
    action: str = ""
    answers: str = ""
    key_required: bool = False
    event: str = ""
    result: type[BaseModel] | None = None
    unversioned: bool = False
    """Needs no `If-Match`: it means the subject whatever its version, such as cancelling a job."""
    shown_once: bool = False
    """The answer holds a secret: it is not kept, so a repeated idempotency key is refused and not replayed."""

    @property
    def returns_job(self) -> bool:
        """Whether the answer is the job that will do the work."""
        return self.answers == "job" and self.resource != "job"

    async def __call__(self, *args: Any) -> Any:
        """A command may call another in the same transaction."""
        return await self.handler(*args)


def command(
    kind: Kind,
    resource: str,
    *,
    needs: str,
    body: type[BaseModel] = Nothing,
    action: str = "",
    answers: str = "",
    key_required: bool = False,
    event: str = "",
    result: type[BaseModel] | None = None,
    unversioned: bool = False,
    shown_once: bool = False,
) -> Callable[[Callable[..., Awaitable[Any]]], CommandSpec]:
    """Declare a command; the function's name and docstring become its name and description.

    `answers` names the resource that is read back, when it is not the one acted on (`job`: answered with 202).
    `event` is emitted for the subject after the handler, unless empty. `result` is the model the handler returns when
    the answer is computed (a preview) and not a row to read back.
    """

    def declare(handler: Callable[..., Awaitable[Any]]) -> CommandSpec:
        return CommandSpec(
            name=handler.__name__,
            kind=kind,
            resource=resource,
            needs=needs,
            body=body,
            handler=handler,
            description=(handler.__doc__ or "").strip(),
            action=action,
            answers=answers or resource,
            key_required=key_required,
            event=event,
            result=result,
            unversioned=unversioned,
            shown_once=shown_once,
        )

    return declare


def merge(row: Any, body: BaseModel, *, skip: frozenset[str] = frozenset()) -> None:
    """Merge patch: what the caller set is changed, the rest stays; fields in `skip` are left to the command.

    Raises:
        DomainError: `invalid_input` where null is given for what every row has.
    """
    columns = sa.inspect(type(row)).columns
    for name in sorted(body.model_fields_set - skip):
        value = getattr(body, name)
        if value is None and not columns[name].nullable:
            raise refuse("invalid_input", f"{name} cannot be removed.", pointer=f"/{name}")
        setattr(row, name, value)
