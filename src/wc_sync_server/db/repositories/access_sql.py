"""The statements of signing in, enrolling and leasing. Each names its district."""

# ruff: noqa: S608  # put together from constants of this file; values are parameters

from wc_sync_server.db.tables.roles import CONFIDENTIAL_READERS

_IN = "district_id = %(district)s"
_CONFIDENTIAL = ", ".join(f"'{role}'" for role in CONFIDENTIAL_READERS)

_ACCOUNT = f"""
SELECT u.id, u.email, u.first_name, u.last_name, u.role, u.licence_type,
       u.is_active AND u.revoked_at IS NULL AND u.deleted_at IS NULL AS is_active,
       c.password_hash, c.totp_secret AS mfa_secret, coalesce(c.totp_last_step, 0) AS mfa_last_step,
       coalesce(c.sign_on_last, 0)
FROM users u LEFT JOIN user_credentials c ON c.district_id = u.district_id AND c.id = u.id
WHERE u.{_IN}
"""
ACCOUNT_BY_EMAIL = f"{_ACCOUNT} AND u.email = %(email)s"
ACCOUNT_BY_SIGN_ON = f"{_ACCOUNT} AND c.{_IN} AND c.sign_on_issuer = %(issuer)s AND c.sign_on_name = %(name)s"

USE_SIGN_ON = f"""
UPDATE user_credentials SET sign_on_last = %(begun)s, updated_at = %(at)s
WHERE {_IN} AND id = %(user)s AND coalesce(sign_on_last, 0) < %(begun)s
"""

HIGHEST_BCRYPT_COST = f"""
SELECT coalesce(max(substring(c.password_hash FROM '^[$]2[aby][$](0[4-9]|1[0-4])[$]')::int), 0)
FROM user_credentials c WHERE c.{_IN}
"""

# It is the same password: when that was changed stays as it is.
REPLACE_HASH = f"""
UPDATE user_credentials SET password_hash = %(by)s, updated_at = %(at)s
WHERE {_IN} AND id = %(user)s AND password_hash = %(stored)s
"""

# A success wipes the slate of its account, never that of an address.
FAILURES = f"""
SELECT (SELECT count(*) FROM login_attempts a WHERE a.{_IN} AND a.email = %(key)s AND a.at > %(since)s
          AND a.outcome NOT IN ('succeeded', 'locked_out')
          AND a.at > coalesce((SELECT max(g.at) FROM login_attempts g WHERE g.{_IN} AND g.email = %(key)s
                               AND g.outcome = 'succeeded' AND g.at > %(since)s), '-infinity')),
       (SELECT count(*) FROM login_attempts a WHERE a.{_IN} AND a.address = %(address)s AND a.at > %(since)s
          AND a.outcome NOT IN ('succeeded', 'locked_out'))
"""

RECORD_ATTEMPT = """
INSERT INTO login_attempts (district_id, id, email, user_id, device_id, address, outcome, at, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(key)s, %(user)s, %(device)s, %(address)s, %(outcome)s, %(at)s, %(at)s, %(at)s)
"""

USE_SECOND_FACTOR = f"""
UPDATE user_credentials SET totp_last_step = %(step)s, updated_at = %(at)s
WHERE {_IN} AND id = %(user)s AND coalesce(totp_last_step, 0) < %(step)s
"""

RECOVERY_CODE = f"""
SELECT r.id FROM recovery_codes r
WHERE r.{_IN} AND r.user_id = %(user)s AND r.code_hash = %(hash)s AND (r.used_at IS NULL OR (%(used_too)s
  -- What ended because new ones were made was not used.
  AND NOT EXISTS (SELECT 1 FROM recovery_codes n WHERE n.{_IN} AND n.user_id = r.user_id AND n.issued_at = r.used_at)))
"""

USE_RECOVERY_CODE = f"""
UPDATE recovery_codes SET used_at = %(at)s, updated_at = %(at)s
WHERE {_IN} AND user_id = %(user)s AND id = %(code)s AND used_at IS NULL
"""

ENROLMENT_CODE = f"""
SELECT c.id, c.school_id, c.expires_at, c.used_by_device, d.sign_key
FROM enrolment_codes c LEFT JOIN devices d ON d.district_id = c.district_id AND d.id = c.used_by_device
WHERE c.{_IN} AND c.code_hash = %(hash)s
"""

USE_CODE = f"""
UPDATE enrolment_codes SET used_at = %(at)s, used_by_device = %(device)s, updated_at = %(at)s
WHERE {_IN} AND id = %(code)s AND used_at IS NULL
"""

DISTRICT = f"""
SELECT d.id, d.name, coalesce((CASE WHEN jsonb_typeof(d.policy -> 'version') = 'number'
       THEN (d.policy ->> 'version')::numeric::int END), 1)
FROM districts d WHERE d.{_IN}
"""

SCHOOL = f"SELECT id, name, timezone FROM schools WHERE {_IN} AND id = %(school)s"

_VALID = f"""
u.is_active AND u.revoked_at IS NULL AND u.deleted_at IS NULL
AND (u.licence_expires IS NULL OR u.licence_expires >= n.day)
AND EXISTS (SELECT 1 FROM school_assignments a WHERE a.{_IN} AND a.school_id = %(school)s AND a.user_id = u.id
            AND a.deleted_at IS NULL AND a.assigned_from <= n.day AND (a.assigned_to IS NULL OR a.assigned_to >= n.day))
"""
# The school's own day: an assignment ends with it.
_DAY = f"""
(SELECT (%(at)s AT TIME ZONE s.timezone)::date AS day FROM schools s WHERE s.{_IN} AND s.id = %(school)s) n
"""

VALID_HOLDERS = f"""
SELECT u.id, u.generation FROM users u CROSS JOIN {_DAY}
WHERE u.{_IN} AND u.id = ANY(%(users)s::uuid[]) AND {_VALID} ORDER BY u.id
"""

ADD_DEVICE = """
INSERT INTO devices (district_id, school_id, id, name, sign_key, seal_key, app_version, enrolled_by, enrolled_at,
                     created_at, updated_at)
VALUES (%(district)s, %(school)s, %(id)s, %(name)s, %(sign_key)s, %(seal_key)s, %(app_version)s, %(enrolled_by)s,
        %(at)s, %(at)s, %(at)s)
"""

ADD_SESSION = """
INSERT INTO sessions (district_id, id, user_id, device_id, token_hash, generation, issued_at, expires_at, created_at,
                      updated_at)
VALUES (%(district)s, %(id)s, %(user)s, %(device)s, %(hash)s, %(generation)s, %(at)s, %(expires_at)s, %(at)s, %(at)s)
"""

SESSION_FOR_UPDATE = f"""
SELECT s.id, s.device_id, s.user_id, d.school_id, d.sign_key, s.generation, s.token_hash, s.expires_at,
       s.ended_at IS NOT NULL, s.successor_id,
       EXISTS (SELECT 1 FROM sessions n WHERE n.{_IN} AND n.id = s.successor_id AND n.used_at IS NOT NULL)
FROM sessions s JOIN devices d ON d.district_id = s.district_id AND d.id = s.device_id
WHERE s.{_IN} AND s.id = %(session)s FOR UPDATE OF s
"""

USE_SESSION = f"""
UPDATE sessions SET used_at = coalesce(used_at, %(at)s), successor_id = %(successor)s, updated_at = %(at)s
WHERE {_IN} AND id = %(session)s
"""

_NEWEST = f"""
SELECT l.body, l.signature, l.users, l.issued_at, l.expires_at FROM leases l
WHERE l.{_IN} AND l.device_id = %(device)s ORDER BY l.issued_at DESC, l.id DESC LIMIT 1
"""
NEWEST_LEASE = _NEWEST

ADMISSION = f"""
SELECT d.school_id, d.sign_key, d.last_number, d.directive, d.revoked_at, d.wiped_at,
       coalesce((SELECT s.ended_at IS NOT NULL FROM sessions s
                 WHERE s.{_IN} AND s.id = %(session)s AND s.device_id = d.id), true),
       EXISTS (SELECT 1 FROM users u CROSS JOIN {_DAY}
               WHERE u.{_IN} AND u.id IN (SELECT (h ->> 'id')::uuid FROM ({_NEWEST}) l, jsonb_array_elements(l.users) h)
                 AND {_VALID}),
       EXISTS (SELECT 1 FROM users u CROSS JOIN {_DAY}
               WHERE u.{_IN} AND u.id IN (SELECT (h ->> 'id')::uuid FROM ({_NEWEST}) l, jsonb_array_elements(l.users) h)
                 AND {_VALID} AND u.role IN ({_CONFIDENTIAL}))
         AND NOT EXISTS (SELECT 1 FROM districts w WHERE w.{_IN}
                         AND w.policy -> 'confidential_at_workstations' = 'false'::jsonb),
       d.settled_upto, d.app_version
FROM devices d WHERE d.{_IN} AND d.id = %(device)s
"""

ADD_LEASE = """
INSERT INTO leases (district_id, id, device_id, body, signature, users, issued_at, expires_at, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(device)s, %(body)s, %(signature)s, %(users)s::jsonb, %(issued_at)s, %(expires_at)s,
        %(issued_at)s, %(issued_at)s)
"""
LEASE_UNTIL = (
    f"UPDATE devices SET lease_until = %(expires_at)s, updated_at = %(issued_at)s WHERE {_IN} AND id = %(device)s"
)

GREET = f"""
UPDATE devices SET last_seen_at = %(at)s, updated_at = %(at)s, app_version = %(app_version)s, waiting = %(waiting)s,
  oldest_waiting_at = %(oldest)s, clock_offset_ms = %(offset)s, unstored = %(unstored)s
WHERE {_IN} AND id = %(device)s
"""

HEADS = f"""
SELECT s.id, s.head FROM streams s WHERE s.{_IN} AND s.id = ANY(%(streams)s::uuid[])
"""

# Held until the greeting is answered: of two at once, the second sees what the first was told.
NONCES_FOR_UPDATE = f"""
SELECT d.contact_nonce, d.given_nonces, d.challenge_nonce FROM devices d
WHERE d.{_IN} AND d.id = %(device)s FOR NO KEY UPDATE
"""
KEEP_NONCES = f"""
UPDATE devices SET contact_nonce = %(used)s, given_nonces = %(given)s::jsonb, challenge_nonce = %(challenge)s
WHERE {_IN} AND id = %(device)s
"""
FORKED = f"UPDATE devices SET directive = 'forked', updated_at = %(at)s WHERE {_IN} AND id = %(device)s"

LAST_NUMBER = f"SELECT d.last_number FROM devices d WHERE d.{_IN} AND d.id = %(device)s"
# Of two receipts at once, the second sees the first. Who was revoked before there were reasons counts as lost.
REVOKED_FOR_UPDATE = f"""
SELECT d.sign_key, coalesce(d.revoked_reason, 'lost'), d.revoked_at, d.wiped_at, d.wipe_receipt FROM devices d
WHERE d.{_IN} AND d.id = %(device)s AND d.revoked_at IS NOT NULL FOR NO KEY UPDATE
"""
TOLD_TO_WIPE = f"""
UPDATE devices SET wipe_told_at = coalesce(wipe_told_at, %(at)s), wipe_held = %(held)s,
  waiting = coalesce(%(unsent)s, waiting), last_seen_at = %(at)s, updated_at = %(at)s
WHERE {_IN} AND id = %(device)s
"""
KEEP_WIPE = f"""
UPDATE devices SET wiped_at = %(at)s, wipe_receipt = %(receipt)s, wipe_signature = %(signature)s, wipe_held = NULL,
  waiting = 0, oldest_waiting_at = NULL, last_seen_at = %(at)s, updated_at = %(at)s
WHERE {_IN} AND id = %(device)s AND wipe_receipt IS NULL
"""
