"""The ASGI application over its services."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api import blobs, health, session, sync
from wc_sync_server.api.documents import DESCRIPTION
from wc_sync_server.api.doors import Admission, Doors
from wc_sync_server.api.middleware import Around
from wc_sync_server.api.ports import Background
from wc_sync_server.api.problems import problem_response
from wc_sync_server.api.records.problems import refusal_response
from wc_sync_server.api.records.routers import ROUTERS
from wc_sync_server.api.services import Services
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_RECORDS = ("/v1/records", "/v1/people")


def build_app(
    services: Services,
    *,
    threads: int,
    fresh_id: Callable[[], str],
    on_stop: Callable[[], None],
    background: Sequence[Background] = (),
    admission: Admission | None = None,
) -> FastAPI:
    """Return the application. background works while it serves; on_stop runs after the last request.

    Without admission everybody is let in at once.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        async with AsyncExitStack() as life:  # what one of them does at the end keeps no other from its own
            life.callback(on_stop)
            life.callback(services.readers.shutdown)
            for each in (*reversed(background), services.watch):
                each.start()
                life.push_async_callback(anyio.to_thread.run_sync, each.stop)
            yield

    app = FastAPI(
        title="White Cross sync server",
        version=services.version,
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.services = services
    for part in (health.router, session.router, sync.router, blobs.router, *ROUTERS):
        app.include_router(part)
    app.add_exception_handler(ProblemRaised, _on_problem)
    app.add_exception_handler(RecordRefused, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    if admission is not None:
        app.add_middleware(Doors, admission=admission, limits=services.limits)
    app.add_middleware(Around, fresh_nonce=services.nonces.fresh, fresh_id=fresh_id)
    return app


def _on_problem(_request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, ProblemRaised) else ProblemRaised(ProblemCode.DEFECT)
    return problem_response(problem)


def _on_http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.BAD_REQUEST
    missing = status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
    code = ProblemCode.NOT_FOUND if missing else ProblemCode.BAD_REQUEST
    return problem_response(ProblemRaised(code), status=int(status))


def _on_refusal(_request: Request, error: Exception) -> Response:
    refusal = error if isinstance(error, RecordRefused) else RecordRefused(RecordsProblem.INVALID)
    return refusal_response(refusal)


def _on_validation(request: Request, error: Exception) -> Response:
    if not request.url.path.startswith(_RECORDS) or not isinstance(error, RequestValidationError):
        return problem_response(ProblemRaised(ProblemCode.BAD_REQUEST))
    # The second part is the name of a parameter, which is ours; what was sent for it is not repeated.
    named = {str(each["loc"][1]) for each in error.errors() if len(each["loc"]) > 1}
    return refusal_response(RecordRefused(RecordsProblem.INVALID, fields=tuple(sorted(named))))
