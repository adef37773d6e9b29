"""Disclosures, legal holds and retention rules, in a transaction of whoever may write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from wc_contract.model.errors import Refused
from wc_contract.model.ids import Chance, StudentId, UserId, new_uuid
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.audit.retention import Hold, Keeping, Rule, keeping
from wc_sync_server.db.tables.compliance import (
    DISCLOSURE,
    DisclosureBasis,
    RecipientKind,
    RecordClass,
    RetentionBasis,
)
from wc_sync_server.db.unit_of_work import UnitOfWork

_DISCLOSE = """
INSERT INTO phi_disclosures (district_id, id, student_id, disclosed_on, disclosed_to, recipient_kind, basis, purpose,
                             records, requested_on, disclosed_by, corrects_id, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(student)s, %(on)s, %(to)s, %(kind)s, %(basis)s, %(purpose)s, %(records)s,
        %(requested)s, %(by)s, %(corrects)s, %(at)s, %(at)s)
"""
_DISCLOSED = """
SELECT f.id, f.disclosed_on, f.disclosed_to, f.recipient_kind, f.basis, f.purpose, f.records, f.corrects_id
FROM phi_disclosures AS f WHERE f.district_id = %(district)s AND f.student_id IN (
  SELECT s.id FROM students AS s
  WHERE s.district_id = %(district)s AND (s.id = %(student)s OR s.merged_into_id = %(student)s))
ORDER BY f.disclosed_on, f.created_at, f.id
"""
_HOLD = """
INSERT INTO legal_holds (district_id, id, matter, student_id, held_from, held_to, placed_at, placed_by, created_at,
                         updated_at)
VALUES (%(district)s, %(id)s, %(matter)s, %(student)s, %(first)s, %(last)s, %(at)s, %(by)s, %(at)s, %(at)s)
"""
_RELEASE = """
UPDATE legal_holds SET released_at = %(at)s, released_by = %(by)s, updated_at = %(at)s, row_version = row_version + 1
WHERE district_id = %(district)s AND id = %(id)s AND released_at IS NULL
"""
_HOLDS = """
SELECT h.id, h.matter, h.student_id, h.held_from, h.held_to, h.placed_at, h.released_at
FROM legal_holds AS h WHERE h.district_id = %(district)s AND h.deleted_at IS NULL ORDER BY h.placed_at, h.id
"""
_SET_RULE = """
INSERT INTO retention_policies (district_id, id, record_class, basis, citation, keep_years, until_age, hot_months,
                                valid_from, valid_to, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(record_class)s, %(basis)s, %(citation)s, %(keep_years)s, %(until_age)s,
        %(hot_months)s, %(valid_from)s, NULL, %(at)s, %(at)s)
"""
# A rule of the same day was a slip and never held; an older one held until yesterday.
_END_RULE = """
UPDATE retention_policies SET valid_to = CASE WHEN valid_from < %(day)s THEN %(day)s::date - 1 ELSE valid_to END,
  deleted_at = CASE WHEN valid_from < %(day)s THEN deleted_at ELSE %(at)s END, updated_at = %(at)s,
  row_version = row_version + 1
WHERE district_id = %(district)s AND record_class = %(record_class)s AND basis = %(basis)s
  AND deleted_at IS NULL AND (valid_to IS NULL OR valid_to >= %(day)s)
"""
_RULES = """
SELECT r.record_class, r.basis, r.citation, r.keep_years, r.until_age, r.hot_months, r.valid_from, r.valid_to
FROM retention_policies AS r WHERE r.district_id = %(district)s AND r.deleted_at IS NULL
ORDER BY r.record_class, r.basis, r.valid_from
"""
_PUPIL = "SELECT 1 FROM students AS s WHERE s.district_id = %(district)s AND s.id = %(student)s"


class NotOnRecord(Refused):
    """What was named is not there, or not any more. The sentence says what."""

    code = "not_on_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What of a pupil's record was disclosed, to whom and why (34 CFR 99.32)."""

    student: StudentId
    on: date
    to: str = field(repr=False)
    kind: RecipientKind
    basis: DisclosureBasis
    purpose: str = field(repr=False)
    records: tuple[str, ...]
    requested: date | None = None
    by: UserId | None = None
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHold:
    """A legal hold as it stands on record."""

    id: UUID
    matter: str = field(repr=False)
    student: UUID | None
    hold: Hold
    placed_at: Instant
    released_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """A retention rule with whose it is and where it is written."""

    record_class: RecordClass
    basis: RetentionBasis
    citation: str
    rule: Rule


class Compliance:
    """Writes and reads in one transaction; what it writes is audited in it. The caller commits."""

    def __init__(self, uow: UnitOfWork, chance: Chance) -> None:
        self._uow = uow
        self._chance = chance

    def disclose(self, disclosure: Disclosure) -> UUID:
        """Put a disclosure on record; return its id. Raises NotOnRecord."""
        self._require_pupil(disclosure.student)
        id_ = new_uuid(self._uow.at, self._chance)
        parameters = {
            "student": disclosure.student,
            "on": disclosure.on,
            "to": disclosure.to,
            "kind": disclosure.kind.value,
            "basis": disclosure.basis.value,
            "purpose": disclosure.purpose,
            "records": Jsonb(list(disclosure.records), dumps=orjson.dumps),
            "requested": disclosure.requested,
            "by": disclosure.by,
            "corrects": disclosure.corrects,
        }
        self._do(_DISCLOSE, id_, parameters)
        self._on_record("DISCLOSED", DISCLOSURE.name, id_, fields=tuple(sorted(DISCLOSURE.phi_fields)))
        return id_

    def disclosures(self, student: StudentId) -> list[tuple[object, ...]]:
        """Return what was disclosed of a pupil's record, the first first, by whichever of its charts (S4).

        Itself a look, and on record as one.
        """
        self._require_pupil(student)
        rows = self._uow.connection.execute(_DISCLOSED, self._with(student=student)).fetchall()
        self._on_record("VIEW", "student", student, fields=tuple(sorted(DISCLOSURE.phi_fields)))
        return list(rows)

    def place_hold(self, matter: str, hold: Hold, student: StudentId | None = None, by: UserId | None = None) -> UUID:
        """Place a legal hold; return its id. Raises NotOnRecord."""
        if student is not None:
            self._require_pupil(student)
        id_ = new_uuid(self._uow.at, self._chance)
        parameters = {"matter": matter, "student": student, "first": hold.first, "last": hold.last, "by": by}
        self._do(_HOLD, id_, parameters)
        self._on_record("HOLD_PLACED", "legal_hold", id_)
        return id_

    def release_hold(self, hold: UUID, by: UserId | None = None) -> None:
        """End a legal hold. Raises NotOnRecord."""
        if self._uow.connection.execute(_RELEASE, self._with(id=hold, by=by, at=self._uow.at)).rowcount != 1:
            raise NotOnRecord("There is no such hold in force. See `wc-sync-server audit hold list`.")
        self._on_record("HOLD_RELEASED", "legal_hold", hold)

    def holds(self) -> list[PlacedHold]:
        """Return every hold, released ones too, the first first."""
        rows = self._uow.connection.execute(_HOLDS, self._with()).fetchall()
        return [
            PlacedHold(
                id=row[0],
                matter=row[1],
                student=row[2],
                hold=Hold(first=row[3], last=row[4]),
                placed_at=row[5],
                released_at=row[6],
            )
            for row in rows
        ]

    def set_rule(self, new: SetRule) -> None:
        """Put a rule in the place of the one that its class and basis had."""
        rule = new.rule
        parameters = {
            "record_class": new.record_class.value,
            "basis": new.basis.value,
            "citation": new.citation,
            "keep_years": rule.keep_years,
            "until_age": rule.until_age,
            "hot_months": rule.hot_months,
            "valid_from": rule.valid_from,
        }
        self._uow.connection.execute(_END_RULE, self._with(**parameters, day=rule.valid_from, at=self._uow.at))
        id_ = new_uuid(self._uow.at, self._chance)
        self._do(_SET_RULE, id_, parameters)
        self._on_record("RETENTION_SET", "retention_policy", id_)

    def rules(self) -> list[SetRule]:
        """Return every rule, past ones too."""
        rows = self._uow.connection.execute(_RULES, self._with()).fetchall()
        return [
            SetRule(
                record_class=RecordClass(row[0]),
                basis=RetentionBasis(row[1]),
                citation=row[2],
                rule=Rule(keep_years=row[3], until_age=row[4], hot_months=row[5], valid_from=row[6], valid_to=row[7]),
            )
            for row in rows
        ]

    def keeping(self, today: date) -> Keeping:
        """Return what the district asks of its audit on a day."""
        holds: Sequence[Hold] = [placed.hold for placed in self.holds() if placed.released_at is None]
        return keeping((one.rule for one in self.rules()), holds, today)

    def _require_pupil(self, student: UUID) -> None:
        if self._uow.connection.execute(_PUPIL, self._with(student=student)).fetchone() is None:
            raise NotOnRecord("There is no such pupil in this district.")

    def _do(self, statement: str, id_: UUID, parameters: Mapping[str, object]) -> None:
        self._uow.connection.execute(statement.encode(), self._with(**parameters, id=id_, at=self._uow.at))

    def _on_record(self, action: str, entity: str, id_: UUID, fields: tuple[str, ...] = ()) -> None:
        context = self._uow.context
        event = AuditEvent(
            action=action,
            entity_type=entity,
            entity_id=str(id_),
            at=self._uow.at,
            fields=fields,
            user_id=context.user,
            role=context.role,
        )
        self._uow.audit([event])

    def _with(self, **more: object) -> dict[str, object]:
        return {"district": self._uow.context.district, **more}
