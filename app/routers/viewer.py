"""Who is calling, for a front end that begins."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from app.routers.gateway import actor_of


class Viewer(BaseModel):
    """The principal that asks, and what it may do."""

    id: UUID
    """The principal."""
    name: str
    roles: list[str]
    """The roles held in the organisation."""
    permissions: list[str]
    """What the roles and scopes allow."""
    seller_id: UUID | None = None
    """The seller this is, if any."""
    organisation_id: UUID


def viewer_router() -> APIRouter:
    """`GET /v1/viewer`."""
    router = APIRouter(tags=["organisation"])

    @router.get("/v1/viewer", operation_id="getViewer")
    async def viewer(request: Request) -> Viewer:
        """Who asks, and what it may do."""
        actor = actor_of(request)
        return Viewer(
            id=actor.principal_id,
            name=actor.name,
            roles=sorted(actor.roles),
            permissions=sorted(actor.permissions),
            seller_id=actor.seller_id,
            organisation_id=actor.org_id,
        )

    return router
