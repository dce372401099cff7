"""Rows of one file that refer to each other: in which order they can be stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Levels:
    """How deep each row stands below what is known: rows of a level need only those of the levels before it."""

    depth: Mapping[str, int]
    orphans: Set[str]
    """Rows whose parent nobody knows."""
    cyclic: Set[str]
    """Rows that stand above themselves, and all below them."""


def levels(parents: Mapping[str, str], present: Set[str], known: Set[str]) -> Levels:
    """Levels of rows by key. `parents` names the parent of those that have one; `known` parents are stored already."""
    depth: dict[str, int] = {}
    orphans: set[str] = set()
    cyclic: set[str] = set()
    for start in parents:
        path: list[str] = []
        walked: set[str] = set()
        key = start
        while key in parents and key not in depth and key not in cyclic and key not in walked:
            path.append(key)
            walked.add(key)
            if parents[key] not in present:
                break
            key = parents[key]
        if key in cyclic or (key in walked and parents[key] in present):
            cyclic.update(path)
            continue
        if path and key == path[-1]:
            # The walk ended at a row whose parent is not in the file.
            if parents[key] not in known:
                orphans.add(key)
            depth[path.pop()] = 0
        for below in reversed(path):
            depth[below] = depth.get(parents[below], 0) + 1
    return Levels(depth, orphans, cyclic)
