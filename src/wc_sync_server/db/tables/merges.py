"""Which charts were made one, by whom and why, and what that changed: an undoing puts it back (rules.md S4)."""

from sqlalchemy import Index, text

from wc_contract.model.kinds import MergePolicy, RecordKind, Scope
from wc_contract.model.kinds.fields import INSTANT, JSON, TEXT, UUID, column
from wc_sync_server.db.tables.base import not_before
from wc_sync_server.db.tables.kind_tables import server_table
from wc_sync_server.db.tables.roles import OFFICE

# Of the district, not of a school: both charts may move. No workstation gets it; what it must know stands in an alias.
STUDENT_MERGE = RecordKind(
    name="student_merge",
    table="student_merges",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("kept_id", UUID, "!", "students"),
        column("merged_id", UUID, "!", "students"),
        column("reason", TEXT, "!*"),
        column("changed", JSON, "!~"),  # ids, and what an order's or contact's standing was; never what a record says
        column("merged_at", INSTANT, "!"),
        column("merged_by", UUID, "", "users"),
        column("undone_at", INSTANT),
        column("undone_by", UUID, "", "users"),
        column("undone_reason", TEXT, "*"),
    ),
)

STUDENT_MERGES = server_table(
    STUDENT_MERGE,
    not_before("student_merges", "undone_at", "merged_at"),
    Index(
        "uq_student_merges_standing",
        "district_id",
        "merged_id",
        unique=True,
        postgresql_where=text("undone_at IS NULL"),
    ),
    writers=OFFICE,
    readers=OFFICE,
)
