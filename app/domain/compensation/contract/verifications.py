"""Recalculations of runs: whether another engine comes to the same."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from app.domain.kernel.fields import Command
from app.domain.kernel.resource import Pay, View


class CalculationEngine(StrEnum):
    """What can calculate the steps of a run."""

    POSTGRESQL = "postgresql"
    """The same SQL texts in the database, as a second opinion."""
    DUCKDB = "duckdb"
    """What calculates runs: proves that an old run can still be recalculated."""


class VerifyRun(Command):
    """Recalculate a run from the inputs it read."""

    engine: CalculationEngine = CalculationEngine.POSTGRESQL


class VerifiedStep(View):
    """A step of the calculation, as it was recorded and as it was found."""

    fiscal_year: int
    """Of the run, or an earlier one that it looked through."""
    step: str
    recorded: str | None = None
    """SHA-256 of what the run made; null where the run had no such step."""
    found: str | None = None
    """SHA-256 of what the engine made; null where it is no step any more."""


class DifferingRow(View):
    """A row of the first step that differs."""

    found: bool
    """True: the engine made it and the run did not; false: the other way round."""
    row: str
    """Its columns in their order, joined by `|`; `~` stands for null."""


class RunVerificationView(View):
    """What came of recalculating a run: the digests of every step, and where they differ first."""

    id: UUID
    run_id: UUID
    engine: CalculationEngine
    engine_version: str
    requested_by: UUID
    created_at: datetime
    same: bool
    """Whether every step of every fiscal year has the digest recorded."""
    same_code: bool
    """Whether the texts of the steps are those that the run was calculated with."""
    fiscal_year: int | None = None
    """Of the first difference; null when there is none."""
    step: str | None = None
    """The first step that differs; the steps after it differ because it does."""
    differing: int | None = None
    """How many rows of that step only one side has; null when what was recorded is not there any more."""
    rows: Annotated[list[DifferingRow] | None, Pay] = None
    """The first twenty such rows of either side; only for those who see everybody's pay."""
    steps: list[VerifiedStep]
