"""Opening the workstation with a password, and closing it again. Both are on record."""

from wc_contract.model.changes import AccessRecorded, Change
from wc_contract.model.errors import Refused
from wc_contract.model.ids import UserId
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.values import AccessAction
from wc_desktop.actions.access import JOURNAL, record
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.failures import UnknownPerson
from wc_desktop.ports import Journal, Workstation

__all__ = ["REBUILT_FACT", "Desk", "access", "lock", "unlock", "untold_failures"]

REBUILT_FACT = "rebuilt"  # what the journal remembers of its rebuilding (app.rebuild)
_REBUILDING_TOLD = "rebuilt_told"


def unlock(station: Workstation, user: UserId, password: str) -> Desk:
    """Open journal and replica with a person's password.

    Raises what Workstation.open raises. A wrong password is put on record by the next unlock that succeeds: until
    then the journal cannot be written.
    """
    person = next((person for person in station.people() if person.id == user), None)
    if person is None:
        raise UnknownPerson(str(user))
    desk = Desk(station, person, station.open(user, password))
    try:
        failed = untold_failures(station, desk.journal)
        _record(desk, (*failed, access(AccessAction.UNLOCK, user, whole_millis(desk.clock.now()))))
        _tell_of_rebuilding(desk)
        station.forget_failed_unlocks()
    except BaseException:
        desk.close()
        raise
    return desk


def lock(desk: Desk) -> None:
    """Write that the desk was locked, close the files and wipe the keys. Drafts are kept."""
    try:
        _record(desk, (access(AccessAction.LOCK, desk.user, whole_millis(desk.clock.now())),))
    finally:
        desk.close()


def _tell_of_rebuilding(desk: Desk) -> None:
    """Write that the journal was made anew while the desk was locked, once."""
    made = desk.journal.recall(REBUILT_FACT)
    if made is not None and made != desk.journal.recall(_REBUILDING_TOLD):
        record(desk, AccessAction.REBUILD, JOURNAL, str(desk.device_id))
        desk.journal.remember(_REBUILDING_TOLD, made)


def untold_failures(station: Workstation, journal: Journal) -> tuple[AccessRecorded, ...]:
    """Return the wrong passwords since the last unlock; none twice, should that one have been cut off after writing."""
    found = (access(AccessAction.UNLOCK_FAILED, who, at) for who, at in station.failed_unlocks())
    told = _newest(journal)
    return tuple(one for one in found if one not in told)


def _newest(journal: Journal) -> tuple[Change, ...]:
    try:
        entries = [journal.entry(record.id) for record in journal.newest(1)]
    except Refused:  # a text that no schema of ours reads
        return ()
    return tuple(change for entry in entries if entry is not None for change in entry.changes)


def access(action: AccessAction, user: UserId, at: Instant, *, entity_type: str = "user") -> AccessRecorded:
    """Return what stands on record of an unlock, a try or a lock."""
    return AccessRecorded(action=action, entity_type=entity_type, entity_id=str(user), at=at)


def _record(desk: Desk, accesses: tuple[AccessRecorded, ...]) -> None:
    # An entry holds at most twenty changes (wire.versions.MAX_CHANGES); ten tries and an unlock fit.
    desk.author(accesses[-20:], whole_millis(desk.clock.now()))
