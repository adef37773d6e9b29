"""What a password opened: journal and replica, together, until the desk is locked."""

from wc_contract.model.ids import Chance
from wc_desktop.cipher.engine import Connection
from wc_desktop.cipher.faults import Damaged, disk_errors
from wc_desktop.domain.failures import JournalDamaged, ReplicaDamaged
from wc_desktop.journal.book import DeviceJournal, journal_paths
from wc_desktop.journal.schema import open_journal
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.replica.engine import REPLICA_FILE, open_replica
from wc_desktop.replica.meta import Identity
from wc_desktop.replica.projection import Projection
from wc_desktop.replica.side_file import SideFile, side_file
from wc_desktop.security.base64_text import octets_of
from wc_desktop.security.station import DataKeys, Station

# Stamps of one replica file never meet those of the next.
_STAMPS_A_FILE = 1_000_000_000


def identity_of(station: Station) -> Identity:
    """Return whose replica belongs to a station."""
    return Identity(device=station.device_id, school=station.school_id)


def journal_of(station: Station, keys: DataKeys, chance: Chance) -> DeviceJournal:
    """Open a station's journal and make it agree with its sealed copy. Raises JournalDamaged, AlreadyOpen."""
    path, sealed_path = journal_paths(station.folder)
    device_keys = station.device_keys()
    signer = device_keys.signer()
    connection: Connection = open_journal(path, keys.journal, device=station.device_id, school=station.school_id)
    try:
        sealed = SealedFile(
            sealed_path,
            district=octets_of(station.passport.seal_key),
            device=device_keys.seal_public,
            chance=chance,
        )
        journal = DeviceJournal(
            connection,
            sealed,
            device_id=station.device_id,
            sign=lambda message: bytes(signer.sign(message).signature),
            chance=chance,
        )
        with disk_errors():
            journal.mend(device_key=device_keys.seal_private)
    except Damaged:
        connection.close()
        raise JournalDamaged("unreadable") from None
    except BaseException:
        connection.close()
        raise
    return journal


class OpenFiles:
    """Journal and replica of an unlocked desk; owns their keys."""

    def __init__(self, station: Station, keys: DataKeys, chance: Chance) -> None:
        self._station = station
        self._keys = keys
        self._opened = 0
        self._side: SideFile | None = None
        self.journal = journal_of(station, keys, chance)
        try:
            self.records = self._open_records()
        except BaseException:
            self.journal.close()
            raise

    @property
    def keys(self) -> DataKeys:
        """The data keys, for giving a further person a slot."""
        return self._keys

    def begin_side(self, epoch: str) -> SideFile:
        """Take up or start the side file of a rebuild."""
        self.drop_side(keep=True)
        self._side = side_file(self._station.folder, self._keys.replica, identity_of(self._station), epoch)
        return self._side

    def swap_in(self) -> None:
        """Put the filled side file in the replica's place. Raises ReplicaDamaged; then the old one goes on."""
        side, self._side = self._side, None
        if side is None:
            raise AssertionError("a side file was begun")
        side.prove()
        self.records.close()
        side.put_in_place()
        self.records = self._open_records()

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
        try:
            self.drop_side(keep=True)
            self.records.close()
            self.journal.close()
        finally:
            self._keys.wipe()

    def _open_records(self) -> Projection:
        connection = open_replica(self._station.folder / REPLICA_FILE, self._keys.replica, identity_of(self._station))
        try:
            self._opened += 1
            with disk_errors():
                records = Projection(connection, first_stamp=self._opened * _STAMPS_A_FILE)
                records.lay_over(self.journal.standing(records.acknowledged))
        except Damaged:
            # Not the journal's: that was read from end to end when it was opened.
            connection.close()
            raise ReplicaDamaged("unreadable") from None
        except BaseException:
            connection.close()
            raise
        return records
