"""Real programs: a server process, a PostgreSQL, and workstations under Xvfb driven by keyboard."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.e2e.desk import Desk
from tests.e2e.district import District, small_district

from wc_sync_server.embedded import EmbeddedPostgres

_TOOLS = ("Xvfb", "xdotool", "openbox", "dbus-daemon", "xkbcomp")


@pytest.fixture(scope="session", autouse=True)
def screen_tools() -> None:
    """Fail with one clear line when the screen's tools are missing; `make test` installs them."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    assert not missing, f"these tests need {', '.join(missing)}: run `make test`, which installs them"


@pytest.fixture(scope="module")
def district(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """Give a served district to the tests of a module."""
    root: Path = tmp_path_factory.mktemp("district") / "demo"
    with small_district(postgres_server, root) as made:
        yield made


@pytest.fixture
def screens() -> Iterator[ExitStack]:
    """Give something that holds desks until the test is over."""
    with ExitStack() as held:
        yield held


@pytest.fixture
def desk(screens: ExitStack) -> Desk:
    """Give one screen with keyboard."""
    return screens.enter_context(Desk())
