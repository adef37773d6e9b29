"""Opening the workstation with a password, and closing it again. Both are on record."""

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import UserId
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.values import AccessAction
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.failures import UnknownPerson
from wc_desktop.ports import Workstation

__all__ = ["Desk", "lock", "unlock"]


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
        _record(desk, (*_failures(desk), _access(AccessAction.UNLOCK, user, whole_millis(desk.clock.now()))))
        station.forget_failed_unlocks()
    except BaseException:
        desk.close()
        raise
    return desk


def lock(desk: Desk) -> None:
    """Write that the desk was locked, close the files and wipe the keys. Drafts are kept."""
    try:
        _record(desk, (_access(AccessAction.LOCK, desk.user, whole_millis(desk.clock.now())),))
    finally:
        desk.close()


def _failures(desk: Desk) -> tuple[AccessRecorded, ...]:
    return tuple(_access(AccessAction.UNLOCK_FAILED, who, at) for who, at in desk.station.failed_unlocks())


def _access(action: AccessAction, user: UserId, at: Instant) -> AccessRecorded:
    return AccessRecorded(action=action, entity_type="user", entity_id=str(user), at=at)


def _record(desk: Desk, accesses: tuple[AccessRecorded, ...]) -> None:
    # An entry holds at most twenty changes (wire.versions.MAX_CHANGES); ten tries and an unlock fit.
    desk.author(accesses[-20:], whole_millis(desk.clock.now()))
