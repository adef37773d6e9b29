"""Public codes: vaccines, manufacturers, diagnoses, ingredients."""

from wc_sync_server.cli.console import reached_by, spoken, table
from wc_sync_server.cli.stepping import MigrateUrl, required
from wc_sync_server.db.reference import load_reference


@spoken
def reference(url: MigrateUrl = None) -> None:
    """Write the codes that come with this version into the database. `upgrade` does it too."""
    dsn = required(url)
    with reached_by("WC_MIGRATE_URL"):
        written = load_reference(dsn)
    table("Codes", ("table", "new or changed"), ((name, str(count)) for name, count in sorted(written.items())))
