"""The first sync's file: filled beside the replica, resumed after a break, swapped in only when complete.

Journal mode TRUNCATE without syncs: a killed process leaves a file that rolls back to its last commit, and that
commit carries the positions it reached. Journal off would be some 15 % faster and could not be resumed. A power cut
may tear the file; then it does not pass its check and the download starts over.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.messages import PullEnd, PullHeader
from wc_desktop.cipher.engine import Connection, Pragmas, create_encrypted, facts_of, open_encrypted
from wc_desktop.cipher.faults import CannotOpen, Damaged, disk_errors
from wc_desktop.cipher.whole_file import disk_refusals, sync_folder
from wc_desktop.domain.failures import ReplicaDamaged
from wc_desktop.replica.apply import completed, take_end, take_removals, take_rows
from wc_desktop.replica.digests import Digests, differing, digests, digests_of, versions
from wc_desktop.replica.engine import REPLICA_FILE, SIDE_FILE
from wc_desktop.replica.extra import Unknown, keep_unknown
from wc_desktop.replica.meta import Identity, keep, read_meta, read_positions
from wc_desktop.replica.tables import SCHEMA, indexes, tables
from wc_desktop.replica.unstored import with_unstored

_LOADING = Pragmas(journal_mode="TRUNCATE", synchronous="OFF", cache_kib=65_536)
_ROWS_A_COMMIT = 8_000


class SideFile:
    """A replica in the making. One thread uses it."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        self._folder = folder
        self._connection = connection
        self._since_commit = 0
        self._indexing = False
        self._digests: Digests | None = None
        self._rows = self.rows_held()

    @property
    def positions(self) -> dict[str, int]:
        """What a resumed download may ask from, per kind."""
        return read_positions(self._connection)

    @property
    def rows(self) -> int:
        """How many rows were taken in all, earlier attempts included."""
        return self._rows

    def rows_held(self) -> int:
        """How many rows an earlier attempt left here."""
        return int(read_meta(self._connection).get("rows", "0"))

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int:
        """Write one line of rows; committed every few thousand."""
        self._digests = None
        with disk_errors():
            self._begin()
            taken = take_rows(self._connection, kind, rows, upto)
            self._since_commit += taken
            self._rows += taken
            if self._since_commit >= _ROWS_A_COMMIT:
                self.commit()
        return taken

    def keep_unknown(self, kind: str, unknown: Unknown) -> None:
        """Keep values that this version has no column for."""
        with disk_errors():
            self._begin()
            keep_unknown(self._connection, kind, unknown)

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> None:
        """Remove records that went while the download was interrupted."""
        self._digests = None
        with disk_errors():
            self._begin()
            take_removals(self._connection, rows, upto)

    def commit(self) -> None:
        """Make what arrived the place from which a resumed download goes on."""
        with disk_errors():
            if self._connection.in_transaction:
                keep(self._connection, {"rows": str(self._rows)})
                self._connection.execute("COMMIT")
            self._since_commit = 0

    def index(self) -> None:
        """Build indexes and search, once the rows are there. Their digests are summed meanwhile."""
        self.commit()
        self._indexing = True
        with disk_errors(), ThreadPoolExecutor(1) as beside:
            self._begin()
            summing = beside.submit(digests_of, versions(self._connection))
            # No ANALYZE: every question is answered by one index, and a column that is empty in most rows (slot_id)
            # would talk the planner out of it.
            for statement in indexes():
                self._connection.execute(statement)
            self._digests = summing.result()

    def finish(self, pull_end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        """Compare with the server's digests and mark the file complete; return the kinds that differ."""
        end = completed(pull_end, header)
        with disk_errors():
            self._begin()
            ours = self._digests if self._digests is not None else digests(self._connection)
            different = () if end.digest is None else differing(with_unstored(self._connection, ours), end.digest)
            if not different:
                take_end(self._connection, end)
            self.commit()
        return different

    def prove(self) -> None:
        """Check every page, close the file and make it durable.

        Raises ReplicaDamaged when the check fails; the side file is then gone and the replica as it was. Raises
        DiskFull, DiskFailed.
        """
        self._check()
        self._connection.close()
        with disk_refusals(), (self._folder / SIDE_FILE).open("rb+") as file:
            os.fsync(file.fileno())

    def put_in_place(self) -> None:
        """Put the proved file in the place of the replica, which must be closed. Raises DiskFull, DiskFailed."""
        replica = self._folder / REPLICA_FILE
        with disk_refusals():
            # A write-ahead log of the old file would be played into the new one.
            for suffix in ("-wal", "-shm", "-journal"):
                replica.with_name(replica.name + suffix).unlink(missing_ok=True)
            (self._folder / SIDE_FILE).replace(replica)
            sync_folder(self._folder)

    def keep_for_later(self) -> None:
        """Commit what arrived, when that is possible, and close: the next attempt goes on from there.

        Half an index is not kept.
        """
        if not self._indexing:
            with suppress(WhiteCrossError):
                self.commit()
        self.close()

    def close(self) -> None:
        """Keep what was committed for the next attempt."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._connection.close()

    def discard(self) -> None:
        """Close and erase: the next attempt starts over."""
        self.close()
        erase_side_file(self._folder)

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")

    def _check(self) -> None:
        try:
            with disk_errors():
                answer = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except Damaged:
            answer = "damaged"
        if answer != "ok":
            self.discard()
            raise ReplicaDamaged("unreadable")


def side_file(folder: Path, key: bytearray, identity: Identity, epoch: str) -> SideFile:
    """Take up the side file of an interrupted first sync, or start one.

    One that does not open, is another's, of another schema or of another epoch is started over. Raises DiskFull,
    DiskFailed.
    """
    path = folder / SIDE_FILE
    if path.exists():
        try:
            connection = open_encrypted(path, key, pragmas=_LOADING)
        except CannotOpen:
            erase_side_file(folder)
        else:
            if _resumable(connection, identity, epoch):
                return SideFile(folder, connection)
            connection.close()
            erase_side_file(folder)
    return SideFile(folder, _start(path, key, identity, epoch))


def erase_side_file(folder: Path) -> None:
    """Erase the side file and what SQLite left beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / (SIDE_FILE + suffix)).unlink(missing_ok=True)


def _start(path: Path, key: bytearray, identity: Identity, epoch: str) -> Connection:
    connection = create_encrypted(path, key, pragmas=_LOADING)
    try:
        with disk_errors():
            connection.execute("BEGIN")
            for statement in tables():
                connection.execute(statement)
            connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (SCHEMA,))
            keep(connection, {**identity.facts(), "schema": SCHEMA, "epoch": epoch, "complete": "0"})
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _resumable(connection: Connection, identity: Identity, epoch: str) -> bool:
    meta = facts_of(connection)
    if meta is None:
        return False  # torn by a power cut: start over
    wanted = {**identity.facts(), "schema": SCHEMA, "epoch": epoch, "complete": "0"}
    return {name: meta.get(name) for name in wanted} == wanted
