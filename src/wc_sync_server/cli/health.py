"""`db health`: what an operator would look for in the database, as a table or for a program."""

from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from wc_sync_server.cli.console import out, reached_by, spoken, table
from wc_sync_server.cli.stepping import MigrateUrl, required
from wc_sync_server.db.health.examine import LOOKS, examine
from wc_sync_server.db.health.findings import Severity

_UNWELL = 1


@spoken
def health(
    url: MigrateUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Look at indexes, dead rows, partitions, locks and replication. Exit 1 when something is bad.

    Signs in as the migrating role, which sees statistics and no row.
    """
    with reached_by("WC_MIGRATE_URL"):
        found = examine(required(url))
    worst = any(finding.severity is Severity.BAD for finding in found)
    if as_json:
        document = {"well": not worst, "looked_at": list(LOOKS), "findings": [asdict(finding) for finding in found]}
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    elif found:
        rows = ((f.severity.value, f.check, f.subject, f.found, f.to_do) for f in found)
        table("Health of the database", ("", "what", "where", "found", "what to do"), rows)
    if not as_json:
        out.print(f"{len(LOOKS)} looks, {len(found)} findings, {'some are bad' if worst else 'none is bad'}.")
    if worst:
        raise typer.Exit(_UNWELL)
