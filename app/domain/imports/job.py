"""The job that imports: read and check everything, store it set by set, report."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from app.domain.imports.contract import StepReport
from app.domain.imports.findings import Journal
from app.domain.imports.mapping import Mapping
from app.domain.imports.staging import Stage, Stager
from app.domain.imports.storing import attempts, store
from app.domain.imports.tables import DataImport
from app.domain.kernel.errors import DomainError
from app.domain.kernel.jobs import JobCancelled, JobContext, job


@job("import")
async def run_import(context: JobContext) -> dict[str, Any]:
    """Import the files of a folder, which is emptied at the end; a broken attempt leaves it to the next one."""
    import_id, folder = UUID(context.payload["import_id"]), Path(context.payload["folder"])
    async with context.transaction() as tx:
        row = await tx.require(DataImport, import_id)
    if row.finished_at is None:
        try:
            reports = await _import(context, row, folder)
        except (DomainError, JobCancelled):
            await _remove(folder)
            raise
    else:
        # The attempt before came to its end and broke only while saying so.
        reports = [StepReport.model_validate(step) for step in row.steps]
    await _remove(folder)
    counts = [report.model_dump(mode="json") for report in reports]
    return {"import_id": import_id, "path": f"/v1/imports/{import_id}", "dry_run": row.dry_run, "steps": counts}


async def _import(context: JobContext, row: DataImport, folder: Path) -> list[StepReport]:
    mapping = Mapping.model_validate(row.document)
    journal = Journal(context, row.id)
    await journal.clear()
    stager = Stager(context, mapping, folder, journal)
    await asyncio.to_thread(stager.note_ignored)
    stages = [await stager.stage(n, step) for n, step in enumerate(mapping.steps, 1)]
    await _store(context, stager, journal, stages, mapping.source, rehearse=row.dry_run)
    await _finish(context, row, [stage.report for stage in stages])
    if not row.dry_run:
        await _analyse(context, stages)
    return [stage.report for stage in stages]


async def _store(
    context: JobContext, stager: Stager, journal: Journal, stages: list[Stage], source: str, *, rehearse: bool
) -> None:
    done, total = stager.read, stager.read + sum(len(stage.accepted) for stage in stages)
    async with attempts(context, rehearse=rehearse) as attempt:
        for stage in stages:
            for batch in stage.batches():
                await context.progress(done, total, message=f"storing {stage.step.entity} of {stage.step.file}")
                stored = await store(attempt, source, stage, batch)
                stage.report.created += stored.created
                stage.report.changed += stored.changed
                stage.report.unchanged += stored.unchanged
                for number, fault in stored.rejected:
                    stager.reject(stage, number, fault)
                for number, note in stored.noted:
                    stager.note(stage, number, note)
                await journal.flush()
                done += len(batch)
        await context.progress(done, total)


async def _finish(context: JobContext, row: DataImport, reports: list[StepReport]) -> None:
    async with context.transaction() as tx:
        held = await tx.require(DataImport, row.id, lock=True)
        held.steps = [report.model_dump(mode="json") for report in reports]
        held.finished_at = tx.now
        counts = {
            name: sum(getattr(report, name) for report in reports)
            for name in ("read", "created", "changed", "unchanged", "rejected")
        }
        tx.emit("data_import.finished", "data_import", row.id, dry_run=row.dry_run, **counts)


async def _analyse(context: JobContext, stages: list[Stage]) -> None:
    """A table that just grew is planned badly until its statistics are taken again."""
    grown = [stage for stage in stages if stage.report.created + stage.report.changed]
    if grown:
        tables = dict.fromkeys(["external_id", *(table for stage in grown for table in stage.entity.tables)])
        async with context.transaction() as tx:
            await tx.execute(f"analyze (skip_locked) {', '.join(tables)}")


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
