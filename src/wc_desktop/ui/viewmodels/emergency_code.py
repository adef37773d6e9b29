"""Making the code of the emergency cards: shown once, kept nowhere."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.desk import Desk
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.session import Session

MakeCode = Callable[[Desk], Callable[[], str]]


class EmergencyCodeModel(QObject):
    """`made` carries the code, which is not held here; or `fault` is set."""

    changed = Signal()
    made = Signal(str)

    def __init__(self, session: Session, make_code: MakeCode, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._make_code = make_code
        self.busy = False
        self.fault = ""

    @property
    def device_name(self) -> str:
        """Which workstation's cards the code opens."""
        return self._session.device_name

    def begin(self) -> None:
        """Forget what went wrong before."""
        if not self.busy:
            self._set(busy=False)

    def make(self) -> None:
        """Make a new code; the one before opens nothing from then on."""
        if not self.busy:
            self._set(busy=True)
            self._session.run(
                lambda: self._make_code(self._session.desk), done=self._on_recorded, failed=self._on_failed
            )

    def _on_recorded(self, make: Callable[[], str]) -> None:
        self._session.run_beside(make, done=self._on_made, failed=self._on_failed)

    def _on_made(self, code: str) -> None:
        self._set(busy=False)
        self.made.emit(code)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self._set(busy=False, fault=failure_sentence(failure))

    def _set(self, *, busy: bool, fault: str = "") -> None:
        self.busy, self.fault = busy, fault
        self.changed.emit()
