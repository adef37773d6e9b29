"""One schedule over a real PostgreSQL: what the server in memory does is what the real one does."""

from pathlib import Path

import pytest
from tests.simulation.campaign import replay_command
from tests.simulation.postgres import play_on

from wc_sync_server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres
_RESTORED = 1  # a seed whose server is put back to an older state


@pytest.mark.usefixtures("central_template")
def test_every_law_holds_over_a_real_postgresql(postgres_server: EmbeddedPostgres, tmp_path: Path) -> None:
    outcome = play_on(postgres_server, tmp_path, _RESTORED)
    assert not outcome.broken, f"{outcome.broken[:5]}\nagain: {replay_command(outcome.schedule)} --real"
    assert outcome.entries > 10
    assert outcome.injected["server: restored to an older state"]
