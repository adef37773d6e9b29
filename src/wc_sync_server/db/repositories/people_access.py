"""Sessions of people without a workstation, on PostgreSQL (auth.people_ports.PeopleStores)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from wc_contract.model.ids import Chance, DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_sync_server.db.context import SIGN_IN, Context
from wc_sync_server.db.operations import SIGNING_IN
from wc_sync_server.db.repositories import access_sql
from wc_sync_server.db.repositories.access import PostgresAccessStore
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.records.person import OpenSession, PersonSession, Standing

_END = """
UPDATE sessions SET ended_at = %(at)s, ended_reason = %(reason)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(session)s AND device_id IS NULL AND ended_at IS NULL
"""
# A workstation's session is the workstation's: it is bound to its key, and others work by it too.
END_SESSIONS = """
UPDATE sessions SET ended_at = %(at)s, ended_reason = %(reason)s, updated_at = %(at)s
WHERE district_id = %(district)s AND user_id = %(user)s AND device_id IS NULL AND ended_at IS NULL
  AND expires_at > %(at)s AND (%(session)s::uuid IS NULL OR id = %(session)s)
RETURNING id
"""
_OPEN = """
SELECT o.* FROM (
  SELECT DISTINCT ON (coalesce(s.device_id, s.id)) s.id, s.device_id, d.name,
         coalesce(d.enrolled_at, s.issued_at) AS since, s.expires_at, coalesce(d.last_seen_at, s.used_at)
  FROM sessions s LEFT JOIN devices d ON d.district_id = s.district_id AND d.id = s.device_id
  WHERE s.district_id = %(district)s AND s.user_id = %(user)s AND s.ended_at IS NULL AND s.expires_at > %(at)s
    AND d.wiped_at IS NULL
  ORDER BY coalesce(s.device_id, s.id), s.issued_at DESC, s.id DESC) o
ORDER BY o.device_id IS NOT NULL, o.since, o.id
"""
_USE = """
UPDATE sessions SET used_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(session)s AND device_id IS NULL
"""
_STANDING = """
SELECT u.role, u.is_active AND u.revoked_at IS NULL AND u.deleted_at IS NULL
         AND (u.licence_expires IS NULL OR u.licence_expires >= %(at)s::date),
       s.ended_at IS NOT NULL, s.expires_at, s.used_at
FROM sessions s JOIN users u ON u.district_id = s.district_id AND u.id = s.user_id
WHERE s.district_id = %(district)s AND s.id = %(session)s AND s.user_id = %(user)s AND s.device_id IS NULL
"""
_SCHOOLS = "SELECT id FROM schools WHERE district_id = %(district)s AND deleted_at IS NULL ORDER BY id"
# Assignments that are over or have yet to begin too: who has one belongs to schools, and not to the whole district.
_ASSIGNED = """
SELECT a.school_id, bool_or(a.assigned_from <= (%(at)s AT TIME ZONE s.timezone)::date
  AND (a.assigned_to IS NULL OR a.assigned_to >= (%(at)s AT TIME ZONE s.timezone)::date))
FROM school_assignments a JOIN schools s ON s.district_id = a.district_id AND s.id = a.school_id
WHERE a.district_id = %(district)s AND a.user_id = %(user)s AND a.school_id = ANY(%(schools)s::uuid[])
  AND a.deleted_at IS NULL
GROUP BY a.school_id ORDER BY a.school_id
"""


class PostgresPeople:
    """Opens transactions on the sessions of people, in the context of signing in."""

    def __init__(self, cells: Cells, chance: Chance) -> None:
        self._cells = cells
        self._chance = chance

    def find_district(self, code: str) -> DistrictId | None:
        found = self._cells.find(code)
        return None if found is None else found.id

    @contextmanager
    def open(self, district: DistrictId) -> Iterator["PostgresPeopleStore"]:
        context = Context(district=district, role=SIGN_IN)
        with scoped(self._cells.pool_for(district), context, operation=SIGNING_IN, chance=self._chance) as uow:
            yield PostgresPeopleStore(uow)

    def standing(self, session: PersonSession) -> Standing | None:
        values = {"session": session.session, "user": session.user}
        rows = self._looked(session.district, (), _STANDING, values)
        if not rows:
            return None
        role, is_active, ended, expires_at, used_at = rows[0]
        return Standing(role=role, is_active=is_active, ended=ended, expires_at=expires_at, used_at=used_at)

    def schools(self, district: DistrictId) -> tuple[SchoolId, ...]:
        return tuple(SchoolId(row[0]) for row in self._looked(district, (), _SCHOOLS, {}))

    def assigned(
        self, district: DistrictId, everywhere: tuple[SchoolId, ...], user: UserId, at: Instant
    ) -> tuple[SchoolId, ...] | None:
        values = {"user": user, "schools": list(everywhere), "at": at}
        rows = self._looked(district, everywhere, _ASSIGNED, values)
        return tuple(SchoolId(school) for school, today in rows if today) if rows else None

    def _looked(
        self, district: DistrictId, schools: tuple[SchoolId, ...], statement: str, values: Mapping[str, object]
    ) -> list[tuple[Any, ...]]:
        context = Context(district=district, role=SIGN_IN, schools=schools)
        with scoped(self._cells.pool_for(district), context, read_only=True) as uow:
            parameters = {"district": district, "at": uow.at, **values}
            return uow.connection.execute(statement.encode(), parameters).fetchall()


class PostgresPeopleStore(PostgresAccessStore):
    """One transaction on access, the sessions of people included."""

    def begin_session(self, session: PersonSession, token_hash: bytes, at: Instant, expires_at: Instant) -> None:
        self._execute(
            access_sql.ADD_SESSION,
            id=session.session,
            user=session.user,
            device=None,
            hash=token_hash,
            generation=1,
            at=at,
            expires_at=expires_at,
        )

    def end_session(self, session: UUID, at: Instant, reason: str) -> bool:
        return self._execute(_END, session=session, at=at, reason=reason) == 1

    def open_sessions(self, user: UserId, at: Instant) -> Sequence[OpenSession]:
        return open_sessions(self._uow, user, at)

    def end_sessions(self, user: UserId, session: UUID | None, at: Instant, reason: str) -> Sequence[UUID]:
        values = self._parameters(user=user, session=session, at=at, reason=reason)
        return [row[0] for row in self._uow.connection.execute(END_SESSIONS.encode(), values).fetchall()]

    def use_person_session(self, session: UUID, at: Instant) -> None:
        self._execute(_USE, session=session, at=at)


def open_sessions(uow: UnitOfWork, user: UserId, at: Instant) -> Sequence[OpenSession]:
    """Return somebody's sessions that go on, those without a workstation first, each by when it began."""
    values = {"district": uow.context.district, "user": user, "at": at}
    return [
        OpenSession(
            id=row[0],
            device=None if row[1] is None else DeviceId(row[1]),
            workstation=row[2],
            since=row[3],
            until=row[4],
            used_at=row[5],
        )
        for row in uow.connection.execute(_OPEN.encode(), values).fetchall()
    ]
