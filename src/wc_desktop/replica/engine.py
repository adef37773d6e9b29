"""Opening the replica: only a complete one, of this device, this school and this schema."""

from pathlib import Path

from wc_desktop.cipher.engine import Connection, Pragmas, facts_of, open_encrypted
from wc_desktop.cipher.faults import CannotOpen
from wc_desktop.domain.failures import FirstSyncUnfinished, ReplicaDamaged
from wc_desktop.replica.meta import Identity
from wc_desktop.replica.migrate import upgrade
from wc_desktop.replica.tables import SCHEMA

REPLICA_FILE = "replica.db"
SIDE_FILE = "replica.side.db"

# Nothing stands here that the server does not have: a commit lost at a power cut takes its rows and the position
# they reached with it, and the next pull asks for them again. So a pull's many short commits need no sync each.
READING = Pragmas(synchronous="NORMAL", cache_kib=32_768)


def open_replica(path: Path, key: bytearray, identity: Identity) -> Connection:
    """Open the replica.

    Raises FirstSyncUnfinished when there is none yet, ReplicaDamaged (with its reason) for a file that is empty,
    unencrypted, unreadable, another's or of a newer version of this program, AlreadyOpen.
    """
    if not path.exists():
        raise FirstSyncUnfinished("no replica")
    try:
        connection = open_encrypted(path, key, pragmas=READING)
    except CannotOpen as error:
        raise ReplicaDamaged(error.fault.value) from None
    try:
        _must_match(connection, identity)
    except BaseException:
        connection.close()
        raise
    return connection


def _must_match(connection: Connection, identity: Identity) -> None:
    meta = facts_of(connection)
    if meta is None:
        raise ReplicaDamaged("unreadable")
    if {name: meta.get(name) for name in identity.facts()} != identity.facts():
        raise ReplicaDamaged("foreign")
    schema = meta.get("schema", "")
    if schema > SCHEMA:
        raise ReplicaDamaged("newer_schema")
    if meta.get("complete") != "1":
        raise FirstSyncUnfinished("replica is not complete")
    if schema < SCHEMA:
        upgrade(connection)
