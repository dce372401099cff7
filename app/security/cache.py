"""A small map that forgets: every entry at its hour, the oldest when it is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ExpiringMap(Generic[K, V]):
    """At most `capacity` entries, each until its own time. Not for threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: dict[K, tuple[float, V]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, now: float) -> V | None:
        """The value, unless it is unknown or its time has come."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= now:
            del self._entries[key]
            return None
        return entry[1]

    def put(self, key: K, value: V, until: float) -> None:
        """Keep a value before the time `until`; the entry stored longest ago makes room."""
        self._entries.pop(key, None)
        if len(self._entries) >= self._capacity:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (until, value)

    def drop(self, unwanted: Callable[[V], bool]) -> None:
        """Forget every value that is unwanted."""
        self._entries = {key: entry for key, entry in self._entries.items() if not unwanted(entry[1])}
