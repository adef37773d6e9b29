"""The synced tables, made from the one declaration of every record (wc_contract.model.kinds)."""

from sqlalchemy import Table

from wc_contract.model.kinds import (
    DOSE,
    INCIDENT,
    KINDS,
    ORDER,
    STUDENT,
    USER,
    Field,
    MergePolicy,
    RecordKind,
)
from wc_contract.model.kinds.fields import INSTANT, TEXT, UUID, column
from wc_sync_server.db.tables.kind_tables import column_type, kind_table
from wc_sync_server.db.tables.record_extras import extras_of
from wc_sync_server.domain.writers import writers_of

# Fields that the central table has and no workstation gets. A required one is given by every writer of a record;
# another is left as it is by whoever does not name it.
SERVER_FIELDS: dict[str, tuple[Field, ...]] = {
    USER.name: (
        column("email", TEXT, "!~"),
        column("licence_number", TEXT, "~"),
        column("licence_state", TEXT, "~"),
        column("npi", TEXT, "~"),
    ),
    STUDENT.name: (
        column("photo", UUID, "*"),  # a document's id; no key, since documents belong to students
        column("merged_into_id", UUID, "", "students"),
    ),
    ORDER.name: (column("supersedes_id", UUID, "", "student_medications"),),
    DOSE.name: (
        column("witness_id", UUID, "", "users"),
        column("container_id", UUID, "", "medication_containers"),
        column("reaction", TEXT, "*"),
    ),
    INCIDENT.name: (column("closed_at", INSTANT),),
}

# What tells of another record is as confidential as that one: the field that names it. Two more name a visit and are
# seen by all the same. A movement of stock names no child, and a count that leaves some out is wrong. An appointment is
# the office's own, made before the visit; hidden, a nurse's time would look free and be given away twice.
_CONFIDENTIAL_WITH = {"vital_signs": "visit_id"}

# Kinds to insert only that production changes all the same, whole: a registry mends what it told of a vaccination, and
# the FHIR import takes that over, on record.
_MENDED = frozenset({"vaccinations"})


def written_once(kind: RecordKind) -> bool:
    """Return whether the content of a record of this kind stays as it was first written, fact or not (law 2)."""
    return kind.append_only or (kind.merge is MergePolicy.INSERT_ONLY and kind.table not in _MENDED)


def server_fields(kind: RecordKind) -> tuple[Field, ...]:
    """Return the fields that only the central database has of a kind."""
    return SERVER_FIELDS.get(kind.name, ())


def written_fields(kind: RecordKind) -> tuple[Field, ...]:
    """Return every field that whoever writes a record of this kind gives, or may give, besides id."""
    return (*kind.fields, *server_fields(kind))


def make_record_tables() -> dict[str, Table]:
    """Declare one table a kind, parents before children, and return them by the kind's name."""
    return {kind.name: _table(kind) for kind in KINDS}


def _table(kind: RecordKind) -> Table:
    return kind_table(
        kind,
        written_fields(kind),
        *extras_of(kind),
        writers=writers_of(kind),
        confidential_with=_CONFIDENTIAL_WITH.get(kind.table),
    )


__all__ = ["SERVER_FIELDS", "column_type", "make_record_tables", "server_fields", "written_fields", "written_once"]
