"""Signing in at the server: e-mail, password, six-digit code."""

from typing import Protocol

from PySide6.QtCore import SignalInstance, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.unlock import SignInTyped
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import PasswordField, TextField


class SignsIn(Protocol):
    """What the sheet asks: it says `changed` when busy or fault has."""

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def busy(self) -> bool: ...

    @property
    def fault(self) -> str: ...

    def sign_in(self, typed: SignInTyped) -> None:
        """Sign somebody in at the server."""
        ...


class SignInSheet(WindowSheet):
    """Stays open, with what was typed, until the server says yes. about: what it is for, above the fields."""

    def __init__(self, model: SignsIn, title: str, action: str, parent: QWidget, *, about: str = "") -> None:
        super().__init__(title, action, parent, leave=self.tr("&Back"))
        self._model = model
        self._email = TextField(self.tr("&E-mail"))
        self._password = PasswordField(self.tr("&Password"))
        self._totp = TextField(
            self.tr("Six-digit &code"), hint=self.tr("From your authenticator app, or a recovery code.")
        )
        self._fault = AlertBanner(Tone.DANGER, "", self)
        self._fault.hide()
        if about:
            self.body.addWidget(TextLabel(about, LabelStyle.BODY, self))
        for part in (self._email, self._password, self._totp, self._fault):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.set_first_focus(self._email)
        self.completed.connect(self._on_completed)
        model.changed.connect(self._on_changed)

    def ask(self) -> None:
        """Open with empty fields."""
        self._email.set_text("")
        self._password.clear()
        self._totp.set_text("")
        self._fault.hide()
        self.open()

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
        self.fit_soon()
