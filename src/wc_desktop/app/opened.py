"""What a password opened: journal and replica, together, until the desk is locked."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property

from wc_contract.model.errors import Unavailable, WhiteCrossError
from wc_contract.model.ids import Chance
from wc_contract.model.instants import Instant
from wc_desktop.app.new_keys import settle_keys, wait_for_room
from wc_desktop.blobs.mending import Mending
from wc_desktop.blobs.schema import next_set_aside, open_blobs, set_aside
from wc_desktop.blobs.store import BlobStore
from wc_desktop.cipher.ballast import Ballast
from wc_desktop.cipher.engine import Connection
from wc_desktop.cipher.faults import Damaged, disk_errors
from wc_desktop.domain.failures import (
    DiskFailed,
    DiskFull,
    JournalDamaged,
    JournalPageDamaged,
    ReplicaDamaged,
    SlotDamaged,
)
from wc_desktop.journal.answered import AnsweredMark
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.number_mark import NumberMark
from wc_desktop.journal.proved import ProvedMark
from wc_desktop.journal.schema import journal_paths, open_journal
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.journal.survey import OwnKeys
from wc_desktop.replica.engine import REPLICA_FILE, open_replica
from wc_desktop.replica.meta import Identity
from wc_desktop.replica.projection import Projection
from wc_desktop.replica.repair import ReplicaRepair
from wc_desktop.replica.side_file import SideFile, side_file
from wc_desktop.security.base64_text import octets_of
from wc_desktop.security.device_keys import DeviceKeys, SealedFolder
from wc_desktop.security.station import DataKeys, Station

# Stamps of one replica file never meet those of the next.
_STAMPS_A_FILE = 1_000_000_000
_MARK_FILE = "journal.number"
_ANSWERED_FILE = "journal.answered"
_PROVED_FILE = "journal.proved"
_WORD_FILE = "contact.word"
_PHOTOS_FILE = "blobs.waiting"


def identity_of(station: Station) -> Identity:
    """Return whose replica belongs to a station."""
    return Identity(device=station.device_id, school=station.school_id)


def journal_of(station: Station, keys: DataKeys, chance: Chance, room: Ballast | None = None) -> DeviceJournal:
    """Open a station's journal and make it agree with its sealed copy. Raises JournalDamaged, AlreadyOpen.

    room is given back when the disk is full.
    """
    path, sealed_path = journal_paths(station.folder)
    device_keys = station.device_keys()
    own = own_keys_of(station, device_keys)
    mark = mark_of(station)
    connection: Connection = open_journal(path, keys.journal, device=station.device_id, school=station.school_id)
    try:
        district = device_keys.district_seal or octets_of(station.passport.seal_key)
        sealed = SealedFile(sealed_path, district=district, device=device_keys.seal_public, chance=chance)
        answered = answered_of(station)
        proved = ProvedMark(_MarkFile(station.sealed_folder(), _PROVED_FILE))
        journal = DeviceJournal(
            connection, sealed, own=own, mark=mark, chance=chance, answered=answered, proved=proved, room=room
        )
        journal.mend(station.parts.clock.now())
    except JournalPageDamaged:
        connection.close()
        raise JournalDamaged("unreadable") from None
    except BaseException:
        connection.close()
        raise
    return journal


def own_keys_of(station: Station, device_keys: DeviceKeys | None = None) -> OwnKeys:
    """Return what signs in a station's name and opens its sealed copies; the keys are read when they are not given."""
    keys = station.device_keys() if device_keys is None else device_keys
    signer = keys.signer()
    return OwnKeys(
        device=station.device_id,
        seal=keys.seal_private,
        sign=lambda message: bytes(signer.sign(message).signature),
    )


def mark_of(station: Station) -> NumberMark:
    """Return where a station says, apart from its journal, which numbers were used."""
    return NumberMark(_MarkFile(station.sealed_folder(), _MARK_FILE))


def answered_of(station: Station) -> AnsweredMark:
    """Return where a station says, apart from its journal, what the district has answered."""
    return AnsweredMark(_MarkFile(station.sealed_folder(), _ANSWERED_FILE))


def word_of(station: Station) -> "ContactWordFile":
    """Return where a station keeps the word by which the server knows it."""
    return ContactWordFile(station)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosLeft:
    """Content of one's own that the district does not have: waiting to be sent, and refused by it."""

    waiting: int
    refused: int


def photos_of(station: Station) -> PhotosLeft | None:
    """Return what the last one who closed the file of photos said of it, without opening it; None when nobody did."""
    if not any(station.folder.glob("blobs.*db")):
        return PhotosLeft(waiting=0, refused=0)
    kept = _MarkFile(station.sealed_folder(), _PHOTOS_FILE).read()
    waiting, _, refused = (kept or b"").decode("ascii", "replace").partition(" ")
    if not (waiting.isdecimal() and refused.isdecimal()):
        return None
    return PhotosLeft(waiting=int(waiting), refused=int(refused))


def settle_photos(station: Station, store: BlobStore) -> None:
    """Say, apart from the file of photos, what in it waits; nothing is said while a damaged one is still to be read."""
    mark = _MarkFile(station.sealed_folder(), _PHOTOS_FILE)
    if next_set_aside(station.folder) is not None:
        mark.forget()
        return
    counts = store.counts()
    with suppress(DiskFull, DiskFailed):
        mark.write(f"{counts.waiting} {counts.refused}".encode())


class ContactWordFile:
    """sync.files.ContactWord, in a small file under the device's secret, apart from a journal that may be made anew."""

    def __init__(self, station: Station) -> None:
        self._station = station

    @cached_property
    def _folder(self) -> SealedFolder:
        # Asked for with the first word, on the replica thread: the keystore may take its time.
        return self._station.sealed_folder()

    def read(self) -> str:
        """Return the word, empty when there is none or it does not read. Raises KeystoreChanged, KeystoreRefused."""
        try:
            kept = self._folder.read(_WORD_FILE)
        except SlotDamaged:
            return ""
        return "" if kept is None else kept.decode("ascii", "replace")

    def write(self, word: str) -> None:
        """Keep the word in its place, durably. Raises DiskFull, DiskFailed."""
        self._folder.write(_WORD_FILE, word.encode("ascii"))


class _MarkFile:
    """journal.number_mark.MarkStore, in a small file under the device's secret."""

    def __init__(self, folder: SealedFolder, name: str) -> None:
        self._folder = folder
        self._name = name

    def read(self) -> bytes | None:
        """Return what was written last, None when there is none or it does not read."""
        try:
            return self._folder.read(self._name)
        except SlotDamaged:
            return None

    def write(self, content: bytes) -> None:
        """Keep content in its place, durably. Raises DiskFull, DiskFailed."""
        self._folder.write(self._name, content)

    def forget(self) -> None:
        """Erase what is kept."""
        self._folder.remove(self._name)


class CaptureFiles:
    """The journal of a workstation whose lease has ended (ports.OpenedCapture); the replica stays shut."""

    def __init__(self, journal: DeviceJournal, ballast: Ballast, *, issued_at: Instant, ended_at: Instant) -> None:
        self._ballast = ballast
        self.journal = journal
        self.lease_issued_at = issued_at
        self.lease_ended_at = ended_at

    def close(self) -> None:
        """Close the journal."""
        with ExitStack() as closing:
            closing.callback(self._ballast.keep)
            closing.callback(self.journal.close)


class OpenFiles:
    """Journal and replica of an unlocked desk; owns their keys."""

    def __init__(self, station: Station, keys: DataKeys, chance: Chance, ballast: Ballast | None = None) -> None:
        self._station = station
        self._ballast = ballast
        self._keys = keys
        self._opened = 0
        self._side: SideFile | None = None
        self._blobs: BlobStore | None = None
        self.blobs_fault: str | None = None
        self._mending = Mending(station.folder, keys.journal, station.device_id)
        self._shut = False
        self.journal = journal_of(station, keys, chance, ballast)
        self.journal_came_back = self.journal.came_back
        try:
            self.records = self._open_records()
        except BaseException:
            self.journal.close()
            raise

    @property
    def keys(self) -> DataKeys:
        """The data keys, for giving a further person a slot."""
        return self._keys

    @property
    def is_short_of_room(self) -> bool:
        """Whether the room that was set apart for a full disk is in use."""
        return self._ballast is not None and self._ballast.is_short

    @property
    def keys_wait_for_room(self) -> bool:
        """Whether a slot was removed, and the disk has no room to give the files new keys."""
        return wait_for_room(self._station)

    @property
    def blobs(self) -> BlobStore:
        """Photos and documents. Raises DocumentsShut, DocumentsNewer, DiskFull, DiskFailed."""
        if self._blobs is None:
            # Opened when it is first asked for: unlocking waits for no photo.
            try:
                self._blobs = self._open_blobs()
            except Unavailable as error:
                self.blobs_fault = error.code
                raise
            self.blobs_fault = None
        return self._blobs

    def set_blobs_aside(self) -> None:
        """Let the file of photos and documents be begun anew: a page of it does not read. Raises DiskFailed."""
        blobs, self._blobs = self._blobs, None
        if blobs is not None:
            blobs.close()
        set_aside(self._station.folder)

    def mend_blobs(self) -> bool:
        """Carry over a piece of what is our own in files that were set aside; return whether there is more."""
        return self._mending.go_on(self.blobs)

    def begin_side(self, epoch: str) -> SideFile:
        """Take up or start the side file of a rebuild."""
        self.drop_side(keep=True)
        self._side = side_file(self._station.folder, self._keys.replica, identity_of(self._station), epoch)
        return self._side

    def swap_in(self) -> None:
        """Put the filled side file in the replica's place. Raises ReplicaDamaged; then the old one goes on.

        Raises DiskFull, DiskFailed; then reopen opens whichever of the two is in place.
        """
        side, self._side = self._side, None
        if side is None:
            raise AssertionError("a side file was begun")
        side.prove()
        self.records.close()
        self._shut = True
        side.put_in_place()
        self.reopen()

    def reopen(self) -> None:
        """Open the records where the disk refused to in a swap; on the replica thread. Raises DiskFull, DiskFailed."""
        if self._shut:
            self.records = self._open_records()
            self._shut = False

    @property
    def repairing(self) -> ReplicaRepair:
        """The present replica, for repair."""
        return ReplicaRepair(self._connection, self.records)

    def drop_side(self, *, keep: bool = False) -> None:
        """Close the side file; erase it unless it is to be taken up again."""
        side, self._side = self._side, None
        if side is not None:
            if keep:
                side.close()
            else:
                side.discard()

    def close(self) -> None:
        """Close all files and wipe the keys."""
        with ExitStack() as closing:
            # Each of them, whatever the others say; the keys last of what is open.
            if self._ballast is not None:
                closing.callback(self._ballast.keep)
            closing.callback(self._keys.wipe)
            closing.callback(self._settle_keys)
            closing.callback(self.journal.close)
            closing.callback(self.records.close)
            blobs, self._blobs = self._blobs, None
            if blobs is not None:
                closing.callback(blobs.close)
                closing.callback(self._count_photos, blobs)
            closing.callback(self._mending.close)
            self.drop_side(keep=True)

    def _settle_keys(self) -> None:
        # Nobody waits for it here; what keeps it from ending is said at the next unlock, which goes on with it.
        with suppress(WhiteCrossError):
            settle_keys(self._station, self._keys)
        self._station.forget_coming()

    def _open_blobs(self) -> BlobStore:
        store = BlobStore(open_blobs(self._station.folder, self._keys.journal, self._station.device_id))
        try:
            # What is attached from now on, nobody has counted.
            _MarkFile(self._station.sealed_folder(), _PHOTOS_FILE).forget()
            store.forget_begun()
        except BaseException:
            store.close()
            raise
        return store

    def _count_photos(self, blobs: BlobStore) -> None:
        # A page that does not read, a keystore that does not answer: then nobody knows.
        with suppress(WhiteCrossError):
            settle_photos(self._station, blobs)

    def _open_records(self) -> Projection:
        connection = open_replica(self._station.folder / REPLICA_FILE, self._keys.replica, identity_of(self._station))
        try:
            self._opened += 1
            self._connection = connection
            with disk_errors():
                records = Projection(connection, first_stamp=self._opened * _STAMPS_A_FILE)
                records.lay_over(self.journal.standing(records.acknowledged, records.epoch))
        except Damaged:
            # Not the journal's: that was read from end to end when it was opened.
            connection.close()
            raise ReplicaDamaged("unreadable") from None
        except BaseException:
            connection.close()
            raise
        return records
