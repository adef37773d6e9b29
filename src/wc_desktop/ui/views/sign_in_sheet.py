"""Signing in at the server after ten wrong passwords: e-mail, password, six-digit code."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.unlock import SignInTyped, UnlockModel
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.text_fields import PasswordField, TextField


class SignInSheet(WindowSheet):
    """Stays open, with what was typed, until the server says yes."""

    def __init__(self, model: UnlockModel, parent: QWidget) -> None:
        super().__init__(self.tr("Sign in at the server"), self.tr("&Sign in"), parent, leave=self.tr("&Back"))
        self._model = model
        self._email = TextField(self.tr("&E-mail"))
        self._password = PasswordField(self.tr("&Password"))
        self._totp = TextField(
            self.tr("Six-digit &code"), hint=self.tr("From your authenticator app, or a recovery code.")
        )
        self._fault = AlertBanner(Tone.DANGER, "", self)
        self._fault.hide()
        for part in (self._email, self._password, self._totp, self._fault):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.set_first_focus(self._email)
        self.completed.connect(self._on_completed)
        model.changed.connect(self._on_changed)

    @Slot()
    def _on_completed(self) -> None:
        typed = SignInTyped(
            email=self._email.text.strip(), password=self._password.secret, totp=self._totp.text.replace(" ", "")
        )
        self._model.sign_in(typed)

    @Slot()
    def _on_changed(self) -> None:
        if self.isHidden():
            return
        self.set_ready(ready=not self._model.busy)
        if self._model.fault:
            self._fault.set_alert(Tone.DANGER, self._model.fault)
        self._fault.setVisible(bool(self._model.fault))
