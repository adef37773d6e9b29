"""The first house: tenancy, people, students, orders, doses, incidents, sync, access, audit.

Revision ID: 20261123_040000
Revises:

The statements stand in the .sql file of the same name and are frozen there.
"""

from pathlib import Path

from alembic import op

revision = "20261123_040000"
down_revision = None
branch_labels = None
depends_on = None
kind = "expand"

STATEMENTS = Path(__file__).with_suffix(".sql")

# Children before parents. With a table go its indexes, policies, grants and partitions.
TABLES = (
    "medication_logs",
    "order_versions",
    "vaccinations",
    "student_medications",
    "sessions",
    "review_cases",
    "removals",
    "refused_entries",
    "receipts",
    "login_attempts",
    "leases",
    "incident_reports",
    "enrolment_codes",
    "emergency_contacts",
    "chronic_conditions",
    "allergies",
    "user_credentials",
    "students",
    "streams",
    "school_assignments",
    "devices",
    "calendar_days",
    "users",
    "schools",
    "medications",
    "server_epochs",
    "districts",
    "district_directory",
    "audit_overflow",
    "audit_logs",
)


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS.read_text(encoding="utf-8"))


def downgrade() -> None:
    for table in TABLES:
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
    op.get_bind().exec_driver_sql("DROP SCHEMA wc_sec CASCADE")
