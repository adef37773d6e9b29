"""All commands of `wc-sync-server`."""

from importlib.metadata import version
from typing import Annotated

import typer

from wc_sync_server.cli import audit_chains, audit_export, audit_keeping, revoking, serve, status
from wc_sync_server.cli.audit import audit
from wc_sync_server.cli.blobs import blobs
from wc_sync_server.cli.database import database
from wc_sync_server.cli.device import devices
from wc_sync_server.cli.district import districts, schools
from wc_sync_server.cli.doctor.command import doctor
from wc_sync_server.cli.importing import imports
from wc_sync_server.cli.journals import import_journal
from wc_sync_server.cli.keys import keys
from wc_sync_server.cli.outbox import outbox
from wc_sync_server.cli.people import people
from wc_sync_server.cli.recovery import new_authenticator, new_password, recovery_codes
from wc_sync_server.cli.refused import receipts, refused
from wc_sync_server.cli.sessions import end_sessions, sessions
from wc_sync_server.cli.settling import settle
from wc_sync_server.cli.sign_on import link, unlink
from wc_sync_server.cli.students import students

_HELP = """The sync server of White Cross: takes in what school nurses' workstations recorded, and feeds them.

Where the database is stands in WC_DATABASE_URL (or DATABASE_URL), where the keys are in WC_KEYS.
"""

app = typer.Typer(
    name="wc-sync-server", help=_HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.command("doctor")(doctor)
app.add_typer(database, name="db")
app.add_typer(districts, name="district")
app.add_typer(schools, name="school")
people.command("recovery-codes")(recovery_codes)
people.command("new-authenticator")(new_authenticator)
people.command("new-password")(new_password)
people.command("sessions")(sessions)
people.command("end-sessions")(end_sessions)
people.command("link")(link)
people.command("unlink")(unlink)
app.add_typer(people, name="people")
devices.command("lost")(revoking.lost)
devices.command("retire")(revoking.retire)
devices.command("show")(revoking.show)
devices.command("settle")(settle)
app.add_typer(devices, name="device")
app.add_typer(students, name="student")
app.add_typer(imports, name="import")
app.command("import-journal")(import_journal)
audit.command("devices")(audit_chains.devices)
audit.command("export")(audit_export.export)
audit.command("check-export")(audit_export.check)
audit.command("archive")(audit_keeping.archive)
audit.command("disclose")(audit_keeping.disclose)
audit.command("disclosures")(audit_keeping.disclosures)
audit.add_typer(audit_keeping.holds, name="hold")
audit.add_typer(audit_keeping.retention, name="retention")
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(outbox, name="outbox")
app.add_typer(blobs, name="blobs")
app.add_typer(refused, name="refused")
app.add_typer(receipts, name="receipts")


def _show_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it so
    if asked:
        typer.echo(version("white-cross"))
        raise typer.Exit


@app.callback()
def main(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Take what all commands have in common."""
