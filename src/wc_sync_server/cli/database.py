"""The database: roles and database made once, migrations, and a look whether all is well."""

import secrets
from typing import Annotated

import typer

from wc_contract.model.ids import DistrictId
from wc_contract.model.kinds import KINDS, Scope
from wc_sync_server.cli import stepping
from wc_sync_server.cli.console import CommandRefused, fail, out, reached_by, spoken, table, workshop
from wc_sync_server.cli.health import health
from wc_sync_server.cli.pictures import pictures
from wc_sync_server.cli.records import every_school, system
from wc_sync_server.cli.reference import reference
from wc_sync_server.cli.seeding import seed
from wc_sync_server.db.provision import Passwords, provision
from wc_sync_server.db.repositories.readiness import PostgresReadiness
from wc_sync_server.settings import from_environment
from wc_sync_server.wiring import Workshop

database = typer.Typer(no_args_is_help=True, help="The database: provision, upgrade, check.")


def rows_written_past(parts: Workshop, district: DistrictId) -> list[tuple[str, int]]:
    """Return, by kind, how many rows are ahead of their stream: somebody wrote them past the unit of work."""
    everywhere = every_school(parts, district)
    found = []
    with system(parts, district, everywhere, read_only=True) as uow:
        for kind in KINDS:
            own = "t.school_id" if kind.scope is Scope.SCHOOL else "t.district_id"
            statement = (
                f"SELECT count(*) FROM {kind.table} t LEFT JOIN streams s ON s.district_id = t.district_id"  # noqa: S608
                f" AND s.id = {own} WHERE t.district_id = %(district)s AND t.row_version > coalesce(s.head, 0)"
            )
            row = uow.connection.execute(statement.encode(), {"district": district}).fetchone()
            if row is not None and row[0]:
                found.append((kind.name, int(row[0])))
    return found


@database.command("provision")
@spoken
def provision_database(
    superuser_url: Annotated[str, typer.Option(envvar="WC_SUPERUSER_URL", help="How a superuser signs in.")],
    name: Annotated[str, typer.Option(help="Name of the database.")] = "whitecross",
) -> None:
    """Make the roles and the database, and print what to set. Passwords are new each time and shown once."""
    passwords = Passwords(
        migrate=secrets.token_urlsafe(24),
        app=secrets.token_urlsafe(24),
        audit_reader=secrets.token_urlsafe(24),
        backup=secrets.token_urlsafe(24),
    )
    with reached_by("WC_SUPERUSER_URL"):
        ways = provision(superuser_url, name, passwords)
    out.print("Set these for the server; they are not shown again:")
    for variable, way in (
        ("WC_DATABASE_URL", ways.app),
        ("WC_MIGRATE_URL", ways.migrate),
        ("WC_AUDIT_URL", ways.audit_reader),
    ):
        out.print(f'{variable}="{way}"', soft_wrap=True, highlight=False, markup=False)


database.command("upgrade")(stepping.upgrade)
database.command("backfill")(stepping.backfill)
database.command("reference")(reference)
database.command("health")(health)
database.command("pictures")(pictures)
database.command("seed")(seed)


@database.command("check")
@spoken
def check() -> None:
    """Look whether the database can serve and whether every row was written in its stream. Exit 1 if not."""
    from_environment()
    with workshop() as parts:
        checks = PostgresReadiness(parts.cells).checks()
        table("Database", ("looked at", "in order"), ((name, "yes" if fine else "no") for name, fine in checks.items()))
        if not all(checks.values()):
            raise fail("The database is not ready: run `wc-sync-server db upgrade`.", 1)
        past = [(d.code, *one) for d in parts.cells.all() for one in rows_written_past(parts, d.id)]
    if past:
        table("Rows written past their stream", ("district", "kind", "rows"), past)
        raise CommandRefused("Workstations will not get these rows: somebody wrote them past the server.")
    out.print("Every row stands in its stream.")
