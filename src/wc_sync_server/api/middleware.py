"""Around every request: an id, the next nonce, one line in the log, and no exception that escapes."""

import time
import traceback
from collections.abc import Callable

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wc_contract.model.errors import Unavailable
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.proof import NEXT_NONCE_HEADER
from wc_sync_server.api.problems import problem_response
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.sealing import KeyUnavailable
from wc_sync_server.metrics import counts

REQUEST_ID_HEADER = "WC-Request-Id"
# Nothing here is a page: whatever a browser is made to fetch it shall neither show, run, frame nor keep.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_log = structlog.get_logger("wc_sync_server.requests")


class Around:
    """ASGI middleware. What it logs are ids, codes and times: no bodies, no queries, no messages of exceptions."""

    def __init__(self, app: ASGIApp, fresh_nonce: Callable[[], str], fresh_id: Callable[[], str]) -> None:
        self._app = app
        self._fresh_nonce = fresh_nonce
        self._fresh_id = fresh_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, status = self._fresh_id(), time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[NEXT_NONCE_HEADER] = self._fresh_nonce()
                headers[REQUEST_ID_HEADER] = request_id
                headers.update(_HEADERS)
                if scope.get("scheme") == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # noqa: BLE001  # the last line: a defect becomes a record and an answer
            problem = _problem_of(error, request_id)
            if status == 0:
                await problem_response(problem)(scope, receive, answer)
            else:
                raise ConnectionAbortedError("the answer broke off") from None
        finally:
            route, seconds = getattr(scope.get("route"), "path", None), time.perf_counter() - began
            counts.request_answered(scope["method"], route, status, seconds)
            _log.info(
                "request",
                request=request_id,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _problem_of(error: Exception, request_id: str) -> ProblemRaised:
    if isinstance(error, KeyUnavailable):
        # A key's id is no secret, and whoever reads this has to find the key.
        _log.error("key unavailable", request=request_id, key=error.key_id)
        return ProblemRaised(ProblemCode.BUSY, retry_after=60)
    if isinstance(error, Unavailable):
        _log.warning("unavailable", request=request_id, code=error.code)
        return ProblemRaised(ProblemCode.BUSY, retry_after=2)
    if isinstance(error, ClientDisconnect):
        # Who asked has gone, in the middle of the request: nobody reads this answer, and nothing of ours is wrong.
        return ProblemRaised(ProblemCode.BAD_REQUEST)
    # Where, and which kind: what an exception says may hold what a nurse wrote.
    where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)][-6:]
    _log.error("defect", request=request_id, kind=type(error).__name__, where=where)
    return ProblemRaised(ProblemCode.DEFECT)
