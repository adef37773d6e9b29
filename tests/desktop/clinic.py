"""A small school on a real workstation: real slots, real SQLCipher files, rows as a pull brings them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from wc_contract.model.apply import compact
from wc_contract.model.ids import OrderId, UserId, order_version_id
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import BY_NAME, KINDS
from wc_contract.wire.digests import digest_rows
from wc_contract.wire.messages import (
    DistrictInfo,
    Enrolled,
    PersonInfo,
    PullEnd,
    PullHeader,
    SchoolInfo,
    SignedLease,
    Tokens,
)
from wc_desktop.actions.unlock import Desk, unlock
from wc_desktop.app.opened import identity_of
from wc_desktop.app.parts import Parts
from wc_desktop.domain.enrolment import EnrolRequest
from wc_desktop.replica.side_file import SideFile, side_file
from wc_desktop.security.base64_text import text_of
from wc_desktop.security.device_keys import new_device_keys
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station

SPACE = UUID("8d1f7f6e-53d8-4a52-9d5c-0f6b5a3a0001")
DISTRICT, SCHOOL, NURSE, SECOND_NURSE = (uuid5(SPACE, name) for name in ("district", "school", "nurse", "second"))
PASSWORD = "correct horse battery"
EPOCH = "epoch-1"
# 23 November 2026 is a Monday; noon in Chicago is 18:00 UTC.
NOON = datetime(2026, 11, 23, 17, 50, tzinfo=UTC)
TODAY = date(2026, 11, 23)
Rows = dict[str, list[list[Any]]]


class HandClock:
    """A clock that moves when the test says so."""

    def __init__(self, at: Instant = NOON) -> None:
        self.at = at
        self.seconds = 1000.0

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, step: timedelta) -> None:
        self.at += step
        self.seconds += step.total_seconds()


class SeededChance:
    """Chance that repeats."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)

    def octets(self, count: int) -> bytes:
        return self._random.randbytes(count)


def uid(name: str) -> UUID:
    """A readable id."""
    return uuid5(SPACE, name)


def row(kind: str, row_version: int, /, **values: Any) -> list[Any]:
    """One row as it stands in a pull."""
    columns = BY_NAME[kind].columns
    unknown = values.keys() - set(columns)
    assert not unknown, unknown
    return [row_version if name == "row_version" else values.get(name) for name in columns]


@dataclass
class District:
    """The server's side of trust: keys and signed leases."""

    seal: PrivateKey = field(default_factory=lambda: PrivateKey(bytes(range(32))))
    sign: SigningKey = field(default_factory=lambda: SigningKey(bytes(range(1, 33))))

    def lease(self, device: UUID, *, until: Instant, generations: Mapping[UUID, int] | None = None) -> SignedLease:
        users = generations or {NURSE: 1, SECOND_NURSE: 1}
        body = compact(
            {
                "device_id": str(device),
                "school_id": str(SCHOOL),
                "district_id": str(DISTRICT),
                "users": [{"id": str(user), "generation": generation} for user, generation in users.items()],
                "epoch": EPOCH,
                "policy_version": 1,
                "issued_at": instant_to_text(NOON - timedelta(hours=1)),
                "expires_at": instant_to_text(until),
            }
        )
        return SignedLease(body=body, signature=text_of(bytes(self.sign.sign(body.encode()).signature)))

    def enrolled(self, device: UUID, *, until: Instant) -> Enrolled:
        return Enrolled(
            device_id=device,
            district=DistrictInfo(
                id=DISTRICT,
                code="d1",
                name="Prairie District",
                seal_key=text_of(bytes(self.seal.public_key)),
                verify_key=text_of(bytes(self.sign.verify_key)),
            ),
            school=SchoolInfo(id=SCHOOL, name="Lincoln Elementary", timezone="America/Chicago"),
            user=PersonInfo(id=NURSE, first_name="Ana", last_name="Reyes", role="NURSE", licence_type="RN"),
            tokens=Tokens(access_token="a", expires_in=600, refresh_token="r"),
            lease=self.lease(device, until=until),
        )


@dataclass
class Clinic:
    """One workstation in a folder."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    chance: SeededChance = field(default_factory=SeededChance)
    district: District = field(default_factory=District)
    device: UUID = field(default_factory=lambda: uid("device"))

    def __post_init__(self) -> None:
        self.parts = Parts(
            clock=self.clock, chance=self.chance, keystore=InsecureKeystore(self.folder.parent / "keystore.json")
        )

    def enrol(
        self, *, server_url: str = "https://sync.example.invalid", lease: timedelta = timedelta(hours=72)
    ) -> Station:
        request = EnrolRequest(
            server_url=server_url,
            district="d1",
            code="code",
            email="ana@example.invalid",
            password=PASSWORD,
            totp="123456",
            device_name="Clinic 1",
        )
        keys = new_device_keys(self.chance)
        enrolled = self.district.enrolled(self.device, until=self.clock.at + lease)
        return self.parts._settle(request, enrolled, keys, self.folder)

    def station(self) -> Station:
        station = Station.load(self.folder, self.parts)
        assert station is not None
        return station

    def begin_side(self, station: Station) -> SideFile:
        keys = station.unlock_keys(UserId(NURSE), PASSWORD)
        return side_file(station.folder, keys.replica, identity_of(station), EPOCH)

    def fill(self, station: Station, rows: Rows, *, acknowledged: int = 0) -> None:
        side = self.begin_side(station)
        load(side, rows, at=self.clock.at, acknowledged=acknowledged)
        side.prove()
        side.put_in_place()

    def opened(self, rows: Rows | None = None) -> Desk:
        station = self.enrol()
        self.fill(station, small_school() if rows is None else rows)
        return unlock(station, UserId(NURSE), PASSWORD)


def load(side: SideFile, rows: Rows, *, at: Instant, acknowledged: int = 0, chunk: int = 1000) -> None:
    for kind in KINDS:
        held = sorted(rows.get(kind.name, []), key=lambda r: r[-1])
        for start in range(0, len(held), chunk):
            part = held[start : start + chunk]
            side.take_rows(kind.name, part, part[-1][-1])
    side.index()
    assert side.finish(end_of(rows, acknowledged=acknowledged), header_at(at)) == ()


def header_at(at: Instant, *, estimate: int = 0, epoch: str = EPOCH) -> PullHeader:
    return PullHeader(frame="header", epoch=epoch, district_head=1, school_head=1, snapshot_at=at, estimate=estimate)


def end_of(rows: Rows, *, acknowledged: int = 0, checkpoint: str = "c1") -> PullEnd:
    return PullEnd(frame="end", checkpoint=checkpoint, acknowledged=acknowledged, digest=digest_of(rows))


def digest_of(rows: Rows) -> dict[str, tuple[int, int]]:
    found = {}
    for kind in KINDS:
        digest = digest_rows((r[0], r[-1]) for r in rows.get(kind.name, []))
        found[kind.name] = (digest.count, digest.sum)
    return found


def small_school() -> Rows:
    """Twins, a boy whose allergy clashes with his order, an expired authorisation."""
    rows = staff_and_medicines()
    add_student(rows, "sofia", "Sofia", "Martínez", born="2017-03-02", grade="3", room="5")
    add_student(rows, "sonia", "Sonia", "Martínez", born="2017-03-02", grade="3", room="6")
    add_student(rows, "omar", "Omar", "Haddad", born="2015-08-19", grade="5", room="9")
    add_student(rows, "lee", "Lee", "Okafor", born="2016-01-30", grade="4", room="7")
    add_order(rows, "sofia-mph", student="sofia", medication="methylphenidate", times=["11:45"])
    add_order(rows, "sonia-mph", student="sonia", medication="methylphenidate", times=["11:45"])
    add_order(rows, "omar-amox", student="omar", medication="amoxicillin", times=["12:00"], unit="mL", dose="5")
    add_order(rows, "lee-mph", student="lee", medication="methylphenidate", times=["lunch"], parent_to="2026-11-01")
    version = count(rows)
    rows["allergy"].append(
        row(
            "allergy",
            version + 1,
            id=str(uid("allergy-omar")),
            student_id=str(uid("omar")),
            allergen="Penicillins",
            ingredient_codes=compact(["class:penicillin"]),
            criticality="high",
            is_active=True,
        )
    )
    return rows


def count(rows: Rows) -> int:
    return sum(len(held) for held in rows.values())


def staff_and_medicines() -> Rows:
    rows: Rows = {kind.name: [] for kind in KINDS}
    rows["district"].append(row("district", 1, id=str(DISTRICT), name="Prairie District", state="IL", policy="{}"))
    rows["school"].append(
        row(
            "school",
            2,
            id=str(SCHOOL),
            name="Lincoln Elementary",
            timezone="America/Chicago",
            bells='{"lunch":"11:50"}',
        )
    )
    for number, (user, first, last) in enumerate(((NURSE, "Ana", "Reyes"), (SECOND_NURSE, "Bo", "Lind"))):
        rows["user"].append(
            row("user", 3 + number, id=str(user), first_name=first, last_name=last, role="NURSE", is_active=True)
        )
    medicines = (
        ("methylphenidate", "methylphenidate", "class:stimulant", "II", False),
        ("amoxicillin", "amoxicillin", "class:penicillin", None, False),
        ("albuterol", "albuterol", "class:beta2", None, True),
    )
    for number, (name, code, drug_class, schedule, emergency) in enumerate(medicines):
        rows["medication"].append(
            row(
                "medication",
                10 + number,
                id=str(uid(name)),
                name=name,
                form="TABLET",
                strength="5 mg",
                dea_schedule=schedule,
                ingredients=compact([{"code": code, "name": name, "classes": [drug_class]}]),
                is_emergency=emergency,
            )
        )
    return rows


def add_student(rows: Rows, name: str, first: str, last: str, *, born: str, grade: str, room: str) -> None:
    rows["student"].append(
        row(
            "student",
            100 + count(rows),
            id=str(uid(name)),
            student_number=f"S{len(rows['student']) + 1000}",
            first_name=first,
            last_name=last,
            date_of_birth=born,
            grade=grade,
            homeroom=room,
            is_active=True,
            enrolled_on="2026-08-20",
        )
    )


def add_order(
    rows: Rows,
    name: str,
    *,
    student: str,
    medication: str,
    times: Sequence[str],
    dose: str = "5",
    unit: str = "mg",
    parent_to: str = "2027-06-01",
    status: str = "ACTIVE",
    kind: str = "SCHEDULED",
    limits: Mapping[str, int] | None = None,
) -> None:
    order = uid(name)
    rows["order"].append(
        row(
            "order",
            1000 + count(rows),
            id=str(order),
            student_id=str(uid(student)),
            medication_id=str(uid(medication)),
            version=1,
            kind=kind,
            status=status,
            prescriber_name="Dr. Vance",
            order_signed_on="2026-08-20",
            parent_auth_from="2026-08-20",
            parent_auth_to=parent_to,
            self_carry=False,
            start_date="2026-08-20",
            end_date="2027-06-01",
            verified_by=str(NURSE),
        )
    )
    rows["order_version"].append(
        row(
            "order_version",
            1000 + count(rows),
            id=str(order_version_id(OrderId(order), 1)),
            order_id=str(order),
            student_id=str(uid(student)),
            version=1,
            dose=dose,
            unit=unit,
            route="ORAL",
            times=compact(list(times)),
            effective_from="2026-08-20T12:00:00+00:00",
            **(limits or {}),
        )
    )


def dose_row(
    rows: Rows, name: str, *, order: str, student: str, at: Instant, slot: str | None = None, **more: Any
) -> list[Any]:
    values = {
        "id": str(uid(name)),
        "student_id": str(uid(student)),
        "order_id": str(uid(order)),
        "order_version_id": str(order_version_id(OrderId(uid(order)), 1)),
        "medication_id": str(uid("methylphenidate")),
        "slot_id": slot,
        "status": "ADMINISTERED",
        "administered_at": instant_to_text(at),
        "local_date": at.date().isoformat(),
        "dose_given": "5",
        "unit": "mg",
        "overrides": "[]",
        "entry_id": str(uid(f"entry-{name}")),
        "device_id": str(uid("another device")),
        "device_seq": 1,
        "recorded_at": instant_to_text(at),
        "recorded_tz": "America/Chicago",
        "author_user_id": str(SECOND_NURSE),
        "flags": "[]",
        **more,
    }
    return row("dose", 5000 + count(rows), **values)
