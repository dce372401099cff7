"""Downloading the file that takes payments to a payroll provider."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.domain.kernel.errors import refuse
from app.operations import Operations
from app.routers.gateway import actor_of


def payroll_router(operations: Operations) -> APIRouter:
    """`GET /v1/payroll-exports/{id}/file.csv`."""
    router = APIRouter(tags=["compensation"])

    @router.get(
        "/v1/payroll-exports/{id}/file.csv",
        operation_id="downloadPayrollExport",
        response_class=Response,
        responses={200: {"description": "The file, as its mapping describes it.", "content": {"text/csv": {}}}},
    )
    async def download(request: Request, id: UUID) -> Response:
        """The file, byte for byte as it was made."""
        actor = actor_of(request)
        if await operations.reader.one(actor, "payroll_export", id, pairs=[("fields", "id")]) is None:
            raise refuse("not_found")
        async with operations.transaction(actor) as tx:
            content = await tx.value("select content from payroll_export where org_id = :org_id and id = :id", id=id)
        headers = {"content-disposition": f'attachment; filename="payroll-{id}.csv"'}
        return Response(content, headers=headers, media_type="text/csv")

    return router
