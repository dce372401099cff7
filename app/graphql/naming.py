"""How declared names read in GraphQL: camel case fields, upper case enum values, global ids."""

from __future__ import annotations

import re
from uuid import UUID

from app.domain.kernel.errors import refuse

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def camel(name: str) -> str:
    """`effective_from` is `effectiveFrom`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def pascal(name: str) -> str:
    """`submit_plan` is `SubmitPlan`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def enum_name(value: str) -> str:
    """`in_review` is `IN_REVIEW`, as the reading engine writes it. Raises RuntimeError when that is no name."""
    name = value.upper()
    if not _NAME.fullmatch(name):
        raise RuntimeError(f"the enum value {value!r} has no name in GraphQL")
    return name


def sort_name(sort: str) -> str:
    """`-created_at` is `CREATED_AT_DESC`."""
    return f"{sort.removeprefix('-').upper()}_{'DESC' if sort.startswith('-') else 'ASC'}"


def global_id(resource: str, uuid: UUID | str) -> str:
    """The id of an object among all objects: `plan:0190…`."""
    return f"{resource}:{uuid}"


def split_id(text: str) -> tuple[str, UUID]:
    """The resource (empty for a bare uuid) and the uuid of an id. Raises ValueError when it is neither."""
    resource, _, tail = text.rpartition(":")
    return resource, UUID(tail)


def id_of(resource: str, text: str, pointer: str) -> UUID:
    """The uuid of an object of a resource, from its global id or the bare uuid; else refuses `invalid_parameter`."""
    try:
        named, uuid = split_id(text)
    except ValueError:
        raise refuse("invalid_parameter", f"This is not the id of a {resource}.", pointer=pointer) from None
    if named not in ("", resource):
        raise refuse("invalid_parameter", f"This is the id of a {named}, not of a {resource}.", pointer=pointer)
    return uuid
