"""Digests of the replica, for comparison with the server's."""

from collections.abc import Mapping

from wc_contract.model.kinds import KINDS
from wc_contract.wire.digests import digest_rows
from wc_desktop.cipher.engine import Connection

Digests = Mapping[str, tuple[int, int]]


def digests(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return count and sum of every kind."""
    found: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        digest = digest_rows(connection.execute(f"SELECT id, row_version FROM {kind.table}"))  # noqa: S608
        found[kind.name] = (digest.count, digest.sum)
    return found


def differing(ours: Digests, theirs: Digests) -> tuple[str, ...]:
    """Return the kinds whose digests differ; a kind that one side does not know is not compared."""
    return tuple(sorted(name for name in ours.keys() & theirs.keys() if tuple(ours[name]) != tuple(theirs[name])))
