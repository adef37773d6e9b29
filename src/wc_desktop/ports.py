"""What actions ask of the rooms above them. Ports belong to the one who uses them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import Chance, DeviceId, EntryId, IncidentId, SchoolId, UserId
from wc_contract.model.instants import Clock, Instant
from wc_contract.model.kinds import RecordKind
from wc_desktop.domain.blob_views import BlobCounts, ContentFacts, ContentState, Uploading
from wc_desktop.domain.emergency import EmergencyCard
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.domain.exported import Exported
from wc_desktop.domain.screens import IncidentDraft, PersonRow

Row: TypeAlias = Mapping[str, WireValue]
Progress: TypeAlias = Callable[[FirstSync], None]


class Keystore(Protocol):
    """Where small secrets live outside our files: the system's keystore, or a file in tests and the demo."""

    @property
    def name(self) -> str:
        """Which keystore this is; a workstation refuses another one than it was enrolled with."""
        ...

    @property
    def secure(self) -> bool:
        """False for the explicit insecure one: the window then says so."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return what was put under name, None when nothing was. Raises KeystoreRefused."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keep secret under name and prove that it can be read back. Raises KeystoreRefused."""
        ...

    def remove(self, name: str) -> None:
        """Forget what stands under name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRecord:
    """One entry of the journal as lists need it."""

    number: int
    id: EntryId
    verb: str
    student_id: str | None
    author_id: UserId
    authored_at: Instant
    outcome: str | None
    code: str | None
    findings: tuple[str, ...]
    fields: tuple[str, ...] = ()  # what did not read, where the receipt names it
    replaced_by: EntryId | None = None  # the entry that says a refused one again, mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Clinical entries without a receipt; refused ones that a person must answer."""

    count: int
    oldest: Instant | None
    refused: int


class Journal(Protocol):
    """The device's own entries."""

    @property
    def device_id(self) -> DeviceId:
        """The device that writes here."""
        ...

    def append(
        self,
        changes: Sequence[Change],
        *,
        author: UserId,
        at: Instant,
        zone: str,
        replica_as_of: Instant | None,
        depends_on: Sequence[EntryId] = (),
        replaces: EntryId | None = None,
    ) -> Entry:
        """Write one entry, durably, sealed copy included; it is on the disk when this returns."""
        ...

    def standing(self, acknowledged: int, epoch: str) -> Iterable[Entry]:
        """Return what a replica of that epoch, acknowledged up to that number, may not show yet, in order.

        Of a refused entry, until it is said again: the facts in it, never what it would have changed or answered.
        """
        ...

    def newest(self, limit: int) -> Sequence[JournalRecord]:
        """Return the newest entries, newest first."""
        ...

    def unsettled(self) -> Sequence[JournalRecord]:
        """Return the entries that were refused, and those that the district lets wait, newest first."""
        ...

    def entry(self, entry: EntryId) -> Entry | None:
        """Return one entry as it was written, None when it is not here. Raises EntryMalformed."""
        ...

    def waiting(self) -> Waiting:
        """Return how many clinical entries the district does not have yet."""
        ...

    def outcome_of(self, entry: EntryId) -> str | None:
        """Return the receipt's outcome, None while there is none."""
        ...

    def save_draft(self, draft: IncidentDraft, *, author: UserId, at: Instant) -> IncidentDraft:
        """Keep an unfinished incident form, durably."""
        ...

    def drafts(self) -> Sequence[tuple[IncidentDraft, UserId]]:
        """Return the unfinished forms and who began them, newest first."""
        ...

    def draft(self, incident: IncidentId) -> IncidentDraft | None:
        """Return one unfinished form."""
        ...

    def discard_draft(self, incident: IncidentId) -> None:
        """Forget an unfinished form (it was signed, or the nurse threw it away)."""
        ...

    def remember(self, name: str, value: str) -> None:
        """Keep one fact of the device (clock offset, high water)."""
        ...

    def recall(self, name: str) -> str | None:
        """Return a fact kept by remember."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Records(Protocol):
    """The projection: the replica's records with the journal's standing entries laid over them.

    Rows are in wire form (booleans as booleans, decimals, dates and JSON as text); rows of the kinds that a
    workstation writes also have 'waiting': True when only this device knows what they say.
    """

    @property
    def data_as_of(self) -> Instant | None:
        """The snapshot of the newest complete pull."""
        ...

    @property
    def acknowledged(self) -> int:
        """The number up to which this device's entries are in the replica."""
        ...

    @property
    def epoch(self) -> str:
        """The server's epoch that the replica is of."""
        ...

    def lay_over(self, entries: Iterable[Entry]) -> None:
        """Add entries on top of the replica."""
        ...

    def lay_anew(self, entries: Iterable[Entry]) -> None:
        """Forget what was laid over and lay these instead (after a pull)."""
        ...

    def own_entry(self, kind: RecordKind, record_id: str) -> EntryId | None:
        """Return the newest own entry laid over a record, None when only the server's word stands."""
        ...

    def unstored(self) -> Mapping[str, int]:
        """Return how many of the district's records of each kind this file did not take, as of the newest pull."""
        ...

    def stamp(self, kinds: Sequence[RecordKind]) -> tuple[int, ...]:
        """Return numbers that differ from earlier ones when a record of one of kinds has changed since."""
        ...

    def find(self, kind: RecordKind, record_id: str) -> Row | None:
        """Return one record."""
        ...

    def every(self, kind: RecordKind) -> Sequence[Row]:
        """Return all records of a small kind (people, calendar, medicines, open cases)."""
        ...

    def where(self, kind: RecordKind, column: str, values: Collection[str]) -> Sequence[Row]:
        """Return the records whose column holds one of values."""
        ...

    def tally(self, kind: RecordKind, column: str) -> Mapping[str, tuple[int, str]]:
        """Return, by value of a column, how many records have it and the highest id among them."""
        ...

    def scheduled_orders(self, day: date) -> Sequence[Row]:
        """Return the scheduled orders that may have a slot on day, whatever their status."""
        ...

    def last_taken(self, orders: Collection[str]) -> Mapping[str, Row]:
        """Return, by order id, the newest dose that counts as taken."""
        ...

    def doses_of(self, student: str, *, since: Instant | None = None, limit: int | None = None) -> Sequence[Row]:
        """Return a child's doses, newest first: all, those administered since an instant, or the newest ones."""
        ...

    def visits_since(self, since: Instant) -> Sequence[Row]:
        """Return the clinic visits that began at an instant or later, newest first."""
        ...

    def search_students(self, text: str, limit: int) -> Sequence[Row]:
        """Return students whose name, number or grade begins like every word of text, by name."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many confirmed records of each kind the replica holds."""
        ...

    def digests(self) -> Mapping[str, tuple[int, int]]:
        """Return count and sum of each kind as the server would compute them (wire.digests)."""
        ...

    def check(self) -> bool:
        """Return whether every page of the file reads."""
        ...

    def kept(self, name: str) -> str | None:
        """Return a fact of the replica (schema, snapshot, result of the last comparison)."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class Blobs(Protocol):
    """Photos and documents on this workstation; each call is one short step."""

    def begin_own(self, facts: ContentFacts) -> bool:
        """Make room for content that somebody attaches; return whether it must still be written."""
        ...

    def keep_piece(self, name: str, start: int, content: bytes) -> int:
        """Keep a piece that goes on where what is held ends; return how much is held then."""
        ...

    def finish(self, facts: ContentFacts) -> None:
        """Let content be seen from now on."""
        ...

    def want(self, facts: ContentFacts, *, asked: bool) -> bool:
        """Ask for content; return whether it is here already."""
        ...

    def has(self, name: str) -> bool:
        """Return whether content is here, whole."""
        ...

    def want_ahead(self, wanted: Sequence[ContentFacts]) -> int:
        """Ask for content that nobody waits for, once; return how much of it is not here."""
        ...

    def states(self, names: Collection[str]) -> Mapping[str, ContentState]:
        """Return where content is that is here, or was asked for; of all else nothing."""
        ...

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return a range of what is here."""
        ...

    def touch(self, name: str) -> None:
        """Remember that content was looked at."""
        ...

    def drop_pieces(self, name: str) -> None:
        """Forget pieces that are not what they are called; who wants the content fetches it anew."""
        ...

    def counts(self) -> BlobCounts:
        """Return how much waits to be sent, was refused, is wanted."""
        ...

    def refused(self) -> Sequence[Uploading]:
        """Return content that the district does not take, with the reason."""
        ...

    def try_again(self, name: str) -> None:
        """Send content that was refused once more."""
        ...


class Opened(Protocol):
    """What a password opened."""

    @property
    def journal(self) -> Journal:
        """The device's own entries."""
        ...

    @property
    def records(self) -> Records:
        """The projection; another one after a rebuild."""
        ...

    @property
    def blobs(self) -> Blobs:
        """Photos and documents; their file is opened when it is first asked for."""
        ...

    @property
    def blobs_fault(self) -> str | None:
        """Why their file did not open when it was asked for last, by code."""
        ...

    @property
    def is_short_of_room(self) -> bool:
        """Whether the room that was set apart for a full disk is in use."""
        ...

    @property
    def keys_wait_for_room(self) -> bool:
        """Whether a slot was removed, and the disk has no room to give the files new keys."""
        ...

    def close(self) -> None:
        """Close both files and wipe the keys."""
        ...


class OpenedCapture(Protocol):
    """What a password opened after the lease: the journal alone."""

    @property
    def journal(self) -> Journal:
        """The device's own entries."""
        ...

    @property
    def lease_issued_at(self) -> Instant:
        """When the district gave its newest lease."""
        ...

    @property
    def lease_ended_at(self) -> Instant:
        """Until when that lease ran."""
        ...

    def close(self) -> None:
        """Close the journal and wipe its key."""
        ...


class Parts(Protocol):
    """The adapters of the workstation, put together in app.parts."""

    @property
    def clock(self) -> Clock:
        """The one clock."""
        ...

    @property
    def chance(self) -> Chance:
        """The one source of random bytes."""
        ...

    @property
    def keystore(self) -> Keystore:
        """The one keystore."""
        ...

    def enrol_device(self, request: EnrolRequest, data_dir: Path) -> "Workstation":
        """Make this workstation known to the server and write its files; the replica is not there yet."""
        ...

    def first_sync(self, station: "Workstation", user: UserId, password: str, progress: Progress) -> None:
        """Fill a side file with the school's records and swap it in when complete."""
        ...

    def save_waiting(self, station: "Workstation", opened: "Opened", target: Path) -> Exported:
        """Write what the district does not have as a file, into a folder or under a name.

        Raises NothingToExport, FileExists, FolderMissing, DiskFull, DiskFailed.
        """
        ...

    def make_emergency_code(self, station: "Workstation", cards: Sequence[EmergencyCard], as_of: Instant | None) -> str:
        """Return a new code, which alone opens these emergency cards from now on. It is kept nowhere.

        This takes a second and touches neither journal nor replica. Raises DiskFull, DiskFailed: then the code before
        is as it was.
        """
        ...

    def introduce(
        self, station: "Workstation", opened: "Opened", email: str, password: str, totp: str
    ) -> Callable[[], PersonRow]:
        """Sign a further person in at the server, and return what then gives them a slot here.

        This waits for the network and touches neither journal nor replica; what it returns is called on the replica
        thread. Raises SignInFailed, SecondFactorFailed, NotAssigned, LockedOut, ServerUnreachable and their kin.
        """
        ...


class Workstation(Protocol):
    """The enrolled workstation on disk."""

    @property
    def parts(self) -> Parts:
        """What opens its files."""
        ...

    @property
    def device_id(self) -> DeviceId: ...

    @property
    def school_id(self) -> SchoolId: ...

    @property
    def school_name(self) -> str: ...

    @property
    def device_name(self) -> str: ...

    @property
    def server_url(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def first_sync_done(self) -> bool: ...

    def people(self) -> tuple[PersonRow, ...]:
        """Return who can unlock this workstation."""
        ...

    def open(self, user: UserId, password: str) -> Opened:
        """Open the files with a person's password.

        Raises WrongPassword, TooManyTries, UnknownPerson, SlotRetired, SlotDamaged, LeaseExpired, LeaseForged,
        ClockBehind, KeystoreChanged, JournalDamaged, ReplicaDamaged, FirstSyncUnfinished, AlreadyOpen.
        """
        ...

    def open_capture(self, user: UserId, password: str) -> OpenedCapture:
        """Open the journal alone with the password of a person whom only the end of the lease keeps out.

        Raises LeaseHolds, and what open raises for every other reason.
        """
        ...

    def prove(self, user: UserId, password: str) -> None:
        """Make sure that a second person is who they say. Raises what open raises for a password that is not theirs."""
        ...

    def failed_unlocks(self) -> Sequence[tuple[UserId, Instant]]:
        """Return the wrong passwords that are not on record yet; the next unlock writes them into the journal."""
        ...

    def forget_failed_unlocks(self) -> None:
        """They are on record now."""
        ...
