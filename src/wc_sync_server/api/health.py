"""Alive, and ready. Neither says anything about a district."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from wc_contract.wire.base import WireModel
from wc_sync_server.api.services import Services, services_of

router = APIRouter(prefix="/v1", tags=["health"])
Server = Annotated[Services, Depends(services_of)]


class Health(WireModel):
    """The process runs."""

    status: Literal["alive"]
    version: str


class Ready(WireModel):
    """Whether the server can do its work, what was looked at, and codes of what needs somebody before long."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, bool]
    warnings: list[str]


@router.get("/health", response_model=Health, summary="Is the process alive?")
async def health(server: Server) -> Response:
    """Answer without looking at anything."""
    return Response(Health(status="alive", version=server.version).model_dump_json(), media_type="application/json")


@router.get("/ready", response_model=Ready, summary="Can it serve?", responses={503: {"model": Ready}})
def ready(server: Server) -> Response:
    """Look at the database, its migrations and the audit's month."""
    checks = dict(server.readiness.checks())
    fine = all(checks.values())
    warnings = list(server.readiness.warnings()) if fine else []
    body = Ready(status="ready" if fine else "not_ready", checks=checks, warnings=warnings)
    return Response(body.model_dump_json(), status_code=200 if fine else 503, media_type="application/json")
