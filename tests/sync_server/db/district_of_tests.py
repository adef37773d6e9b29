"""A small district made through the unit of work, as an operator's command would."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, UserId, new_uuid
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import DISTRICT, DOSE, MEDICATION, ORDER, ORDER_VERSION, SCHOOL, STUDENT, USER
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.unit_of_work import scoped

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
_numbers = itertools.count(1)

Row = dict[str, str | int | bool | None]


class Counted:
    """Chance that repeats itself in every run, and never within one."""

    def octets(self, count: int) -> bytes:
        return next(_numbers).to_bytes(count, "big")


def new_id() -> UUID:
    return new_uuid(AT, Counted())


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A district with two schools, a nurse and a medicine."""

    district: DistrictId = field(default_factory=lambda: DistrictId(new_id()))
    first: SchoolId = field(default_factory=lambda: SchoolId(new_id()))
    second: SchoolId = field(default_factory=lambda: SchoolId(new_id()))
    nurse: UserId = field(default_factory=lambda: UserId(new_id()))
    medicine: UUID = field(default_factory=new_id)

    def context(self, *schools: SchoolId, role: str = SYSTEM) -> Context:
        return Context(district=self.district, role=role, schools=schools or (self.first, self.second))


def settle(pool: Pool) -> Town:
    """Make a town in the database."""
    town = Town()
    with scoped(pool, town.context()) as uow:
        uow.open_streams(town.district)
        uow.write_rows(
            DISTRICT, town.district, [{"id": str(town.district), "name": "Elm", "state": "OH", "policy": "{}"}]
        )
        zone = "America/New_York"
        schools = [{"id": str(school), "name": "School", "timezone": zone} for school in (town.first, town.second)]
        uow.write_rows(SCHOOL, town.district, schools)
        uow.write_rows(USER, town.district, [nurse_row(town)])
        uow.write_rows(MEDICATION, town.district, [medicine_row(town)])
        uow.open_streams(town.first, town.second)
        uow.commit()
    return town


def nurse_row(town: Town) -> Row:
    return {
        "id": str(town.nurse),
        "first_name": "Nora",
        "last_name": "Test",
        "role": "NURSE",
        "is_active": True,
        "email": f"{town.nurse}@example.org",
    }


def medicine_row(town: Town) -> Row:
    return {
        "id": str(town.medicine),
        "name": "Invented",
        "form": "TABLET",
        "ingredients": '[{"code":"1"}]',
        "is_emergency": False,
    }


def student_row(**changes: str | bool | None) -> Row:
    id_ = str(new_id())
    row: Row = {
        "id": id_,
        "student_number": id_[-12:],
        "first_name": "Ada",
        "last_name": "Invented",
        "date_of_birth": "2015-03-01",
        "grade": "5",
        "is_active": True,
        "enrolled_on": "2026-08-20",
    }
    return row | changes


def write_order(pool: Pool, town: Town, student: Row) -> dict[str, str]:
    """Write a student with an order and its version; return the ids a dose names."""
    order, version = str(new_id()), str(new_id())
    with scoped(pool, town.context()) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(STUDENT, town.first, [student])
        uow.write_rows(ORDER, town.first, [_order(order, student, town)])
        uow.write_rows(ORDER_VERSION, town.first, [_version(version, order, student)])
        uow.commit()
    return {
        "student_id": str(student["id"]),
        "order_id": order,
        "order_version_id": version,
        "medication_id": str(town.medicine),
    }


def _order(order: str, student: Row, town: Town) -> Row:
    return {
        "id": order,
        "student_id": student["id"],
        "medication_id": str(town.medicine),
        "version": 1,
        "kind": "SCHEDULED",
        "status": "ACTIVE",
        "prescriber_name": "Dr. Invented",
        "self_carry": False,
        "start_date": "2026-08-20",
    }


def _version(version: str, order: str, student: Row) -> Row:
    return {
        "id": version,
        "order_id": order,
        "student_id": student["id"],
        "version": 1,
        "dose": "2.50",
        "unit": "mg",
        "route": "ORAL",
        "times": '["11:45"]',
        "effective_from": instant_to_text(AT),
    }


def dose_row(town: Town, of: dict[str, str], **changes: str | None) -> Row:
    row: Row = {
        "id": str(new_id()),
        **of,
        "status": "ADMINISTERED",
        "administered_at": instant_to_text(AT),
        "local_date": "2026-11-23",
        "dose_given": "2.50",
        "unit": "mg",
        "overrides": '[{"code":"too_soon","reason":"x"}]',
        "entry_id": str(new_id()),
        "device_id": str(new_id()),
        "device_seq": 1,
        "recorded_at": instant_to_text(AT),
        "recorded_tz": "America/New_York",
        "author_user_id": str(town.nurse),
        "flags": "[]",
    }
    return row | changes


__all__ = ["AT", "DOSE", "Row", "Town", "dose_row", "new_id", "settle", "student_row", "write_order"]
