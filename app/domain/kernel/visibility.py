"""Which rows of a resource an actor sees, as SQL. One function decides for reads and for loads before a write."""

from __future__ import annotations

from typing import Protocol

from app.domain.kernel.resource import Visible


class Sight(Protocol):
    """What of an actor decides on visibility."""

    @property
    def permissions(self) -> frozenset[str]:
        """Everything it may do."""

    @property
    def sees_all_rows(self) -> bool:
        """Whether it sees the whole organisation."""


def rule_for(visible: Visible, actor: Sight) -> str:
    """The SQL condition, over the placeholders of `resource`, that a row must meet to be seen by the actor."""
    if visible.pay:
        if "pay:read" in actor.permissions:
            return "true"
        return visible.rule if "pay:read_visible" in actor.permissions else "false"
    return "true" if actor.sees_all_rows else visible.rule
