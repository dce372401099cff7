"""What changed between two versions of a plan, place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from pydantic_core import to_json

from app.domain.plans.contract.plans import ChangeKind, PlanChange
from app.domain.plans.contract.templates import SectionType, TemplateSection

_KEYS: Mapping[SectionType, tuple[str, ...]] = {
    SectionType.RELATIONSHIP_MAP: ("contact_id",),
    SectionType.WHITESPACE: ("account_id", "product_id"),
}
"""What makes an entry of a list the same entry."""

Place = tuple[str, Any, Any]


def changes(
    sections: Iterable[TemplateSection], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[PlanChange]:
    """Every place in which the contents differ, in the order of the sections."""
    return [
        PlanChange(section=section.key, path=path, change=_kind(old, new), before=old, after=new)
        for section in sections
        for path, old, new in _differ(section, before.get(section.key), after.get(section.key))
    ]


def readable(sections: Iterable[TemplateSection], found: Iterable[PlanChange]) -> str:
    """The changes for reading, one line each."""
    titles = {section.key: section.title for section in sections}
    lines = []
    for change in found:
        where = titles[change.section] + (f", {change.path}" if change.path else "")
        old, new = _words(change.before), _words(change.after)
        said = {
            ChangeKind.ADDED: f"added {new}",
            ChangeKind.REMOVED: f"removed {old}",
            ChangeKind.CHANGED: f"{old} → {new}",
        }[change.change]
        lines.append(f"{where}: {said}")
    return "\n".join(lines)


def _kind(old: Any, new: Any) -> ChangeKind:
    if old is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if new is None else ChangeKind.CHANGED


def _differ(section: TemplateSection, old: Any, new: Any) -> Iterator[Place]:
    if old == new:
        return
    match section.type:
        case SectionType.TEXT:
            yield "", old, new
        case SectionType.MEASURES:
            yield from _objects("", old or {}, new or {})
        case SectionType.ACCOUNTS:
            yield from _objects("", {id: id for id in old or ()}, {id: id for id in new or ()})
        case SectionType.RELATIONSHIP_MAP | SectionType.WHITESPACE:
            names = _KEYS[section.type]
            yield from _objects("", _by_key(names, old or ()), _by_key(names, new or ()))
        case SectionType.TABLE | SectionType.ACTIONS:
            yield from _rows(old or [], new or [])


def _by_key(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {" ".join(str(row[name]) for name in names): row for row in rows}


def _objects(at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Place]:
    """Members that differ; within a member that both have, its own members."""
    for key in dict.fromkeys([*old, *new]):
        path = f"{at}/{key}" if at else key
        here, there = old.get(key), new.get(key)
        if isinstance(here, Mapping) and isinstance(there, Mapping):
            yield from _objects(path, here, there)
        elif here != there:
            yield path, here, there


def _rows(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Place]:
    """Rows that differ. Rows before and after that stand in the same place among equal ones are the same row."""
    matcher = SequenceMatcher(None, [to_json(row) for row in old], [to_json(row) for row in new], autojunk=False)
    for _, low, high, start, stop in (code for code in matcher.get_opcodes() if code[0] != "equal"):
        both = min(high - low, stop - start)
        for n in range(both):
            yield from _objects(str(start + n), old[low + n], new[start + n])
        for n in range(low + both, high):
            yield str(n), old[n], None
        for n in range(start + both, stop):
            yield str(n), None, new[n]


def _words(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return value if len(value) <= 200 else f"{value[:199]}…"
    if isinstance(value, Mapping):
        if set(value) == {"amount", "currency"}:
            return f"{value['amount']} {value['currency']}"
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items() if item is not None)
    return "nothing" if value is None else str(value)
