"""The proof of `make prove`, with few notes."""

import io

import pytest
from rich.console import Console
from tests.proofs.rotation import Fact, prove, show
from tests.sync_server.house import House
from tests.sync_server.serving import Served

pytestmark = pytest.mark.postgres


def test_a_rotation_is_not_noticed(house: House, served: Served) -> None:
    said = io.StringIO()
    assert show(prove(house, served, 400, 20), Console(file=said, width=120)), said.getvalue()


def test_a_breach_would_be_told() -> None:
    said = io.StringIO()
    assert not show([Fact(what="records", found="7", holds=False)], Console(file=said))
    assert "BREACH" in said.getvalue()
