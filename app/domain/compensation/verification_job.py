"""The job that recalculates a run from its inputs. Only the worker imports this."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from pydantic_core import to_json

from app.domain.compensation.calculation.engines import DuckDB, Engine, PostgreSQL
from app.domain.compensation.calculation.inputs import CalculationError, Inputs
from app.domain.compensation.calculation.kept import kept_beside, read_kept
from app.domain.compensation.calculation.making import code_hash
from app.domain.compensation.calculation.verification import Verdict, verify
from app.domain.compensation.contract.verifications import CalculationEngine
from app.domain.compensation.run_job import refusal
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.kernel.errors import refuse
from app.domain.kernel.ids import uuid7
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.scope import Tx

_INSERT = """
insert into run_verification (org_id, id, run_id, engine, engine_version, requested_by, same, same_code, fiscal_year,
  step, differing, rows, steps)
values (:org_id, :id, :run, :engine, :version, :actor, cast(:step as text) is null, :same_code, :fiscal_year, :step,
  :differing, cast(:rows as jsonb), cast(:steps as jsonb))
"""


@dataclass(frozen=True)
class Part:
    """A fiscal year that a run calculated."""

    fiscal_year: int
    artefact: Path
    digests: Mapping[str, str]
    inputs: Inputs


@job("run_verification")
async def verify_run(context: JobContext) -> Mapping[str, Any]:
    """Recalculate every fiscal year of a run; a second attempt begins anew."""
    run, engine = UUID(context.payload["run_id"]), CalculationEngine(context.payload["engine"])
    async with context.transaction() as tx:
        row = await tx.require(CompensationRun, run)
        parts = await calculated_parts(tx, row, context.artifacts)
        server = await tx.value("show server_version")
    found: list[tuple[Part, Verdict]] = []

    async def on_step(name: str, number: int, total: int) -> None:
        done = len(found) * total
        await context.progress(done + number - 1, len(parts) * total, unit="steps", message=name)

    for part in parts:
        with tempfile.TemporaryDirectory() as folder:
            try:
                async with _opened(context, engine, Path(folder)) as opened:
                    said = await verify(opened, part.inputs, part.digests, part.artefact, on_step, Path(folder))
            except CalculationError as error:
                raise refusal(error) from error
        found.append((part, said))
    id = uuid7()
    async with context.transaction() as tx:
        await tx.execute(
            _INSERT,
            id=id,
            run=run,
            engine=engine,
            version=duckdb.__version__ if engine is CalculationEngine.DUCKDB else server,
            actor=context.actor.principal_id,
            same_code=row.code == code_hash(),
            **_told(found),
        )
    return {"run_verification_id": str(id), "path": f"/v1/run-verifications/{id}"}


async def calculated_parts(tx: Tx, run: CompensationRun, artifacts: Path) -> list[Part]:
    """The fiscal years that a run calculated, earlier ones first, because their differences go into its own.

    Raises:
        DomainError: `inputs_not_kept`.
    """
    own = await tx.value("select fiscal_year from fiscal_period where org_id = :org_id and id = :id", id=run.period_id)
    years = [year for year in run.earlier_years if year["calculated"]]
    listed = [(year["fiscal_year"], year["artefact"], year["digests"]) for year in years]
    listed = [*sorted(listed, key=itemgetter(0)), (own, run.artefact, run.digests)]
    parts = []
    for fiscal_year, key, digests in listed:
        inputs = read_kept(kept_beside(artifacts / key))
        if inputs is None:
            raise refuse("inputs_not_kept", run_id=str(run.id))
        parts.append(Part(fiscal_year, artifacts / key, digests, inputs))
    return parts


@asynccontextmanager
async def _opened(context: JobContext, engine: CalculationEngine, folder: Path) -> AsyncIterator[Engine]:
    if engine is CalculationEngine.DUCKDB:
        yield DuckDB(folder)
        return
    async with context.transaction() as tx:
        yield PostgreSQL(await tx.driver(), folder)


def _told(found: list[tuple[Part, Verdict]]) -> dict[str, Any]:
    """What came of it, as it is stored; the first difference is that of the earliest year."""
    part, first = next(((part, said) for part, said in found if said.step), (None, None))
    rows = [{"found": False, "row": row} for row in first.missing] if first else []
    rows += [{"found": True, "row": row} for row in first.extra] if first else []
    steps = [
        {
            "fiscal_year": own.fiscal_year,
            "step": name,
            "recorded": own.digests.get(name),
            "found": said.digests.get(name),
        }
        for own, said in found
        for name in {**said.digests, **own.digests}
    ]
    return {
        "fiscal_year": part and part.fiscal_year,
        "step": first and first.step,
        "differing": first and first.differing,
        "rows": to_json(rows).decode(),
        "steps": to_json(steps).decode(),
    }
