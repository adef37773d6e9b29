"""All domains: the rest of the chart, consents, stock, appointments, money, compliance; who may write what.

Revision ID: 20261123_070000
Revises: 20261123_040000

The statements stand in the .sql files of the same name and are frozen there. The tables that were there change in one
transaction, so nobody works meanwhile: no released version has a database of the first revision.
"""

from pathlib import Path

from alembic import op

revision = "20261123_070000"
down_revision = "20261123_040000"
branch_labels = None
depends_on = None
# Everything in one step, with the server stopped: no district worked with the first revision alone.
kind = "contract"
_STOPPED = "the server is stopped for this revision: no released version has a database of the first one"
excused = {
    "ban-drop-constraint": _STOPPED,
    "constraint-missing-not-valid": _STOPPED,
    "disallowed-unique-constraint": _STOPPED,
    "require-concurrent-index-creation": _STOPPED,
    "require-concurrent-index-deletion": _STOPPED,
}

STATEMENTS = Path(__file__).with_suffix(".sql")
BACK = STATEMENTS.with_stem(f"{STATEMENTS.stem}_back")


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(BACK.read_text(encoding="utf-8"))
