"""Who works at this workstation: a further person, by whoever is at the desk."""

from collections.abc import Callable

from wc_desktop.actions.desk import Desk
from wc_desktop.domain.screens import PersonRow


def introduce(desk: Desk, email: str, password: str, totp: str) -> Callable[[], PersonRow]:
    """Sign a further person in at the server, and return what then lets their password open this workstation.

    It waits for the network and must not be called on the replica thread; what it returns must. Somebody who has a
    slot already gets another one, which opens with this password alone.
    Raises SignInFailed, SecondFactorFailed, NotAssigned, LockedOut, ServerUnreachable and their kin.
    """
    return desk.station.parts.introduce(desk.station, desk.opened, email, password, totp)
