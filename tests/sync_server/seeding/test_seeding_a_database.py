"""A seeded district in a real database: a workstation can sync it, people can work in it, and nothing was loosened."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import orjson
import psycopg
import pytest
from tests.central_database import PASSWORDS
from tests.sync_server.cli.commanded import Ended, wide_and_forgetful
from typer.testing import CliRunner

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.kinds import EMERGENCY_CONTACT, HEALTH_RECORD, KINDS, Scope
from wc_desktop.replica.digests import digests
from wc_desktop.replica.meta import Identity
from wc_desktop.replica.side_file import side_file
from wc_sync_server.cli.app import app
from wc_sync_server.cli.checking import flaws_in
from wc_sync_server.cli.records import system, wire_row
from wc_sync_server.cli.seeding import plan_of, seed_district
from wc_sync_server.db import loading
from wc_sync_server.db.errors import RowsMalformed
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.domain.access import Principal
from wc_sync_server.embedded import EmbeddedPostgres
from wc_sync_server.seeding.plan import Plan
from wc_sync_server.settings import Settings
from wc_sync_server.wiring import Workshop, open_workshop

pytestmark = pytest.mark.postgres
__all__ = ["wide_and_forgetful"]

DAY = date(2026, 11, 20)
_NOTES = "SELECT id, notes FROM health_records WHERE notes IS NOT NULL AND district_id = %s LIMIT 20"
_CATALOGUE = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
       (SELECT array_agg(k.conname || k.convalidated ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
       (SELECT array_agg(pg_get_indexdef(i.indexrelid) || i.indisvalid ORDER BY pg_get_indexdef(i.indexrelid))
        FROM pg_index i WHERE i.indrelid = c.oid),
       (SELECT array_agg(p.polname ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid),
       c.relowner, c.relacl
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND c.relname !~ '^audit_logs_2' ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A database with a seeded district."""

    parts: Workshop
    ways: Dsns
    superuser: str
    keys: Path
    plan: Plan
    counts: dict[str, int]
    before: list[Any]

    @property
    def district(self) -> DistrictId:
        return DistrictId(UUID(self.plan.district))

    def asked(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.superuser) as connection:
            return connection.execute(query.encode(), values).fetchall()


@pytest.fixture(scope="module")
def base(
    postgres_server: EmbeddedPostgres, central_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Base]:
    superuser = postgres_server.create_database("seeded_by_test", central_template)
    ways = provision(superuser.conninfo(), superuser.database, PASSWORDS)
    keys = tmp_path_factory.mktemp("seeded") / "keys"
    parts = open_workshop(Settings(database_url=ways.app, migrate_url=ways.migrate, keys=keys, pool_size=2))
    with psycopg.connect(superuser.conninfo()) as connection:
        before = connection.execute(_CATALOGUE.encode()).fetchall()
    plan = plan_of("first", 120, 2, 3, DAY)
    counts = seed_district(parts, ways.migrate, "first", plan)
    yield Base(
        parts=parts,
        ways=ways,
        superuser=superuser.conninfo(),
        keys=keys,
        plan=plan,
        counts=counts,
        before=before,
    )
    parts.close()
    postgres_server.drop_database("seeded_by_test")


def schools(base: Base) -> list[SchoolId]:
    rows = base.asked("SELECT id FROM schools WHERE district_id = %s ORDER BY id", base.district)
    return [SchoolId(row[0]) for row in rows]


def principal(base: Base, school: SchoolId) -> Principal:
    (user,) = base.asked("SELECT user_id FROM school_assignments WHERE school_id = %s LIMIT 1", school)[0]
    device = DeviceId(uuid5(school, "device"))
    return Principal(district=base.district, school=school, device=device, user=UserId(user), session=device)


def test_a_workstation_gets_every_record_of_its_school_up_to_the_heads(base: Base) -> None:
    feeds = PostgresFeeds(base.parts.cells, Epochs(base.parts.cells, base.parts.clock))
    got: Counter[str] = Counter()
    for school in schools(base):
        with feeds.snapshot(principal(base, school)) as snapshot:
            head = snapshot.head()
            for kind in KINDS:
                pages = list(snapshot.pages(kind, 0, digest=True))
                heads = head.school_heads if kind.scope is Scope.SCHOOL else head.district_heads
                assert (pages[-1].upto if pages else 0) == heads.get(kind.name, 0), kind.name
                if kind.scope is Scope.SCHOOL:
                    got[kind.table] += sum(page.count for page in pages)
                count, digest = snapshot.digest(kind)
                assert (count, digest) == (sum(p.count for p in pages), sum(p.sum for p in pages)), kind.name
    of_schools = {kind.table: base.counts.get(kind.table, 0) for kind in KINDS if kind.scope is Scope.SCHOOL}
    assert {table: got[table] for table in of_schools} == of_schools


def test_the_file_of_a_workstation_takes_a_whole_seeded_school(base: Base, tmp_path: Path) -> None:
    school = schools(base)[0]
    asker = principal(base, school)
    feeds = PostgresFeeds(base.parts.cells, Epochs(base.parts.cells, base.parts.clock))
    side = side_file(tmp_path, bytearray(32), Identity(device=asker.device, school=school), "epoch")
    with feeds.snapshot(asker) as snapshot:
        for kind in KINDS:
            for page in snapshot.pages(kind, 0, digest=True):
                side.take_rows(kind.name, orjson.loads(page.rows), page.upto)
        side.index()
        held = {kind.name: snapshot.digest(kind) for kind in KINDS}
    assert digests(side._connection) == {name: (count, total % (1 << 60)) for name, (count, total) in held.items()}
    side.prove()


def test_row_versions_are_dense_in_every_stream(base: Base) -> None:
    for stream, head in base.asked("SELECT id, head FROM streams WHERE district_id = %s", base.district):
        own = "school_id" if stream != base.district else "district_id"
        tables = [k.table for k in KINDS if (k.scope is Scope.SCHOOL) == (stream != base.district)]
        every = " UNION ALL ".join(f"SELECT row_version FROM {table} WHERE {own} = %(id)s" for table in tables)
        with psycopg.connect(base.superuser) as connection:
            versions = [row[0] for row in connection.execute(f"{every} ORDER BY 1".encode(), {"id": stream})]
        assert versions == list(range(1, head + 1))
    assert flaws_in(base.parts, base.district) == ()


def test_people_go_on_where_the_seed_ended(base: Base) -> None:
    school = schools(base)[0]
    ((head,),) = base.asked("SELECT head FROM streams WHERE id = %s", school)
    (contact, student) = base.asked("SELECT id, student_id FROM emergency_contacts WHERE school_id = %s", school)[0]
    row = {
        "id": str(contact),
        "student_id": str(student),
        "name": "Invented",
        "relationship": "aunt",
        "phone": "+15552000100",
        "priority": 3,
        "is_primary": False,
        "may_pick_up": False,
        "is_active": True,
    }
    with system(base.parts, base.district, (school,)) as uow:
        uow.lock_streams(school)
        assert uow.write_rows(EMERGENCY_CONTACT, school, [row]) == (head + 1, head + 1)  # and is rolled back


def test_notes_are_sealed_and_open_with_the_districts_keys(base: Base) -> None:
    held = base.asked(_NOTES, base.district)
    assert held
    with system(base.parts, base.district, tuple(schools(base)), read_only=True) as uow:
        rows = uow.sealing.opened(HEALTH_RECORD, [{"id": row[0], "notes": row[1]} for row in held])
    assert {row["notes"][:8] for row in rows} == {"Invented"}
    assert not any(b"Invented" in bytes(row[1]) for row in held)


def test_policies_constraints_and_indexes_are_what_they_were(base: Base) -> None:
    assert base.asked(_CATALOGUE) == base.before


def test_statistics_are_there(base: Base) -> None:
    ((students,),) = base.asked("SELECT reltuples FROM pg_class WHERE relname = 'students'")
    assert students >= base.counts["students"]


def test_a_seed_that_fails_leaves_nothing_behind(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, rows = base.asked(_CATALOGUE), base.asked("SELECT count(*) FROM students")

    def breaking(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading.Loading, "write_heads", breaking)
    with pytest.raises(KeyboardInterrupt):
        seed_district(base.parts, base.ways.migrate, "stopped", plan_of("stopped", 10, 1, 1, DAY))
    assert base.parts.cells.find("stopped") is None
    assert (base.asked(_CATALOGUE), base.asked("SELECT count(*) FROM students")) == (catalogue, rows)


def test_a_row_that_breaks_a_reference_is_found_although_it_was_loaded_without_them(base: Base) -> None:
    district = loading.District(id=DistrictId(uuid5(base.district, "x")), code="broken", name="Broken")
    school = uuid5(base.district, "school")
    lost = {"id": uuid5(school, "1"), "user_id": uuid5(school, "nobody"), "assigned_from": DAY}
    with (
        pytest.raises(psycopg.errors.ForeignKeyViolation),
        loading.loading(base.ways.migrate, district, base.plan.at, base.parts.cipher) as load,
    ):
        load.copy("school_assignments", [lost], school)


@pytest.mark.parametrize("strange", ["nickname", "row_version", "search"])
def test_a_field_that_no_row_may_say_is_refused_and_not_dropped(base: Base, strange: str) -> None:
    district = loading.District(id=DistrictId(uuid5(base.district, "y")), code="strange", name="Strange")
    row = {"id": uuid5(base.district, "1"), "first_name": "Ann", strange: "SECRETMARK"}
    with (
        pytest.raises(RowsMalformed, match=f"students takes no {strange}$"),
        loading.loading(base.ways.migrate, district, base.plan.at, base.parts.cipher) as load,
    ):
        load.copy("students", [row], uuid5(base.district, "school"))


Command = Callable[..., Ended]


@pytest.fixture
def command(base: Base) -> Command:
    environment = {
        "WC_DATABASE_URL": base.ways.app,
        "WC_MIGRATE_URL": base.ways.migrate,
        "WC_AUDIT_URL": base.ways.audit_reader,
        "WC_KEYS": str(base.keys),
    }

    def run(*arguments: str) -> Ended:
        result = CliRunner().invoke(app, list(arguments), env=environment)
        return Ended(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)

    return run


def test_beside_a_district_the_command_wants_a_new_name(base: Base, command: Command) -> None:
    refused = command("db", "seed", "--students", "5")
    assert (refused.returncode, "--district" in refused.stderr) == (1, True)
    taken = command("db", "seed", "--students", "5", "--district", "First")
    assert (taken.returncode, "already" in taken.stderr) == (1, True)
    made = command("db", "seed", "--students", "5", "--district", "Second", "--today", "2026-11-20")
    assert (made.returncode, "students" in made.stdout) == (0, True), made.stderr
    found = base.parts.cells.find("second")
    assert found is not None
    with system(base.parts, found.id, read_only=True) as uow:
        statement = "SELECT json_build_object('name', name) FROM districts WHERE district_id = %(district)s"
        assert wire_row(uow, statement, "") == {"name": "Seeded district second"}


def test_where_somebody_works_nothing_is_locked_and_nothing_written(
    base: Base, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_LOCK_TIMEOUT", "100ms")
    with psycopg.connect(base.superuser) as somebody:
        somebody.execute("SELECT count(*) FROM students")
        refused = command("db", "seed", "--students", "5", "--district", "third")
    assert (refused.returncode, "Stop the server" in refused.stderr) == (1, True), refused.stderr
    assert base.parts.cells.find("third") is None


def test_the_audit_of_a_seeded_district_is_sealed_and_verified(base: Base, command: Command) -> None:
    assert base.counts["audit_logs"] > 2 * base.plan.students
    for order in (("seal", "--district", "first"), ("verify",)):
        ended = command("audit", *order)
        assert ended.returncode == 0, ended.stdout + ended.stderr
