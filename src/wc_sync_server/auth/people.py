"""People without a workstation: sign in for minutes, sign out, and be let in with the rights of this moment."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, SchoolId, UserId, new_uuid
from wc_contract.model.instants import Clock
from wc_contract.model.values import Role
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.people_ports import PeopleStores
from wc_sync_server.auth.people_tokens import PeopleTokens
from wc_sync_server.auth.sign_in import Credentials, Proven, SignIn
from wc_sync_server.auth.tokens import token_hash
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.records.areas import MAY_SIGN_IN, OF_THE_OFFICE
from wc_sync_server.domain.records.person import OpenSession, Person, PersonSession, SignedIn, Standing
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

REMEMBERED_SECONDS = 3.0
_REMEMBERED_AT_MOST = 10_000
_USED_EVERY = timedelta(minutes=1)


class People:
    """Signs people in and out. What it asks the database it remembers for seconds: a revocation bites in a minute."""

    def __init__(
        self,
        *,
        stores: PeopleStores,
        sign_in: SignIn,
        tokens: PeopleTokens,
        clock: Clock,
        chance: Chance,
        lifetime: timedelta,
    ) -> None:
        self._stores = stores
        self._sign_in = sign_in
        self._tokens = tokens
        self._clock = clock
        self._chance = chance
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._remembered: dict[UUID, tuple[float, Person]] = {}

    def begin(self, code: str, *, email: str, password: str, totp: str, address: str | None) -> SignedIn:
        """Return a token for whoever proves who they are, in the district of that code.

        Raises ProblemRaised: WRONG_DISTRICT and what SignIn raises; RecordRefused(NOT_ALLOWED) for a role that
        works on workstations only.
        """
        district = self._stores.find_district(code.strip().lower())
        if district is None:
            raise ProblemRaised(ProblemCode.WRONG_DISTRICT)
        typed = Credentials(email=email, password=password, totp=totp, address=address)
        proven = self._sign_in.prove(district, typed)
        if proven.account.role not in MAY_SIGN_IN:
            self._tell(district, proven, "DENIED", None)
            raise RecordRefused(RecordsProblem.NOT_ALLOWED)
        now = self._clock.now()
        session = PersonSession(district=district, user=proven.account.id, session=new_uuid(now, self._chance))
        token = self._tokens.issue(session, self._lifetime)
        with self._stores.open(district) as store:
            if not proven.use_up(store, now):
                raise ProblemRaised(ProblemCode.SECOND_FACTOR_FAILED)
            store.begin_session(session, token_hash(token), now, now + self._lifetime)
            store.audit([self._event(proven, "SESSION_BEGUN", session.session)])
            store.commit()
        person = self._person(session, proven.account.role)
        return SignedIn(token=token, seconds=int(self._lifetime.total_seconds()), person=person)

    def admit(self, token: str) -> Person:
        """Return who bears token, with the rights they have now. Raises RecordRefused(NOT_SIGNED_IN)."""
        session = self._tokens.read(token)
        now = self._clock.monotonic()
        with self._lock:
            known = self._remembered.get(session.session)
        if known is not None and now - known[0] < REMEMBERED_SECONDS:
            return known[1]
        person = self._look_up(session)
        with self._lock:
            if len(self._remembered) >= _REMEMBERED_AT_MOST:
                self._remembered.clear()
            self._remembered[session.session] = (now, person)
        return person

    def end(self, token: str) -> None:
        """End the session of token at once. Raises RecordRefused(NOT_SIGNED_IN)."""
        session = self._tokens.read(token)
        now = self._clock.now()
        with self._stores.open(session.district) as store:
            if not store.end_session(session.session, now, "signed_out"):
                raise RecordRefused(RecordsProblem.NOT_SIGNED_IN)
            store.audit([self._ended(session.user, session.session)])
            store.commit()
        self._forget(session.session)

    def sessions(self, person: Person) -> Sequence[OpenSession]:
        """Return somebody's own sessions that go on."""
        with self._stores.open(person.district) as store:
            return store.open_sessions(person.user, self._clock.now())

    def end_own(self, person: Person, session: UUID) -> None:
        """End one of somebody's own sessions without a workstation. Raises RecordRefused(NO_RECORD)."""
        with self._stores.open(person.district) as store:
            if not store.end_sessions(person.user, session, self._clock.now(), "ended_by_person"):
                raise RecordRefused(RecordsProblem.NO_RECORD)
            store.audit([self._ended(person.user, session)])
            store.commit()
        self._forget(session)

    def _forget(self, session: UUID) -> None:
        with self._lock:
            self._remembered.pop(session, None)

    def _ended(self, user: UserId, session: UUID) -> AuditEvent:
        return AuditEvent(
            action="SESSION_ENDED",
            entity_type="session",
            entity_id=str(session),
            at=self._clock.now(),
            user_id=user,
        )

    def _look_up(self, session: PersonSession) -> Person:
        standing = self._stores.standing(session)
        gone = standing is None or standing.ended or standing.expires_at <= self._clock.now()
        if standing is None or gone or not standing.is_active or standing.role not in MAY_SIGN_IN:
            raise RecordRefused(RecordsProblem.NOT_SIGNED_IN)
        self._use(session, standing)
        return self._person(session, standing.role)

    def _use(self, session: PersonSession, standing: Standing) -> None:
        now = self._clock.now()
        if standing.used_at is None or now - standing.used_at >= _USED_EVERY:
            with self._stores.open(session.district) as store:
                store.use_person_session(session.session, now)
                store.commit()

    def _person(self, session: PersonSession, role: str) -> Person:
        everywhere = self._stores.schools(session.district)
        assigned = self._stores.assigned(session.district, everywhere, session.user, self._clock.now())
        return Person(
            district=session.district,
            user=session.user,
            session=session.session,
            role=role,
            schools=_schools(role, assigned, everywhere),
            everywhere=everywhere,
        )

    def _tell(self, district: DistrictId, proven: Proven, action: str, session: UUID | None) -> None:
        with self._stores.open(district) as store:
            store.audit([self._event(proven, action, session)])
            store.commit()

    def _event(self, proven: Proven, action: str, session: UUID | None) -> AuditEvent:
        return AuditEvent(
            action=action,
            entity_type="session",
            entity_id="none" if session is None else str(session),
            at=self._clock.now(),
            user_id=proven.account.id,
            role=proven.account.role,
        )


def _schools(
    role: str, assigned: tuple[SchoolId, ...] | None, everywhere: tuple[SchoolId, ...]
) -> tuple[SchoolId, ...]:
    """Return whose records somebody may see: where they work today; people of the office, never assigned, everywhere.

    An assignment that ends leaves nobody more than they had.
    """
    if assigned is None:
        return everywhere if Role(role) in OF_THE_OFFICE else ()
    return assigned
