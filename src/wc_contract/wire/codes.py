"""Stable codes: what a receipt says, why something was refused, what a problem is."""

from enum import StrEnum


class Outcome(StrEnum):
    """The server's stored answer to one entry (product.md, 'receipt')."""

    APPLIED = "applied"
    MERGED = "merged"
    CASE_OPENED = "case_opened"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    WAITING = "waiting"


class Refusal(StrEnum):
    """Why an entry has no effect. Its whole content is kept, on both sides, until a person answers it."""

    MALFORMED = "malformed"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_AUTHOR = "unknown_author"
    NEVER_IN_SCOPE = "never_in_scope"
    UNKNOWN_STUDENT = "unknown_student"
    UNKNOWN_ORDER = "unknown_order"
    ALREADY_SIGNED = "already_signed"
    UNSUPPORTED_SCHEMA = "unsupported_schema"
    UNKNOWN_RECORD = "unknown_record"
    ALREADY_THERE = "already_there"
    SAID_AGAIN = "said_again"  # by another entry, which counts in its place
    NOT_ENTITLED = "not_entitled"
    ANSWER_DOES_NOT_FIT = "answer_does_not_fit"


class Waits(StrEnum):
    """Why an entry waits: it is kept, and has its effect once it is sent again and nothing is in the way."""

    DEFECT = "defect"  # a mistake of ours, to be mended
    DEPENDS = "depends"  # on an entry that has no effect yet
    LATER_SCHEMA = "later_schema"  # written by a newer program than this server is


class Directive(StrEnum):
    """What the server tells a device to do next (sync.md, hello)."""

    OK = "ok"
    RECONCILE = "reconcile"
    FORKED = "forked"
    DRAIN_ONLY = "drain_only"
    UPGRADE = "upgrade"
    WIPE = "wipe"


class ProblemCode(StrEnum):
    """RFC 9457 problems; the type is urn:whitecross:problem:<code>."""

    BAD_REQUEST = "bad_request"
    USE_NONCE = "use_nonce"
    BAD_PROOF = "bad_proof"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  # a code, not a secret
    SIGN_IN_FAILED = "sign_in_failed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    LOCKED_OUT = "locked_out"
    NO_SIGN_ON = "no_sign_on"
    SIGN_ON_REFUSED = "sign_on_refused"
    CODE_INVALID = "code_invalid"
    CODE_EXPIRED = "code_expired"
    NOT_ASSIGNED = "not_assigned"
    DEVICE_REVOKED = "device_revoked"
    FORKED = "forked"
    GAP = "gap"
    EPOCH_CHANGED = "epoch_changed"
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    SERVER_TOO_OLD = "server_too_old"
    WRONG_DISTRICT = "wrong_district"
    TOO_LARGE = "too_large"
    BLOB_OFFSET = "blob_offset"
    BLOB_TYPE = "blob_type"
    BLOB_TOO_LARGE = "blob_too_large"
    BLOB_DIFFERS = "blob_differs"
    BLOB_DAILY = "blob_daily"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    DEFECT = "defect"
