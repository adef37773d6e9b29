"""What PostgreSQL says, in our three families of errors. By SQLSTATE: the text of an error holds values of rows."""

import re

import psycopg

from wc_contract.model.errors import WhiteCrossError
from wc_sync_server.db.errors import RowsRejected, StatementFailed, TryAgain

# Serialization, deadlock, lock timeout, a server going away or demoted, too many connections, a cancelled statement.
_PASSES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "25006", "53300", "53400", "57014", "25P03"})
_PASSING_CLASSES = frozenset({"08", "58"})
_REJECTED = frozenset({"42501"})  # row-level security, or no right
_REJECTING_CLASSES = frozenset({"23", "44"})

# A distributed PostgreSQL adds the number of the shard to the name.
_CONSTRAINT = re.compile(r'constraint "(?P<name>[a-z][a-z0-9_]*?)(?:_\d{5,})?"')


def translated(error: psycopg.Error) -> WhiteCrossError:
    """Return what error means for whoever asked. Nothing of its text is kept but the name of a constraint."""
    sqlstate = error.sqlstate
    if passes(error):
        return TryAgain(sqlstate)
    if sqlstate is not None and (sqlstate in _REJECTED or sqlstate[:2] in _REJECTING_CLASSES):
        return RowsRejected(sqlstate, constraint_of(error))
    return StatementFailed(sqlstate)


def passes(error: psycopg.Error) -> bool:
    """Whether the same transaction may succeed later. A connection lost without a word may have committed."""
    sqlstate = error.sqlstate
    if sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return sqlstate in _PASSES or sqlstate[:2] in _PASSING_CLASSES


def constraint_of(error: psycopg.Error) -> str | None:
    """Return the name of the constraint that error speaks of, without a shard's number."""
    match = _CONSTRAINT.search(error.diag.message_primary or "")
    return None if match is None else match["name"]
