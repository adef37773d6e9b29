"""The end of this workstation on the screen: what the watch says, and a password where only that helps."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_desktop.domain.wiping import NEEDS_PASSWORD, WipeNews, WipePhase
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.jobs import Jobs


class WipeModel(QObject):
    """The password is held only while it is used."""

    changed = Signal()
    helped = Signal()

    def __init__(
        self, jobs: Jobs, help_with: Callable[[UserId, str], None], news: WipeNews, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._help_with = help_with
        self.news = news
        self.busy = False
        self.fault = ""

    @property
    def wants_password(self) -> bool:
        """Whether somebody who can unlock this workstation can help."""
        return self.news.phase is WipePhase.HELD and self.news.problem == NEEDS_PASSWORD

    def show(self, news: WipeNews) -> None:
        """Take what is known now."""
        self.news = news
        self.changed.emit()

    def help(self, user: UserId, password: str) -> None:
        """Send what only this password opens."""
        if not self.busy:
            self.busy, self.fault = True, ""
            self.changed.emit()
            self._jobs.run(partial(self._help_with, user, password), done=self._on_helped, failed=self._on_failed)

    def _on_helped(self, _nothing: None) -> None:
        self.busy = False
        self.changed.emit()
        self.helped.emit()

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self.busy, self.fault = False, failure_sentence(failure)
        self.changed.emit()
