"""Commands run in the test's own process, as an operator would but for the interpreter's start."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog
from tests.sync_server.house import House
from typer.testing import CliRunner

from wc_sync_server.cli import console
from wc_sync_server.cli.app import app


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(autouse=True)
def wide_and_forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Print wide, and leave no log behind."""
    monkeypatch.setattr(console.out, "width", 200)
    yield
    forget_logs()


def forget_logs() -> None:
    """Send logs where they went before: a command sends them to the standard error it had, which is gone then."""
    structlog.reset_defaults()
    logging.getLogger("psycopg").handlers = []
    logging.getLogger("psycopg").setLevel(logging.NOTSET)


def run(house: House, *arguments: str, typed: str = "", **environment: str) -> Ended:
    """Run a command and return how it ended."""
    told = {**house.environment(1), **environment}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        result = CliRunner().invoke(app, list(arguments), input=typed)
    # At once: what is asked of a server in this process next would keep a closed one for good.
    forget_logs()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)
