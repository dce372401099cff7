"""What may be asked of imports, and what is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from pydantic import Field

from app.domain.imports.mapping import EntityName, Mapping
from app.domain.kernel.contract import JobState
from app.domain.kernel.fields import Command, Fields
from app.domain.kernel.resource import Stored, View


class Severity(StrEnum):
    """What a finding means for its row."""

    CONVERTED = "converted"
    """The mapping writes the whole column differently, such as millions as units; the row was imported."""
    CLEANED = "cleaned"
    """A single value was corrected or removed; the row was imported."""
    NOTED = "noted"
    """The row was imported as it is; `detail` says what to know and to do."""
    REJECTED = "rejected"
    """The row cannot be used and was not imported."""
    IGNORED = "ignored"
    """A whole file or column is not imported, for the reason in `detail`."""


class ImportedFile(Fields):
    """A file as it was received."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal digest of the content."""


class StepReport(View):
    """What became of the rows of one step: `read` is the sum of the six counts that follow it."""

    file: str
    entity: EntityName
    read: int = 0
    """Rows read from the file, its header not counted."""
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    """Rows that were known already with the same content."""
    rejected: int = 0
    """Rows that cannot be used; each has a finding that says why."""
    excluded: int = 0
    """Rows that the mapping leaves out."""
    repeated: int = 0
    """Rows that repeat one before them, where the mapping expects that."""
    excluded_because: dict[str, int] = Field(default_factory=dict)
    """The excluded rows by the reason the mapping gives."""
    cleaned: int = 0
    """Values that were corrected or removed."""
    converted: int = 0
    """Values that the mapping writes differently."""
    noted: int = 0
    """Rows that were imported and of which there is something to know, such as a date in a closed period."""


class DataImportView(Stored):
    """One import: what was given, and what became of it."""

    job_id: UUID
    state: JobState
    """Where its job stands."""
    mapping: str | None = None
    """Name of the shipped mapping; null when the caller gave its own or the columns are the fields."""
    source: str
    """The system the keys belong to."""
    dry_run: bool
    """Whether it only reports what would happen."""
    files: list[ImportedFile]
    steps: list[StepReport]
    """One report per step, in the order of the mapping; empty before the end."""
    created_by: UUID
    """The principal who asked for it."""
    finished_at: datetime | None = None
    """When everything was written; null before, and for one that failed or was cancelled."""


class ImportFindingView(View):
    """One thing to know about a row, a column or a file of an import."""

    id: UUID
    import_id: UUID
    ordinal: int
    """Order in which findings were made, from 1."""
    severity: Severity
    file: str
    entity: EntityName | None = None
    """What the row was to become; null for a whole file or column."""
    row: int | None = None
    """Row of the file as a spreadsheet counts: the header is row 1. Line of the file for NDJSON."""
    column: str | None = None
    rule: str
    """The rule that changed the value, or the code of what is wrong with the row."""
    before: str | None = None
    """The value as it was read."""
    after: str | None = None
    """The value as it was imported."""
    detail: str | None = None


class StartImport(Command):
    """Import received files. Asked by the upload only: a folder is nothing a caller could name."""

    mapping: Mapping
    mapping_name: str | None = None
    dry_run: bool = False
    files: list[ImportedFile] = Field(max_length=50)
    # The same files lie in another folder when they are sent again, so it is no part of what was asked.
    folder: Path = Field(exclude=True)
