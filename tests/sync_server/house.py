"""A district to test the server with: two schools, nurses with second factors, one pupil with an order each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pyotp
from tests import factories as make

from wc_contract.model.ids import DistrictId, OrderId, SchoolId, StudentId, UserId, order_version_id
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import MEDICATION, ORDER, ORDER_VERSION, STUDENT
from wc_contract.model.values import Role
from wc_sync_server.auth.totp import STEP_SECONDS
from wc_sync_server.cli.device import issue_code
from wc_sync_server.cli.district import NewDistrict, add_school, create_district
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.provision import Dsns
from wc_sync_server.embedded import Dsn
from wc_sync_server.settings import Settings
from wc_sync_server.wiring import Workshop, open_workshop

PASSWORD = "a long pass phrase of a nurse"
FIRST_DAY = make.SCHOOL_DAY.replace(month=8, day=1)


@dataclass(slots=True)
class Nurse:
    """Somebody who can sign in. Codes are handed out one time step at a time, as an app would."""

    id: UserId
    email: str
    secret: str
    _step: int = 0

    def code(self, at: Instant) -> str:
        """Return a code that was not used yet."""
        step = max(int(at.timestamp()) // STEP_SECONDS, self._step + 1)
        self._step = step
        return str(pyotp.TOTP(self.secret).generate_otp(step))

    def forget(self) -> None:
        """Begin again with the present time step."""
        self._step = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """A pupil with one order at noon."""

    id: StudentId
    order: OrderId


@dataclass(slots=True, kw_only=True)
class House:
    """Everything a test of the server needs."""

    dsns: Dsns
    superuser: Dsn = field(repr=False)
    keys: Path
    parts: Workshop
    district: DistrictId
    north: SchoolId
    south: SchoolId
    nurses: dict[str, Nurse]
    pupils: dict[str, Pupil]

    def environment(self, port: int) -> dict[str, str]:
        """Return what the server's process is told."""
        return {
            "WC_DATABASE_URL": self.dsns.app,
            "WC_MIGRATE_URL": self.dsns.migrate,
            "WC_AUDIT_URL": self.dsns.audit_reader,
            "WC_KEYS": str(self.keys),
            "WC_BIND": f"127.0.0.1:{port}",
            "WC_ARGON2_KIB": "19456",
            "WC_ARGON2_PASSES": "2",
            "WC_LOG_LEVEL": "info",
        }

    def one_time_code(self, school: SchoolId | None = None) -> str:
        """Return a fresh enrolment code."""
        return issue_code(self.parts, self.district, school or self.north).code

    def forget_codes(self, nurse: Nurse) -> None:
        """Let a nurse use the code of the present time step again."""
        self.done("UPDATE user_credentials SET totp_last_step = NULL WHERE id = %s", nurse.id)
        nurse.forget()

    def asked(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what the superuser sees: everything."""
        with psycopg.connect(self.superuser.conninfo()) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def done(self, statement: str, *values: object) -> None:
        """Do something to the database that no one else may."""
        with psycopg.connect(self.superuser.conninfo()) as connection:
            connection.execute(statement.encode(), values)

    def one(self, query: str, *values: object) -> Any:
        """Return a single value."""
        return self.asked(query, *values)[0][0]


@contextmanager
def furnished(dsns: Dsns, superuser: Dsn, keys: Path) -> Iterator[House]:
    """Give a house in an empty, migrated database."""
    settings = Settings(
        database_url=dsns.app,
        migrate_url=dsns.migrate,
        audit_url=dsns.audit_reader,
        keys=keys,
        argon2_kib=19_456,
        argon2_passes=2,
        pool_size=4,
    )
    parts = open_workshop(settings)
    try:
        yield _furnish(parts, dsns, superuser, keys)
    finally:
        parts.close()


def _furnish(parts: Workshop, dsns: Dsns, superuser: Dsn, keys: Path) -> House:
    district = create_district(parts, NewDistrict(code="Testville", name="Testville Schools", state="mn"))
    north = add_school(parts, district, "North School", "America/Chicago", "north-1")
    south = add_school(parts, district, "South School", "America/Chicago", None)
    nurses = {
        name: _nurse(parts, name, district, school)
        for name, school in (("ann", north), ("bea", north), ("cleo", south))
    }
    pupils = {
        name: _pupil(parts, district, school, name, number, nurses["ann"].id)
        for number, (name, school) in enumerate((("ned", north), ("nora", north), ("sam", south)))
    }
    return House(
        dsns=dsns,
        superuser=superuser,
        keys=keys,
        parts=parts,
        district=district,
        north=north,
        south=south,
        nurses=nurses,
        pupils=pupils,
    )


def _nurse(parts: Workshop, name: str, district: DistrictId, school: SchoolId) -> Nurse:
    email = f"{name}@testville.example"
    new = NewPerson(
        email=email.upper(), first_name=name.title(), last_name="Invented", role=Role.NURSE, password=PASSWORD
    )
    added = add_person(parts, district_named(parts, "testville"), new)
    assign_person(parts, district, email, school, FIRST_DAY, None)
    return Nurse(added.id, email, added.totp_secret)


def _pupil(parts: Workshop, district: DistrictId, school: SchoolId, name: str, number: int, verifier: UserId) -> Pupil:
    student, order = StudentId(make.named(f"pupil {name}")), OrderId(make.named(f"order of {name}"))
    with system(parts, district, (school,)) as uow:
        uow.lock_streams(district, school)
        uow.write_rows(MEDICATION, district, [make.medication_row()])
        row = make.student_row(id=str(student), student_number=str(number), first_name=name.title())
        uow.write_rows(STUDENT, school, [row])
        uow.write_rows(
            ORDER, school, [make.order_row(id=str(order), student_id=str(student), verified_by=str(verifier))]
        )
        uow.write_rows(
            ORDER_VERSION,
            school,
            [make.version_row(id=str(order_version_id(order, 1)), order_id=str(order), student_id=str(student))],
        )
        uow.commit()
    return Pupil(id=student, order=order)


def as_uuid(value: object) -> UUID:
    """Return a UUID from text."""
    return UUID(str(value))
