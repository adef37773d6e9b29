"""The outbox: delivering what others are to be told, and looking what became of it."""

import random
import signal
from threading import Event
from typing import Annotated
from uuid import UUID

import typer

from wc_sync_server.cli.console import CommandRefused, fail, out, spoken, table, workshop
from wc_sync_server.cli.district import DistrictOption
from wc_sync_server.cli.records import district_named
from wc_sync_server.db.repositories.outbox import PostgresOutbox
from wc_sync_server.domain.messages import LetterStatus
from wc_sync_server.logs import configure_logs
from wc_sync_server.wiring import courier

outbox = typer.Typer(no_args_is_help=True, help="The outbox of messages to others: run, status, retry.")

_COLUMNS = ("kind", "channel", "status", "letters", "oldest", "last error")


@outbox.command("run")
@spoken
def run(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Deliver what is due now, and end. Exit 1 if any is dead.")
    ] = False,
    every: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between two looks.")] = 5.0,
) -> None:
    """Deliver letters until stopped. Several may run at once; each letter is taken by one at a time."""
    with workshop() as parts:
        carrying = courier(parts, random.random)
        if once:
            tally = carrying.round()
            out.print(f"{tally.delivered} delivered, {tally.failed} failed, {tally.dead} of them for good.")
            if tally.dead:
                raise fail("Some letters are dead: see `wc-sync-server outbox status`.", 1)
            return
        configure_logs(parts.settings.log_level)
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        carrying.run(stop, every)


@outbox.command("status")
@spoken
def status(district: DistrictOption = None) -> None:
    """Show how many letters wait, were delivered or are dead. Exit 1 when any is dead."""
    with workshop() as parts:
        counts = PostgresOutbox(parts.cells).counts(district_named(parts, district).id)
    rows = [(c.kind, c.channel, c.status.value.lower(), c.letters, c.oldest, c.last_error) for c in counts]
    table("Outbox", _COLUMNS, rows)
    dead = sum(count.letters for count in counts if count.status is LetterStatus.DEAD)
    if dead:
        raise fail(f"{dead} letters are dead. Put their cause right, then `wc-sync-server outbox retry`.", 1)


@outbox.command("retry")
@spoken
def retry(
    letters: Annotated[
        list[str] | None, typer.Argument(help="Ids of dead letters; all of them if none is given.")
    ] = None,
    district: DistrictOption = None,
) -> None:
    """Let dead letters be tried anew, from the first try."""
    try:
        ids = [UUID(each) for each in letters or ()]
    except ValueError:
        raise CommandRefused("A letter's id is a UUID, as it stands in the log.") from None
    with workshop() as parts:
        again = PostgresOutbox(parts.cells).retry(district_named(parts, district).id, ids)
    out.print(f"{again} letters will be tried again.")
