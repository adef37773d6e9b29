"""Contexts are signed: the place of their keys, a first key, and functions that believe a signature.

Revision ID: 20261123_230000
Revises: 20261123_180000

A program that signs is believed by its signature; one from before this, which puts plain settings and no signed text,
goes on as it was. 20261123_234000 ends that.
"""

import secrets

from alembic import op

from wc_sync_server.domain.context_keys import KEY_BYTES, ContextKey

revision = "20261123_230000"
down_revision = "20261123_180000"
branch_labels = None
depends_on = None
kind = "expand"

KEYS = """
CREATE TABLE wc_keys.context_keys (
    id text NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    until timestamptz,
    added_at timestamptz NOT NULL,
    CONSTRAINT pk_context_keys PRIMARY KEY (id)
)
"""
FIRST = """
INSERT INTO wc_keys.context_keys (id, inner_pad, outer_pad, added_at)
VALUES (%(id)s, %(inner)s, %(outer)s, transaction_timestamp())
"""
# Its name, what it returns, what it reads of a signed text, and what it read before.
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
EITHER = """
DECLARE
  said text := current_setting('wc.context', true);
  part text[] := string_to_array(said, '|');
BEGIN
  IF coalesce(said, '') = '' THEN
    RETURN {before};
  END IF;
  IF part[7] = pg_backend_pid()::text AND part[8] = extract(epoch FROM transaction_timestamp())::text AND part[9] = (
    SELECT encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(left(said, -65), 'UTF8'))), 'hex')
    FROM wc_keys.context_keys k WHERE k.id = part[1] AND (k.until IS NULL OR k.until > transaction_timestamp())
  ) THEN
    RETURN {value};
  END IF;
  RETURN NULL;
END
"""


def upgrade() -> None:
    op.execute("CREATE SCHEMA wc_keys")
    op.execute(KEYS)
    key = ContextKey(secrets.token_bytes(KEY_BYTES))
    inner, outer = key.pads
    # By the driver itself: a key is bound, and stands in no statement that anybody writes down.
    driver = op.get_bind().connection.driver_connection
    driver.execute(FIRST, {"id": key.id, "inner": inner, "outer": outer})
    for name, returns, value, before in FUNCTIONS:
        op.execute(
            f"CREATE OR REPLACE FUNCTION wc_sec.{name}() RETURNS {returns} LANGUAGE plpgsql STABLE SECURITY DEFINER"
            " PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp"
            f" AS $${EITHER.format(value=value, before=before)}$$"
        )


def downgrade() -> None:
    for name, returns, _, before in FUNCTIONS:
        op.execute(
            f"CREATE OR REPLACE FUNCTION wc_sec.{name}() RETURNS {returns} LANGUAGE sql STABLE PARALLEL SAFE"
            f" AS $$ SELECT {before} $$"
        )
    op.execute("DROP TABLE wc_keys.context_keys")
    op.execute("DROP SCHEMA wc_keys")
