"""The keys of contexts as the database keeps them, and contexts put by who may read them: the owner.

The application's role reads none of this. Two keys count at once while one takes the place of the other.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.context import SYSTEM, Context, entering
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import ContextNotBelieved
from wc_sync_server.db.rls import BEGAN
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.context_keys import ContextKey, OneKey

_STORED = """
SELECT inner_pad, until, added_at FROM wc_keys.context_keys WHERE until IS NULL OR until > transaction_timestamp()
ORDER BY until IS NOT NULL, added_at DESC, id
"""
_ADD = """
INSERT INTO wc_keys.context_keys (id, inner_pad, outer_pad, added_at)
VALUES (%(id)s, %(inner)s, %(outer)s, transaction_timestamp())
ON CONFLICT (id) DO UPDATE SET until = NULL
"""
_END_OTHERS = """
UPDATE wc_keys.context_keys SET until = transaction_timestamp() + %(kept)s
WHERE id <> %(id)s AND (until IS NULL OR until > transaction_timestamp() + %(kept)s)
"""
# Much later: a transaction that began before is believed to its end.
_FORGET = "DELETE FROM wc_keys.context_keys WHERE until < transaction_timestamp() - interval '7 days'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key that counts at present, and until when; None: until another takes its place."""

    key: ContextKey
    until: Instant | None
    added_at: Instant


def stored_keys(connection: Connection[TupleRow]) -> tuple[StoredKey, ...]:
    """Return the keys that count, the one to sign with first. connection acts as the owner or a superuser."""
    rows = connection.execute(_STORED).fetchall()
    return tuple(StoredKey(key=ContextKey.from_pads(row[0]), until=row[1], added_at=row[2]) for row in rows)


def knows_signatures(connection: Connection[TupleRow]) -> bool:
    """Return whether the database is at a revision that believes signed contexts."""
    ((there,),) = connection.execute("SELECT to_regclass('wc_keys.context_keys') IS NOT NULL").fetchall()
    return bool(there)


def signer_of(dsn: str) -> OneKey:
    """Return what signs for who may read the keys. dsn is the migrating role's. Raises ContextNotBelieved."""
    with psycopg.connect(dsn, application_name="wc-context-key") as connection:
        return OneKey(_first(connection))


def add_key(connection: Connection[TupleRow], key: ContextKey) -> None:
    """Let a key count from the end of this transaction on, beside those that do. connection acts as the owner."""
    inner, outer = key.pads
    connection.execute(_FORGET)
    connection.execute(_ADD, {"id": key.id, "inner": inner, "outer": outer})


def end_others(connection: Connection[TupleRow], key: ContextKey, kept: timedelta) -> None:
    """Let every other key count for so much longer at most. connection acts as the owner."""
    connection.execute(_END_OTHERS, {"id": key.id, "kept": kept})


def enter_as_owner(connection: Connection[TupleRow], context: Context) -> None:
    """Put a context into the transaction that is under way. Raises ContextNotBelieved."""
    key = _first(connection)
    ((process, began),) = connection.execute(f"SELECT pg_backend_pid(), {BEGAN}".encode()).fetchall()
    connection.execute(entering(context, key, process, began))


def require_believed(pool: Pool) -> None:
    """Raise ContextNotBelieved unless the database believes what is signed for this pool."""
    with scoped(pool, Context(district=DistrictId(UUID(int=0)), role=SYSTEM), read_only=True):
        return


def _first(connection: Connection[TupleRow]) -> ContextKey:
    stored = stored_keys(connection)
    if not stored:
        raise ContextNotBelieved("The database has no key of contexts: `wc-sync-server keys rotate-context` makes one.")
    return stored[0].key
