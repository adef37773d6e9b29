"""What every table of the central schema is made of: tenant first, named constraints, one metadata."""

from collections.abc import Iterable
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

METADATA = MetaData()


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


def reference(table: str, column: str, target: str) -> ForeignKeyConstraint:
    """Return a foreign key within the district. RESTRICT: people are deactivated, history outlives everything."""
    return ForeignKeyConstraint(
        ["district_id", column],
        [f"{target}.district_id", f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete="RESTRICT",
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


def index(table: str, *columns: str) -> Index:
    """Return an index within the district."""
    return Index(f"ix_{table}_{'_'.join(columns)}", "district_id", *columns)


def tenant_table(name: str, visible: Visible, *parts: SchemaItem, partition_by: str | None = None) -> Table:
    """Declare a tenant table: district_id first, the rest as given, its visibility beside it."""
    table = Table(name, METADATA, identity("district_id", required=True), *parts, postgresql_partition_by=partition_by)
    table.info.update(home=Home.TENANT, visible=visible)
    return table


def local_table(name: str, *parts: SchemaItem) -> Table:
    """Declare a table that each machine has for itself and that names no child."""
    table = Table(name, METADATA, *parts)
    table.info.update(home=Home.LOCAL)
    return table


def home_of(table: Table) -> Home:
    """Return where table lives."""
    return Home(table.info["home"])


def visibility_of(table: Table) -> Visible:
    """Return whose context shows a row of a tenant table."""
    return Visible(table.info["visible"])
