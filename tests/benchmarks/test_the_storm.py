"""The storm in the small: everybody is answered once, and what is missing in the database is called a breach."""

from argparse import Namespace
from functools import partial
from pathlib import Path

import psycopg
import pytest
from benchmarks.house import running
from benchmarks.storm.__main__ import _CHEAP_PASSWORDS, _breaches, _show, _storm
from benchmarks.storm.town import furnish
from rich.console import Console


@pytest.mark.postgres
def test_every_workstation_is_answered_once_and_a_lost_receipt_is_found(tmp_path: Path) -> None:
    given = Namespace(devices=12, entries=5, minutes=3.0, spread=0.2, seed=1)
    narrow = {**_CHEAP_PASSWORDS, "WC_PUSHES_AT_ONCE": "1", "WC_QUEUE": "2"}
    with running(tmp_path, partial(furnish, devices=12, entries=5), narrow) as raised:
        tally, taken, seconds = _storm(raised, given)
        assert not tally.errors
        assert tally.outcomes == {"applied": 60}
        assert len(tally.pushes) == 12
        # Each saw what the others of its school sent: ten in the first, two in the second.
        assert tally.rows_pulled >= 12 * 5
        assert _breaches(raised.superuser, given, tally, seconds) == []
        with psycopg.connect(raised.superuser) as connection:
            connection.execute(
                "DELETE FROM receipts WHERE entry_id = (SELECT entry_id FROM receipts ORDER BY number LIMIT 1)"
            )
        assert _breaches(raised.superuser, given, tally, seconds) == [
            "receipts: 59 in the database, 60 wanted",
            "numbers: 59 in the database, 60 wanted",
        ]
    console = Console(record=True, width=150)
    _show(console, given, tally, taken, seconds)
    said = console.export_text()
    assert "entries a second" in said
    assert taken.memory_mb > 50
    assert taken.server_cpu > 0
    assert taken.database_cpu > 0
