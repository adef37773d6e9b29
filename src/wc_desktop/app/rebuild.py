"""Making a damaged journal anew while the workstation is locked; the damaged files are kept."""

import json

from wc_contract.model.errors import Refused, Unavailable
from wc_contract.model.ids import UserId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.spans import ranges
from wc_desktop.actions.unlock import REBUILT_FACT
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.opened import identity_of, journal_of, mark_of, own_keys_of
from wc_desktop.app.parts import Parts
from wc_desktop.domain.failures import DiskFailed, DiskFull, JournalDamaged, JournalForeign
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.rebuilding import Anew, Ground, forget_attempt, is_begun, rebuild
from wc_desktop.journal.schema import clear_suspicion, journal_paths, open_journal, reads_whole
from wc_desktop.replica.engine import REPLICA_FILE
from wc_desktop.replica.own_numbers import newest_own_number
from wc_desktop.security.station import DataKeys, Station


def rebuild_journal(parts: Parts, station: Station, user: UserId, password: str) -> Rebuilt | None:
    """Make the journal anew, from its sealed copy and what still reads of it; None when it is whole already.

    The district is asked for the newest number it holds; without an answer it is done all the same. The caller holds
    the folder (app.single). Raises WrongPassword and its kin, JournalForeign, AlreadyOpen, FilesUnreadable, DiskFull,
    DiskFailed.
    """
    keys = station.keys_for_repair(user, password)
    try:
        settle_keys(station, keys)
        if not is_begun(station.folder) and _is_whole(station, keys):
            return None
        anew = _made_anew(station, keys)
        journal = journal_of(station, keys, parts.chance)
        try:
            return _settled(parts, station, journal, anew)
        finally:
            journal.close()
    finally:
        keys.wipe()


def _is_whole(station: Station, keys: DataKeys) -> bool:
    path, _ = journal_paths(station.folder)
    try:
        connection = open_journal(path, keys.journal, device=station.device_id, school=station.school_id)
    except JournalForeign:
        raise
    except JournalDamaged:
        return False
    try:
        whole = reads_whole(connection)
    finally:
        connection.close()
    if whole:
        clear_suspicion(station.folder)
        forget_attempt(station.folder)
    return whole


def _made_anew(station: Station, keys: DataKeys) -> Anew:
    ground = Ground(
        folder=station.folder,
        key=keys.journal,
        school=station.school_id,
        own=own_keys_of(station),
        mark=mark_of(station),
    )
    held = newest_own_number(station.folder / REPLICA_FILE, keys.replica, identity_of(station))
    return rebuild(ground, held_before=held, at=station.parts.clock.now())


def _settled(parts: Parts, station: Station, journal: DeviceJournal, anew: Anew) -> Rebuilt:
    now = station.parts.clock.now()
    missing, sure = anew.missing, anew.sure
    try:
        held = parts.greet(station, journal).last_number
    except (DiskFull, DiskFailed):
        raise
    except (Unavailable, Refused):
        # No network, no session, revoked: the sync says which, once she works again.
        asked = False
    else:
        asked = True
        journal.go_on_above(held)
        missing, sure = journal.close_gaps_above(held, now).lost, max(sure, held)
    rebuilt = Rebuilt(
        restored=anew.restored,
        drafts=anew.drafts,
        missing=tuple(number for number in missing if number <= sure),
        unsure=anew.last > sure,
        asked=asked,
        aside=anew.aside,
    )
    journal.remember(REBUILT_FACT, json.dumps(_fact(rebuilt, now)))
    return rebuilt


def _fact(rebuilt: Rebuilt, at: Instant) -> dict[str, object]:
    return {
        "at": instant_to_text(at),
        "restored": rebuilt.restored,
        "missing": ranges(rebuilt.missing),
        "unsure": rebuilt.unsure,
        "asked": rebuilt.asked,
        "aside": list(rebuilt.aside),
    }
