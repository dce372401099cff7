"""Calculating within a job, in a thread, several times over; folders of their own that are gone afterwards."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import CalculationError, Inputs
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.run_job import refusal
from app.domain.kernel.jobs import JobContext

Run = Callable[[Inputs], Awaitable[Outcome]]


@asynccontextmanager
async def calculations(context: JobContext, expected: int) -> AsyncIterator[Run]:
    """What calculates inputs, about `expected` times; the artefacts live as long as the context.

    Progress is told step by step, and is where an end that was asked for is noticed.
    """
    loop = asyncio.get_running_loop()
    done = 0
    known: Path | None = None
    context.artifacts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=context.artifacts, prefix="simulation-") as folder:

        async def run(inputs: Inputs) -> Outcome:
            nonlocal done, known
            place = done
            done += 1

            def on_step(name: str, number: int, total: int) -> None:
                at, whole = place * total + number - 1, max(expected, place + 1) * total
                said = context.progress(at, whole, unit="steps", message=name)
                asyncio.run_coroutine_threadsafe(said, loop).result()

            try:
                outcome = await asyncio.to_thread(
                    calculate, inputs, Path(folder) / str(place), on_step, lambda: False, parent=known
                )
            except CalculationError as error:
                raise refusal(error) from error
            known = outcome.artefact
            return outcome

        yield run
