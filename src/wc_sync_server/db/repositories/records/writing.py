"""Writing records that workstations get too: under the lock of their school's stream, compared by row_version."""

# ruff: noqa: S608  # names of our own declaration

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import SCHOOL, STUDENT, USER, FieldType, RecordKind
from wc_sync_server.db.errors import RowsNotWritten, TryAgain
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.shapes import Shape

Changes = Mapping[str, WireValue]
Settle = Callable[[Mapping[str, Any]], Changes]  # what follows from a change; may refuse it


def school_of(seat: Seat, kind: RecordKind, record: UUID) -> SchoolId:
    """Return the school whose record this is. Raises RecordRefused(NO_RECORD) when it is not there to be seen."""
    row = seat.uow.connection.execute(
        f"SELECT t.school_id FROM {living(kind, 't')} WHERE t.district_id = %(district)s"
        " AND t.id = %(record)s".encode(),
        {"district": seat.uow.context.district, "record": record},
    ).fetchone()
    if row is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return SchoolId(row[0])


def school_of_student(seat: Seat, student: UUID) -> SchoolId:
    """Return a student's school, of which everything of theirs is. Raises RecordRefused(INVALID: student_id)."""
    try:
        return school_of(seat, STUDENT, student)
    except RecordRefused:
        raise RecordRefused(RecordsProblem.INVALID, fields=("student_id",)) from None


def hold_school_of_student(seat: Seat, student: UUID) -> SchoolId:
    """Return a student's school, its stream held: from here on the student stays. Raises as school_of_student."""
    school = school_of_student(seat, student)
    seat.uow.lock_streams(school)
    require_unmoved(seat, student, school)
    return school


def require_unmoved(seat: Seat, student: UUID, school: SchoolId) -> None:
    """Raise TryAgain when a student has left the school whose stream was held a moment ago: a transfer was faster.

    What is added then belongs to the new school, so that its workstations get it.
    """
    if school_of_student(seat, student) != school:
        raise TryAgain(None)


def known(seat: Seat, kind: RecordKind, record: UUID) -> dict[str, Any] | None:
    """Return a record in wire form, None when it is not there to be seen."""
    row = seat.uow.connection.execute(
        f"SELECT {wire_object(kind.name, 't')} FROM {living(kind, 't')} WHERE t.district_id = %(district)s"
        " AND t.id = %(record)s".encode(),
        {"district": seat.uow.context.district, "record": record},
    ).fetchone()
    return None if row is None else seat.uow.sealing.opened(kind, [row[0]])[0]


def known_of(seat: Seat, kind: RecordKind, /, **columns: object) -> list[dict[str, Any]]:
    """Return the records in wire form whose columns have these values, of the schools in sight."""
    same = " AND ".join(f"t.{column} = %({column})s" for column in columns)
    rows = seat.uow.connection.execute(
        f"SELECT {wire_object(kind.name, 't')} FROM {living(kind, 't')} WHERE t.district_id = %(district)s"
        f" AND {same} ORDER BY t.id".encode(),
        {"district": seat.uow.context.district, **columns},
    ).fetchall()
    return seat.uow.sealing.opened(kind, [row[0] for row in rows])


def change_record(
    seat: Seat,
    kind: RecordKind,
    shape: Shape,
    record: UUID,
    changes: Changes,
    version: int,
    settle: Settle | None = None,
) -> None:
    """Change some fields of a record that is still at version. settle may refuse, knowing the whole record, or add.

    Asked again for what it says already (the answer was lost) it changes nothing and is content. Raises
    RecordRefused: NO_RECORD, STALE.
    """
    school = school_of(seat, kind, record)
    seat.uow.lock_streams(school)
    change_locked(seat, kind, shape, school, record, changes, version, settle)


def change_locked(
    seat: Seat,
    kind: RecordKind,
    shape: Shape,
    school: SchoolId,
    record: UUID,
    changes: Changes,
    version: int,
    settle: Settle | None = None,
) -> dict[str, Any] | None:
    """As change_record, when the stream of its school is held already.

    Return the record as it was, None when it said so already.
    """
    row = known(seat, kind, record)
    if row is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    present = row.pop("row_version")
    changed = different(kind, row, changes)
    if not changed:
        return None
    if present != version:
        raise RecordRefused(RecordsProblem.STALE, row_version=present)
    following = {} if settle is None else settle(row)
    changed += [name for name in following if name not in changed]
    seat.uow.write_rows(kind, school, [{**row, **changes, **following}])
    seat.did("UPDATE", shape, {"id": record, "school_id": school}, changed)
    return row


def add_record(
    seat: Seat, kind: RecordKind, shape: Shape, school: SchoolId, values: Changes, derived: Changes | None = None
) -> bool:
    """Add a record, whose school's stream is held; whether it was new. The author has given its id.

    derived is what the server adds to it, which may differ when the same is asked again.
    The same record again (the answer was lost) is no other. Raises RecordRefused(TAKEN) for another of that id.
    """
    row = blank(kind) | dict(values) | dict(derived or {})
    present = known(seat, kind, UUID(str(row["id"])))
    if present is not None:
        said = {name: value for name, value in values.items() if name != "id"}
        if different(kind, present, said) or school_of(seat, kind, UUID(str(row["id"]))) != school:
            raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))
        return False
    if _ever(seat, kind, row["id"]):
        raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))
    try:
        seat.uow.write_rows(kind, school, [row])
    except RowsNotWritten:
        # Of a school whose records this person does not see: no more is told than that the id is taken.
        raise RecordRefused(RecordsProblem.TAKEN, fields=("id",)) from None
    seat.did("CREATE", shape, {"id": row["id"], "school_id": school}, values.keys() - {"id"})
    return True


def blank(kind: RecordKind) -> dict[str, WireValue]:
    """Return a record without content: lists that must be there are empty."""
    return {field.name: "[]" if field.type is FieldType.JSON and field.required else None for field in kind.fields}


def different(kind: RecordKind, present: Mapping[str, Any], wanted: Changes) -> list[str]:
    """Return which of the wanted fields a record in wire form has otherwise."""
    return [name for name, value in wanted.items() if _plain(kind, name, present[name]) != _plain(kind, name, value)]


def _plain(kind: RecordKind, name: str, value: Any) -> object:  # noqa: ANN401  # a value in wire form
    """Return a value so that two ways of writing it compare as equal."""
    if not isinstance(value, str):
        return value
    match kind.field(name).type:
        case FieldType.JSON:
            return json.loads(value)
        case FieldType.INSTANT:
            return instant_from_text(value)
        case FieldType.DECIMAL:
            return Decimal(value)
        case FieldType.UUID:
            return value.lower()
        case FieldType.TEXT | FieldType.INTEGER | FieldType.BOOLEAN | FieldType.DATE:
            return value


def _ever(seat: Seat, kind: RecordKind, record: object) -> bool:
    # Deleted ones too: writing one again would bring it back to life.
    return (
        seat.uow.connection.execute(
            f"SELECT 1 FROM {kind.table} t WHERE t.district_id = %(district)s AND t.id = %(record)s".encode(),
            {"district": seat.uow.context.district, "record": record},
        ).fetchone()
        is not None
    )


def require_user(seat: Seat, user: UUID | str | None, field: str, roles: Iterable[str]) -> None:
    """Raise RecordRefused(INVALID: field) unless user, if any, works in the district in one of these roles."""
    if user is None:
        return
    row = seat.uow.connection.execute(
        f"SELECT u.role FROM {living(USER, 'u')} WHERE u.district_id = %(district)s AND u.id = %(user)s"
        " AND u.is_active AND u.revoked_at IS NULL".encode(),
        {"district": seat.uow.context.district, "user": user},
    ).fetchone()
    if row is None or row[0] not in roles:
        raise RecordRefused(RecordsProblem.INVALID, fields=(field,))


def zone_of(seat: Seat, school: UUID) -> str:
    """Return the time zone of a school."""
    row = seat.uow.connection.execute(
        f"SELECT s.timezone FROM {living(SCHOOL, 's')} WHERE s.district_id = %(district)s"
        " AND s.id = %(school)s".encode(),
        {"district": seat.uow.context.district, "school": school},
    ).fetchone()
    return "UTC" if row is None else str(row[0])
