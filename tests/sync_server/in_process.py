"""The server's application in the process of the test: real PostgreSQL, no socket, every statement seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI


class InProcess:
    """Asks an application."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self.app = app
        self._portal = portal
        self._client = client

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._portal.call(partial(self._client.request, method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@contextmanager
def in_process(app: FastAPI) -> Iterator[InProcess]:
    """Begin the application's life, and end it."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        client = httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=60)
        try:
            yield InProcess(app, portal, client)
        finally:
            portal.call(client.aclose)
