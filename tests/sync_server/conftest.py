"""Every test of the server may have a central database, and what the application says to it is checked."""

from collections.abc import Iterator

import pytest
from tests.central_database import (
    central_dsns,
    central_pool,
    central_superuser,
    central_template,
    shared_dsns,
    shared_pool,
    shared_superuser,
)
from tests.recording import Recorder, recording

__all__ = [
    "central_dsns",
    "central_pool",
    "central_superuser",
    "central_template",
    "shared_dsns",
    "shared_pool",
    "shared_superuser",
]


@pytest.fixture
def unchecked_statements() -> None:
    """Let this test send what the product must not: probes do."""


@pytest.fixture(autouse=True)
def recorded_statements(request: pytest.FixtureRequest) -> Iterator[Recorder]:
    """Record what the application's role sends, and fail the test when it breaks a rule of scale.md."""
    with recording() as recorder:
        yield recorder
    if "unchecked_statements" not in request.fixturenames:
        broken = recorder.broken()
        assert not broken, "\n".join(broken)
