"""What the handlers need of the rooms that the composition root hands them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import RecordKind
from wc_contract.wire.blobs import BlobHeld, BlobNamed
from wc_contract.wire.messages import (
    AddUser,
    BeginSignOn,
    Enrol,
    Enrolled,
    FinishSignOn,
    Hello,
    HelloAnswer,
    Refresh,
    SignOnBegun,
    SignOnFinished,
    Tokens,
    UserAdded,
)
from wc_contract.wire.wipe import AskWipe, WipeAsked, WipeKept, WipeReceipt
from wc_sync_server.domain.access import Admission, Principal
from wc_sync_server.domain.blobs import Bringer, Part, Piece
from wc_sync_server.domain.feed import FeedHead, Page
from wc_sync_server.domain.requests import Admitted, SignedRequest


class Gate(Protocol):
    """Admits requests whose device proves itself."""

    def school_of(self, token: str) -> SchoolId: ...
    def admit(self, request: SignedRequest) -> Admitted: ...
    def admit_trusted(self, request: SignedRequest) -> Admitted: ...
    def admit_reader(self, request: SignedRequest) -> Admitted: ...
    def forget(self, session: UUID) -> None: ...


class Enrolment(Protocol):
    """Makes workstations and people known."""

    def enrol(self, request: SignedRequest, message: Enrol) -> Enrolled: ...
    def add_user(self, admitted: Admitted, request: SignedRequest, message: AddUser) -> UserAdded: ...


class SignOn(Protocol):
    """Sends people to their district's single sign-on."""

    def begin(self, request: SignedRequest, message: BeginSignOn) -> SignOnBegun: ...
    def finish(self, request: SignedRequest, message: FinishSignOn) -> SignOnFinished: ...


class Sessions(Protocol):
    """Carries sessions on."""

    def carry_on(self, request: SignedRequest, message: Refresh) -> Tokens: ...


class Wipes(Protocol):
    """Orders workstations to be erased, and takes their receipts."""

    def asked(self, principal: Principal, message: AskWipe) -> WipeAsked: ...
    def done(self, message: WipeReceipt) -> WipeKept: ...


class Contacts(Protocol):
    """Answers greetings."""

    def hello(self, principal: Principal, admission: Admission, message: Hello) -> HelloAnswer: ...


class Snapshot(Protocol):
    """A school's records at one instant."""

    def head(self) -> FeedHead: ...
    def any(self, kind: RecordKind) -> bool: ...
    def about(self, after: Mapping[str, int]) -> int: ...
    def pages(self, kind: RecordKind, after: int, *, digest: bool, added: bool) -> Iterator[Page]: ...
    def removals(self, stream: UUID, after: int) -> Iterator[Page]: ...
    def digest(self, kind: RecordKind) -> tuple[int, int]: ...
    def slices(self, kind: RecordKind) -> Mapping[int, tuple[int, int]]: ...
    def versions(self, kind: RecordKind, slices: Sequence[int]) -> Mapping[UUID, int]: ...
    def named(self, kind: RecordKind, ids: Sequence[UUID], *, added: bool) -> Iterator[Page]: ...


class Feeds(Protocol):
    """Opens snapshots, looks at heads, and puts on record that a workstation gets records of its school."""

    def snapshot(self, principal: Principal) -> AbstractContextManager[Snapshot]: ...
    def heads(self, district: DistrictId, schools: tuple[SchoolId, ...]) -> Mapping[UUID, int]: ...
    def hand_out(self, principal: Principal, via: str) -> None: ...


class Blobs(Protocol):
    """Takes the content of photos and documents in, piece by piece, and gives it to whom a record shows it."""

    @property
    def most(self) -> int: ...
    def epoch(self, district: DistrictId) -> str: ...
    def held(self, bringer: Bringer, named: Sequence[BlobNamed]) -> tuple[BlobHeld, ...]: ...
    def take(self, bringer: Bringer, piece: Piece) -> BlobHeld: ...
    def fetch(self, bringer: Bringer, name: str, offset: int, length: int) -> Part: ...


class Hints(Protocol):
    """Tells and hears that a stream moved; may lose what it is told."""

    def tell(self, district: DistrictId) -> None: ...
    def hear(self, seconds: float) -> frozenset[DistrictId]: ...
    def hush(self) -> None: ...
    def close(self) -> None: ...


class Readiness(Protocol):
    """Looks whether the database can serve, and what will need a person before long."""

    def checks(self) -> Mapping[str, bool]: ...
    def warnings(self) -> Sequence[str]: ...


class Background(Protocol):
    """Works in a thread of its own from start until stop, which returns when it has ended."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class NonceSource(Protocol):
    """Makes nonces."""

    def fresh(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a request may be, as sent and as read."""

    body: int = 2 * 1024 * 1024
    content: int = 4 * 1024 * 1024
    wait_seconds: float = field(default=25.0)


class Signatures(Protocol):
    """Checks a batch's signatures beside what else is done for it."""

    def begin(self, sign_key: bytes, signed: Sequence[tuple[bytes, str]]) -> Callable[[], frozenset[str]]:
        """Begin to check (digest, signature in base64) pairs; calling the answer waits for the bad ones' digests."""
        ...
