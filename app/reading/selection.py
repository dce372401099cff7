"""What REST shows of a resource: its view's fields, and the links asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from app.domain.catalogue import Catalogue
from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Resource
from app.reading.field_types import fields_of
from app.reading.request import Node


@lru_cache(maxsize=4096)
def selection_of(
    catalogue: Catalogue, resource: Resource, include: tuple[str, ...] = (), fields: tuple[str, ...] = ()
) -> tuple[Node, ...]:
    """All fields of the view, or the id and those named; then the included links with all fields of their views.

    Raises:
        DomainError: `invalid_parameter` for a name that is no field or no link.
    """
    known = fields_of(resource.view)
    _check("fields", fields, known)
    _check("include", include, resource.links)
    shown = [name for name in known if not fields or name in fields or name == "id"]
    nodes = [Node(name, name) for name in shown]
    for name in resource.links:
        if name in include:
            target = catalogue.resources[resource.links[name].to]
            nodes.append(Node(name, name, tuple(Node(field, field) for field in fields_of(target.view))))
    return tuple(nodes)


def _check(parameter: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "nothing"
            detail = f"{name!r} is not known; {parameter} takes {listed}."
            raise refuse("invalid_parameter", detail, pointer=f"/{parameter}")
