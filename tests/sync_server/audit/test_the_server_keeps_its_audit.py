"""While it serves, the server makes months, seals and anchors by itself, and says when it cannot."""

import fcntl
import json
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs
from tests.sync_server.audit.sealed_world import KEY
from tests.sync_server.house import House

from wc_contract.model.ids import DistrictId
from wc_sync_server.audit.anchors import Anchored, NewSeals, anchor_line
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.cli.auditing import anchored_in
from wc_sync_server.cli.district import NewDistrict, create_district
from wc_sync_server.cli.records import system
from wc_sync_server.db import audit_sealer
from wc_sync_server.db.audit_anchor_file import AnchorFile
from wc_sync_server.db.audit_keeper import AuditKeeper
from wc_sync_server.db.audit_sealer import AuditSealer
from wc_sync_server.db.context_keys import signer_of
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


@pytest.fixture
def refused(house: House) -> Iterator[DistrictId]:
    """Give a district, the first by code, whose seals the database does not take."""
    first = create_district(house.parts, NewDistrict(code="Abba", name="Abba Schools", state="mn"))
    with system(house.parts, first) as uow:
        uow.audit([AuditEvent(action="VIEW", entity_type="student", entity_id="x", at=uow.at)])
        uow.commit()
    house.done(f"ALTER TABLE audit_seals ADD CONSTRAINT none CHECK (district_id <> '{first}') NOT VALID")
    yield first
    house.done("ALTER TABLE audit_seals DROP CONSTRAINT none")
    house.done("DELETE FROM audit_logs WHERE district_id = %s", first)
    house.done("DELETE FROM district_directory WHERE district_id = %s", first)


@pytest.mark.logs_warnings
@pytest.mark.usefixtures("line")
def test_a_district_that_cannot_be_sealed_is_named_and_those_behind_it_are_sealed_and_anchored(
    house: House, refused: DistrictId, tmp_path: Path
) -> None:
    anchor, before = tmp_path / "anchor.jsonl", seals(house)
    with capture_logs() as logs:
        keeper(house, anchor=anchor).round()
    told = [(log["district"], log["code"]) for log in logs if log["event"] == "audit.seal_failed"]
    assert told == [(str(refused), "rows_rejected")]
    assert seals(house) > before
    assert set(anchored_in(anchor, house.parts.audit_key.verifier()).hashes) == {house.district}


@contextmanager
def room_for(octets: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many octets: what a disk does that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def hashes_after(_district: DistrictId, number: int) -> list[tuple[int, bytes]]:
    return [(each, bytes([each]) * 32) for each in range(number + 1, 9)]


def test_a_disk_that_fills_up_leaves_no_half_line_in_the_anchor_file(house: House, tmp_path: Path) -> None:
    file = tmp_path / "anchor.jsonl"
    anchor = AnchorFile(file, KEY.verifier())

    def append() -> tuple[NewSeals, ...]:
        return anchor.append([house.district], hashes_after, house.parts.clock.now(), KEY)

    with room_for(100), pytest.raises(OSError, match="File too large"):
        append()
    assert file.read_bytes() == b""
    assert [len(one.hashes) for one in append()] == [8]
    held = AnchorFile(file, KEY.verifier()).read()
    assert (held.findings, held.newest(house.district)) == ([], 8)


def test_a_line_that_is_being_written_into_the_anchor_file_is_waited_for(house: House, tmp_path: Path) -> None:
    file = tmp_path / "anchor.jsonl"
    seal = NewSeals(district=house.district, first=1, hashes=(bytes(32),))
    line = anchor_line([seal], Anchored(), house.parts.clock.now(), KEY) + "\n"
    found: list[Anchored] = []
    reader = threading.Thread(target=lambda: found.append(AnchorFile(file, KEY.verifier()).read()))
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(line[:40])
        stream.flush()
        reader.start()
        reader.join(0.2)
        stream.write(line[40:])
    reader.join()
    assert [(one.findings, one.lines) for one in found] == [([], 1)]


@pytest.mark.logs_warnings
def test_a_pool_that_is_gone_ends_no_thread(house: House) -> None:
    home = connect_pool(house.dsns.app, signer=signer_of(house.dsns.migrate), size=1)
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
