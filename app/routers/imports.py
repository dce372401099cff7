"""Uploading files to import, and downloading the findings."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import anyio
from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.domain.imports.contract import ImportedFile, ImportFindingView, StartImport
from app.domain.imports.mapping import EntityName, Mapping, load, shipped
from app.domain.imports.start import start_import
from app.domain.kernel.errors import FieldError, refuse
from app.operations import Ask, Operations
from app.routers.gateway import actor_of

_FILES = 50
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RAW = {"text/csv": "upload.csv", "application/x-ndjson": "upload.ndjson"}
_TRUTH = {"": False, "false": False, "true": True}
_COLUMNS = [name for name in ImportFindingView.model_fields if name not in ("id", "import_id")]


def imports_router(operations: Operations, artifacts: Path) -> APIRouter:
    """`POST /v1/imports` and `GET /v1/imports/{id}/findings.csv`; uploads are kept below `artifacts` until imported."""
    router = APIRouter(tags=["imports"])

    @router.post(
        "/v1/imports",
        operation_id="startImport",
        status_code=202,
        response_class=Response,
        responses=_ACCEPTED,
        openapi_extra={"parameters": _PARAMETERS, "requestBody": _BODY},
    )
    async def start(request: Request) -> Response:
        """Import files, or report what would happen; answers with the job.

        Multipart: the files of a source and the mapping that reads them. Or one CSV or NDJSON body whose columns are
        the fields of the create command and `external_key`; a reference such as `account_id` may be given as
        `account_key` instead, the key in the same source.
        """
        actor = actor_of(request)
        actor.require(start_import.needs)
        folder = (artifacts / "imports" / str(uuid4())).resolve()
        try:
            asked = await _received(request, folder)
            key = request.headers.get("idempotency-key")
            if key is not None and not (1 <= len(key) <= 200 and key.isprintable()):
                raise refuse("invalid_parameter", "It takes 1 to 200 printable characters.", pointer="/Idempotency-Key")
            answer = await operations.perform(actor, Ask(start_import, asked, idempotency_key=key))
        except BaseException:
            _drop(folder)
            raise
        headers = {"location": f"/v1/jobs/{answer.id}"}
        if answer.replayed:
            _drop(folder)
            headers["idempotency-replayed"] = "true"
        return Response(answer.body, answer.status, headers, "application/json")

    @router.get(
        "/v1/imports/{id}/findings.csv",
        operation_id="downloadImportFindings",
        response_class=StreamingResponse,
        responses={200: {"description": "The findings, one per line.", "content": {"text/csv": {}}}},
    )
    async def download_findings(request: Request, id: UUID) -> StreamingResponse:
        """Every finding of an import as CSV, in the order they were made."""
        actor = actor_of(request)
        if await operations.reader.one(actor, "data_import", id, pairs=[("fields", "id")]) is None:
            raise refuse("not_found")

        async def lines() -> AsyncIterator[str]:
            yield _line(_COLUMNS)
            pairs = [("import_id", str(id)), ("sort", "ordinal"), ("limit", "200")]
            cursor: str | None = ""
            while cursor is not None:
                asked = [*pairs, ("cursor", cursor)] if cursor else pairs
                page = json.loads(await operations.reader.page(actor, "import_finding", asked))
                yield "".join(_line([_safe(item[name]) for name in _COLUMNS]) for item in page["items"])
                cursor = page["page"]["next_cursor"]

        headers = {"content-disposition": f'attachment; filename="findings-{id}.csv"'}
        return StreamingResponse(lines(), media_type="text/csv", headers=headers)

    return router


async def _received(request: Request, folder: Path) -> StartImport:
    """Store what was sent, and read what is to become of it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _RAW:
        return await _raw(request, folder, _RAW[kind])
    if kind != "multipart/form-data":
        raise refuse("malformed_request", f"Send multipart/form-data, {' or '.join(_RAW)}.")
    if request.query_params:
        raise refuse("unknown_parameter", "A multipart upload takes no query parameters, only form fields.")
    try:
        async with request.form(max_files=_FILES, max_fields=10, max_part_size=1024 * 1024) as form:
            return await _form(form, folder)
    except HTTPException as error:
        raise refuse("malformed_request", str(error.detail)[:300]) from None


async def _form(form: FormData, folder: Path) -> StartImport:
    if extra := set(form) - {"files", "mapping", "mapping_document", "dry_run"}:
        raise refuse("invalid_input", errors=(FieldError(f"/{min(extra)}", "extra_forbidden", "Unknown form field."),))
    named, document = _text(form, "mapping"), _text(form, "mapping_document")
    if bool(named) == bool(document):
        raise refuse("invalid_input", "Give either `mapping` or `mapping_document`.", pointer="/mapping")
    mapping = shipped(named) if named else load(document)
    dry_run = _truth(_text(form, "dry_run"))
    files: list[ImportedFile] = []
    for upload in form.getlist("files"):
        if not isinstance(upload, UploadFile):
            raise refuse("invalid_input", "`files` takes files.", pointer="/files")
        name = Path(upload.filename or "").name
        if not _NAME.fullmatch(name):
            raise refuse("invalid_input", f"{name[:100]!r} cannot be a file's name here.", pointer="/files")
        if any(file.name == name for file in files):
            raise refuse("invalid_input", f"Two files are called {name}.", pointer="/files")
        files.append(await _kept(folder, name, _chunks(upload)))
    return StartImport(mapping=mapping, mapping_name=named or None, dry_run=dry_run, files=files, folder=folder)


async def _raw(request: Request, folder: Path, name: str) -> StartImport:
    given = request.query_params
    if extra := set(given) - {"entity", "source", "dry_run"}:
        raise refuse("unknown_parameter", f"There is no parameter {min(extra)[:80]}.", pointer=f"/{min(extra)[:80]}")
    entity, source = given.get("entity", ""), given.get("source", "")
    if entity not in list(EntityName):
        raise refuse("invalid_parameter", f"It is one of {', '.join(EntityName)}.", pointer="/entity")
    if not _SOURCE.fullmatch(source):
        raise refuse("invalid_parameter", "It names the system of the keys, such as `crm`.", pointer="/source")
    mapping = Mapping.model_validate({"source": source, "steps": [{"file": name, "entity": entity}]})
    dry_run = _truth(given.get("dry_run", ""))
    return StartImport(
        mapping=mapping, dry_run=dry_run, files=[await _kept(folder, name, request.stream())], folder=folder
    )


async def _kept(folder: Path, name: str, chunks: AsyncIterator[bytes]) -> ImportedFile:
    """Stream a file to disk; memory holds a chunk of it."""
    digest, size = hashlib.sha256(), 0
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    async with await anyio.open_file(folder / name, "wb") as out:
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            await out.write(chunk)
    return ImportedFile(name=name, size=size, sha256=digest.hexdigest())


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(1024 * 1024):
        yield chunk


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise refuse("invalid_input", f"`{name}` is text, not a file.", pointer=f"/{name}")
    return value.strip()


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise refuse("invalid_parameter", "It is true or false.", pointer="/dry_run")
    return _TRUTH[text]


def _drop(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _line(cells: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _safe(value: Any) -> Any:
    """A spreadsheet takes text that begins like a formula for one; what was uploaded must not act when it is read."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


_PARAMETERS = [
    {
        "name": "entity",
        "in": "query",
        "description": "What the rows become. Only with a CSV or NDJSON body.",
        "schema": {"type": "string", "enum": list(EntityName)},
    },
    {
        "name": "source",
        "in": "query",
        "description": "System the keys belong to. Only with a CSV or NDJSON body.",
        "schema": {"type": "string", "maxLength": 64, "examples": ["crm"]},
    },
    {
        "name": "dry_run",
        "in": "query",
        "description": "Only report what would happen. Only with a CSV or NDJSON body.",
        "schema": {"type": "boolean", "default": False},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Unique per intent; a repeated upload answers as the first and starts nothing.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
]
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "description": "The files of a source, and the mapping that reads them.",
                "required": ["files"],
                "properties": {
                    "files": {
                        "type": "array",
                        "maxItems": _FILES,
                        "description": "CSV with a header, or NDJSON, in UTF-8.",
                        "items": {"type": "string", "format": "binary"},
                    },
                    "mapping": {
                        "type": "string",
                        "description": "Name of a shipped mapping.",
                        "examples": ["crm-sales-opportunities"],
                    },
                    "mapping_document": {"type": "string", "description": "A mapping of your own, in YAML."},
                    "dry_run": {
                        "type": "boolean",
                        "default": False,
                        "description": "Only report what would happen.",
                    },
                },
            }
        },
        **{kind: {"schema": {"type": "string", "description": "Rows, with a header in CSV."}} for kind in _RAW},
    },
}
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "The job that does it; follow it at `Location`.",
        "headers": {"Location": {"description": "The job.", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
    }
}
