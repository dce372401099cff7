"""Recalculating a run from its inputs, and where it first differs from what was recorded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.compensation.calculation.artefact import KEPT, KEPT_IN_SLICES, kept
from app.domain.compensation.calculation.digest import canonical_lines
from app.domain.compensation.calculation.engines import DuckDB, Engine
from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.making import columns_of, connect, steps

SHOWN = 20
"""How many rows of either side are told."""


@dataclass(frozen=True)
class Verdict:
    """The digests found, and of the first step that differs the rows on one side only, in canonical order."""

    digests: Mapping[str, str]
    step: str | None = None
    missing: tuple[str, ...] = ()  # recorded and not found
    extra: tuple[str, ...] = ()  # found and not recorded
    differing: int | None = None  # rows on one side only; None when what was recorded is not there any more


async def verify(
    engine: Engine,
    inputs: Inputs,
    recorded: Mapping[str, str],
    artefact: Path,
    on_step: Callable[[str, int, int], Awaitable[None]],
    folder: Path,
) -> Verdict:
    """Recalculate every step on an engine and compare its digest with the one recorded."""
    await engine.load(inputs)
    found: dict[str, str] = {}
    todo = steps()
    for number, step in enumerate(todo, 1):
        await on_step(step.name, number, len(todo))
        found[step.name] = await engine.make(step)
    # A step of either side that the other does not know differs too: the program was another.
    names = [*found, *(name for name in recorded if name not in found)]
    first = next((name for name in names if found.get(name) != recorded.get(name)), None)
    if first is None:
        return Verdict(found)
    wanted = await _recorded(first, recorded.get(first), inputs, artefact, folder)
    if wanted is None or first not in found:
        return Verdict(found, first)
    given = await engine.lines(first)
    missing, extra = _only(wanted, given), _only(given, wanted)
    return Verdict(found, first, tuple(missing[:SHOWN]), tuple(extra[:SHOWN]), len(missing) + len(extra))


async def _recorded(name: str, digest: str | None, inputs: Inputs, artefact: Path, folder: Path) -> list[str] | None:
    """The rows that were recorded: kept in the artefact, or made again on DuckDB if that gives their digest."""
    if name in (*KEPT, *KEPT_IN_SLICES) and await asyncio.to_thread(artefact.exists):
        return await asyncio.to_thread(_kept, kept(artefact, name), folder)
    again = DuckDB(folder)
    await again.load(inputs)
    for step in steps():
        made = await again.make(step)
        if step.name == name:
            return await again.lines(name) if made == digest else None
    return None


def _kept(files: str, folder: Path) -> list[str]:
    with connect(folder / "spill") as connection:
        connection.read_parquet(files).create_view("kept")
        query = canonical_lines("kept", columns_of(connection, "kept"))
        return [row[0] for row in connection.execute(query).fetchall()]


def _only(lines: list[str], others: list[str]) -> list[str]:
    """The lines that the others have not, or not as often."""
    rest = Counter(others)
    found = []
    for line in lines:
        if rest[line]:
            rest[line] -= 1
        else:
            found.append(line)
    return found
