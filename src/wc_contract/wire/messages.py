"""The messages of the exchange (sync.md, 'The exchange')."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from wc_contract.wire.base import Base64, Code, Hex64, Short, WireInstant, WireModel, is_none
from wc_contract.wire.codes import Directive, Outcome
from wc_contract.wire.digests import SLICES
from wc_contract.wire.versions import MAX_COMPARED, MAX_ENTRY_BYTES, MAX_PUSH_ENTRIES, UNNAMED

Ticket = Annotated[str, Field(max_length=4096, pattern=r"^[\x21-\x7e]*$")]


class PersonInfo(WireModel):
    """A member of staff, as far as a workstation needs."""

    id: UUID
    first_name: Short
    last_name: Short
    role: Short
    licence_type: Short | None


class SchoolInfo(WireModel):
    """The school a workstation belongs to."""

    id: UUID
    name: Short
    timezone: Short


class DistrictInfo(WireModel):
    """The district, its public keys and its epoch. Keys are 32 bytes in base64."""

    id: UUID
    code: Short
    name: Short
    seal_key: Base64  # X25519: journal copies are sealed to it
    verify_key: Base64  # Ed25519: leases are signed with it


class SignedLease(WireModel):
    """A lease's JSON text (LeaseBody) and the server's Ed25519 signature over its bytes."""

    body: str = Field(max_length=20_000)
    signature: Base64


class LeaseUser(WireModel):
    """One person a lease covers; a higher generation retires older slots."""

    id: UUID
    generation: int


class LeaseBody(WireModel):
    """The signed, expiring permission of a device and its users to work offline (rules.md S6)."""

    device_id: UUID
    school_id: UUID
    district_id: UUID
    users: tuple[LeaseUser, ...]
    epoch: Short
    policy_version: int
    issued_at: WireInstant
    expires_at: WireInstant


class Enrol(WireModel):
    """Make a workstation known: one-time code, a nurse's sign-in with second factor, the device's new keys.

    The request carries a WC-Proof made with sign_key, so that the key is proved to be held. sign_on is the ticket of a
    district's single sign-on, in the place of e-mail and password.
    """

    protocol: Literal[1]
    district: Short
    code: Short
    email: Short
    password: str = Field(max_length=1024, repr=False)
    totp: Short
    device_name: Short
    sign_key: Base64
    seal_key: Base64
    app_version: Short
    sign_on: Ticket | None = Field(default=None, repr=False, exclude_if=is_none)


class BeginSignOn(WireModel):
    """Ask for the page of the district's single sign-on; redirect is where this workstation listens, on loopback.

    The request carries a WC-Proof made with sign_key, as that of FinishSignOn does.
    """

    protocol: Literal[1]
    district: Short
    redirect: Short
    sign_key: Base64


class SignOnBegun(WireModel):
    """The page to open in the browser, the state that comes back with the code, and what to finish with."""

    page: str = Field(max_length=4096, repr=False)
    state: Short = Field(repr=False)
    flow: Ticket = Field(repr=False)


class FinishSignOn(WireModel):
    """Hand over what came back by loopback. issuer is the provider's word for itself there, where it gives it."""

    protocol: Literal[1]
    sign_key: Base64
    flow: Ticket = Field(repr=False)
    code: Ticket = Field(repr=False)
    state: Short = Field(repr=False)
    issuer: Short | None = Field(default=None, exclude_if=is_none)


class SignOnFinished(WireModel):
    """A ticket for Enrol or AddUser, good for minutes; second_factor: a code of ours is asked for beside it."""

    ticket: Ticket = Field(repr=False)
    second_factor: bool


class Tokens(WireModel):
    """An access token (minutes) and the refresh token that follows the one used."""

    access_token: str = Field(max_length=4096, repr=False)
    expires_in: int
    refresh_token: str = Field(max_length=4096, repr=False)


class Enrolled(WireModel):
    """The answer to Enrol."""

    device_id: UUID
    district: DistrictInfo
    school: SchoolInfo
    user: PersonInfo
    tokens: Tokens
    lease: SignedLease


class Refresh(WireModel):
    """Ask for the successor of a refresh token; with a valid proof the same one until it is used."""

    protocol: Literal[1]
    refresh_token: str = Field(max_length=4096, repr=False)


class AddUser(WireModel):
    """A further nurse signs in online to get a slot on this workstation."""

    protocol: Literal[1]
    email: Short
    password: str = Field(max_length=1024, repr=False)
    totp: Short
    sign_on: Ticket | None = Field(default=None, repr=False, exclude_if=is_none)


class UserAdded(WireModel):
    """The answer to AddUser."""

    user: PersonInfo
    lease: SignedLease


class Hello(WireModel):
    """First message of every contact.

    nonce is the last answer's next_nonce, empty where there was none yet: by it two copies of a device are told apart.
    unstored: of how many of the district's records the device's own database would not have.
    """

    protocol: Literal[1]
    app_version: Short
    checkpoint: str | None = Field(max_length=2000)
    last_number: int = Field(ge=0)
    waiting: int = Field(ge=0)
    oldest_waiting: WireInstant | None
    device_time: WireInstant
    nonce: Short | None = Field(default=None, repr=False, exclude_if=is_none)
    unstored: int | None = Field(default=None, ge=0, exclude_if=is_none)


class HelloAnswer(WireModel):
    """What the server knows of the device and wants of it.

    next_nonce goes to whoever sent a nonce, and is sent with the next Hello; again asks for that Hello at once.
    """

    protocol: Literal[1]
    supported: tuple[int, ...]
    server_time: WireInstant
    epoch: Short
    last_number: int
    directive: Directive
    lease: SignedLease
    min_app_version: Short
    next_nonce: Short | None = Field(default=None, repr=False, exclude_if=is_none)
    again: bool | None = Field(default=None, exclude_if=is_none)


class SealedEntry(WireModel):
    """An entry's text and the device's Ed25519 signature over its SHA-256 (32 raw bytes), base64."""

    body: str = Field(max_length=MAX_ENTRY_BYTES)
    signature: Base64


class Push(WireModel):
    """Entries in order of their numbers."""

    protocol: Literal[1]
    epoch: Short
    entries: tuple[SealedEntry, ...] = Field(min_length=1, max_length=MAX_PUSH_ENTRIES)


class Receipt(WireModel):
    """The stored answer to one entry. cases are ids of review cases; fields name what did not read."""

    entry_id: UUID
    number: int
    hash: Hex64
    outcome: Outcome
    code: Code | None = None
    fields: tuple[Short, ...] = ()
    findings: tuple[Code, ...] = ()
    cases: tuple[UUID, ...] = ()
    received_at: WireInstant


class PushAnswer(WireModel):
    """One receipt an entry, in order; acknowledged is the highest number below which none is missing."""

    protocol: Literal[1]
    receipts: tuple[Receipt, ...]
    acknowledged: int


Shape = Annotated[int, Field(ge=UNNAMED)]


class Pull(WireModel):
    """Ask for what changed.

    since maps a record kind ('removal' included) to the row_version up to which the device has it all; a kind
    left out starts at 0. digest asks for the digests of every kind at the end. shape: see versions.NAMED; a server
    that knows less answers with less.
    """

    protocol: Literal[1]
    epoch: Short
    since: dict[str, int] = Field(max_length=100)
    digest: bool = False
    shape: Shape | None = Field(default=None, exclude_if=is_none)


class Wait(WireModel):
    """Hold the request open until the device's streams have moved past its checkpoint, or seconds are over."""

    protocol: Literal[1]
    epoch: Short
    checkpoint: str | None = Field(max_length=2000)
    seconds: int = Field(ge=0, le=60)


class Waited(WireModel):
    """The answer to Wait: whether there is something to pull."""

    protocol: Literal[1]
    moved: bool


class PullHeader(WireModel):
    """First line of a pull or a repair.

    To whoever asked for names: columns gives those of each kind that follows, in the order of its rows; scope is a
    fingerprint of what the device may see, and another one than before asks for a comparison.
    """

    frame: Literal["header"]
    epoch: Short
    district_head: int
    school_head: int
    snapshot_at: WireInstant
    estimate: int  # rows to come, about
    columns: dict[str, tuple[Short, ...]] | None = Field(default=None, exclude_if=is_none)
    scope: Short | None = Field(default=None, exclude_if=is_none)


class PullEnd(WireModel):
    """Last line of a pull: everything up to the heads was sent from one snapshot.

    digest maps a kind to [count, sum] (see wire.digests).
    """

    frame: Literal["end"]
    checkpoint: str
    acknowledged: int
    digest: dict[str, tuple[int, int]] | None


SliceNumber = Annotated[int, Field(ge=0, lt=SLICES)]


class SliceDigest(WireModel):
    """What a device holds in one slice of a kind (see wire.digests)."""

    slice: SliceNumber
    count: int
    sum: int


class Manifest(WireModel):
    """Ask in which slices of its kinds a device differs. A slice left out holds nothing."""

    protocol: Literal[1]
    epoch: Short
    slices: dict[str, Annotated[tuple[SliceDigest, ...], Field(max_length=SLICES)]] = Field(
        min_length=1, max_length=100
    )


class ManifestAnswer(WireModel):
    """The slices that differ, by kind, and how many records the server has in them; both from one snapshot."""

    protocol: Literal[1]
    differing: dict[str, tuple[SliceNumber, ...]]
    records: int


class HeldSlice(WireModel):
    """Everything a device holds in one slice of a kind: id and row_version of each record."""

    kind: Short
    slice: SliceNumber
    records: tuple[tuple[UUID, int], ...] = Field(max_length=MAX_COMPARED)


class Repair(WireModel):
    """Ask for what is missing or older in these slices, and for what has no place in them; at most MAX_COMPARED."""

    protocol: Literal[1]
    epoch: Short
    held: tuple[HeldSlice, ...] = Field(min_length=1, max_length=100 * SLICES)
    shape: Shape | None = Field(default=None, exclude_if=is_none)


class RepairEnd(WireModel):
    """Last line of a repair: how many rows were sent and how many records named that are to go."""

    frame: Literal["end"]
    sent: int
    gone: int


class Problem(WireModel):
    """RFC 9457, with our stable code and, when waiting helps, how many seconds.

    expected goes with the code 'gap': the number of the entry that the server wants next; and with 'blob_offset': the
    byte at which the next piece of a photo or document begins.
    """

    type: str
    title: str
    status: int
    detail: str
    code: Code
    retry_after: int | None = None
    expected: int | None = None


# Between header and end a pull sends lines that are not validated row by row (there may be 60,000):
#   {"frame":"rows","kind":"student","upto":1234,"rows":[[id, …values in RecordKind.columns order…, row_version], …]}
#   {"frame":"removed","upto":1234,"rows":[[kind, id, reason, row_version], …]}
# upto is the highest row_version of the line: the device may remember it and ask from there after a break.
#
# A repair has the header of a pull, then "rows" lines with upto 0, as they move no position, and
#   {"frame":"gone","kind":"student","rows":[id, …]}
# for records that the device holds and the server would not show it.
