"""The proof of `make prove`, with few notes."""

import io
import subprocess
import sys
import threading

import pytest
from rich.console import Console
from tests.proofs.rotation import Fact, again_and_again, killed, prove, show
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


@pytest.mark.parametrize("failure", [KeyError("moved"), ValueError("no JSON"), AssertionError("503")])
def test_whatever_ends_the_asking_is_a_failure(failure: Exception) -> None:
    def ask() -> None:
        raise failure

    failures: list[str] = []
    again_and_again(ask, threading.Event(), failures)
    assert failures == [type(failure).__name__]


def test_a_process_that_ends_by_itself_was_not_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"]) as failing:
        assert not killed(failing, lambda: False)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as working:
        assert killed(working, lambda: True)
