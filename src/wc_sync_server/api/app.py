"""The ASGI application over its services."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api import health, session, sync
from wc_sync_server.api.documents import DESCRIPTION
from wc_sync_server.api.middleware import Around
from wc_sync_server.api.problems import problem_response
from wc_sync_server.api.services import Services
from wc_sync_server.domain.problems import ProblemRaised


def build_app(services: Services, *, threads: int, fresh_id: Callable[[], str], on_stop: Callable[[], None]) -> FastAPI:
    """Return the application. on_stop runs after the last request."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        services.watch.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(services.watch.stop)
            services.readers.shutdown()
            on_stop()

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
    for part in (health, session, sync):
        app.include_router(part.router)
    app.add_exception_handler(ProblemRaised, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
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


def _on_validation(_request: Request, _error: Exception) -> Response:
    return problem_response(ProblemRaised(ProblemCode.BAD_REQUEST))
