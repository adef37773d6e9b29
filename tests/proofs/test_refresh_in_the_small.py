"""The proof of `make prove-refresh`, with few devices."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.proofs.refresh import Line, prove, race
from tests.proofs.rotation import show
from tests.sync_server.house import House
from tests.sync_server.serving import Served

pytestmark = pytest.mark.postgres


def test_nobody_is_logged_out_by_lost_answers_and_no_thief_is_served(house: House) -> None:
    said = io.StringIO()
    facts = prove(house, devices=12, rounds=8, line=Line(lost=0.1, thieves=0.1), seed=1, jobs=2)
    assert show(facts, Console(file=said, width=120)), said.getvalue()


def test_two_processes_give_one_successor(house: House, served: Served, tmp_path: Path) -> None:
    second, said = Served(house, tmp_path / "second.log"), io.StringIO()
    second.start()
    try:
        facts = race(house, served, second, 10)
    finally:
        second.stop()
    assert show(facts, Console(file=said, width=120)), said.getvalue()
