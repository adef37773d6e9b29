"""Nothing but a signed context is believed: plain settings show no row.

Revision ID: 20261123_234000
Revises: 20261123_233700
"""

from alembic import op

revision = "20261123_234000"
down_revision = "20261123_233700"
branch_labels = None
depends_on = None
kind = "contract"

# Its name, what it returns, what it reads of a signed text, and what it read before there were any.
FUNCTIONS = (
    ("current_district", "uuid", "nullif(part[2], '')::uuid", "nullif(current_setting('wc.district', true), '')::uuid"),
    (
        "current_school_ids",
        "uuid[]",
        "string_to_array(nullif(part[3], ''), ',')::uuid[]",
        "string_to_array(nullif(current_setting('wc.schools', true), ''), ',')::uuid[]",
    ),
    ("current_user_id", "uuid", "nullif(part[4], '')::uuid", "nullif(current_setting('wc.user', true), '')::uuid"),
    ("current_role", "text", "nullif(part[5], '')", "nullif(current_setting('wc.role', true), '')"),
)
BODY = """
DECLARE
  said text := current_setting('wc.context', true);
  part text[] := string_to_array(said, '|');
BEGIN{without}
  IF part[7] = pg_backend_pid()::text AND part[8] = extract(epoch FROM transaction_timestamp())::text AND part[9] = (
    SELECT encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(left(said, -65), 'UTF8'))), 'hex')
    FROM wc_keys.context_keys k WHERE k.id = part[1] AND (k.until IS NULL OR k.until > transaction_timestamp())
  ) THEN
    RETURN {value};
  END IF;
  RETURN NULL;
END
"""
PLAIN_TOO = """
  IF coalesce(said, '') = '' THEN
    RETURN {before};
  END IF;"""


def upgrade() -> None:
    for name, returns, value, _ in FUNCTIONS:
        _replace(name, returns, BODY.format(without="", value=value))


def downgrade() -> None:
    for name, returns, value, before in FUNCTIONS:
        _replace(name, returns, BODY.format(without=PLAIN_TOO.format(before=before), value=value))


def _replace(name: str, returns: str, body: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION wc_sec.{name}() RETURNS {returns} LANGUAGE plpgsql STABLE SECURITY DEFINER"
        f" PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $${body}$$"
    )
