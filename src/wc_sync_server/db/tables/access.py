"""Who may come in: credentials, devices, one-time codes, sessions, leases. None of it is synced."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from wc_contract.wire.codes import Directive
from wc_sync_server.db.tables.base import (
    Visible,
    check,
    identity,
    index,
    instant,
    not_before,
    one_of,
    primary_key,
    reference,
    tenant_table,
    timestamps,
    unique,
)
from wc_sync_server.db.tables.roles import ACCESS

ATTEMPT_OUTCOMES = ("succeeded", "wrong_password", "wrong_code", "unknown", "locked_out", "refused")

# Apart from users, because everyone in the district may read those: secrets show in a sign-in context only.
USER_CREDENTIALS = tenant_table(
    "user_credentials",
    Visible.SECRET,
    identity("id", required=True),  # the user's
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", LargeBinary, info={"sealed": True}),  # encrypted by the application
    Column("totp_last_step", BigInteger),
    # By what name the district's single sign-on knows this person, as an operator linked it, and when it last did.
    Column("sign_on_issuer", Text),
    Column("sign_on_name", Text),
    Column("sign_on_last", BigInteger),
    instant("password_changed_at"),
    *timestamps(),
    primary_key("user_credentials", "id"),
    reference("user_credentials", "id", "users"),
    Index(
        "uq_user_credentials_sign_on",
        "district_id",
        "sign_on_issuer",
        "sign_on_name",
        unique=True,
        postgresql_where=text("sign_on_name IS NOT NULL"),
    ),
)

# Each opens the door once, when the second factor is lost; the codes themselves are on paper only.
RECOVERY_CODES = tenant_table(
    "recovery_codes",
    Visible.SECRET,
    identity("id", required=True),
    identity("user_id", required=True),
    Column("code_hash", LargeBinary, nullable=False),
    instant("issued_at", required=True),
    instant("used_at"),
    *timestamps(),
    primary_key("recovery_codes", "id"),
    unique("recovery_codes", "user_id", "code_hash"),
    reference("recovery_codes", "user_id", "users"),
    not_before("recovery_codes", "used_at", "issued_at"),
)

DEVICES = tenant_table(
    "devices",
    Visible.DISTRICT,
    identity("school_id", required=True),
    identity("id", required=True),
    Column("name", Text, nullable=False),
    Column("sign_key", LargeBinary, nullable=False),
    Column("seal_key", LargeBinary, nullable=False),
    Column("app_version", Text),
    identity("enrolled_by"),
    instant("enrolled_at", required=True),
    instant("lease_until"),
    instant("last_seen_at"),
    Column("last_number", BigInteger, nullable=False, server_default=text("0")),
    Column("waiting", Integer, nullable=False, server_default=text("0")),
    instant("oldest_waiting_at"),
    Column("clock_offset_ms", BigInteger),
    # Records of the district that its own database would not have, as of its last contact.
    Column("unstored", Integer, nullable=False, server_default=text("0")),
    Column("directive", Text, nullable=False, server_default=text("'ok'")),
    instant("revoked_at"),
    instant("wiped_at"),
    # lost or retired: how it is erased; what holds that up, as it says itself; at last its own signed word.
    Column("revoked_reason", Text),
    instant("wipe_told_at"),
    Column("wipe_held", Text),
    Column("wipe_receipt", Text),
    Column("wipe_signature", LargeBinary),
    # By what words two copies of one workstation are told apart (domain.contact_nonce).
    Column("contact_nonce", Text),
    Column("given_nonces", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("challenge_nonce", Text),
    # Two texts under one number were settled up to here: both count (reconcile.numbers).
    Column("settled_upto", BigInteger, nullable=False, server_default=text("0")),
    *timestamps(),
    primary_key("devices", "id"),
    reference("devices", "school_id", "schools"),
    reference("devices", "enrolled_by", "users"),
    index("devices", "school_id"),
    index("devices", "enrolled_by"),
    one_of("devices", "directive", [directive.value for directive in Directive]),
    check("devices", "sign_key", "octet_length(sign_key) = 32"),
    check("devices", "seal_key", "octet_length(seal_key) = 32"),
    check("devices", "last_number", "last_number >= 0"),
    writers=ACCESS,
)

ENROLMENT_CODES = tenant_table(
    "enrolment_codes",
    Visible.SECRET,
    identity("school_id", required=True),
    identity("id", required=True),
    Column("code_hash", LargeBinary, nullable=False),  # the code itself is on paper only
    identity("issued_by"),
    instant("issued_at", required=True),
    instant("expires_at", required=True),
    instant("used_at"),
    identity("used_by_device"),
    *timestamps(),
    primary_key("enrolment_codes", "id"),
    unique("enrolment_codes", "code_hash"),
    reference("enrolment_codes", "school_id", "schools"),
    reference("enrolment_codes", "issued_by", "users"),
    reference("enrolment_codes", "used_by_device", "devices"),
    index("enrolment_codes", "school_id"),
    index("enrolment_codes", "issued_by"),
    index("enrolment_codes", "used_by_device"),
    not_before("enrolment_codes", "expires_at", "issued_at"),
    check("enrolment_codes", "used", "(used_at IS NULL) = (used_by_device IS NULL)"),
)

# One row a refresh token; it names its one successor once that was made.
SESSIONS = tenant_table(
    "sessions",
    Visible.DISTRICT,
    identity("id", required=True),
    identity("user_id", required=True),
    identity("device_id"),
    Column("token_hash", LargeBinary, nullable=False),
    identity("successor_id"),
    Column("generation", Integer, nullable=False),
    instant("issued_at", required=True),
    instant("expires_at", required=True),
    instant("used_at"),
    instant("ended_at"),
    Column("ended_reason", Text),
    *timestamps(),
    primary_key("sessions", "id"),
    unique("sessions", "token_hash"),
    reference("sessions", "user_id", "users"),
    reference("sessions", "device_id", "devices"),
    reference("sessions", "successor_id", "sessions"),
    index("sessions", "user_id"),
    index("sessions", "device_id"),
    index("sessions", "successor_id"),
    not_before("sessions", "expires_at", "issued_at"),
    writers=ACCESS,
)

LOGIN_ATTEMPTS = tenant_table(
    "login_attempts",
    Visible.DISTRICT,
    identity("id", required=True),
    Column("email", Text, nullable=False),
    identity("user_id"),
    identity("device_id"),
    Column("address", Text),
    Column("outcome", Text, nullable=False),
    instant("at", required=True),
    *timestamps(),
    primary_key("login_attempts", "id"),
    reference("login_attempts", "user_id", "users"),
    reference("login_attempts", "device_id", "devices"),
    index("login_attempts", "user_id"),
    index("login_attempts", "device_id"),
    one_of("login_attempts", "outcome", ATTEMPT_OUTCOMES),
    Index("ix_login_attempts_email_at", "district_id", "email", "at"),
    Index("ix_login_attempts_address_at", "district_id", "address", "at"),
    writers=ACCESS,
)

LEASES = tenant_table(
    "leases",
    Visible.DISTRICT,
    identity("id", required=True),
    identity("device_id", required=True),
    Column("body", Text, nullable=False),  # the signed bytes, as sent
    Column("signature", LargeBinary, nullable=False),
    Column("users", JSONB, nullable=False),
    instant("issued_at", required=True),
    instant("expires_at", required=True),
    *timestamps(),
    primary_key("leases", "id"),
    reference("leases", "device_id", "devices"),
    Index("ix_leases_device_id_issued_at", "district_id", "device_id", "issued_at"),
    not_before("leases", "expires_at", "issued_at"),
    writers=ACCESS,
)
