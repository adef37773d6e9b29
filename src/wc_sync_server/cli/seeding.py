"""Seeding: an invented district of any size, for load. Not for a database that people work with."""

import time
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wc_contract.model.ids import DistrictId
from wc_sync_server.cli.console import CommandRefused, complaints, out, reached_by, spoken, table, workshop
from wc_sync_server.cli.stepping import MigrateUrl, required
from wc_sync_server.db.directory import District
from wc_sync_server.db.loading import Loading, loading
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.repositories.epochs import ensure_epoch
from wc_sync_server.importing.catalogue import CatalogueMedication, load_catalogue
from wc_sync_server.seeding.district import parts_of
from wc_sync_server.seeding.plan import PUPILS_A_SCHOOL, Medicine, Plan
from wc_sync_server.wiring import Workshop

CODE = "seeded"
_UNITS = {"LIQUID": "mL", "INHALER": "{puff}", "NASAL_SPRAY": "{spray}", "DROPS": "[drp]"}
_AUDIT_DAYS = 31
_HELP_NEXT = (
    "Add a person with `wc-sync-server people add` and enrol a workstation with `wc-sync-server device code`: "
    "its first sync gets a whole seeded school."
)


@spoken
def seed(
    students: Annotated[int, typer.Option(min=1, max=2_000_000, help="How many children.")],
    schools: Annotated[
        int | None, typer.Option(min=1, help=f"How many schools; one for {PUPILS_A_SCHOOL} children by default.")
    ] = None,
    number: Annotated[int, typer.Option("--seed", help="The same number makes the same rows.")] = 1,
    district: Annotated[
        str | None, typer.Option("--district", "-d", help=f"Code of the new district; {CODE} by default.")
    ] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of what happened; today by default.")
    ] = None,
    url: MigrateUrl = None,
) -> None:
    """Make an invented district for load tests: about 17 rows a child in all tables.

    Rows go in by COPY, in one transaction: stopped, it leaves nothing.

    While it runs all tables are locked: never where people work.

    Where there is a district already, --district has to name a new one.
    """
    dsn = required(url)
    with workshop() as parts, reached_by("WC_MIGRATE_URL"):
        code = _new_code(parts, district)
        day = today.date() if today else parts.clock.now().date()
        plan = plan_of(code, students, schools, number, day)
        began = time.monotonic()
        try:
            counts = seed_district(parts, dsn, code, plan, shown=True)
        except psycopg.errors.LockNotAvailable:
            raise CommandRefused(
                "Somebody works with this database, so its tables could not be locked: nothing was written. "
                "Stop the server and run this again."
            ) from None
    seconds = time.monotonic() - began
    table("Seeded", ("table", "rows"), [(name, f"{rows:,}") for name, rows in sorted(counts.items())])
    total = sum(counts.values())
    out.print(f"District {code}: {total:,} rows in {seconds:.0f} s ({total / seconds:,.0f} a second). {_HELP_NEXT}")


def plan_of(code: str, students: int, schools: int | None, number: int, today: date) -> Plan:
    """Return the plan of a district with that code."""
    medicines = [_medicine(each) for each in load_catalogue().by_key.values()]
    return Plan(
        district=_id_of(code, number).hex,
        name=f"Seeded district {code}",
        students=students,
        schools=schools or -(-students // PUPILS_A_SCHOOL),
        seed=number,
        today=today,
        medicines=medicines,
    )


def seed_district(parts: Workshop, dsn: str, code: str, plan: Plan, *, shown: bool = False) -> dict[str, int]:
    """Make keys and rows of a new district; return how many rows each table got."""
    district = District(id=DistrictId(UUID(plan.district)), code=code, name=plan.name)
    ensure_epoch(parts.cells.home, parts.clock.now(), parts.chance)
    parts.keys.create_district(district.id)
    ensure_partitions(dsn, since=date.fromordinal(plan.today.toordinal() - _AUDIT_DAYS))
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=complaints, transient=True, disable=not shown,
    )  # fmt: skip
    with bar, loading(dsn, district, plan.at, parts.cipher) as load:
        _load(load, plan, bar)
    return dict(load.counts)


def _load(load: Loading, plan: Plan, bar: Progress) -> None:
    task = bar.add_task("schools", total=plan.schools)
    for part in parts_of(plan):
        school = None if part.school is None else UUID(part.school)
        if school is not None:
            load.open_stream(school)
        for name, rows in part.rows.items():
            bar.update(task, description=f"{name}: {load.counts[name] + len(rows):,}")
            load.copy(name, rows, school)
        bar.update(task, advance=school is not None)


def _new_code(parts: Workshop, asked: str | None) -> str:
    code = (asked or CODE).strip().lower()
    known = parts.cells.all()
    if any(each.code == code for each in known):
        raise CommandRefused(f"There is a district {code!r} already: name a new one with --district.")
    if known and asked is None:
        raise CommandRefused(
            "This database has a district. If nobody works with it, name the new one with --district; "
            "while rows are loaded nobody else can use the database."
        )
    return code


def _id_of(code: str, number: int) -> UUID:
    """Return the district's id: the same for the same code and seed, so that two runs can be compared."""
    digest = int.from_bytes(sha256(f"white-cross/seeded/{code}/{number}".encode()).digest()[:16], "big")
    return UUID(int=digest & ~(0xF << 76 | 0b11 << 62) | 8 << 76 | 0b10 << 62)  # version 8: made our own way


def _medicine(each: CatalogueMedication) -> Medicine:
    ingredients = [{"code": one.code, "name": one.name, "classes": list(one.classes)} for one in each.ingredients]
    row = {
        "name": each.name,
        "generic_name": each.generic_name,
        "brand_name": each.brand_name,
        "category": each.category,
        "form": each.form.value,
        "strength": each.strength,
        "rxcui": each.rxcui,
        "dea_schedule": each.dea_schedule,
        "ingredients": ingredients,
        "is_emergency": each.is_emergency,
    }
    return Medicine(row=row, route=each.usual_route.value, unit=_UNITS.get(each.form.value, "{unit}"))
