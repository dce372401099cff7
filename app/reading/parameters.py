"""Query parameters of REST: filters, order, page, arguments, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Resource
from app.reading.cursor import Cursors, after, binding_of
from app.reading.field_types import Kind, field_type
from app.reading.filters import Values, condition, filter_specs, in_order, search_pattern
from app.reading.request import DEFAULT_LIMIT, MAX_LIMIT, Condition, ListArgs, Slot
from app.reading.values import parse

COUNTS = ("exact", "estimated")
_SHOWN = ("include", "fields")
_PAGING = ("limit", "cursor", "sort", "count")


@dataclass(frozen=True)
class Query:
    """What the parameters say. `fields` empty means all."""

    args: ListArgs
    values: tuple[Any, ...]
    include: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def list_query(resource: Resource, pairs: Iterable[tuple[str, str]], cursors: Cursors) -> Query:
    """Read the parameters of a list.

    Raises:
        DomainError: `unknown_parameter`, `invalid_parameter` or `cursor_mismatch`, with a pointer to the parameter.
    """
    given = _grouped(pairs)
    values = Values()
    shown = {name: _names(given.pop(name, [])) for name in _SHOWN}
    paging = {name: _single(name, given.pop(name)) for name in _PAGING if name in given}
    search = _search(resource, given, values)
    params = _params(resource, given, values)
    args = ListArgs(
        conditions=_conditions(resource, given, values),
        sort=_sort(resource, paging.get("sort")),
        limit=_limit(paging.get("limit")),
        search=search,
        params=params,
        count=_count(paging.get("count")),
    )
    binding = binding_of(resource.name, args, values)
    args = replace(args, binding=values.add(binding))
    if "cursor" in paging:
        key = cursors.decode(paging["cursor"], binding)
        args = replace(args, after=after(key, len(values)))
        for text in key:
            values.add(text)
    return Query(args, tuple(values), **shown)


def item_query(resource: Resource, pairs: Iterable[tuple[str, str]]) -> Query:
    """Read the parameters of one object: `include`, `fields` and the resource's arguments. Refuses as `list_query`."""
    given = _grouped(pairs)
    values = Values()
    shown = {name: _names(given.pop(name, [])) for name in _SHOWN}
    params = _params(resource, given, values)
    for name in given:
        raise _unknown(name)
    return Query(ListArgs(params=params), tuple(values), **shown)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _names(given: list[str]) -> tuple[str, ...]:
    return tuple(sorted({name for text in given for name in text.split(",") if name}))


def _single(name: str, given: list[str]) -> str:
    if len(given) > 1:
        raise refuse("invalid_parameter", f"{name} may be given once.", pointer=f"/{name}")
    return given[0]


def _conditions(resource: Resource, given: Mapping[str, list[str]], values: Values) -> tuple[Condition, ...]:
    specs = filter_specs(resource)
    found = []
    for parameter, texts in given.items():
        name, _, operator = parameter.partition(".")
        spec = specs.get(name)
        if spec is None or operator in ("eq", "in"):
            raise _unknown(parameter)
        if operator and operator not in spec.operators:
            raise _unknown(parameter)
        pointer = f"/{parameter}"
        if operator or (len(texts) == 1 and "eq" in spec.operators):
            found.append(condition(spec, operator or "eq", _single(parameter, texts), values, pointer))
        else:
            found.append(condition(spec, "in", texts, values, pointer))
    return in_order(found)


def _search(resource: Resource, given: dict[str, list[str]], values: Values) -> Slot | None:
    if not resource.search or "q" not in given:
        return None
    return values.add(search_pattern(_single("q", given.pop("q"))))


def _params(resource: Resource, given: dict[str, list[str]], values: Values) -> tuple[tuple[str, Slot], ...]:
    found = []
    for name, declared in sorted(resource.params.items()):
        if name not in given:
            if declared.required:
                raise refuse("invalid_parameter", f"{name} is required: {declared.description}", pointer=f"/{name}")
            continue
        type_ = field_type(declared.type)
        texts = given.pop(name)
        value = texts if type_.kind is Kind.LIST else _single(name, texts)
        found.append((name, values.add(parse(type_, value, f"/{name}"))))
    return tuple(found)


def _sort(resource: Resource, given: str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    names = given.split(",")
    plain = [name.removeprefix("-") for name in names]
    known = {*resource.sorts, "id"}
    if not known.issuperset(plain) or len(set(plain)) < len(plain):
        listed = ", ".join(sorted(known))
        raise refuse("invalid_parameter", f"sort takes each of {listed} once, - for descending.", pointer="/sort")
    return tuple(names)


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MAX_LIMIT):
        raise refuse("invalid_parameter", f"limit must be from 1 to {MAX_LIMIT}.", pointer="/limit")
    return int(given)


def _count(given: str | None) -> str:
    if given is not None and given not in COUNTS:
        raise refuse("invalid_parameter", f"count must be one of {', '.join(COUNTS)}.", pointer="/count")
    return given or ""


def _unknown(name: str) -> Exception:
    return refuse("unknown_parameter", f"{name!r} is not a parameter of this operation.", pointer=f"/{name}")
