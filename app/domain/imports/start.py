"""The command behind the upload of files. The catalogue does not have it: only the upload route may name a folder."""

from __future__ import annotations

from uuid import UUID

from app.domain.imports.contract import StartImport
from app.domain.imports.entities import ENTITIES, check_mapping
from app.domain.imports.tables import DataImport
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import FieldError, Invalid, define, refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx

define(
    "file_missing",
    Invalid,
    "A file that the mapping reads was not sent",
    "Un fichier lu par la correspondance n'a pas été envoyé",
    "Send every file that the steps of the mapping name.",
)
define(
    "file_not_mapped",
    Invalid,
    "The mapping does not know a file",
    "La correspondance ne connaît pas un fichier",
    "Leave the file out, or list it under `ignored_files` with the reason.",
)
# What the job refuses with is defined here, so that the API can explain it without loading the job.
define(
    "file_unreadable",
    Invalid,
    "A file cannot be read",
    "Un fichier est illisible",
    "Send CSV with a header in UTF-8, or NDJSON with one object per line.",
)
define(
    "columns_missing",
    Invalid,
    "A file does not have the columns of the mapping",
    "Un fichier n'a pas les colonnes de la correspondance",
    "Name the columns as the mapping does, or correct the mapping.",
)
define(
    "columns_unknown",
    Invalid,
    "A file has columns that are no fields",
    "Un fichier a des colonnes qui ne sont pas des champs",
    "Call the columns as the fields of the create command, or send a mapping.",
)


@command(Kind.CREATE, "data_import", needs="imports:write", body=StartImport, answers="job", key_required=True)
async def start_import(tx: Tx, body: StartImport) -> UUID:
    """Import uploaded files; answers with the job that does it. Needs the permission of every entity it writes."""
    check_mapping(body.mapping)
    for step in body.mapping.steps:
        tx.actor.require(ENTITIES[step.entity].needs)
    _check_files(body)
    import_id = tx.new_id()
    job_id = await enqueue(tx, "import", {"import_id": import_id, "folder": str(body.folder)}, needs="imports:write")
    await tx.add(
        DataImport(
            org_id=tx.org_id,
            id=import_id,
            job_id=job_id,
            mapping=body.mapping_name,
            document=body.mapping.model_dump(mode="json"),
            source=body.mapping.source,
            dry_run=body.dry_run,
            files=[file.model_dump(mode="json") for file in body.files],
            steps=[],
            created_by=tx.actor.principal_id,
        )
    )
    tx.emit("data_import.started", "data_import", import_id, source=body.mapping.source, dry_run=body.dry_run)
    return job_id


def _check_files(body: StartImport) -> None:
    """Every file has its place in the mapping, and every step its file."""
    sent, read = {file.name for file in body.files}, {step.file for step in body.mapping.steps}
    if missing := read - sent:
        raise _refused("file_missing", missing)
    if extra := sent - read - body.mapping.ignored_files.keys():
        raise _refused("file_not_mapped", extra)


def _refused(code: str, names: set[str]) -> Exception:
    found = tuple(FieldError("/files", code, name) for name in sorted(names))
    return refuse(code, f"It is {', '.join(sorted(names))}.", errors=found)
