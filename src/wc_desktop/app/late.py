"""What is too slow to import before the password field is on the screen. Called on the replica thread.

pydantic, NaCl and sqlcipher3 take several times as long as the window in front of them; a nurse types her password
meanwhile. Nothing here may make a class of Qt's: the screens are imported by `warmer`, and it says why.
"""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wc_contract.model.ids import UserId
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.enrol import EnrolRequest, enrol, resume_first_sync
from wc_desktop.actions.unlock import unlock
from wc_desktop.app.settings import Settings
from wc_desktop.domain.emergency import EmergencyAsk
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ports import Progress
from wc_desktop.security.wipe_mark import WIPE_FILE

if TYPE_CHECKING:
    from wc_desktop.actions.capture import CaptureDesk
    from wc_desktop.app.emergency import OpenCards
    from wc_desktop.app.parts import Parts
    from wc_desktop.app.wiping import Wiper
    from wc_desktop.background.wipe_watch import Wiping
    from wc_desktop.security.station import Station


@dataclass(slots=True, kw_only=True)
class Backroom:
    """The parts and the station, once they are loaded. Used on the replica thread only."""

    settings: Settings
    _parts: "Parts | None" = None
    _station: "Station | None" = None
    # The watch's thread asks for it as well as the replica thread.
    _wiper: "Wiper | None" = None
    _making: threading.Lock = field(default_factory=threading.Lock)

    @property
    def parts(self) -> "Parts":
        """The program's parts. Raises KeystoreRefused."""
        if self._parts is None:
            from wc_desktop.app.parts import build_parts  # noqa: PLC0415  # see the module's docstring
            from wc_desktop.security.clock import SystemChance, SystemClock  # noqa: PLC0415
            from wc_desktop.security.keystore import InsecureKeystore, system_keystore  # noqa: PLC0415

            named = self.settings.keystore_file
            self._parts = build_parts(
                keystore=system_keystore() if named is None else InsecureKeystore(named),
                clock=SystemClock(offset_seconds=self.settings.clock_offset),
                chance=SystemChance(),
            )
        return self._parts

    @property
    def station(self) -> "Station":
        """The enrolled workstation. Raises NotFound before it is enrolled, SlotDamaged."""
        if self._station is None:
            from wc_desktop.security.station import Station  # noqa: PLC0415

            self._station = Station.load(self.settings.data_dir, self.parts)
        if self._station is None:
            raise NotFound("station")
        return self._station

    def warm(self) -> None:
        """Import what the unlocked desk needs beside its screens, while the password is being typed."""
        import wc_desktop.replica.projection  # noqa: PLC0415
        import wc_desktop.transport.http_gateway  # noqa: PLC0415, F401

        _ = self.parts

    def wiper(self) -> "Wiper":
        """Return what erases this workstation, the same each time; the parts are loaded by then."""
        from wc_desktop.app.wiping import Wiper  # noqa: PLC0415  # seldom wanted

        with self._making:
            if self._wiper is None:
                self._wiper = Wiper(parts=self.parts, folder=self.settings.data_dir)
            return self._wiper

    def watching(self) -> "Wiping":
        """Return what asks for an order to erase this workstation: without its keys in this process."""
        from wc_desktop.app.order_asked import AskedApart  # noqa: PLC0415  # after the field is shown

        return AskedApart(self.wiper(), self.settings.clock_offset, self.settings.keystore_file)

    def help_with(self, user: UserId, password: str) -> None:
        """Send what only a password opens, before this workstation is erased."""
        self.wiper().help_with(user, password)

    def forget_erased(self) -> None:
        """Let the folder of a workstation that was erased be enrolled anew."""
        (self.settings.data_dir / WIPE_FILE).unlink(missing_ok=True)
        self._station = None

    def unlock(self, user: UserId, password: str) -> Desk:
        """As actions.unlock; looks at the emergency cards that nobody took up yet go into the journal."""
        from wc_desktop.app.emergency import after_unlock  # noqa: PLC0415  # see the module's docstring

        desk = unlock(self.station, user, password)
        after_unlock(desk, self.station)
        return desk

    def capture(self, user: UserId, password: str) -> "CaptureDesk":
        """As actions.capture.begin_capture; the right password gives the tries of the emergency code back."""
        from wc_desktop.actions.capture import begin_capture  # noqa: PLC0415  # seldom wanted
        from wc_desktop.app.emergency import forgive_codes  # noqa: PLC0415

        desk = begin_capture(self.station, user, password)
        forgive_codes(self.station)
        return desk

    def emergency(self, ask: EmergencyAsk, code: str) -> "OpenCards":
        """As app.emergency.open_cards."""
        from wc_desktop.app.emergency import open_cards  # noqa: PLC0415  # seldom wanted

        return open_cards(self.station, ask, code)

    def first_sync(self, user: UserId, password: str, progress: Progress) -> None:
        """As actions.enrol.resume_first_sync."""
        resume_first_sync(self.station, user, password, progress)

    def sign_in(self, email: str, password: str, totp: str) -> PersonRow:
        """Sign in online after ten wrong passwords."""
        return self.parts.sign_in_again(self.station, email, password, totp)

    def rebuild(self, user: UserId, password: str) -> Rebuilt | None:
        """Make the damaged journal anew."""
        from wc_desktop.app.rebuild import rebuild_journal  # noqa: PLC0415  # seldom wanted

        return rebuild_journal(self.parts, self.station, user, password)

    def enrol(self, request: EnrolRequest, progress: Progress) -> UserId:
        """As actions.enrol.enrol; return who may unlock."""
        station = enrol(request, self.settings.data_dir, self.parts, progress)
        return station.people()[0].id
