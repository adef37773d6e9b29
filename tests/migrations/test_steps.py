"""A column is demanded of a table in use, in steps, while workstations push and pull and a roster is written."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from sqlalchemy.exc import IntegrityError
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.serving import Served
from tests.sync_server.workstation import Workstation, enrol

from wc_contract.model.kinds import STUDENT
from wc_sync_server.cli.records import system
from wc_sync_server.db import backfill, migrate
from wc_sync_server.db.backfill import BackfillUnfinished, Filled, fill
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.revisions import all_revisions, backfills
from wc_sync_server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres

EXAMPLE = (Path(__file__).parent / "example",)
PUPILS = 3_000
BATCH = 250


class Stopped(RuntimeError):
    """Somebody ended the backfill half-way."""


@dataclass(slots=True)
class Work:
    """What went on meanwhile: how often each kind of work was done, and what failed of it."""

    done: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def going_on(self, **each: Callable[[int], None]) -> Iterator["Work"]:
        threads = [threading.Thread(target=self._go, args=(name, do), name=name) for name, do in each.items()]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _go(self, name: str, do: Callable[[int], None]) -> None:
        count = 0
        while not self._stop.is_set():
            try:
                do(count)
            except Exception as error:  # noqa: BLE001  # whatever it was, it is what this test looks for
                self.failed.append(f"{name}: {error!r}")
                return
            count += 1
            self.done[name] = count

    def more_of_everything(self) -> None:
        """Wait until each kind of work was done again, from the beginning to the end."""
        before = dict(self.done)
        pause = threading.Event()
        for _ in range(600):
            if self.failed or (before and all(self.done[name] >= count + 2 for name, count in before.items())):
                return
            before = before or dict(self.done)
            pause.wait(0.05)
        raise AssertionError("the work stands still")


def pupils(house: House, first: int, count: int) -> None:
    rows = [
        make.student_row(id=str(make.named(f"pupil {number}")), student_number=f"x{number}")
        for number in range(first, first + count)
    ]
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.write_rows(STUDENT, house.north, rows)
        uow.commit()


def pushing(office: Workstation, house: House) -> Callable[[int], None]:
    pupil = house.pupils["ned"]

    def push(_count: int) -> None:
        dose = make.dose_logged(student_id=pupil.id, order_id=pupil.order, slot=None)
        assert office.push(office.entry(dose))[0]["outcome"] != "refused"

    return push


def pulling(office: Workstation) -> Callable[[int], None]:
    def pull(_count: int) -> None:
        frames = office.pull()
        assert frames[-1]["frame"] == "end"

    return pull


def writing_the_roster(house: House) -> Callable[[int], None]:
    def write(count: int) -> None:
        # One that is there already, as the running version writes it: whole, without the new column. And a new one.
        pupils(house, (count * 37) % PUPILS, 1)
        pupils(house, PUPILS + count, 1)

    return write


@contextmanager
def somebody_reading(dsn: str, seconds: float) -> Iterator[None]:
    """Hold students as a long report does, so that the first try for its lock comes too early."""
    with psycopg.connect(dsn) as reader:
        reader.execute("SELECT count(*) FROM students")
        ending = threading.Timer(seconds, reader.rollback)
        ending.start()
        try:
            yield
        finally:
            ending.join()


def left(house: House) -> int:
    return int(house.one("SELECT count(*) FROM students WHERE home_language IS NULL"))


def stopping_after(batches: int) -> Callable[[], None]:
    count = 0

    def between() -> None:
        nonlocal count
        count += 1
        if count == batches:
            raise Stopped

    return between


def test_a_column_is_demanded_under_load_and_no_request_fails(house: House, served: Served) -> None:
    dsn = house.dsns.migrate
    pupils(house, 0, PUPILS)
    (filling,) = backfills(all_revisions(EXAMPLE))
    with httpx.Client(base_url=served.url, timeout=30) as one, httpx.Client(base_url=served.url, timeout=30) as two:
        office, other = enrol(house, one), enrol(house, two, nurse="bea")
        going_on = Work().going_on(push=pushing(office, house), pull=pulling(other), roster=writing_the_roster(house))
        with going_on as work:
            work.more_of_everything()
            with somebody_reading(house.superuser.conninfo(), 3.0):
                steps = migrate.expand(dsn, folders=EXAMPLE)
            assert [step.id for step in steps] == ["20261201_010000", "20261201_020000"]
            work.more_of_everything()

            with pytest.raises(BackfillUnfinished, match="db backfill language-of-students"):
                migrate.contract(dsn, folders=EXAMPLE)
            before = left(house)
            with pytest.raises(Stopped):
                fill(dsn, filling, size=BATCH, between=stopping_after(3))
            # The roster was written meanwhile, too: what it touches has no language until a batch comes by.
            assert 0 < left(house) <= before - 3 * BATCH + work.done["roster"]
            heard: list[Filled] = []
            (district,) = fill(dsn, filling, size=BATCH, told=heard.append)
            assert left(house) == district.left == 0
            # What the roster touched in between is filled by a batch of its own and counted too.
            assert 4 * BATCH <= heard[0].filled <= 4 * BATCH + work.done["roster"]
            assert before <= district.filled <= before + work.done["roster"]
            work.more_of_everything()

            steps = migrate.contract(dsn, folders=EXAMPLE)
            assert [step.kind for step in steps] == ["backfill", "contract", "contract", "contract"]
            work.more_of_everything()
    assert work.failed == []
    assert left(house) == 0
    demanded = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'students'::regclass AND attname = 'home_language'"
    assert house.one(demanded) is True
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_students_home_language'::regclass"
    assert house.one(valid) is True
    forced = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = 'students'"
    assert house.one(forced) is True
    assert house.one("SELECT count(*) FROM students WHERE row_version = 0") == 0

    migrate.downgrade(dsn, migrate.head() or "", folders=EXAMPLE)
    assert house.asked("SELECT 1 FROM pg_attribute WHERE attname = 'home_language' AND NOT attisdropped") == []


def test_what_the_backfill_cannot_see_stops_the_contract(house: House) -> None:
    dsn = house.dsns.migrate
    migrate.expand(dsn, folders=EXAMPLE)
    (filling,) = backfills(all_revisions(EXAMPLE))
    fill(dsn, filling)
    # Rows of a district that the directory does not know: no context shows them.
    house.done("UPDATE students SET home_language = NULL WHERE student_number = '1'")
    house.done("UPDATE district_directory SET district_id = %s", UUID(int=7))
    with pytest.raises(IntegrityError, match="ck_students_home_language"):
        migrate.contract(dsn, folders=EXAMPLE)
    assert migrate.current(dsn) == "20261201_040000"
    house.done("UPDATE district_directory SET district_id = %s", house.district)
    migrate.downgrade(dsn, migrate.head() or "", folders=EXAMPLE)


def test_a_backfill_that_gets_nowhere_ends_with_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "_ROUND_SECONDS", 0.01)
    migrate.expand(house.dsns.migrate, folders=EXAMPLE)
    (filling,) = backfills(all_revisions(EXAMPLE))
    with pytest.raises(BackfillUnfinished, match="stay as they are"):
        fill(house.dsns.migrate, replace(filling, name="in-vain", change="home_language = NULL"))
    with psycopg.connect(house.superuser.conninfo()) as holder:
        holder.execute("SELECT 1 FROM students FOR UPDATE")
        with pytest.raises(BackfillUnfinished, match="somebody holds them"):
            fill(house.dsns.migrate, filling)
    migrate.downgrade(house.dsns.migrate, migrate.head() or "", folders=EXAMPLE)


def test_the_backup_is_whole_after_a_backfill(house: House, postgres_server: EmbeddedPostgres) -> None:
    dsn = house.dsns.migrate
    # As an earlier version left it: only its revisions gave rights, and Alembic's own table is none of theirs.
    house.done("REVOKE ALL ON alembic_version FROM wc_backup")
    migrate.upgrade(dsn, folders=EXAMPLE)
    dumped = subprocess.run(
        [str(postgres_server.bin_dir / "pg_dump"), "--dbname", house.dsns.backup],
        capture_output=True,
        text=True,
        check=False,
    )
    assert dumped.returncode == 0, dumped.stderr
    for table in ("public.alembic_version", "wc_ops.backfills", "public.students", "public.audit_logs_"):
        _, copied, rows = dumped.stdout.partition(f"COPY {table}")
        assert copied, table
        assert not rows.partition("\n")[2].startswith("\\."), f"{table} is empty"
    migrate.downgrade(dsn, migrate.head() or "", folders=EXAMPLE)


def test_an_index_that_was_left_invalid_is_made_again(house: House) -> None:
    dsn = house.dsns.migrate
    migrate.upgrade(dsn, "20261201_010000", folders=EXAMPLE)
    with psycopg.connect(house.superuser.conninfo(), autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute("SET statement_timeout = 1")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(
                "CREATE INDEX CONCURRENTLY ix_students_home_language ON students (district_id, home_language)"
            )
    index = "SELECT count(*), bool_and(indisvalid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    index += " WHERE c.relname = 'ix_students_home_language'"
    migrate.upgrade(dsn, folders=EXAMPLE)
    assert house.asked(index) == [(1, True)]
    assert migrate.current(dsn) == "20261201_060000"
    migrate.downgrade(dsn, migrate.head() or "", folders=EXAMPLE)
