"""What can go wrong around the central database. Messages carry names and codes, never a value of a row."""

from wc_contract.model.errors import Defect, Refused, Unavailable


class DatabaseUnavailable(Unavailable):
    """The database did not answer, or not in time, however often it was asked."""

    code = "database_unavailable"


class ContextMalformed(Defect):
    """A context names a role that does not exist, or too much."""

    code = "context_malformed"


class ContextNotBelieved(DatabaseUnavailable):
    """The database does not believe the signature of a context: it knows another key than this server."""

    code = "context_not_believed"


class ContextUnsigned(Defect):
    """A context was to be opened over a way in that was given nothing to sign with."""

    code = "context_unsigned"


class StreamNotLocked(Defect):
    """Something was to be written into a stream that this transaction did not lock first."""

    code = "stream_not_locked"


class StreamUnknown(Refused):
    """A stream does not exist, or is none of the context's."""

    code = "stream_unknown"


class RowsNotWritten(Defect):
    """Fewer rows were written than were given: an id is taken, or the rows belong to another school."""

    code = "rows_not_written"

    def __init__(self, *, table: str, given: int, written: int) -> None:
        super().__init__(f"{table}: {written} of {given} rows written")
        self.table = table
        self.given = given
        self.written = written


class RowsMalformed(Defect):
    """Rows have fields their kind has not. Names the fields, never their content."""

    code = "rows_malformed"


class LocksOutOfOrder(Defect):
    """Streams or rows were to be locked below one already held: two such transactions can wait for each other."""

    code = "locks_out_of_order"


class LockUndeclared(Defect):
    """A transaction wanted a lock that its operation does not name. Names the table."""

    code = "lock_undeclared"


class RowUnknown(Refused):
    """A row that was to be locked does not exist, or is none of the context's. Names the table."""

    code = "row_unknown"


class TryAgain(DatabaseUnavailable):
    """The transaction failed, or may have failed, for a reason that passes. The same work may be done again."""

    code = "try_again"

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(f"the database said {sqlstate or 'nothing'}")
        self.sqlstate = sqlstate


class PoolBusy(TryAgain):
    """No connection was free, or could be made, in the pool's time: a rush, or a failover that may soon be over."""

    code = "pool_busy"

    def __init__(self) -> None:
        super().__init__(None)


class RowsRejected(Defect):
    """A constraint or a policy refused what we wrote. The constraint's name is None when PostgreSQL hid it."""

    code = "rows_rejected"

    def __init__(self, sqlstate: str, constraint: str | None) -> None:
        super().__init__(f"the database said {sqlstate} ({constraint or 'no constraint named'})")
        self.sqlstate = sqlstate
        self.constraint = constraint


class StatementFailed(Defect):
    """The database could not make sense of a statement of ours."""

    code = "statement_failed"

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(f"the database said {sqlstate}")
        self.sqlstate = sqlstate
