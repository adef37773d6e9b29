"""The database: roles and database made once, migrations, and a look whether all is well."""

import secrets
from typing import Annotated

import typer

from wc_sync_server.cli import stepping
from wc_sync_server.cli.checking import check
from wc_sync_server.cli.console import out, reached_by, spoken
from wc_sync_server.cli.health import health
from wc_sync_server.cli.pictures import pictures
from wc_sync_server.cli.reference import reference
from wc_sync_server.cli.seeding import seed
from wc_sync_server.db.provision import Passwords, provision

database = typer.Typer(no_args_is_help=True, help="The database: provision, upgrade, check.")


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
database.command("check")(check)
