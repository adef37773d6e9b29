"""What signing in without a workstation needs of the central database."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_sync_server.auth.ports import AccessStore
from wc_sync_server.domain.records.person import OpenSession, PersonSession, Standing


class PeopleStore(AccessStore, Protocol):
    """One transaction on access, the sessions of people included."""

    def begin_session(self, session: PersonSession, token_hash: bytes, at: Instant, expires_at: Instant) -> None: ...
    def end_session(self, session: UUID, at: Instant, reason: str) -> bool:
        """End a session; False when it had ended already."""
        ...

    def open_sessions(self, user: UserId, at: Instant) -> Sequence[OpenSession]:
        """Return somebody's sessions that go on, those without a workstation first, each by when it began."""
        ...

    def end_sessions(self, user: UserId, session: UUID | None, at: Instant, reason: str) -> Sequence[UUID]:
        """End one of somebody's sessions, or all, without a workstation; return which."""
        ...

    def use_person_session(self, session: UUID, at: Instant) -> None: ...


class PeopleStores(Protocol):
    """Opens transactions on the sessions of people, and looks at where they stand."""

    def find_district(self, code: str) -> DistrictId | None: ...
    def open(self, district: DistrictId) -> AbstractContextManager[PeopleStore]: ...
    def standing(self, session: PersonSession) -> Standing | None:
        """Return where a session and its person stand, None when there is no such session without a workstation."""
        ...

    def schools(self, district: DistrictId) -> tuple[SchoolId, ...]: ...
    def assigned(
        self, district: DistrictId, everywhere: tuple[SchoolId, ...], user: UserId, at: Instant
    ) -> tuple[SchoolId, ...] | None:
        """Return those of everywhere at which somebody works today; None: they never were, nor will be, assigned."""
        ...
