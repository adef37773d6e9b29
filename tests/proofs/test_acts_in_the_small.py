"""The proof of `make prove-acts`, with few acts and few kills."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.proofs import acts
from tests.proofs.crash import Ground
from tests.sync_server.house import House
from tests.sync_server.serving import Served


@pytest.mark.postgres
def test_every_act_at_a_workstation_is_told_of_once_offline_and_killed_too(house: House, tmp_path: Path) -> None:
    served = Served(house, tmp_path / "server.log")
    said = io.StringIO()
    try:
        counts = acts.prove(Ground(house, served, tmp_path, 1, seed=4), acts=150, kills=2)
    finally:
        served.stop()
    assert acts.show(counts, Console(file=said, width=140)), said.getvalue()
    assert counts.kills == 2
    assert counts.done.total() >= 150
    assert {"VIEW", "LIST", "SEARCH", "DOSE_LOGGED", "UNLOCK", "LOCK"} <= set(counts.done)
