"""Words for fields whose name says it all, so that the description of the API leaves nothing unsaid."""

from __future__ import annotations

_FIXED = {
    "id": "Identifier of the object.",
    "version": "Counts every change; it is the ETag.",
    "name": "Display name.",
    "state": "Where it stands in its workflow.",
    "kind": "What kind it is.",
    "currency": "ISO 4217 currency code.",
    "created_at": "When it was created.",
    "updated_at": "When it was last changed.",
    "occurred_at": "When it happened.",
    "actor_id": "The principal who did it.",
    "actor_name": "Name of the principal at that moment.",
    "comment": "Why, in words.",
    "effective_from": "First day on which it holds.",
    "effective_to": "First day on which it no longer holds; null means open.",
    "allowed_actions": "What the workflow allows from here, and whether the caller may.",
}
_COMPARED = {"gt": "More than, or after, this.", "gte": "At least, or from, this.", "lt": "Less than, or before, this."}
_COMPARED |= {"lte": "At most, or until, this.", "is_null": "Whether it is missing."}


def field_text(name: str) -> str:
    """A sentence about a field that has none of its own: `paid_by` is "The principal by whom it was paid."."""
    if name in _FIXED:
        return _FIXED[name]
    words = name.replace("_", " ")
    if name.endswith("_id"):
        return f"Identifier of the {words.removesuffix(' id')}."
    if name.endswith("_ids"):
        return f"Identifiers of the {words.removesuffix(' ids')}s."
    if name.endswith("_by"):
        return f"The principal by whom it was {words.removesuffix(' by')}."
    if name.endswith("_at"):
        return f"When it was {words.removesuffix(' at')}; null before."
    return f"{words.capitalize()}."


def filter_text(name: str, described: str, operator: str = "") -> str:
    """A sentence about a filter, with what its operator compares."""
    said = described or field_text(name)
    return f"{said} {_COMPARED[operator]}" if operator else said
