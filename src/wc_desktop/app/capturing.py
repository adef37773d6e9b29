"""One capture from its password to its lock: its page, its contact with the district."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from wc_desktop.actions.capture import CaptureDesk
from wc_desktop.app.parts import Parts
from wc_desktop.background.capture_contact import CaptureContact
from wc_desktop.background.runner import Runner
from wc_desktop.domain.capture import Leave
from wc_desktop.domain.emergency import EMERGENCY_FILE
from wc_desktop.security.station import Station
from wc_desktop.ui.viewmodels.capture import CaptureModel
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.views.capture import CapturePage
from wc_desktop.ui.views.notices import Notice


class Capturing(QObject):
    """Joins what the contact says with what the page shows. `end` may be called once."""

    lock_wanted = Signal()
    emergency_wanted = Signal()
    taken = Signal()
    wipe_asked = Signal()

    def __init__(
        self,
        desk: CaptureDesk,
        runner: Runner,
        parts: Parts,
        face: StationFace,
        notices: tuple[Notice, ...],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        station = desk.station
        if not isinstance(station, Station):
            raise TypeError("a desk of this program")
        self.desk = desk
        self.model = CaptureModel(runner, desk, parent=self)
        self.page = CapturePage(self.model, face, notices=notices)
        self.contact = CaptureContact(
            runner,
            parts.capture_files(desk),
            partial(parts.connect, station),
            partial(station.leave_of, desk.user),
            clock=parts.clock,
            chance=parts.chance,
            parent=self,
        )
        self.page.lock_wanted.connect(self.lock_wanted)
        self.page.unlock_wanted.connect(self.lock_wanted)
        self.page.emergency_wanted.connect(self.emergency_wanted)
        self.page.emergency.setVisible((station.folder / EMERGENCY_FILE).exists())
        self.page.contact_wanted.connect(self.contact.rouse)
        self.model.written.connect(self.contact.rouse)
        self.contact.sent.connect(self.model.tell_sent)
        self.contact.wipe_asked.connect(self.wipe_asked)
        self.contact.leave_told.connect(self._on_leave)

    def start(self) -> None:
        """Read what was begun, then ask for contact."""
        self.model.start()
        self.contact.start()

    def end(self) -> None:
        """Queue what is unsaved, drop every answer, and tell the thread to stop; nothing waits."""
        self.page.flush()
        self.model.end()
        self.contact.ask_to_stop()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return self.contact.is_over

    def join(self) -> None:
        """Wait for the thread; for the end of the program."""
        self.contact.stop()

    @Slot(object)
    def _on_leave(self, leave: Leave) -> None:
        if leave is Leave.TAKEN:
            self.taken.emit()
        else:
            self.model.tell_leave(leave)
