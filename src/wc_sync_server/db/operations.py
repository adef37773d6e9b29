"""Every kind of transaction: its isolation, what it locks and why. The only place where an isolation is chosen.

docs/isolation.md shows the same table; a test holds the two together. The locks named here are the ones the unit of
work gives: a transaction that asks for another is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wc_sync_server.db.context import Isolation, Timeouts

ANY_ROWS = ("*",)
_USUAL = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of transaction.

    streams: it may lock stream rows, which come first. rows: the tables whose rows it may lock afterwards, in the
    order of their names; taken by its own statement where `by_statement` says so. keeps_plans: each of its
    statements is best done in one way, whatever it is asked with (docs/adr/0035).
    """

    name: str
    why: str
    isolation: Isolation = Isolation.READ_COMMITTED
    read_only: bool = False
    streams: bool = False
    rows: tuple[str, ...] = ()
    by_statement: bool = False
    timeouts: Timeouts = _USUAL
    keeps_plans: bool = False

    def may_lock(self, table: str) -> bool:
        """Whether rows of table may be locked."""
        return self.rows == ANY_ROWS or table in self.rows

    @property
    def locks(self) -> str:
        """The locks in words, in their order."""
        tables = "the rows it names" if self.rows == ANY_ROWS else ", ".join(f"`{table}`" for table in self.rows)
        by = " (its own statement)" if self.by_statement else ""
        parts = [*(["streams"] if self.streams else []), *([f"{tables}{by}"] if tables else [])]
        return ", then ".join(parts) or "none"


PUSH = Operation(
    name="push of a workstation's entries",
    keeps_plans=True,
    streams=True,
    why="the stream rows are locked before any receipt is looked up, so two deliveries of one batch see each other; "
    "a daily maximum is judged with every earlier dose of the school in sight, and a dose is never refused",
)
IMPORT = Operation(
    name="import of rosters and charts, school transfer, merge of charts",
    streams=True,
    rows=("students",),
    why="the same lock as a push, school by school; who moves is held with both schools, in order: two that cross wait "
    "for each other once, not for ever",
)
WRITE = Operation(
    name="command or records API: any other write",
    streams=True,
    rows=ANY_ROWS,
    why="the stream row gives row_version; rows of no stream are compared by row_version and counted",
)
PRIMARY_CONTACT = Operation(
    name="primary contact of a student",
    streams=True,
    rows=("students",),
    why="the lock on the student makes the second of two writers see the first one's choice",
)
STOCK = Operation(
    name="movement of stock",
    streams=True,
    rows=("inventory_items",),
    why="quantity is read under the lock and never goes below zero; the movement stands beside it in the ledger",
)
BUDGET = Operation(
    name="posting to a budget, and its reversal",
    rows=("budget_categories",),
    why="the ceiling is compared under the lock on the category, in the transaction that adds the posting",
)
PURCHASE = Operation(
    name="purchase order: drawn up, approved, received, ended",
    streams=True,
    rows=("budget_categories", "inventory_items", "purchase_orders"),
    why="its money is set aside under the ceiling, and what came stands on the shelf and on the line, in the "
    "transaction that takes it a step on; two steps at once see each other by the lock on the order",
)
BLOB = Operation(
    name="photos and documents: a piece of an upload",
    rows=("blobs",),
    by_statement=True,
    timeouts=Timeouts(statement=60_000, idle=60_000),
    why="the row of the content is held while a piece goes on where it ends, so two that upload the same take turns; "
    "no stream is touched, so it makes no entry wait",
)
BLOB_PURGE = Operation(
    name="photos and documents: purging what was begun and left",
    rows=("blobs",),
    by_statement=True,
    timeouts=Timeouts(statement=60_000),
    why="the age is compared in the DELETE that takes it away: an upload that went on meanwhile is younger",
)
OUTBOX = Operation(
    name="outbox: taking and settling messages",
    rows=("outbox_messages",),
    by_statement=True,
    why="FOR UPDATE SKIP LOCKED: workers share the work and never wait; delivery happens outside any transaction",
)
RESEAL = Operation(
    name="rotation of a key: sealing cells anew",
    rows=ANY_ROWS,
    by_statement=True,
    timeouts=Timeouts(statement=60_000),
    why="FOR NO KEY UPDATE SKIP LOCKED, then compared with the bytes read: a writer's value stands, and it waits for "
    "nobody; no stream is touched, so no workstation hears of it",
)
SIGNING_IN = Operation(
    name="sign-in, refresh, enrolment, greeting",
    keeps_plans=True,
    rows=("devices", "sessions"),
    by_statement=True,
    why="one successor a session: the row is held while it is made; a code is used up by a compared UPDATE; of two "
    "greetings of one workstation the second sees by what word the first was known",
)
PULL = Operation(
    name="pull, manifest",
    keeps_plans=True,
    isolation=Isolation.REPEATABLE_READ,
    read_only=True,
    timeouts=Timeouts(statement=60_000),
    why="one snapshot: a checkpoint is complete only when it equals the stream's head",
)
REPORT = Operation(
    name="pages and reports",
    isolation=Isolation.REPEATABLE_READ,
    read_only=True,
    timeouts=Timeouts(statement=60_000),
    why="a page, its total and what belongs to its rows are of one instant; on the replica where there is one",
)
READ_ON_RECORD = Operation(
    name="records API: a read with its audit",
    isolation=Isolation.REPEATABLE_READ,
    timeouts=Timeouts(statement=60_000),
    why="as a report, and what was seen is put on record in the same transaction; it only adds rows, so it meets "
    "no conflict",
)
AUDIT_SEAL = Operation(
    name="sealing the audit",
    isolation=Isolation.REPEATABLE_READ,
    timeouts=Timeouts(statement=120_000, idle=60_000),
    why="a line that moves from the overflow into its month is read once; of two sealers the primary key lets one",
)
AUDIT_LOOK = Operation(
    name="verifying and archiving the audit",
    isolation=Isolation.REPEATABLE_READ,
    read_only=True,
    timeouts=Timeouts(statement=600_000, idle=600_000),
    why="seals and the lines they cover are compared as of one instant",
)
LOOK = Operation(
    name="a single look (heads, listings of commands)",
    keeps_plans=True,
    read_only=True,
    why="one statement sees one instant anyway",
)

OPERATIONS: tuple[Operation, ...] = (
    PUSH,
    IMPORT,
    WRITE,
    PRIMARY_CONTACT,
    STOCK,
    BUDGET,
    PURCHASE,
    BLOB,
    BLOB_PURGE,
    OUTBOX,
    RESEAL,
    SIGNING_IN,
    PULL,
    REPORT,
    READ_ON_RECORD,
    AUDIT_SEAL,
    AUDIT_LOOK,
    LOOK,
)


def isolation_table() -> str:
    """Return the operations as a Markdown table, as docs/isolation.md shows them."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| operation | isolation | locks, in this order | what keeps it right |"
    yield "|---|---|---|---|"
    for one in OPERATIONS:
        isolation = one.isolation.value + (" READ ONLY" if one.read_only else "")
        yield f"| {one.name} | {isolation} | {one.locks} | {one.why} |"
