"""Letting a further person unlock this workstation."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.unlock import SignInTyped
from wc_desktop.ui.viewmodels.words import person_name

Introduce = Callable[[Desk, str, str, str], Callable[[], PersonRow]]


class AddPersonModel(QObject):
    """Signs the person in beside all other work, then gives them their slot; `added` follows, or `fault` is set."""

    changed = Signal()
    added = Signal()

    def __init__(self, session: Session, introduce: Introduce, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._introduce = introduce
        self._busy = False
        self._fault = ""

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def fault(self) -> str:
        """Why it was not done, in a sentence; '' while there is nothing to say."""
        return self._fault

    def sign_in(self, typed: SignInTyped) -> None:
        """Sign the person in at the server, which wants the network."""
        if self._busy:
            return
        self._set(busy=True)
        job = partial(self._introduce, self._session.desk, typed.email, typed.password, typed.totp)
        self._session.run_beside(job, done=self._on_introduced, failed=self._on_failed)

    def _on_introduced(self, give_slot: Callable[[], PersonRow]) -> None:
        self._session.run(give_slot, done=self._on_added, failed=self._on_failed)

    def _on_added(self, person: PersonRow) -> None:
        self._set(busy=False)
        self._session.tell(self.tr("{name} can unlock this workstation now.").format(name=person_name(person)))
        self.added.emit()

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self._set(busy=False, fault=failure_sentence(failure))

    def _set(self, *, busy: bool, fault: str = "") -> None:
        self._busy, self._fault = busy, fault
        self.changed.emit()
