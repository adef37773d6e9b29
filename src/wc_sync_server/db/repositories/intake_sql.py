"""The two statements of taking a batch in that are not a table's own: load what it touches, store the answers."""

# ruff: noqa: S608  # put together from constants of this file and names of our own declaration

from functools import cache

from wc_contract.model.kinds import ALLERGY, DOSE, ORDER, ORDER_VERSION, REVIEW_CASE
from wc_sync_server.db.repositories.reference import VERSION
from wc_sync_server.db.repositories.wire_sql import wire_object

_IN = "district_id = %(district)s"

_LIMITED = f"""
SELECT v.order_id, max(greatest(coalesce(v.min_interval_minutes, 0),
    CASE WHEN v.max_doses IS NULL THEN 0 ELSE coalesce(v.max_period_minutes, 1440) END)) * interval '1 minute' AS reach
FROM order_versions v
WHERE v.{_IN} AND v.order_id = ANY(%(orders)s::uuid[])
  AND (v.min_interval_minutes IS NOT NULL OR v.max_doses IS NOT NULL)
GROUP BY v.order_id
"""

# A dose that is found twice is told twice: telling them apart here would sort whole rows.
_DOSES = f"""
SELECT d.* FROM medication_logs d WHERE d.{_IN} AND d.id = ANY(%(doses)s::uuid[])
UNION ALL
SELECT d.* FROM medication_logs d
WHERE d.{_IN} AND d.order_id = ANY(%(orders)s::uuid[]) AND d.slot_id = ANY(%(slots)s::uuid[])
UNION ALL
SELECT d.* FROM medication_logs d
WHERE d.{_IN} AND d.order_id = ANY(%(orders)s::uuid[]) AND d.amends_id IS NOT NULL
"""

# What an amendment speaks of, and what stands in its slot: taken out of one, a dose may free another of its flag.
_DOSES_AMENDED = f"""
SELECT d.* FROM medication_logs d WHERE d.{_IN} AND d.id = ANY(%(amended)s::uuid[])
UNION ALL
SELECT d.* FROM medication_logs d
JOIN medication_logs a ON a.district_id = d.district_id AND a.order_id = d.order_id AND a.slot_id = d.slot_id
WHERE d.{_IN} AND a.{_IN} AND a.id = ANY(%(amended)s::uuid[])
UNION ALL
SELECT d.* FROM medication_logs d
JOIN medication_logs a ON a.district_id = d.district_id AND a.order_id = d.order_id
WHERE d.{_IN} AND a.{_IN} AND a.id = ANY(%(amended)s::uuid[]) AND d.amends_id IS NOT NULL
"""

_DOSES_NEAR = f"""
SELECT d.* FROM medication_logs d JOIN ({_LIMITED}) l ON l.order_id = d.order_id
WHERE d.{_IN} AND d.administered_at BETWEEN %(earliest)s::timestamptz - l.reach AND %(latest)s::timestamptz + l.reach
"""

_AUTHORS = f"""
SELECT json_build_object('id', u.id, 'role', u.role, 'is_active', u.is_active, 'revoked_at', u.revoked_at,
  'assignments', (
    SELECT json_agg(json_build_array(a.school_id, a.assigned_from, least(a.assigned_to, a.deleted_at::date)))
    FROM school_assignments a WHERE a.{_IN} AND a.school_id = %(school)s AND a.user_id = u.id)) AS made
FROM users u WHERE u.{_IN} AND u.id = ANY(%(authors)s::uuid[])
"""

_RECEIPT = """
json_build_object('entry_id', r.entry_id, 'number', r.number, 'hash', r.hash, 'outcome', r.outcome, 'code', r.code,
  'fields', r.fields, 'findings', r.findings, 'cases', r.cases, 'received_at', r.received_at)
"""

# One look-up an entry by a unique key, whatever the statistics say: with those of an emptier table a plan for the
# whole list reads every receipt of the school instead, and a first day's pushes get slower with each batch.
_BY_ENTRY = f"SELECT {_RECEIPT} FROM receipts r WHERE r.{_IN} AND r.entry_id = w.id"
_BY_NUMBER = f"SELECT {_RECEIPT} FROM receipts r WHERE r.{_IN} AND r.device_id = %(device)s AND r.number = w.n"
_RECEIPTS = f"""
SELECT ({_BY_ENTRY}) AS made FROM unnest(%(entries)s::uuid[]) AS w(id)
UNION ALL
SELECT ({_BY_NUMBER}) FROM unnest(%(numbers)s::bigint[]) AS w(n)
"""


def _held(kind: str, alias: str) -> str:
    return f"json_build_object('school', {alias}.school_id, 'row', {wire_object(kind, alias)})"


def _rows(kind: str, table: str, condition: str) -> str:
    return f"(SELECT json_agg({wire_object(kind, 't')}) FROM {table} t WHERE t.{_IN} AND {condition})"


_ALLERGIES = "t.student_id = ANY(%(new_students)s::uuid[]) AND t.deleted_at IS NULL"

_ALWAYS = f"""
'device', (SELECT json_build_object('school', d.school_id, 'last_number', d.last_number, 'directive', d.directive,
             'revoked_at', d.revoked_at) FROM devices d WHERE d.{_IN} AND d.id = %(device)s),
'reference', {VERSION},
'receipts', (SELECT json_agg(r.made) FROM ({_RECEIPTS}) r WHERE r.made IS NOT NULL),
'kept', (SELECT json_agg(k.hash) FROM refused_entries k
         WHERE k.{_IN} AND k.device_id = %(device)s AND k.hash = ANY(%(hashes)s::text[])),
'authors', (SELECT json_agg(a.made) FROM ({_AUTHORS}) a)
"""

# Who has left the district, and whose charts were made one, whichever of them the entries name.
_STANDING = f"""
SELECT s.id, s.withdrawn_on, s.merged_into_id FROM students s
WHERE s.{_IN} AND s.id = ANY(%(students)s::uuid[]) AND NOT s.is_active
UNION
SELECT s.id, s.withdrawn_on, s.merged_into_id FROM students s
WHERE s.{_IN} AND s.merged_into_id = ANY(%(students)s::uuid[])
"""

_OF_STUDENTS = f"""
'standing', (SELECT json_agg(json_build_array(t.id, t.withdrawn_on, t.merged_into_id)) FROM ({_STANDING}) t),
'left', (SELECT json_agg(m.record_id) FROM removals m WHERE m.{_IN} AND m.stream_id = %(school)s
         AND m.kind = 'student' AND m.record_id = ANY(%(students)s::uuid[])),
'cases', (SELECT json_agg({_held(REVIEW_CASE.name, "c")}) FROM review_cases c
          WHERE c.{_IN} AND c.student_id = ANY(%(students)s::uuid[]) AND c.deleted_at IS NULL)
"""

_UNKNOWN_YET = f"""
'students', (SELECT json_object_agg(s.id, s.school_id) FROM students s
             WHERE s.{_IN} AND s.id = ANY(%(new_students)s::uuid[])),
'orders', {_rows(ORDER.name, ORDER.table, "t.id = ANY(%(new_orders)s::uuid[])")},
'versions', {_rows(ORDER_VERSION.name, ORDER_VERSION.table, "t.order_id = ANY(%(new_orders)s::uuid[])")},
'allergies', {_rows(ALLERGY.name, ALLERGY.table, _ALLERGIES)}
"""

_DOSES_MADE = "(SELECT json_agg({made}) FROM ({doses}) d)"

_OF_DOSES = f"""
'doses', {_DOSES_MADE.format(made=_held(DOSE.name, "d"), doses=_DOSES)}
"""

_OF_AMENDMENTS = f"""
'amended', {_DOSES_MADE.format(made=_held(DOSE.name, "d"), doses=_DOSES_AMENDED)}
"""

_OF_LIMITS = f"""
'near', {_DOSES_MADE.format(made=_held(DOSE.name, "d"), doses=_DOSES_NEAR)}
"""

_OF_INCIDENTS = f"""
'incidents', (SELECT json_object_agg(i.id, i.entry_id) FROM incident_reports i
              WHERE i.{_IN} AND i.id = ANY(%(incidents)s::uuid[]))
"""


@cache
def load(*, students: bool, unknown: bool, doses: bool, amended: bool, limits: bool, incidents: bool) -> str:
    """Return the statement that reads what a batch touches; what it touches nothing of is neither read nor planned.

    unknown: students or orders that no earlier batch asked for. limits: orders that have an interval or a maximum,
    or may have.
    """
    parts = [_ALWAYS]
    parts += [
        part
        for part, needed in (
            (_OF_STUDENTS, students),
            (_UNKNOWN_YET, unknown),
            (_OF_DOSES, doses),
            (_OF_AMENDMENTS, amended),
            (_OF_LIMITS, limits),
            (_OF_INCIDENTS, incidents),
        )
        if needed
    ]
    # psycopg remembers how it converted a statement only when that is short.
    return " ".join(f"SELECT json_build_object({','.join(parts)})::text".split())


_CHARTS = "ANY(%(charts)s::uuid[])"
_NEAR = "d.administered_at BETWEEN %(earliest)s::timestamptz - %(reach)s AND %(latest)s::timestamptz + %(reach)s"
_ORIGIN = f"SELECT v.* FROM order_versions v WHERE v.{_IN} AND v.student_id = {_CHARTS}"
_BESIDE = f"SELECT d.* FROM medication_logs d WHERE d.{_IN} AND d.student_id = {_CHARTS} AND {_NEAR}"
_CASES = f"SELECT c.* FROM review_cases c WHERE c.{_IN} AND c.student_id = {_CHARTS} AND c.deleted_at IS NULL"


@cache
def beside() -> str:
    """Return the statement that reads what charts made one hold: versions of their orders, doses near, cases."""
    parts = (
        f"'versions', (SELECT json_agg({wire_object(ORDER_VERSION.name, 'v')}) FROM ({_ORIGIN}) v)",
        f"'doses', (SELECT json_agg({_held(DOSE.name, 'd')}) FROM ({_BESIDE}) d)",
        f"'cases', (SELECT json_agg({_held(REVIEW_CASE.name, 'c')}) FROM ({_CASES}) c)",
        f"'allergies', {_rows(ALLERGY.name, ALLERGY.table, f't.student_id = {_CHARTS} AND t.deleted_at IS NULL')}",
    )
    return " ".join(f"SELECT json_build_object({','.join(parts)})::text".split())


_ANCHOR = "s.district_id = %(district)s AND s.id = %(school)s"

STORE = f"""
WITH answered AS (
  INSERT INTO receipts (district_id, school_id, entry_id, device_id, number, hash, outcome, code, fields, findings,
                        cases, body, signature, received_at, created_at, updated_at)
  SELECT s.district_id, s.school_id, r.entry_id, %(device)s, r.number, r.hash, r.outcome, r.code, r.fields::jsonb,
         r.findings::jsonb, r.cases::jsonb, r.body, r.signature, %(at)s, %(at)s, %(at)s
  FROM streams s CROSS JOIN json_to_recordset(%(receipts)s::json) AS r(entry_id uuid, number bigint, hash text,
         outcome text, code text, fields text, findings text, cases text, body text, signature text)
  WHERE {_ANCHOR} RETURNING 1),
kept AS (
  INSERT INTO refused_entries (district_id, school_id, id, entry_id, device_id, number, hash, code, fields, body,
                               signature, received_at, created_at, updated_at)
  SELECT s.district_id, s.school_id, k.id, k.entry_id, %(device)s, k.number, k.hash, k.code, k.fields::jsonb, k.body,
         k.signature, %(at)s, %(at)s, %(at)s
  FROM streams s CROSS JOIN json_to_recordset(%(kept)s::json) AS k(id uuid, entry_id uuid, number bigint, hash text,
         code text, fields text, body text, signature text)
  WHERE {_ANCHOR} RETURNING 1)
UPDATE devices d SET last_number = %(last_number)s, updated_at = %(at)s, last_seen_at = %(at)s,
  directive = CASE WHEN %(forked)s THEN 'forked' ELSE d.directive END
WHERE d.{_IN} AND d.id = %(device)s
RETURNING (SELECT count(*) FROM answered), (SELECT count(*) FROM kept)
"""

ANSWER_LATER = f"""
INSERT INTO later_answers (district_id, school_id, entry_id, outcome, code, fields, findings, cases, received_at,
                           created_at, updated_at)
SELECT s.district_id, s.school_id, a.entry_id, a.outcome, a.code, a.fields::jsonb, a.findings::jsonb, a.cases::jsonb,
       %(at)s, %(at)s, %(at)s
FROM streams s CROSS JOIN json_to_recordset(%(receipts)s::json) AS a(entry_id uuid, outcome text, code text,
       fields text, findings text, cases text)
WHERE {_ANCHOR}
"""

LATER_ANSWERS = f"""
SELECT json_agg(json_build_object('entry_id', a.entry_id, 'outcome', a.outcome, 'code', a.code, 'fields', a.fields,
  'findings', a.findings, 'cases', a.cases, 'received_at', a.received_at))
FROM later_answers a WHERE a.{_IN} AND a.entry_id = ANY(%(entries)s::uuid[])
"""

KEEP_AGAIN = f"""
UPDATE refused_entries k SET code = a.code, fields = a.fields::jsonb, updated_at = %(at)s
FROM json_to_recordset(%(kept)s::json) AS a(hash text, code text, fields text)
WHERE k.{_IN} AND k.device_id = %(device)s AND k.hash = a.hash AND k.answered_at IS NULL
"""

# One that nobody kept, or that a person answered before, stays as it is.
SETTLE = f"""
UPDATE refused_entries k SET answered_at = %(at)s, answered_by = a.author, answered_entry_id = a.by,
  updated_at = %(at)s
FROM json_to_recordset(%(settled)s::json) AS a(hash text, entry uuid, author uuid, by uuid)
WHERE k.{_IN} AND k.device_id = %(device)s AND (k.hash = a.hash OR k.entry_id = a.entry) AND k.answered_at IS NULL
"""

# Where students are, and where they were: what happened there stayed there.
WHERE_NOW = f"""
SELECT t.school_id FROM students t WHERE t.{_IN} AND t.id = ANY(%(students)s::uuid[])
UNION
SELECT m.school_id FROM removals m
WHERE m.{_IN} AND m.kind = 'student' AND m.record_id = ANY(%(students)s::uuid[]) AND m.school_id IS NOT NULL
"""

SCHOOLS = f"SELECT t.id FROM schools t WHERE t.{_IN}"
