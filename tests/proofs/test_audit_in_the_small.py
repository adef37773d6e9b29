"""The proof of `make prove-audit`, with few lines."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console
from tests.proofs import audit
from tests.sync_server.audit.sealed_world import ways_into

from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


def test_lines_are_sealed_verified_and_their_tampering_named(
    fresh_database: Callable[..., Dsn], central_template: str
) -> None:
    superuser = fresh_database(central_template)
    said = io.StringIO()
    with ways_into(superuser) as ways:
        world, steps = audit.filled(ways, 2_000)
    assert audit.show(steps, audit.tampered(superuser, world), Console(file=said, width=140)), said.getvalue()


def test_a_miss_would_be_told() -> None:
    said = io.StringIO()
    missed = audit.Done(deed="edit", anchor=False, first=None, right=False, seconds=0.1)
    assert not audit.show([], [missed], Console(file=said))
    assert "NOT FOUND" in said.getvalue()
