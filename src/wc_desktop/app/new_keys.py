"""New keys for the files, after a slot was removed: what it opened, it opens no more.

The new keys stand sealed in every slot that is left before a file has one of them, and the old ones until every file
has. So whoever unlocks opens everything, wherever this was stopped.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wc_desktop.blobs.schema import BLOBS_FILE, blobs_key, next_set_aside, set_aside
from wc_desktop.cipher.ballast import has_room_for
from wc_desktop.cipher.engine import open_encrypted, rekey
from wc_desktop.cipher.faults import CannotOpen, Damaged
from wc_desktop.cipher.raw_key import wipe
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.schema import JOURNAL_FILE, reads_whole
from wc_desktop.journal.swap import ready_path
from wc_desktop.replica.engine import REPLICA_FILE
from wc_desktop.replica.side_file import erase_side_file
from wc_desktop.security.station import DataKeys, Station

Told = Callable[[str], None]


def settle_keys(station: Station, keys: DataKeys, told: Told = lambda _name: None) -> None:
    """Give every file of a station the keys that wait for it; then keys are those. Nobody has the files open.

    A journal that does not read is left with the old keys, and all else with it: it is made anew first. So is a damaged
    file of documents: what nobody else has of it is saved first. Nothing is begun on a disk without room for a second
    copy of the largest file, for half done it would open for nobody there. Raises DiskFull, DiskFailed, AlreadyOpen;
    then it goes on next time. told hears the name of each step before it is taken.
    """
    coming = station.coming
    if coming is None or ready_path(station.folder).exists():
        return
    journal, folder = station.folder / JOURNAL_FILE, station.folder
    told(JOURNAL_FILE)
    try:
        if not _opens(journal, coming.journal) and (not _has_room(folder) or _documents_wait(folder, keys)):
            return
        rekey(journal, keys.journal, coming.journal)
    except (CannotOpen, Damaged, DiskFull, DiskFailed):
        return
    for path in (*sorted(folder.glob("journal.damaged-*.db")), folder / REPLICA_FILE):
        told(path.name)
        old, new = (keys.replica, coming.replica) if path.name == REPLICA_FILE else (keys.journal, coming.journal)
        _leave_what_does_not_read(path, old, new)
    old, new = blobs_key(keys.journal), blobs_key(coming.journal)
    try:
        for path in sorted(folder.glob("blobs*.db")):
            told(path.name)
            _leave_what_does_not_read(path, old, new)
    finally:
        wipe(old)
        wipe(new)
    erase_side_file(folder)
    keys.journal[:], keys.replica[:] = coming.journal, coming.replica
    told("slots")
    station.keys_settled(keys)
    told("end")


def wait_for_room(station: Station) -> bool:
    """Return whether new keys wait for a station's files because the disk has no room to write them anew."""
    return station.coming is not None and not _has_room(station.folder)


def _opens(path: Path, key: bytearray) -> bool:
    try:
        open_encrypted(path, key).close()
    except CannotOpen:
        return False
    return True


def _has_room(folder: Path) -> bool:
    # What is written anew stands in the log beside the file until it is closed, with some octets more for each page.
    largest = max((path.stat().st_size for path in folder.glob("*.db")), default=0)
    return has_room_for(folder, largest + largest // 64)


def _documents_wait(folder: Path, keys: DataKeys) -> bool:
    """Return whether a file of documents is damaged; the present one is then set aside, to be gone through."""
    path, key = folder / BLOBS_FILE, blobs_key(keys.journal)
    try:
        if path.exists():
            connection = open_encrypted(path, key)
            try:
                whole = reads_whole(connection)
            finally:
                connection.close()
            if not whole:
                set_aside(folder)
    except CannotOpen:
        set_aside(folder)
    finally:
        wipe(key)
    return next_set_aside(folder) is not None


def _leave_what_does_not_read(path: Path, old: bytearray, new: bytearray) -> None:
    """Leave a damaged file as it is: its own remedy is offered when it is opened."""
    with suppress(CannotOpen, Damaged):
        rekey(path, old, new)
