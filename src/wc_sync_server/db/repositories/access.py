"""Accounts, devices, sessions and leases, on PostgreSQL (auth.ports.AccessStores)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson

from wc_contract.model.errors import Defect
from wc_contract.model.ids import Chance, DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.wire.codes import Directive
from wc_contract.wire.wipe import WipeReason
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import SIGN_IN, Context
from wc_sync_server.db.directory import DistrictUnknown
from wc_sync_server.db.operations import SIGNING_IN
from wc_sync_server.db.repositories import access_sql as sql
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.access import (
    Account,
    Admission,
    Device,
    DeviceStatus,
    District,
    EnrolmentCode,
    IssuedLease,
    LeaseHolder,
    School,
    SessionRow,
)
from wc_sync_server.domain.contact_nonce import NonceState
from wc_sync_server.domain.registration import AttemptMade, Failures, Greeting, NewDevice, NewSession
from wc_sync_server.domain.revocation import Revoked


class RowMissing(Defect):
    """A row that a key promised is not there."""

    code = "row_missing"


class PostgresAccess:
    """Opens transactions on access, in the context of signing in."""

    def __init__(self, cells: Cells, epochs: Epochs, chance: Chance) -> None:
        self._cells = cells
        self._epochs = epochs
        self._chance = chance

    def epoch(self, district: DistrictId) -> str:
        return self._epochs.current(district)

    def went_back(self, district: DistrictId, epoch: str) -> bool:
        return self._epochs.succeed(district, epoch, self._chance, reason="a device was ahead of the database")

    def code(self, district: DistrictId) -> str:
        return self._cells.named(district).code

    def keeps(self, district: DistrictId) -> bool:
        try:
            self._cells.pool_for(district)
        except DistrictUnknown:
            return False
        return True

    def find_district(self, code: str) -> DistrictId | None:
        found = self._cells.find(code)
        return None if found is None else found.id

    @contextmanager
    def open(self, district: DistrictId, school: SchoolId | None = None) -> Iterator["PostgresAccessStore"]:
        context = Context(district=district, role=SIGN_IN, schools=() if school is None else (school,))
        with scoped(self._cells.pool_for(district), context, operation=SIGNING_IN, chance=self._chance) as uow:
            yield PostgresAccessStore(uow)


class PostgresAccessStore:
    """One transaction on access."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def account_by_email(self, email: str) -> Account | None:
        return _account(self._one(sql.ACCOUNT_BY_EMAIL, email=email))

    def account_by_sign_on(self, issuer: str, name: str) -> Account | None:
        return _account(self._one(sql.ACCOUNT_BY_SIGN_ON, issuer=issuer, name=name))

    def use_sign_on(self, user: UserId, begun: int, at: Instant) -> bool:
        return self._execute(sql.USE_SIGN_ON, user=user, begun=begun, at=at) == 1

    def highest_bcrypt_cost(self) -> int:
        return int(self._sure(sql.HIGHEST_BCRYPT_COST)[0])

    def replace_hash(self, user: UserId, stored: str, by: str, at: Instant) -> None:
        self._execute(sql.REPLACE_HASH, user=user, stored=stored, by=by, at=at)

    def failures(self, account_key: str, address: str | None, since: Instant) -> Failures:
        row = self._sure(sql.FAILURES, key=account_key, address=address, since=since)
        return Failures(of_account=row[0], from_address=row[1])

    def record_attempt(self, attempt: AttemptMade) -> None:
        self._execute(
            sql.RECORD_ATTEMPT,
            id=attempt.id,
            key=attempt.account_key,
            user=attempt.user,
            device=attempt.device,
            address=attempt.address,
            outcome=attempt.outcome.value,
            at=attempt.at,
        )

    def use_second_factor(self, user: UserId, step: int, at: Instant) -> bool:
        return self._execute(sql.USE_SECOND_FACTOR, user=user, step=step, at=at) == 1

    def recovery_code(self, user: UserId, code_hash: bytes, *, used_too: bool) -> UUID | None:
        row = self._one(sql.RECOVERY_CODE, user=user, hash=code_hash, used_too=used_too)
        return None if row is None else row[0]

    def use_recovery_code(self, user: UserId, code: UUID, at: Instant) -> bool:
        return self._execute(sql.USE_RECOVERY_CODE, user=user, code=code, at=at) == 1

    def enrolment_code(self, code_hash: bytes) -> EnrolmentCode | None:
        row = self._one(sql.ENROLMENT_CODE, hash=code_hash)
        if row is None:
            return None
        return EnrolmentCode(
            id=row[0],
            school=SchoolId(row[1]),
            expires_at=row[2],
            used_by=None if row[3] is None else DeviceId(row[3]),
            used_by_key=None if row[4] is None else bytes(row[4]),
        )

    def use_code(self, code: UUID, device: DeviceId, at: Instant) -> bool:
        return self._execute(sql.USE_CODE, code=code, device=device, at=at) == 1

    def district(self) -> District:
        row = self._sure(sql.DISTRICT)
        return District(id=DistrictId(row[0]), name=row[1], policy_version=row[2])

    def school(self, school: SchoolId) -> School:
        row = self._sure(sql.SCHOOL, school=school)
        return School(id=SchoolId(row[0]), name=row[1], timezone=row[2])

    def assigned(self, user: UserId, school: SchoolId, at: Instant) -> bool:
        return bool(self.valid_holders((user,), school, at))

    def valid_holders(self, users: Sequence[UserId], school: SchoolId, at: Instant) -> tuple[LeaseHolder, ...]:
        rows = self._uow.connection.execute(
            sql.VALID_HOLDERS.encode(), self._parameters(users=list(users), school=school, at=at)
        ).fetchall()
        return tuple(LeaseHolder(id=UserId(row[0]), generation=row[1]) for row in rows)

    def add_device(self, device: NewDevice) -> None:
        self._execute(
            sql.ADD_DEVICE,
            id=device.id,
            school=device.school,
            name=device.name,
            sign_key=device.sign_key,
            seal_key=device.seal_key,
            app_version=device.app_version,
            enrolled_by=device.enrolled_by,
            at=device.at,
        )

    def add_session(self, session: NewSession) -> None:
        self._execute(
            sql.ADD_SESSION,
            id=session.id,
            user=session.user,
            device=session.device,
            hash=session.token_hash,
            generation=session.generation,
            at=session.at,
            expires_at=session.expires_at,
        )

    def session_for_update(self, session: UUID) -> SessionRow | None:
        row = self._one(sql.SESSION_FOR_UPDATE, session=session)
        if row is None:
            return None
        return SessionRow(
            id=row[0],
            device=DeviceId(row[1]),
            user=UserId(row[2]),
            school=SchoolId(row[3]),
            sign_key=bytes(row[4]),
            generation=row[5],
            token_hash=bytes(row[6]),
            expires_at=row[7],
            ended=row[8],
            successor=row[9],
            successor_used=row[10],
        )

    def use_session(self, session: UUID, successor: UUID, at: Instant) -> None:
        self._execute(sql.USE_SESSION, session=session, successor=successor, at=at)

    def admission(self, device: DeviceId, session: UUID, at: Instant) -> Admission | None:
        school = self._uow.context.schools[0]
        row = self._one(sql.ADMISSION, device=device, session=session, school=school, at=at)
        if row is None:
            return None
        return Admission(
            device=Device(
                id=device,
                school=SchoolId(row[0]),
                sign_key=bytes(row[1]),
                status=_status(directive=row[3], revoked=row[4] is not None, wiped=row[5] is not None),
                last_number=row[2],
                settled=row[9],
                app_version=row[10],
            ),
            session_ended=row[6],
            anyone_valid=row[7],
            confidential=row[8],
        )

    def newest_lease(self, device: DeviceId) -> IssuedLease | None:
        row = self._one(sql.NEWEST_LEASE, device=device)
        if row is None:
            return None
        return IssuedLease(
            body=row[0],
            signature=bytes(row[1]),
            users=tuple(LeaseHolder(id=UserId(UUID(one["id"])), generation=one["generation"]) for one in row[2]),
            issued_at=row[3],
            expires_at=row[4],
        )

    def add_lease(self, lease_id: UUID, device: DeviceId, lease: IssuedLease) -> None:
        users = [{"id": str(holder.id), "generation": holder.generation} for holder in lease.users]
        self._execute(
            sql.ADD_LEASE,
            id=lease_id,
            device=device,
            body=lease.body,
            signature=lease.signature,
            users=orjson.dumps(users).decode(),
            issued_at=lease.issued_at,
            expires_at=lease.expires_at,
        )
        self._execute(sql.LEASE_UNTIL, device=device, issued_at=lease.issued_at, expires_at=lease.expires_at)

    def greet(self, device: DeviceId, greeting: Greeting) -> None:
        self._execute(
            sql.GREET,
            device=device,
            at=greeting.at,
            app_version=greeting.app_version,
            waiting=greeting.waiting,
            oldest=greeting.oldest_waiting,
            offset=greeting.clock_offset_ms,
            unstored=greeting.unstored,
        )

    def nonces(self, device: DeviceId) -> NonceState:
        row = self._sure(sql.NONCES_FOR_UPDATE, device=device)
        return NonceState(used=row[0], given=tuple(row[1]), challenge=row[2])

    def keep_nonces(self, device: DeviceId, state: NonceState) -> None:
        given = orjson.dumps(state.given).decode()
        self._execute(sql.KEEP_NONCES, device=device, used=state.used, given=given, challenge=state.challenge)

    def fork(self, device: DeviceId, at: Instant) -> None:
        self._execute(sql.FORKED, device=device, at=at)

    def last_number(self, device: DeviceId) -> int:
        return int(self._sure(sql.LAST_NUMBER, device=device)[0])

    def revoked(self, device: DeviceId) -> Revoked | None:
        row = self._one(sql.REVOKED_FOR_UPDATE, device=device)
        if row is None:
            return None
        return Revoked(
            device=device, sign_key=bytes(row[0]), reason=WipeReason(row[1]), at=row[2], wiped_at=row[3], receipt=row[4]
        )

    def told_to_wipe(self, device: DeviceId, at: Instant, *, unsent: int | None, held: str | None) -> None:
        self._execute(sql.TOLD_TO_WIPE, device=device, at=at, unsent=unsent, held=held)

    def keep_wipe(self, device: DeviceId, receipt: str, signature: bytes, at: Instant) -> bool:
        return self._execute(sql.KEEP_WIPE, device=device, receipt=receipt, signature=signature, at=at) == 1

    def heads(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        rows = self._uow.connection.execute(sql.HEADS.encode(), self._parameters(streams=list(streams))).fetchall()
        return {row[0]: row[1] for row in rows}

    def audit(self, events: Sequence[AuditEvent]) -> None:
        self._uow.audit(events)

    def commit(self) -> None:
        self._uow.commit()

    def _parameters(self, **values: object) -> dict[str, object]:
        return {"district": self._uow.context.district, **values}

    def _execute(self, statement: str, **values: object) -> int:
        return self._uow.connection.execute(statement.encode(), self._parameters(**values)).rowcount

    def _one(self, statement: str, **values: object) -> tuple[Any, ...] | None:
        return self._uow.connection.execute(statement.encode(), self._parameters(**values)).fetchone()

    def _sure(self, statement: str, **values: object) -> tuple[Any, ...]:
        row = self._one(statement, **values)
        if row is None:
            raise RowMissing("a row that a key promised is not there")
        return row


def _account(row: tuple[Any, ...] | None) -> Account | None:
    if row is None:
        return None
    return Account(
        id=UserId(row[0]),
        email=row[1],
        first_name=row[2],
        last_name=row[3],
        role=row[4],
        licence_type=row[5],
        is_active=row[6],
        password_hash=row[7],
        mfa_secret=None if row[8] is None else bytes(row[8]),
        mfa_last_step=row[9],
        sign_on_used=row[10],
    )


def _status(*, directive: str, revoked: bool, wiped: bool) -> DeviceStatus:
    if wiped:
        return DeviceStatus.WIPED
    if revoked:
        return DeviceStatus.REVOKED
    return DeviceStatus.FORKED if directive == Directive.FORKED.value else DeviceStatus.ACTIVE
