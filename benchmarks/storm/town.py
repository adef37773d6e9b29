"""A district of many schools, and its workstations as an operator would have enrolled them: keys, rows, tokens."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
import zstandard
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from benchmarks.entries import Author
from benchmarks.house import PASSWORD
from benchmarks.school import FIRST_DAY, Row, School, Size, make_school
from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId, new_uuid
from wc_contract.model.kinds import BY_NAME, Scope
from wc_contract.model.values import Role
from wc_contract.wire.messages import Push
from wc_contract.wire.versions import MAX_PUSH_ENTRIES, PROTOCOL
from wc_sync_server.auth.leases import Leases
from wc_sync_server.auth.tokens import RefreshTokens, token_hash
from wc_sync_server.cli.district import NewDistrict, create_district
from wc_sync_server.cli.people import NewPerson, add_person, assign_person
from wc_sync_server.cli.records import district_named, system
from wc_sync_server.db.repositories.access import PostgresAccess
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.domain.registration import NewDevice, NewSession
from wc_sync_server.wiring import Workshop

_CODE = "storm"
_A_SCHOOL = 10  # workstations
_DAYS = 50  # of doses that wait to be sent; all lie in the past of the bench's noon
_SESSION = timedelta(days=30)
_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """One enrolled device, with everything it will send made before the clock starts."""

    id: DeviceId
    school: SchoolId
    signer: SigningKey = field(repr=False)
    refresh: str = field(repr=False)
    batches: tuple[bytes, ...] = field(repr=False)  # compressed messages, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The district as it is furnished."""

    district: DistrictId
    epoch: str
    workstations: tuple[Workstation, ...] = field(repr=False)


def furnish(parts: Workshop, devices: int, entries: int) -> Town:
    """Make schools of ten workstations each, and for each workstation the entries that wait on it."""
    district = create_district(parts, NewDistrict(code=_CODE, name="Storm District", state="ks"))
    workstations: list[Workstation] = []
    for number, first in enumerate(range(0, devices, _A_SCHOOL)):
        here = min(_A_SCHOOL, devices - first)
        school, nurse = _school(parts, district, number, -(-here * entries // _DAYS))
        workstations += enrolled(parts, district, school, nurse, here, entries)
    return Town(district=district, epoch=epoch_of(parts, district), workstations=tuple(workstations))


def epoch_of(parts: Workshop, district: DistrictId) -> str:
    """Return the district's present epoch."""
    return Epochs(parts.cells, parts.clock).current(district)


def _school(parts: Workshop, district: DistrictId, number: int, orders: int) -> tuple[School, UserId]:
    size = Size(students=orders, orders=orders, due=orders, doses=0, incidents=0, vaccinations=0)
    school, email = make_school(size, seed=1_000 + number), f"nurse-{number}@storm.example"
    at = SchoolId(school.school)
    new = NewPerson(email=email, first_name="Storm", last_name=f"Nurse {number}", role=Role.NURSE, password=PASSWORD)
    nurse = add_person(parts, district_named(parts, _CODE), new).id
    with system(parts, district, (at,)) as uow:
        uow.lock_streams(district)
        for scope, stream in ((Scope.DISTRICT, district), (Scope.SCHOOL, at)):
            if scope is Scope.SCHOOL:
                uow.open_streams(at)
            for name, rows in school.rows.items():
                if BY_NAME[name].scope is scope and name not in ("district", "user"):
                    uow.write_rows(BY_NAME[name], stream, [_of(school, nurse, name, row, number) for row in rows])
        uow.commit()
    assign_person(parts, district, email, at, FIRST_DAY - timedelta(days=14), None)
    return school, nurse


def _of(school: School, nurse: UserId, kind: str, row: Row, number: int) -> Row:
    """Return a row as its own school's: by its nurse, under names and numbers that no other school uses."""
    own = {name: str(nurse) if value == str(school.nurse) else value for name, value in row.items()}
    match kind:
        case "student":
            return {**own, "student_number": f"{number}-{row['student_number']}"}
        case "medication" | "school":
            return {**own, "name": f"{row['name']} of school {number}"}
        case _:
            return own


def enrolled(
    parts: Workshop, district: DistrictId, school: School, nurse: UserId, count: int, entries: int, *, turn: int = 0
) -> Iterator[Workstation]:
    """Yield workstations with the rows that enrolment writes; only Argon2 and the second factor are left out.

    turn is the first whose order and day their entries take.
    """
    epochs = Epochs(parts.cells, parts.clock)
    stores = PostgresAccess(parts.cells, epochs, parts.chance)
    leases = Leases(
        keys=parts.keys.district,
        clock=parts.clock,
        chance=parts.chance,
        lifetime=parts.settings.lease,
    )
    now, at, tokens = parts.clock.now(), SchoolId(school.school), RefreshTokens(key=parts.server_keys.refresh)
    for place in range(count):
        device, session = DeviceId(new_uuid(now, parts.chance)), new_uuid(now, parts.chance)
        signer, refresh = SigningKey.generate(), tokens.write(district, session)
        with stores.open(district, at) as store:
            store.add_device(
                NewDevice(
                    id=device,
                    school=at,
                    name=f"Office {place}",
                    sign_key=bytes(signer.verify_key),
                    seal_key=bytes(PrivateKey.generate().public_key),
                    app_version=_VERSION,
                    enrolled_by=nurse,
                    at=now,
                )
            )
            store.add_session(
                NewSession(
                    id=session,
                    user=nurse,
                    device=device,
                    token_hash=token_hash(refresh),
                    generation=1,
                    at=now,
                    expires_at=now + _SESSION,
                )
            )
            leases.issue(
                store, district=district, school=at, device=device, epoch=epochs.current(district), add=(nurse,)
            )
            store.commit()
        author = Author(device=device, user=nurse, signer=signer)
        batches = tuple(_batches(author, school, epochs.current(district), turn + place * entries, entries))
        yield Workstation(id=device, school=at, signer=signer, refresh=refresh, batches=batches)


def _batches(author: Author, school: School, epoch: str, turn: int, entries: int) -> Iterator[bytes]:
    for start in range(0, entries, MAX_PUSH_ENTRIES):
        numbers = range(start + 1, min(start + MAX_PUSH_ENTRIES, entries) + 1)
        sealed = tuple(author.sealed(number, school.orders, turn + number - 1) for number in numbers)
        message = Push(protocol=PROTOCOL, epoch=epoch, entries=sealed).model_dump_json().encode()
        yield zstandard.ZstdCompressor(level=3).compress(message)


def hello_of(last_number: int, waiting: int, now: str) -> bytes:
    """Return a greeting."""
    return orjson.dumps(
        {
            "protocol": PROTOCOL,
            "app_version": _VERSION,
            "checkpoint": None,
            "last_number": last_number,
            "waiting": waiting,
            "oldest_waiting": now,
            "device_time": now,
        }
    )


def in_base64(raw: bytes) -> str:
    """Return what headers carry."""
    return base64.b64encode(raw).decode("ascii")
