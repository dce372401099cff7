"""Kernels that release the interpreter, side by side. What they do never depends on how many run at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

Run = Callable[[Sequence[Callable[[], None]]], None]

_CHUNK = 20_000


@contextmanager
def threads() -> Iterator[Run]:
    """A function that runs tasks side by side and waits for all of them."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:

        def run(tasks: Sequence[Callable[[], None]]) -> None:
            if len(tasks) == 1:
                tasks[0]()
                return
            for done in [pool.submit(task) for task in tasks]:
                done.result()

        yield run


def chunks(count: int) -> list[tuple[int, int]]:
    """Begin and end of the parts that rows are worked on in."""
    return [(begin, min(begin + _CHUNK, count)) for begin in range(0, count, _CHUNK)]
