"""What every table of the central schema is made of: tenant first, named constraints, one metadata."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

from wc_contract.model.validity import DOUBLED, NPI_DIGITS, NPI_PREFIX, OLDEST, YOUNGEST, luhn_sum
from wc_sync_server.db.tables.roles import SECRET, STAFF, Roles

METADATA = MetaData()
CONFIDENTIAL = "is_confidential"


class Home(StrEnum):
    """Where a table lives when districts are spread over machines."""

    TENANT = "tenant"
    REFERENCE = "reference"
    LOCAL = "local"


class Visible(StrEnum):
    """Whose context shows a row of a tenant table; a policy is made from it (rls.py)."""

    DISTRICT = "district"  # everyone in the district
    SCHOOL = "school"  # those with the row's school in their context
    MAYBE_SCHOOL = "maybe_school"  # the same; rows of no school, everyone in the district
    SECRET = "secret"  # noqa: S105  # sign-in and the system only, in the district


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """The record that a row tells of: the column that names it, and its table."""

    column: str
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who sees and who writes the rows of a tenant table: what its policies are made from (rls.py).

    readers None: everybody who may see the row at all. confidential: the table marks rows that few roles see.
    confidential_with: a row is as confidential as the one that it names; who may not see that one sees neither.
    """

    visible: Visible
    writers: Roles = STAFF
    readers: Roles | None = None
    confidential: bool = False
    confidential_with: Above | None = None


def instant(name: str, *, required: bool = False) -> Column[object]:
    """Return a timestamptz column."""
    return Column(name, DateTime(timezone=True), nullable=not required)


def identity(name: str, *, required: bool = False) -> Column[object]:
    """Return a uuid column."""
    return Column(name, Uuid(), nullable=not required)


def timestamps() -> tuple[Column[object], Column[object]]:
    """Return created_at and updated_at; both come from the unit of work."""
    return instant("created_at", required=True), instant("updated_at", required=True)


def primary_key(table: str, *columns: str) -> PrimaryKeyConstraint:
    """Return a named primary key that begins with the district."""
    return PrimaryKeyConstraint("district_id", *columns, name=f"pk_{table}")


def reference(table: str, column: str, target: str, *, part: bool = False) -> ForeignKeyConstraint:
    """Return a foreign key within the district. RESTRICT: people are deactivated, history outlives everything.

    part: the row is a piece of the one it points at and goes with it, when the law says that it goes.
    """
    return ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete="CASCADE" if part else "RESTRICT",
    )


def district_reference(table: str) -> ForeignKeyConstraint:
    """Return the foreign key that ties a row of no school to its district."""
    return ForeignKeyConstraint(
        ["district_id"], ["districts.district_id"], name=f"fk_{table}_district_id", ondelete="RESTRICT"
    )


def unique(table: str, *columns: str) -> UniqueConstraint:
    """Return a unique constraint within the district."""
    return UniqueConstraint("district_id", *columns, name=f"uq_{table}_{'_'.join(columns)}")


def one_of(table: str, column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the CHECK that keeps a column within a closed set of values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def check(table: str, name: str, condition: str) -> CheckConstraint:
    """Return a named CHECK. Conditions are immutable: they mean the same in every session and year."""
    return CheckConstraint(condition, name=f"ck_{table}_{name}")


def not_before(table: str, later: str, earlier: str) -> CheckConstraint:
    """Return the CHECK of a pair of dates; an open end passes."""
    return check(table, later, f"{later} >= {earlier}")


def npi_form(table: str, column: str) -> CheckConstraint:
    """Return the CHECK of a National Provider Identifier (wc_contract.model.validity), which may be missing."""
    places = range(1, NPI_DIGITS + 1)
    digits = (f"substr({column}, {place}, 1)" for place in places)
    # The prefix has an odd number of digits and the number an even one: places 1, 3, … of the number are doubled.
    terms = (
        f"translate({digit}, '0123456789', '{DOUBLED}')::int" if place % 2 else f"{digit}::int"
        for place, digit in zip(places, digits, strict=True)
    )
    total = f"{luhn_sum(NPI_PREFIX + '0' * NPI_DIGITS)} + {' + '.join(terms)}"
    form = f"{column} ~ '^[0-9]{{{NPI_DIGITS}}}$'"
    return check(table, column, f"CASE WHEN {form} THEN mod({total}, 10) = 0 ELSE {column} IS NULL END")


def pupils_age(table: str, born: str, day: str) -> CheckConstraint:
    """Return the CHECK of a pupil's age in completed years on a day (wc_contract.model.validity)."""
    early = " < ".join(f"extract(month FROM {each}) * 100 + extract(day FROM {each})" for each in (day, born))
    years = f"extract(year FROM {day}) - extract(year FROM {born}) - ({early})::int"
    return check(table, born, f"{years} BETWEEN {YOUNGEST} AND {OLDEST}")


def not_after_writing(table: str, column: str) -> CheckConstraint:
    """Return the CHECK that a date is not in the future of whoever wrote the row, wherever on earth that is."""
    return check(table, column, f"{column} <= (updated_at AT TIME ZONE 'UTC')::date + 1")


def index(table: str, *columns: str) -> Index:
    """Return an index within the district."""
    return Index(f"ix_{table}_{'_'.join(columns)}", "district_id", *columns)


def tenant_table(
    name: str,
    visible: Visible,
    *parts: SchemaItem,
    writers: Roles | None = None,
    readers: Roles | None = None,
    confidential_with: Above | None = None,
    partition_by: str | None = None,
) -> Table:
    """Declare a tenant table: district_id first, the rest as given, who sees and writes it beside it."""
    table = Table(name, METADATA, identity("district_id", required=True), *parts, postgresql_partition_by=partition_by)
    secret = visible is Visible.SECRET
    guard = Guard(
        visible=visible,
        writers=writers or (SECRET if secret else STAFF),
        readers=SECRET if secret else readers,
        confidential=CONFIDENTIAL in table.columns,
        confidential_with=confidential_with,
    )
    table.info.update(home=Home.TENANT, guard=guard)
    return table


def reference_table(name: str, *parts: SchemaItem) -> Table:
    """Declare a table of public codes, the same for every district; it names no child and nobody's secret."""
    table = Table(name, METADATA, *parts)
    table.info.update(home=Home.REFERENCE)
    return table


def local_table(name: str, *parts: SchemaItem) -> Table:
    """Declare a table that each machine has for itself and that names no child."""
    table = Table(name, METADATA, *parts)
    table.info.update(home=Home.LOCAL)
    return table


def home_of(table: Table) -> Home:
    """Return where table lives."""
    return Home(table.info["home"])


def guard_of(table: Table) -> Guard:
    """Return who sees and who writes a tenant table."""
    guard: Guard = table.info["guard"]
    return guard


def visibility_of(table: Table) -> Visible:
    """Return whose context shows a row of a tenant table."""
    return guard_of(table).visible
