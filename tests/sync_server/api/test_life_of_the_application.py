"""How the application's life ends: everything is stopped, whatever one of them does at its end."""

from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from wc_sync_server.api.app import build_app


class Worker:
    """Works in the background, and may fail as it begins or ends."""

    def __init__(self, said: list[str], name: str, *, fails: str = "") -> None:
        self._said = said
        self._name = name
        self._fails = fails

    def start(self) -> None:
        self._do("start")

    def stop(self) -> None:
        self._do("stop")

    def _do(self, what: str) -> None:
        self._said.append(f"{what} {self._name}")
        if what == self._fails:
            raise OSError(what)


def _lived(said: list[str], *workers: Worker) -> None:
    watch, *background = workers
    readers = SimpleNamespace(shutdown=lambda: said.append("readers"))
    services: Any = SimpleNamespace(version="0", nonces=SimpleNamespace(fresh=str), watch=watch, readers=readers)
    app = build_app(services, threads=2, fresh_id=str, on_stop=lambda: said.append("end"), background=background)

    async def live() -> None:
        async with app.router.lifespan_context(app):
            said.append("serving")

    anyio.run(live)


def test_one_that_fails_to_stop_keeps_no_other_from_stopping() -> None:
    said: list[str] = []
    with pytest.raises(OSError, match="stop"):
        _lived(said, Worker(said, "watch", fails="stop"), Worker(said, "keeper"))
    assert said[said.index("serving") + 1 :] == ["stop watch", "stop keeper", "readers", "end"]


def test_what_began_before_one_that_cannot_is_stopped() -> None:
    said: list[str] = []
    with pytest.raises(OSError, match="start"):
        _lived(said, Worker(said, "watch", fails="start"), Worker(said, "keeper"))
    assert said == ["start keeper", "start watch", "stop keeper", "readers", "end"]
