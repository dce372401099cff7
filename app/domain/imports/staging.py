"""The first half of an import: every row is read and checked, and what can be stored is laid aside on disk.

Nothing is written to the tables of other contexts here, so a file that turns out unreadable leaves no trace.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from app.domain.imports.contract import Severity, StepReport
from app.domain.imports.entities import ENTITIES, KEY_COLUMN, Entity, plain_fields
from app.domain.imports.findings import Journal
from app.domain.imports.hierarchy import Levels, levels
from app.domain.imports.mapping import EntityName, FieldMapping, Key, Step, Unknown
from app.domain.imports.mapping import Mapping as ImportMapping
from app.domain.imports.reading import NDJSON, Fault, Record, header_of, records
from app.domain.imports.rules import Row, read_row
from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.external import Note, resolve
from app.domain.kernel.jobs import JobContext

CHUNK = 5_000
"""Rows that are read, and at most stored, at a time."""

Keys = Mapping[EntityName, set[str]]


@dataclass
class Stage:
    """A step whose rows were checked: what can be stored, on disk, and what became of the others."""

    step: Step
    entity: Entity
    report: StepReport
    path: Path
    accepted: dict[str, int] = field(default_factory=dict)
    """Row of each key that was laid aside."""
    parents: dict[str, str] = field(default_factory=dict)
    """Key of the row of the same entity that a row refers to."""
    depth: Mapping[str, int] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    """Rows whose unknown parent is left out."""

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """The rows that can be stored, those that others refer to first."""
        for depth in range(max(self.depth.values(), default=0) + 1):
            with self.path.open(encoding="utf-8") as lines:
                found = (json.loads(line) for line in lines)
                kept = (row for row in found if row["key"] in self.accepted)
                wanted = (row for row in kept if self.depth.get(row["key"], 0) == depth)
                while batch := list(islice(wanted, CHUNK)):
                    yield batch


class Stager:
    """Checks the steps of a mapping one after the other."""

    def __init__(self, context: JobContext, mapping: ImportMapping, folder: Path, journal: Journal) -> None:
        self._context = context
        self._mapping = mapping
        self._folder = folder
        self._journal = journal
        self._accepted: defaultdict[EntityName, set[str]] = defaultdict(set)
        self.read = 0
        """Rows read so far, over all steps."""

    async def stage(self, number: int, step: Step) -> Stage:
        """Check the rows of a step; refuses with `file_unreadable` or `columns_missing` where all of them are lost."""
        entity = ENTITIES[step.entity]
        report = StepReport(file=step.file, entity=step.entity)
        stage = Stage(step, entity, report, self._folder / f".step-{number}")
        source = self._folder / step.file
        if source.suffix not in NDJSON:
            _check_header(step, entity, header_of(source))
        seen: dict[str, int] = {}
        found = records(source)
        with stage.path.open("w", encoding="utf-8") as out:
            while chunk := await asyncio.to_thread(lambda: [_checked(stage, r) for r in islice(found, CHUNK)]):
                await self._take(stage, chunk, seen, out)
                self.read += len(chunk)
                await self._journal.flush()
                await self._context.progress(self.read, unit="rows", message=f"reading {step.file}")
        await self._order(stage)
        await self._journal.flush()
        self._accepted[step.entity] |= stage.accepted.keys()
        return stage

    async def _take(self, stage: Stage, chunk: Sequence[Row], seen: dict[str, int], out: TextIO) -> None:
        """Lay aside the rows of a chunk that can be stored, and note what is wrong with the others."""
        known = await self._known(stage, chunk)
        report = stage.report
        report.read += len(chunk)
        for row in chunk:
            if row.excluded is not None:
                report.excluded += 1
                report.excluded_because[row.excluded] = report.excluded_because.get(row.excluded, 0) + 1
            elif fault := row.fault or self._lost_reference(stage, row, known):
                self.reject(stage, row.row, fault)
            elif row.key not in seen:
                seen[row.key] = _content(row) if stage.step.distinct else 0
                self._lay_aside(stage, row, out)
            elif stage.step.distinct and seen[row.key] == _content(row):
                report.repeated += 1
            else:
                detail = f"Row {stage.accepted[row.key]} has the same key."
                self.reject(stage, row.row, Fault("duplicate_key", detail, before=row.key))

    def _lay_aside(self, stage: Stage, row: Row, out: TextIO) -> None:
        stage.accepted[row.key] = row.row
        for path, key in row.references.items():
            if stage.entity.target_of(path) is stage.step.entity:
                stage.parents[row.key] = key
        for change in row.changes:
            self._note(stage, row.row, change.severity, change.column, change.rule, change.before, change.after)
        kept = {"row": row.row, "key": row.key, "values": row.values, "references": row.references}
        out.write(json.dumps(kept) + "\n")

    def _lost_reference(self, stage: Stage, row: Row, known: Keys) -> Fault | None:
        """Leave out references to what nobody knows where the mapping allows that; else say what is wrong."""
        for path, key in list(row.references.items()):
            target = stage.entity.target_of(path)
            if target is None or target is stage.step.entity or key in known[target]:
                continue
            column = _column(stage, path)
            if stage.step.fields and stage.step.fields[path].unknown is Unknown.NULL:
                del row.references[path]
                row.values[path] = None
                self._note(stage, row.row, Severity.CLEANED, column, "unknown_reference", key, None)
                continue
            return Fault("unknown_reference", f"There is no {target} of this key.", column, key)
        return None

    async def _known(self, stage: Stage, chunk: Sequence[Row]) -> Keys:
        """The keys of other entities that the rows refer to and that exist, or will when they are stored."""
        wanted: defaultdict[EntityName, set[str]] = defaultdict(set)
        for row in chunk:
            for path, key in row.references.items():
                if target := stage.entity.target_of(path):
                    wanted[target].add(key)
        known: defaultdict[EntityName, set[str]] = defaultdict(set)
        for target, keys in wanted.items():
            if target is not stage.step.entity:
                known[target] = await self._existing(target, keys)
        return known

    async def _existing(self, target: EntityName, keys: set[str]) -> set[str]:
        here = keys & self._accepted[target]
        async with self._context.transaction() as tx:
            return here | (await resolve(tx, target, self._mapping.source, keys - here)).keys()

    async def _order(self, stage: Stage) -> None:
        """Find the order in which rows of one entity that refer to each other can be stored."""
        if not stage.parents:
            return
        path = next(p for p, target in stage.entity.references.items() if target is stage.step.entity)
        may_cut = path in stage.step.fields and stage.step.fields[path].unknown is Unknown.NULL
        outside = set(stage.parents.values()) - stage.accepted.keys()
        known = await self._existing(stage.step.entity, outside) if outside else set()
        found = levels(stage.parents, stage.accepted.keys(), known)
        while lost := found.cyclic | (frozenset() if may_cut else found.orphans):
            self._drop(stage, found, lost, path)
            found = levels(stage.parents, stage.accepted.keys(), known)
        for key in found.orphans:
            column, parent = _column(stage, path), stage.parents[key]
            self._note(stage, stage.accepted[key], Severity.CLEANED, column, "unknown_reference", parent, None)
        stage.depth, stage.cut = found.depth, frozenset(found.orphans)

    def _drop(self, stage: Stage, found: Levels, lost: Set[str], path: str) -> None:
        for key in sorted(lost, key=lambda key: stage.accepted[key]):
            column, parent = _column(stage, path), stage.parents.pop(key)
            if key in found.cyclic:
                fault = Fault("cycle", "The row stands above itself, or below one that does.", column, parent)
            else:
                fault = Fault("unknown_reference", f"There is no {stage.step.entity} of this key.", column, parent)
            self.reject(stage, stage.accepted.pop(key), fault)

    def reject(self, stage: Stage, row: int, fault: Fault) -> None:
        """Note that a row cannot be used."""
        stage.report.rejected += 1
        self._journal.add(
            Severity.REJECTED,
            stage.step.file,
            fault.code,
            entity=stage.step.entity,
            row=row,
            column=fault.column,
            before=fault.before,
            detail=fault.detail,
        )

    def note(self, stage: Stage, row: int, note: Note) -> None:
        """Note what is to be known of a row that was stored."""
        stage.report.noted += 1
        self._journal.add(
            Severity.NOTED,
            stage.step.file,
            note.code,
            entity=stage.step.entity,
            row=row,
            column=_column(stage, note.field),
            detail=note.detail,
        )

    def _note(
        self, stage: Stage, row: int, severity: Severity, column: str, rule: str, before: str, after: str | None
    ) -> None:
        if severity is Severity.CLEANED:
            stage.report.cleaned += 1
        else:
            stage.report.converted += 1
        self._journal.add(
            severity,
            stage.step.file,
            rule,
            entity=stage.step.entity,
            row=row,
            column=column,
            before=before,
            after=after,
        )

    def note_ignored(self) -> None:
        """Note the files and columns that are left out, with the reason."""
        for name, reason in self._mapping.ignored_files.items():
            if (self._folder / name).exists():
                self._journal.add(Severity.IGNORED, name, "ignored_file", detail=reason)
        steps: defaultdict[str, list[Step]] = defaultdict(list)
        for step in self._mapping.steps:
            if step.fields and Path(step.file).suffix not in NDJSON:
                steps[step.file].append(step)
        for name, readers in steps.items():
            read = {column for step in readers for column in step.columns}
            reasons = {column: reason for step in readers for column, reason in step.unused_columns.items()}
            for column in header_of(self._folder / name):
                if column not in read:
                    reason = reasons.get(column, "The mapping does not name this column.")
                    self._journal.add(Severity.IGNORED, name, "ignored_column", column=column, detail=reason)


def _checked(stage: Stage, record: Record) -> Row:
    """A record read by the rules and checked by the contract of what it becomes."""
    step = stage.step
    if step.key:
        key, fields = step.key, step.fields
    else:
        key, fields = _PLAIN_KEY, _plain(step.entity, tuple(record.values))
    row = read_row(step, key, fields, record)
    if row.fault or row.excluded is not None:
        return row
    for fault in stage.entity.faults(row.values, row.references):
        path = fault.pointer.strip("/").replace("/", ".")
        value = row.values.get(path)
        row.fault = Fault(fault.code, fault.detail, _column(stage, path), None if value is None else str(value))
        break
    return row


_PLAIN_KEY = Key(column=[KEY_COLUMN])


@lru_cache(maxsize=256)
def _plain(entity: EntityName, columns: tuple[str, ...]) -> dict[str, FieldMapping]:
    return plain_fields(ENTITIES[entity], columns)


def _column(stage: Stage, path: str) -> str:
    """The column a field is read from; the field itself where it has none."""
    given = stage.step.fields.get(path)
    return given.reading.column[0] if given and given.reading else path


def _content(row: Row) -> int:
    return hash(json.dumps([row.values, row.references], sort_keys=True))


def _check_header(step: Step, entity: Entity, header: list[str]) -> None:
    """Refuse a file whose columns are not those of the step."""
    if step.fields:
        missing, unknown = step.columns - set(header), set[str]()
    else:
        roots = {path.partition(".")[0] for path in plain_fields(entity, header)}
        required = {name for name, info in entity.body.model_fields.items() if info.is_required()}
        missing = (required - roots) | ({KEY_COLUMN} - set(header))
        unknown = roots - entity.body.model_fields.keys()
    for code, names in (("columns_missing", missing), ("columns_unknown", unknown)):
        if names:
            found = tuple(FieldError(f"/files/{step.file}/{name}", code, name) for name in sorted(names))
            raise refuse(code, f"{step.file}: {', '.join(sorted(names))}.", errors=found)
