"""Three schools in two districts, with one row in every tenant table of each: what the probes look for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from psycopg import Connection
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from wc_sync_server.db.tables import TENANT

_SEED = UUID("6f0d3c0e-0000-4000-8000-000000000001")
NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A school of a district."""

    district: UUID
    school: UUID

    def id_of(self, table: str) -> UUID:
        """Return the id of this place's row in table."""
        if table == "districts":
            return self.district
        return self.school if table in {"schools", "streams"} else uuid5(_SEED, f"{self.school}/{table}")


def _school(district: UUID, name: str) -> Place:
    return Place(district=district, school=uuid5(_SEED, name))


NORTH, SOUTH = uuid5(_SEED, "north"), uuid5(_SEED, "south")
ASH, BIRCH, CEDAR = _school(NORTH, "ash"), _school(NORTH, "birch"), _school(SOUTH, "cedar")
PLACES = (ASH, BIRCH, CEDAR)

_FIXED: dict[str, dict[str, Any]] = {
    "districts": {"state": "OH"},
    "users": {"email": None, "licence_state": "OH", "npi": "1234567893"},
    "streams": {"kind": "SCHOOL"},
    "receipts": {"hash": "0" * 64},
    "devices": {"sign_key": b"s" * 32, "seal_key": b"s" * 32},
    "students": {"date_of_birth": date(2015, 1, 1)},
    "medications": {"ndc11": None},
    "documents": {"sha256": "0" * 64},
    "blobs": {"sha256": "0" * 64},
    "health_records": {"provider_npi": "1234567893"},
    "appointments": {"duration": 30},
    "appointment_waitlist": {"duration": 30},
}
# What a row has only in some of its states, or what may not be the same person or row twice.
_LEFT_OUT = {
    "deleted_at",
    "successor_id",
    "used_at",
    "used_by_device",
    "merged_into_id",
    "supersedes_id",
    "reverses_id",
    "witness_id",
    "handover_to",
    "log_id",
    "completed_at",
    "completed_by",
    "sent_at",
    "delivered_at",
    "closed_at",
}
_LEFT_OUT_OF = {("appointment_waitlist", "appointment_id")}
_ONE_OF = re.compile(r"^(\w+) IN \('([^']*)'")
_BETWEEN = re.compile(r"^(\w+) BETWEEN (\d+) AND \d+$")


def fill(connection: Connection[Any]) -> None:
    """Put one row of every place into every tenant table. connection is the superuser's."""
    there = columns_there(connection)
    for table in TENANT:
        # An older revision has fewer tables and columns than the models.
        if table.name not in there:
            continue
        for place in PLACES:
            row = sample(table, place)
            _insert(connection, table, {name: value for name, value in row.items() if name in there[table.name]})
            if table.name == "users":
                _insert(connection, table, second_user(table, place))
    for district in (NORTH, SOUTH):
        connection.execute(
            "INSERT INTO streams (district_id, id, kind, created_at, updated_at) VALUES (%s, %s, 'DISTRICT', %s, %s)",
            (district, district, NOW, NOW),
        )


def columns_there(connection: Connection[Any]) -> dict[str, set[str]]:
    """Return the columns that the database has by now, by table."""
    asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(asked).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def sample(table: Table, place: Place) -> dict[str, Any]:
    """Return a row of table that belongs to place and passes every check."""
    fixed = _FIXED.get(table.name, {})
    row = {column.name: _value(table, column, place) for column in table.columns if not _left_out(column)}
    row |= {name: value for name, value in fixed.items() if value is not None or name in row}
    if table.name == "users":
        row["email"] = f"nurse.{place.school}@example.org"
    return row


def second_user(table: Table, place: Place) -> dict[str, Any]:
    """Return a colleague: nobody delegates to himself."""
    id_ = place.id_of("users.second")
    return sample(table, place) | {"id": id_, "email": f"{id_}@example.org", "licence_number": str(id_)}


def _left_out(column: Column[Any]) -> bool:
    if isinstance(column.type, TSVECTOR) or column.name in _LEFT_OUT:
        return True
    return (column.table.name, column.name) in _LEFT_OUT_OF


def _insert(connection: Connection[Any], table: Table, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"%({name})s" for name in row)
    # The two schools of one district share its row.
    connection.execute(f"INSERT INTO {table.name} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING".encode(), row)


def _value(table: Table, column: Column[Any], place: Place) -> Any:
    for key, value in _by_name(table, column, place):
        if key == column.name:
            return value
    return _by_type(table, column, place)


def _by_name(table: Table, column: Column[Any], place: Place) -> Iterator[tuple[str, Any]]:
    yield "district_id", place.district
    yield "school_id", place.school
    yield "stream_id", place.school
    if table.name == "user_credentials":
        yield "id", place.id_of("users")
    yield "id", place.id_of(table.name)
    if (table.name, column.name) == ("delegations", "delegated_by"):
        yield column.name, place.id_of("users.second")
    for constraint in table.foreign_key_constraints:
        yield constraint.column_keys[-1], place.id_of(constraint.referred_table.name)
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and (found := _ONE_OF.match(str(check.sqltext))):
            yield found[1], found[2]
        elif isinstance(check, CheckConstraint) and (found := _BETWEEN.match(str(check.sqltext))):
            yield found[1], int(found[2])


def _by_type(table: Table, column: Column[Any], place: Place) -> Any:  # noqa: PLR0911  # one a type
    match column.type:
        case Uuid():
            return place.id_of(f"{table.name}.{column.name}")
        case Boolean():
            return True
        case Integer():
            return 1
        case Numeric():
            return Decimal("2.5")
        case DateTime():
            return NOW
        case Date():
            return NOW.date()
        case JSONB():
            return Jsonb([])
        case LargeBinary():
            return str(place.school).encode()
        case Text():
            return f"{place.school}/{column.name}"
        case _:
            raise AssertionError(column)
