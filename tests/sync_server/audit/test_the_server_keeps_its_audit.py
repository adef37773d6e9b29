"""While it serves, the server makes months, seals and anchors by itself, and says when it cannot."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs
from tests.sync_server.house import House

from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.cli.auditing import anchored_in
from wc_sync_server.cli.records import system
from wc_sync_server.db import audit_sealer
from wc_sync_server.db.audit_keeper import AuditKeeper
from wc_sync_server.db.audit_sealer import AuditSealer
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.months import month_of
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.readiness import PostgresReadiness

pytestmark = pytest.mark.postgres


def keeper(
    house: House,
    *,
    cells: Cells | None = None,
    anchor: Path | None = None,
    audit_url: str | None = "",
    seconds: float = 0.05,
    patience: float = 10.0,
) -> AuditKeeper:
    parts = house.parts
    return AuditKeeper(
        cells or parts.cells,
        parts.clock,
        audit_url=parts.settings.audit_url if audit_url == "" else audit_url,
        migrate_url=parts.settings.migrate_url,
        anchor=anchor,
        signer=parts.audit_key,
        verifier=parts.audit_key.verifier(),
        seconds=seconds,
        patience=patience,
    )


@pytest.fixture(autouse=True)
def no_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AuditSealer.__init__, "__kwdefaults__", {"margin": timedelta(0), "most": audit_sealer.PAGE})


@pytest.fixture
def line(house: House) -> None:
    with system(house.parts, house.district) as uow:
        uow.audit([AuditEvent(action="VIEW", entity_type="student", entity_id="x", at=uow.at)])
        uow.commit()


def seals(house: House) -> int:
    return int(house.one("SELECT count(*) FROM audit_seals"))


@pytest.mark.usefixtures("line")
def test_a_round_makes_months_and_seals_and_anchors(house: House, tmp_path: Path) -> None:
    coming = month_of(datetime.now(UTC)).after(3)
    house.done(f"DROP TABLE IF EXISTS {coming.table}")
    anchor = tmp_path / "anchor.jsonl"
    one = keeper(house, anchor=anchor)
    before = seals(house)
    one.round()
    assert seals(house) > before
    assert house.one("SELECT to_regclass(%s) IS NOT NULL", coming.table) is True
    held = anchored_in(anchor, house.parts.audit_key.verifier())
    assert (held.findings, held.newest(house.district)) == ([], seals(house))
    assert json.loads(anchor.read_text())["districts"][0]["first"] == 1


@pytest.mark.usefixtures("line")
def test_it_goes_round_until_it_is_stopped(house: House) -> None:
    before = seals(house)
    one = keeper(house)
    one.start()
    pause = threading.Event()
    for _ in range(400):
        if seals(house) > before:
            break
        pause.wait(0.05)
    one.stop()
    assert seals(house) > before


def test_without_the_readers_address_it_says_so_and_goes_on(house: House) -> None:
    one = keeper(house, audit_url=None)
    with capture_logs() as logs:
        one.start()
        one.stop()
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["audit.not_sealed"]


@pytest.mark.logs_warnings
def test_a_database_that_does_not_answer_stops_no_round(house: House) -> None:
    one = keeper(house, audit_url="host=127.0.0.1 port=1 user=x dbname=x connect_timeout=1", seconds=0.01, patience=0.2)
    with capture_logs() as logs:
        one.start()
        threading.Event().wait(1.0)
        one.stop()
    assert {log["code"] for log in logs if log["event"] == "audit.round_failed"} == {"database_unavailable"}


@pytest.mark.logs_warnings
def test_a_pool_that_is_gone_ends_no_thread(house: House) -> None:
    home = connect_pool(house.dsns.app, size=1)
    cells = Cells(home, {HOME: house.dsns.app})
    one = keeper(house, cells=cells, seconds=0.01)
    cells.close()
    with capture_logs() as logs:
        one.start()
        threading.Event().wait(0.3)
        one.stop()
    assert len([log for log in logs if log["event"] == "audit.round_failed"]) > 1


@pytest.mark.usefixtures("line")
def test_the_sealer_complains_when_the_end_was_cut(house: House) -> None:
    one = keeper(house)
    one.round()
    house.done("DELETE FROM audit_seals")
    with capture_logs() as logs:
        one.round()
    assert "audit.seals_cut" in [log["event"] for log in logs]


def test_the_server_seals_by_itself(house: House, client: httpx.Client) -> None:
    pause = threading.Event()
    for _ in range(900):
        if seals(house):
            break
        pause.wait(0.1)
    assert seals(house)
    assert client.get("/v1/ready").json()["warnings"] == []


def test_readiness_warns_when_the_next_month_is_missing(house: House) -> None:
    month = month_of(datetime.now(UTC)).after(1)
    house.done(f"ALTER TABLE {month.table} RENAME TO put_aside")
    try:
        assert PostgresReadiness(house.parts.cells).warnings() == ["audit_next_month_missing"]
    finally:
        house.done(f"ALTER TABLE put_aside RENAME TO {month.table}")
    assert PostgresReadiness(house.parts.cells).warnings() == []
