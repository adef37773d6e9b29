"""The key that contexts are signed with: in the key folder and in the database, both by the owner's hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import psycopg
import typer
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.auth.context_key import LOOK_SECONDS
from wc_sync_server.cli.auditing import migrate_url_of
from wc_sync_server.cli.console import out, reached_by, spoken, workshop
from wc_sync_server.cli.rotating import tell_audit
from wc_sync_server.db.context_keys import add_key, end_others, signer_of
from wc_sync_server.wiring import Workshop

# Until every server of this key folder signs with the new one; ended before, it would turn workstations away.
_SERVERS_LOOK = timedelta(seconds=LOOK_SECONDS + 1)


@spoken
def fetch_context() -> None:
    """Write the database's key of contexts into the key folder, as after another server rotated it.

    Needs WC_MIGRATE_URL. Running servers sign with it within seconds.
    """
    with workshop() as parts:
        with reached_by("WC_MIGRATE_URL"):
            key = signer_of(migrate_url_of(parts)).key()
        parts.contexts.put(key)
        out.print(f"context.key is {key.id} now.")


@spoken
def rotate_context(
    *,
    keep: Annotated[
        int, typer.Option(min=0, max=10_080, help="Minutes that keys of before count on. 0: one was stolen.")
    ] = 60,
) -> None:
    """Sign contexts with a new key. Nothing stops: servers of this key folder use it within seconds.

    Needs WC_MIGRATE_URL. A server with a key folder of its own says `keys fetch-context`, or is given a copy of
    context.key, before the key of before ends; after that the database shows it nothing, and it says so.
    """
    with workshop() as parts:
        key = parts.contexts.fresh()
        # In this order: whatever it is cut off by, the key in the folder is one that the database believes.
        with _as_migrating(parts) as connection:
            add_key(connection, key)
        parts.contexts.put(key)
        with _as_migrating(parts) as connection:
            end_others(connection, key, max(timedelta(minutes=keep), _SERVERS_LOOK))
        for district in parts.cells.all():
            tell_audit(parts, district.id, "KEY_USED", key.id)
        more = f"{keep} minutes" if keep else f"{_SERVERS_LOOK.seconds} seconds"
        out.print(f"Contexts are signed with {key.id} now; keys of before count for {more} more.")


@contextmanager
def _as_migrating(parts: Workshop) -> Iterator[Connection[TupleRow]]:
    with (
        reached_by("WC_MIGRATE_URL"),
        psycopg.connect(migrate_url_of(parts), application_name="wc-context-key") as connection,
    ):
        yield connection
