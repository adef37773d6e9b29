"""The locked workstation: choose your name, type your password."""

from typing import assert_never

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from wc_contract.model.ids import UserId
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.theme.icons import Icon, icon_for
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.first_sync import progress_words
from wc_desktop.ui.viewmodels.unlock import Remedy, StationFace, UnlockModel
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.views.person_gate import PersonGate
from wc_desktop.ui.views.sign_in_sheet import SignInSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, QuietButton, SecondaryButton
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.progress_panel import ProgressPanel

_WALKS = (Qt.Key.Key_Up, Qt.Key.Key_Down)


class UnlockPage(PersonGate):
    """Arrows choose the person also while the password is typed. `field_painted` says when work can begin."""

    field_painted = Signal()
    unlock_pressed = Signal()
    emergency_wanted = Signal()

    def __init__(
        self,
        model: UnlockModel,
        face: StationFace,
        *,
        last_user: str = "",
        notices: tuple[Notice, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(face, notices, width=440, parent=parent)
        self.model = model
        self._painted = False
        self._sign_in: SignInSheet | None = None
        self._build()
        self._bind()
        self.choose(last_user)

    def _build(self) -> None:
        body = self.card.body
        self.caps = TextLabel(self.tr("Caps Lock seems to be on."), LabelStyle.SMALL, self, tone=Tone.WARNING)
        self.caps.hide()
        self.fault = AlertBanner(Tone.DANGER, "", self)
        self.fault.hide()
        self.progress = ProgressPanel(self.tr("Getting the school's records"), self)
        self.progress.hide()
        self.button = PrimaryButton(self.tr("&Unlock"), self, icon=Icon.LOCK_OPEN)
        self.remedy = SecondaryButton("", self, icon=Icon.DOWNLOAD)
        self.remedy.hide()
        self.emergency = QuietButton(self.tr("&Emergency card"), self, icon=Icon.HEART_PULSE)
        self.emergency.hide()
        for part in (self.who, self.password, self.caps, self.fault, self.progress, self.button, self.remedy):
            body.addWidget(part)
        body.addWidget(self.emergency)
        self.password.editor.installEventFilter(self)
        self.begin_at(self.password)

    def _bind(self) -> None:
        self.button.clicked.connect(self._on_unlock)
        self.password.submitted.connect(self._on_unlock)
        self.password.changed.connect(self.model.clear_fault)
        self.remedy.clicked.connect(self._on_remedy)
        self.emergency.clicked.connect(self.emergency_wanted)
        self.progress.cancel_asked.connect(self.model.cancel)
        self.model.changed.connect(self._on_changed)
        self.model.progressed.connect(self._on_progressed)
        self.model.signed_in.connect(self._on_signed_in)

    def help_words(self) -> str:
        return self.tr(
            "Choose your name with the arrow keys, type your password and press Enter. After ten wrong passwords you "
            "sign in at the server once. Nothing of a child is shown or can be read while the workstation is locked."
        )

    def choose(self, user: str) -> None:
        """Choose a person, the first one when this one is not listed."""
        listed = list(self._people)
        self.who.choose(user if user in self._people else (listed[0] if listed else None))

    @property
    def user(self) -> UserId | None:
        """The chosen person."""
        person = self._people.get(self.who.key or "")
        return None if person is None else person.id

    @Slot()
    def _on_unlock(self) -> None:
        user = self.user
        if user is None:
            self.model.say_fault(self.tr("Choose your name first."))
        elif not self.password.secret:
            self.password.setFocus()
        else:
            self.unlock_pressed.emit()
            self.model.unlock(user, self.password.secret)

    @Slot()
    def _on_remedy(self) -> None:
        user, secret = self.user, self.password.secret
        match self.model.remedy:
            case Remedy.SIGN_IN:
                self._sign_in = self._sign_in or SignInSheet(
                    self.model, self.tr("Sign in at the server"), self.tr("&Sign in"), self
                )
                self._sign_in.open()
            case Remedy.DOWNLOAD if user is not None and secret:
                self.model.download(user, secret)
            case Remedy.REBUILD if user is not None and secret:
                self.model.rebuild(user, secret)
            case Remedy.CAPTURE if user is not None and secret:
                self.model.capture(user, secret)
            case _:
                self.password.setFocus()

    @Slot()
    def _on_changed(self) -> None:
        model = self.model
        for part in (self.who, self.password, self.button):
            part.setEnabled(not model.busy)
        self.button.setText(self._button_words())
        self.progress.setVisible(model.downloading)
        said = model.fault or model.news
        if said:
            good = Tone.OK if model.news_is_good else Tone.WARNING
            self.fault.set_alert(Tone.DANGER if model.fault else good, said)
            announce(self, said, urgent=True)
        self.fault.setVisible(bool(said))
        self._show_remedy()
        if not model.busy:
            self._after_failure()

    def _button_words(self) -> str:
        if self.model.rebuilding:
            return self.tr("Rebuilding the journal…")
        if self.model.remedy is Remedy.OPEN:
            return self.tr("&Go on working")
        return self.tr("Opening…") if self.model.busy and not self.model.downloading else self.tr("&Unlock")

    def _show_remedy(self) -> None:
        match self.model.remedy:
            case Remedy.SIGN_IN:
                words, icon = self.tr("&Sign in at the server"), Icon.USER
            case Remedy.REBUILD:
                words, icon = self.tr("&Rebuild the journal"), Icon.REFRESH_CW
            case Remedy.DOWNLOAD:
                words, icon = self.tr("&Get the records now"), Icon.DOWNLOAD
            case Remedy.CAPTURE:
                words, icon = self.tr("Write down what &happened"), Icon.NOTEBOOK_PEN
            case Remedy.NONE | Remedy.OPEN:
                self.remedy.hide()
                return
            case remedy:
                assert_never(remedy)
        self.remedy.setText(words)
        self.remedy.setIcon(icon_for(icon, Tone.PLAIN))
        self.remedy.show()

    def _after_failure(self) -> None:
        if self.model.remedy is Remedy.OPEN:
            self.button.setFocus()
        elif self.model.remedy is not Remedy.NONE:
            self.remedy.setFocus()
        elif self.model.fault:
            self.password.setFocus()
            line = self.password.editor
            if hasattr(line, "selectAll"):
                line.selectAll()

    @Slot(object)
    def _on_progressed(self, progress: FirstSync) -> None:
        self.progress.show_progress(progress.done, progress.total_about or None, progress_words(progress))

    @Slot(object)
    def _on_signed_in(self, person: PersonRow) -> None:
        if self._sign_in is not None:
            self._sign_in.finish()
        self.choose(str(person.id))
        self.password.clear()
        self.password.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in _WALKS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self._walk(-1 if event.key() == Qt.Key.Key_Up else 1)
                return True
            self._look_at_caps(event)
        if isinstance(event, QPaintEvent) and not self._painted:
            self._painted = True
            self.field_painted.emit()
        return super().eventFilter(watched, event)

    def _walk(self, step: int) -> None:
        keys = list(self._people)
        if keys:
            at = keys.index(self.who.key) if self.who.key in keys else 0
            self.who.choose(keys[max(0, min(at + step, len(keys) - 1))])

    def _look_at_caps(self, event: QKeyEvent) -> None:
        letter = event.text()
        if len(letter) == 1 and letter.isalpha():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps.setVisible(letter.isupper() is not shifted)
