"""Declarations of what one context does because something happened in another, in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.domain.kernel.scope import Event, Tx

Reacting = Callable[[Tx, Event], Awaitable[None]]


@dataclass(frozen=True, eq=False)
class Reaction:
    """What follows from an event of a name. It runs before the commit: both happen or neither does."""

    event: str
    handler: Reacting


def reacts_to(event: str) -> Callable[[Reacting], Reaction]:
    """Declare a reaction to an event of a lower context; the handler's module is one of `commands`.

    It is the service that acts, whatever the actor may do itself. A refusal refuses the command as a whole. What it
    emits is reacted to as well.
    """
    return lambda handler: Reaction(event, handler)
