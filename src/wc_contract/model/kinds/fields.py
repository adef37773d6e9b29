"""What a declaration of records is written in: fields and kinds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

WireValue: TypeAlias = str | int | bool | None  # what one column holds on the wire and in the replica


class FieldType(StrEnum):
    """How a value is kept: PostgreSQL type, replica type and wire form follow from it."""

    UUID = "uuid"  # uuid | TEXT | text
    TEXT = "text"  # text | TEXT | text
    INTEGER = "integer"  # integer | INTEGER | number
    BOOLEAN = "boolean"  # boolean | INTEGER | true/false
    DATE = "date"  # date | TEXT | '2026-11-23'
    INSTANT = "instant"  # timestamptz | TEXT | '2026-11-23T17:45:00+00:00'
    DECIMAL = "decimal"  # numeric | TEXT | '2.5'
    JSON = "json"  # jsonb | TEXT | JSON as text


class Scope(StrEnum):
    """Whose stream carries the record."""

    SCHOOL = "school"
    DISTRICT = "district"


class MergePolicy(StrEnum):
    """What happens when two devices say something about one record (sync.md, 'Conflicts, by kind of record')."""

    INSERT_ONLY = "insert_only"
    SERVER_ONLY = "server_only"
    UNION = "union"
    SECTIONS = "sections"
    BASE_MUST_MATCH = "base_must_match"
    FIELD_GROUPS = "field_groups"
    MOVEMENTS = "movements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a record.

    phi: its values never leave the record. plain: text of which it was decided that it tells nothing of a child.
    sealed: the central database holds it encrypted; on the wire and in the (encrypted) replica it is plain.
    owner: the record that references names is what this one is a part of.
    added: workstations are out already that do not know it; those get the kind without it (docs/adr/0027).
    """

    name: str
    type: FieldType
    required: bool = False
    phi: bool = False
    plain: bool = False
    sealed: bool = False
    owner: bool = False
    added: bool = False
    values: tuple[str, ...] = ()
    references: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One kind of record: its name on the wire, its table in both databases and what it is made of.

    Every record also has id (uuid) and row_version (integer, from its stream); SCHOOL records live in the
    stream of their school, DISTRICT records in the stream of the district. One that is not replicated stays in
    the central database, and its row_version counts its own changes.

    groups: fields that only make sense together; two hands in one group are a conflict, in two groups they are not.
    A field in none is a group of its own. cautious: values of a field from the least to the most cautious; when two
    hands differ, the most cautious stands until a nurse decides (UNION).
    """

    name: str
    table: str
    scope: Scope
    merge: MergePolicy
    fields: tuple[Field, ...]
    append_only: bool = False
    replicated: bool = True
    groups: tuple[tuple[str, ...], ...] = ()
    cautious: Mapping[str, tuple[WireValue, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        # Statements are kept by kind: hashing every field anew at each question took a third of a dose.
        return hash(self.name)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns as they stand on the wire and in the replica, in order."""
        return ("id", *(field.name for field in self.fields), "row_version")

    @property
    def first_columns(self) -> tuple[str, ...]:
        """The columns that every workstation knows, whatever its version, in order."""
        return ("id", *(field.name for field in self.fields if not field.added), "row_version")

    @property
    def phi_fields(self) -> frozenset[str]:
        """Names of the fields whose values never leave the record (audit, logs)."""
        return frozenset(field.name for field in self.fields if field.phi)

    @property
    def sealed_fields(self) -> frozenset[str]:
        """Names of the fields that the central database holds encrypted."""
        return frozenset(field.name for field in self.fields if field.sealed)

    def field(self, name: str) -> Field:
        """Return the field called name. Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def group_of(self, name: str) -> tuple[str, ...]:
        """Return the fields that change together with the one called name, itself among them."""
        return next((group for group in self.groups if name in group), (name,))


UUID, TEXT, INTEGER, BOOLEAN = FieldType.UUID, FieldType.TEXT, FieldType.INTEGER, FieldType.BOOLEAN
DATE, INSTANT, DECIMAL, JSON = FieldType.DATE, FieldType.INSTANT, FieldType.DECIMAL, FieldType.JSON


def column(name: str, type_: FieldType, flags: str = "", ref: str | None = None) -> Field:
    """Return a field. Flags: ! required, * PHI, ~ plain text, # sealed, ^ part of what it refers to, + added."""
    return Field(
        name=name,
        type=type_,
        required="!" in flags,
        phi="*" in flags,
        plain="~" in flags,
        sealed="#" in flags,
        owner="^" in flags,
        added="+" in flags,
        references=ref,
    )


def choice(name: str, values: type[StrEnum], flags: str = "") -> Field:
    """Return a field that holds one of a closed set of values."""
    return Field(
        name=name,
        type=FieldType.TEXT,
        required="!" in flags,
        phi="*" in flags,
        values=tuple(value.value for value in values),
    )


# What every clinical event made on a workstation carries (schema.md §11).
EVENT = (
    column("entry_id", UUID, "!"),
    column("device_id", UUID, "!"),
    column("device_seq", INTEGER, "!"),
    column("recorded_at", INSTANT, "!"),
    column("recorded_tz", TEXT, "!~"),
    column("author_user_id", UUID, "!", "users"),
    column("replica_as_of", INSTANT),
    column("flags", JSON, "!~"),  # finding codes, never text
    column("amends_id", UUID),
    column("amend_reason", TEXT, "*"),
)

# The same for what may also be written at the district's office: no entry, no device then.
AUTHORED = (
    column("entry_id", UUID),
    column("device_id", UUID),
    column("device_seq", INTEGER),
    column("recorded_at", INSTANT, "!"),
    column("recorded_tz", TEXT, "!~"),
    column("author_user_id", UUID, "!", "users"),
    column("amends_id", UUID),
    column("amend_reason", TEXT, "*"),
)
