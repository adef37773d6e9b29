"""Vaccinations: who has which, what a school's children lack, and how far schools and grades are."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, all_of, asked, of_schools, page_of, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.students import ONE
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ComplianceAsked
from wc_sync_server.domain.records.vaccines import SERIES, Series, series_of
from wc_sync_server.domain.records.whole import Whole

VACCINATIONS = Listing(kind=kinds.VACCINATION, shape=answers.VACCINATION, order=("administered_on", "id"))
EXEMPTIONS = Listing(kind=kinds.VACCINATION_EXEMPTION, shape=answers.EXEMPTION, order=("granted_on", "id"))
LACKING = Listing(
    kind=kinds.STUDENT,
    shape=answers.LACKING,
    order=("last_name", "first_name", "id"),
    joined={"missing": "NULL"},
)
_SOME = 200

_SERIES = "json_to_recordset(%(series)s::json) AS r(name text, cvx json, doses integer, from_grade integer)"
_SERIES_CODES = f"(SELECT r.name, c.code FROM {_SERIES}, json_array_elements_text(r.cvx) AS c(code)) w"
_GRADE = (
    "CASE WHEN k.grade ~ '^[0-9]{1,2}$' THEN k.grade::integer WHEN upper(k.grade) IN ('K', 'KG', 'KN') THEN 0"
    " ELSE -1 END"
)
_CHILDREN = (
    f"(SELECT k.district_id, k.id, k.school_id, k.grade, {_GRADE} AS level FROM {living(kinds.STUDENT, 'k')}"
    " WHERE k.district_id = %(district)s AND k.is_active AND k.school_id = ANY(%(asked)s::uuid[])"
    " AND (%(grade)s::text IS NULL OR k.grade = %(grade)s::text)) s"
)
# Two doses on one day are one dose, entered twice.
_GIVEN = (
    f"(SELECT v.student_id, w.name, count(DISTINCT v.administered_on) AS doses FROM {living(kinds.VACCINATION, 'v')}"
    f" JOIN {_SERIES_CODES} ON w.code = v.cvx WHERE v.district_id = %(district)s"
    " AND v.school_id = ANY(%(asked)s::uuid[]) AND v.administered_on <= %(on)s GROUP BY v.student_id, w.name) g"
)
_FREED = (
    f"(SELECT DISTINCT e.student_id, r.name FROM {living(kinds.VACCINATION_EXEMPTION, 'e')} CROSS JOIN {_SERIES}"
    " WHERE e.district_id = %(district)s AND e.school_id = ANY(%(asked)s::uuid[]) AND e.granted_on <= %(on)s"
    " AND (e.expires_on IS NULL OR e.expires_on >= %(on)s)"
    " AND (e.cvx IS NULL OR e.cvx IN (SELECT json_array_elements_text(r.cvx)))) x"
)
_STANDS = (
    "SELECT s.id AS student_id, s.school_id, s.grade, s.level, r.name, r.doses AS needed,"
    " coalesce(g.doses, 0) AS doses, x.student_id IS NOT NULL AS exempt"
    f" FROM {_CHILDREN} JOIN {_SERIES} ON s.level >= r.from_grade"
    f" LEFT JOIN {_GIVEN} ON g.student_id = s.id AND g.name = r.name"
    f" LEFT JOIN {_FREED} ON x.student_id = s.id AND x.name = r.name"
)
SUMMARY = (
    "SELECT z.school_id, z.grade, z.name AS series, count(*) AS students,"
    " count(*) FILTER (WHERE z.doses >= z.needed) AS complete,"
    " count(*) FILTER (WHERE z.doses < z.needed AND z.exempt) AS exempt,"
    " count(*) FILTER (WHERE z.doses < z.needed AND NOT z.exempt) AS missing"
    f" FROM ({_STANDS}) z GROUP BY z.school_id, z.grade, z.level, z.name ORDER BY z.school_id, z.level, z.grade, z.name"
)
_MISSING = f"SELECT z.student_id FROM ({_STANDS}) z WHERE z.doses < z.needed AND NOT z.exempt"
_OF_THESE = (
    f"SELECT z.student_id, z.name, z.doses, z.needed FROM ({_STANDS}) z"
    " WHERE z.doses < z.needed AND NOT z.exempt AND z.student_id = ANY(%(students)s::uuid[]) ORDER BY z.name"
)
# Where schools' days differ it is the earlier one: nothing has ended before its last day is over everywhere.
_POLICY = (
    f"SELECT d.policy -> '{SERIES}',"
    f" (SELECT min((%(at)s AT TIME ZONE h.timezone)::date) FROM {living(kinds.SCHOOL, 'h')}"
    " WHERE h.district_id = d.district_id AND h.id = ANY(%(asked)s::uuid[]))"
    " FROM districts d WHERE d.district_id = %(district)s"
)


class PostgresVaccinations:
    """Vaccinations of the person's schools (api.records_ports.Vaccinations)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_student(self, person: Person, student: UUID) -> Whole:
        """Return a student with vaccinations and exemptions. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Whole:
            row = the_one(seat.uow, ONE, student)
            parts = {
                name: all_of(seat.uow, listing, ["t.student_id = %(student)s"], {"student": student}, most=_SOME)
                for name, listing in (("vaccinations", VACCINATIONS), ("exemptions", EXEMPTIONS))
            }
            phi = {f"{shape.entity}.{name}" for shape in (answers.VACCINATION, answers.EXEMPTION) for name in shape.phi}
            seat.saw_fields(answers.STUDENT, row, tuple(sorted({*answers.STUDENT.phi, *phi})), via="vaccinations")
            return Whole(record=row, parts=parts)

        return self._desk.read(person, look)

    def compliance(self, person: Person, wanted: ComplianceAsked) -> list[Row]:
        """Return, by school, grade and series, how many children there are and how many have it, or need not."""

        def look(seat: Seat) -> list[Row]:
            rows = asked(seat.uow, SUMMARY, _values(seat, wanted))
            entity = "every" if wanted.school is None else wanted.school
            seat.note("VIEW", "vaccination_compliance", entity, {"via": "report", "count": len(rows)})
            return rows

        return self._desk.report(person, look, school=wanted.school)

    def lacking(self, person: Person, wanted: ComplianceAsked, window: Window) -> Page:
        """Return a page of the children who lack a series without an exemption, and what each of them lacks."""

        def look(seat: Seat) -> Page:
            values = _values(seat, wanted)
            page = page_of(seat.uow, LACKING, [of_schools(wanted.school), f"t.id IN ({_MISSING})"], values, window)
            missing = asked(seat.uow, _OF_THESE, {**values, "students": [row["id"] for row in page.rows]})
            rows = [{**row, "missing": _missing(row["id"], missing)} for row in page.rows]
            seat.saw(answers.LACKING, rows, via="compliance")
            return Page(rows=rows, total=page.total, window=page.window, last=page.last)

        return self._desk.report(person, look, school=wanted.school)


def _missing(student: UUID, found: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {"series": row["name"], "doses": row["doses"], "needed": row["needed"]}
        for row in found
        if row["student_id"] == student
    ]


def _values(seat: Seat, wanted: ComplianceAsked) -> dict[str, object]:
    series, today = _asked_for(seat)
    return {
        "district": seat.uow.context.district,
        "school": wanted.school,
        "asked": list(seat.uow.context.schools),
        "grade": wanted.grade,
        "on": wanted.on or today,
        "series": orjson.dumps([each.as_json() for each in series]).decode(),
    }


def _asked_for(seat: Seat) -> tuple[tuple[Series, ...], date]:
    """Return what the district asks for, and which day it is at the schools."""
    context, at = seat.uow.context, seat.uow.at
    values = {"district": context.district, "asked": list(context.schools), "at": at}
    row = seat.uow.connection.execute(_POLICY.encode(), values).fetchone()
    policy, today = (None, None) if row is None else row
    return series_of({SERIES: policy}), today or at.date()
