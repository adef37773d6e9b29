"""Digests of the replica, for comparison with the server's."""

from collections.abc import Mapping, Sequence

from wc_contract.model.kinds import KINDS
from wc_contract.wire.digests import KindDigest, digest_rows
from wc_desktop.cipher.engine import Connection
from wc_desktop.cipher.faults import disk_errors

Digests = Mapping[str, tuple[int, int]]
Versions = Mapping[str, Sequence[tuple[str, int]]]

# Two milliseconds of reading and hashing: as long as a dose may have to wait.
_ROWS_A_SLICE = 400
_NOTHING = KindDigest(count=0, sum=0)


class Digesting:
    """Count and sum of every kind, taken a slice at a time; only the records' own thread may write meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._left = list(KINDS)
        self._after = 0
        self._found = dict.fromkeys((kind.name for kind in KINDS), _NOTHING)

    @property
    def found(self) -> dict[str, tuple[int, int]]:
        """What was summed so far; complete once go_on has returned False."""
        return {name: _pair(digest) for name, digest in self._found.items()}

    def go_on(self) -> bool:
        """Take the next slice; return whether there is another."""
        kind = self._left[0]
        with disk_errors():
            rows = self._connection.execute(
                f"SELECT id, row_version, rowid FROM main.{kind.table} WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608
                (self._after, _ROWS_A_SLICE),
            ).fetchall()
        self._found[kind.name] = self._found[kind.name].plus(digest_rows((row[0], row[1]) for row in rows))
        if len(rows) == _ROWS_A_SLICE:
            self._after = rows[-1][2]
            return True
        self._after = 0
        self._left.pop(0)
        return bool(self._left)


def digests(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return count and sum of every kind."""
    return digests_of(versions(connection))


def versions(connection: Connection) -> Versions:
    """Return what the digests are made of, read at once: id and version of every record."""
    return {
        kind.name: connection.execute(f"SELECT id, row_version FROM {kind.table}").fetchall()  # noqa: S608
        for kind in KINDS
    }


def digests_of(read: Versions) -> dict[str, tuple[int, int]]:
    """Return count and sum of every kind; needs no file, so that another thread may do it."""
    return {name: _pair(digest_rows(rows)) for name, rows in read.items()}


def _pair(digest: KindDigest) -> tuple[int, int]:
    return digest.count, digest.sum


def differing(ours: Digests, theirs: Digests) -> tuple[str, ...]:
    """Return the kinds whose digests differ; a kind that one side does not know is not compared."""
    return tuple(sorted(name for name in ours.keys() & theirs.keys() if tuple(ours[name]) != tuple(theirs[name])))
