"""Kernels of the search: machine code that is kept on disk until any module of this folder changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def _newest() -> tuple[float, int]:
    """When a module was last changed, and the size of all."""
    found = [path.stat() for path in Path(__file__).parent.glob("*.py")]
    return max(each.st_mtime for each in found), sum(each.st_size for each in found)


_STAMP = _newest()


def kernel(function: F) -> F:
    """Compiled without counting references to arrays: nothing here makes or drops any, and it took 14 times as long.

    A kernel contains those that it calls, of other modules too, but the compiler would look at the time of its own
    module only.
    """
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    compiled: Any = njit(**options)(function)
    compiled._cache._cache_file._source_stamp = _STAMP
    found: F = compiled
    return found
